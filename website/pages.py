"""The pages of the site: where each comes from, and how its links are written for the site."""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).parent.parent
CONTENTS = "<!-- contents -->\n"
"""The place in the start page for the tree of contents, which is the site's navigation."""

ACCEPTED = "<!-- accepted differences -->\n"
"""The place for the differences between the service's page and the spec that are accepted."""

_ELSEWHERE = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "generator/README.md": "generator/index.md",
    "generator/drift/README.md": "generator/drift.md",
    "generator/release/README.md": "generator/release.md",
    "generator/replay/README.md": "generator/replay.md",
}
"""File outside docs/ → page of the site."""

_FENCE = re.compile(r"(^```.*?^```[ \t]*$)", re.MULTILINE | re.DOTALL)
_BROKEN_LINE = re.compile(
    r"(?<=[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef])\n(?=[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef])"
)
"""The end of a line within a Chinese text. A browser shows it as a space, which such a text does not have."""
_LINK = re.compile(r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?P<path>[^)#:\s]*)(?P<anchor>#[^)\s]*)?\)")


class Language(NamedTuple):
    """One of the two builds: its folder in docs/, its titles, and the groups of its navigation."""

    code: str
    folder: str
    title: str
    groups: dict[str, tuple[str, ...]]
    """Title of a group → its pages. Pages that no group names are added to the first group."""


ENGLISH = Language(
    "en",
    "docs",
    "kie-ideogram",
    {
        "Guides": (
            "guide/start",
            "guide/models",
            "pictures",
            "guide/waiting",
            "receivers",
            "production",
            "guide/limits",
            "batches",
            "guide/machines",
            "mcp",
            "testing",
            "errors",
        ),
        "Cookbook": ("cookbook/services", "cookbook/scripts", "cookbook/operation", "cookbook/tests"),
        "Reference": ("reference/models", "reference/python", "cli", "glossary", "changelog"),
        "How it is made": (
            "about/architecture",
            "about/differences",
            "generator/index",
            "generator/drift",
            "generator/replay",
            "generator/release",
            "contributing",
        ),
    },
)
CHINESE = Language(
    "zh_CN",
    "docs/zh",
    "kie-ideogram 中文文档",
    {"指南": ("start", "pictures", "production", "mcp", "errors")},
)


def sources(language: Language) -> dict[str, str]:
    """Return the files of a language's pages: path in the repository → path in the site."""
    folder = ROOT / language.folder
    chinese = ROOT / CHINESE.folder
    own = {
        path.relative_to(ROOT).as_posix(): path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*.md"))
        if language is CHINESE or not path.is_relative_to(chinese)
    }
    return own if language is CHINESE else own | _ELSEWHERE


def assemble(language: Language, target: Path, written: Mapping[str, str]) -> None:
    """Write the sources of a language to a folder. `written` has the pages made from the contract."""
    names = sources(language)
    assets: set[Path] = set()
    for source, name in names.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        if name == "index.md":
            text = text.replace(CONTENTS, navigation(language, [*names.values(), *written]))
        if ACCEPTED in text:
            text = text.replace(ACCEPTED, accepted_differences())
        _write(target / name, relinked(text, source, names, assets.add))
    for name, text in written.items():
        _write(target / name, text)
    words = ROOT / "website" / f"{language.code}.po"
    if words.exists():  # Sphinx looks for it here
        folder = target / "locales" / language.code / "LC_MESSAGES"
        _write(folder / "sphinx.po", words.read_text(encoding="utf-8"))
    for asset in assets:
        place = target / asset.relative_to(ROOT / language.folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(asset.read_bytes())


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def accepted_differences() -> str:
    """Return a table of the accepted differences."""
    entries = yaml.safe_load((ROOT / "spec" / "known-drift.yaml").read_text(encoding="utf-8"))["accepted"]
    cells = [
        (
            entry.get("model", "all"),
            f"`{entry['path']}` {entry.get('value', '')}",
            entry["id"].replace("-", " "),
            entry["reason"],
        )
        for entry in entries
    ]
    rows = "".join(f"| {' | '.join(row)} |\n" for row in cells)
    return f"| Model | Place | Difference | Reason |\n| --- | --- | --- | --- |\n{rows}"


def navigation(language: Language, names: Iterable[str]) -> str:
    """Return the trees of contents. A page that no group names is added to the first one."""
    named = {page for group in language.groups.values() for page in group}
    found = sorted(name.removesuffix(".md") for name in names)
    # A page below a named one is in the tree of that page.
    other = [name for name in found if name not in named and name != "index" and not _is_child(name, named)]
    parts = []
    for number, (title, pages) in enumerate(language.groups.items()):
        listed = "\n".join([*pages, *(other if number == 0 else ())])
        parts.append(f"```{{toctree}}\n:hidden:\n:caption: {title}\n\n{listed}\n```\n")
    return "\n".join(parts)


def _in_other_language(text: str, target: str, name: str, names: Mapping[str, str]) -> str:
    """Return a link to a page of the other build, which Sphinx does not know; plain text if there is none."""
    for language, folder in ((ENGLISH, ""), (CHINESE, "zh/")):
        other = sources(language)
        if target in other and other != names:
            page = (folder or "../") + other[target].removesuffix(".md")
            up = "../" * name.count("/")
            return f'<a href="{up}{page}.html">{text}</a>'
    return text


def _is_child(name: str, named: set[str]) -> bool:
    return any(name.startswith(f"{page}/") for page in named)


def relinked(text: str, source: str, names: Mapping[str, str], add_asset: Callable[[Path], None]) -> str:
    """Return a page with links that work in the site.

    A link to any other file becomes plain text. An image is passed to `add_asset`.
    """
    folder = Path(source).parent

    def replace(found: re.Match[str]) -> str:
        path = found["path"]
        if not path:
            return found[0]
        target = os.path.normpath(folder / path)
        if found["image"]:
            add_asset(ROOT / target)
            return found[0]
        if target not in names:
            return _in_other_language(found["text"], target, names[source], names)
        place = os.path.relpath(names[target], Path(names[source]).parent)
        return f"[{found['text']}]({place}{found['anchor'] or ''})"

    parts = _FENCE.split(text)
    return "".join(
        part if part.startswith("```") else _BROKEN_LINE.sub("", _LINK.sub(replace, part)) for part in parts
    )
