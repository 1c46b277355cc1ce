"""Text edits of the spec, as listed in the `change.yaml` of a case.

The edits apply to `tests/spec`, a copy of `spec/` that does not change: tests of the generator edit its
lines and count its fields, and must not break when `spec/` gets a new field.
"""

import re
from pathlib import Path

import yaml

from generator.contract.load import Document, parse
from generator.contract.source import ARAZZO, OPENAPI, RECORDINGS

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "tests" / "spec"


def edited(changes: list[dict[str, str]]) -> dict[str, str]:
    """Return the two texts of `tests/spec` with each `find`, which must occur once in `file`, replaced."""
    texts = {name: (SPEC / name).read_text(encoding="utf-8") for name in (OPENAPI, ARAZZO)}
    for change in changes:
        text = texts[change["file"]]
        assert text.count(change["find"]) == 1, f"found {text.count(change['find'])} times: {change['find']}"
        texts[change["file"]] = text.replace(change["find"], change["replace"])
    return texts


def read_changes(case: Path) -> list[dict[str, str]]:
    """Return the edits of a case."""
    changes: list[dict[str, str]] = yaml.load(
        (case / "change.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader
    )
    return changes


def documents(texts: dict[str, str]) -> tuple[Document, Document]:
    """Parse the two texts, with paths as in the repository."""
    return parse(texts[OPENAPI], Path("spec", OPENAPI)), parse(texts[ARAZZO], Path("spec", ARAZZO))


def placed(diagnostics: str, texts: dict[str, str]) -> str:
    """Replace the line number of each diagnostic, which changes as the spec grows, by the line itself."""
    lines = []
    for diagnostic in diagnostics.splitlines():
        match = re.fullmatch(r"spec/(\S+?):(\d+):(\d+): (.*)", diagnostic)
        assert match, diagnostic
        file, line, col, message = match.groups()
        source = texts[file].splitlines()[int(line) - 1]
        lines += [f"spec/{file}:*:{col}: {message}", source, " " * (int(col) - 1) + "^"]
    return "\n".join(lines) + "\n"


def write_spec(texts: dict[str, str], folder: Path) -> Path:
    """Write the two texts to a new folder and return it."""
    folder.mkdir(parents=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / RECORDINGS).symlink_to(SPEC / RECORDINGS)
    return folder
