"""Small text edits of the spec that the tests work on: what a case's `change.yaml` lists.

`tests/spec` is a copy of `spec/` that stands still: tests of the generator change its lines and count
its fields, and a new field in `spec/` is no reason to change them.
"""

import re
from pathlib import Path

import yaml

from generator.contract.load import Document, parse
from generator.contract.source import ARAZZO, OPENAPI, RECORDINGS

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "tests" / "spec"


def edited(changes: list[dict[str, str]]) -> dict[str, str]:
    """The two texts of `tests/spec` with each `find` in `file`, which must stand there once, replaced."""
    texts = {name: (SPEC / name).read_text(encoding="utf-8") for name in (OPENAPI, ARAZZO)}
    for change in changes:
        text = texts[change["file"]]
        assert text.count(change["find"]) == 1, f"stands {text.count(change['find'])} times: {change['find']}"
        texts[change["file"]] = text.replace(change["find"], change["replace"])
    return texts


def read_changes(case: Path) -> list[dict[str, str]]:
    """The edits of a case."""
    changes: list[dict[str, str]] = yaml.safe_load((case / "change.yaml").read_text(encoding="utf-8"))
    return changes


def documents(texts: dict[str, str]) -> tuple[Document, Document]:
    """The two documents of such texts, named as in the repository."""
    return parse(texts[OPENAPI], Path("spec", OPENAPI)), parse(texts[ARAZZO], Path("spec", ARAZZO))


def placed(complaints: str, texts: dict[str, str]) -> str:
    """Complaints with the line they blame beneath instead of its number, which moves as the spec grows."""
    lines = []
    for complaint in complaints.splitlines():
        match = re.fullmatch(r"spec/(\S+?):(\d+):(\d+): (.*)", complaint)
        assert match, complaint
        file, line, col, said = match.groups()
        source = texts[file].splitlines()[int(line) - 1]
        lines += [f"spec/{file}:*:{col}: {said}", source, " " * (int(col) - 1) + "^"]
    return "\n".join(lines) + "\n"


def write_spec(texts: dict[str, str], folder: Path) -> Path:
    """Put such texts into a folder; return it."""
    folder.mkdir(parents=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / RECORDINGS).symlink_to(SPEC / RECORDINGS)
    return folder
