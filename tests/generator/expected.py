"""Compare with a file of a case. `ACCEPT=1 pytest …` rewrites the files; review their diff."""

import os
from pathlib import Path


def expect(actual: str, path: Path) -> None:
    """Assert that `path` contains `actual`."""
    if os.environ.get("ACCEPT"):
        path.write_text(actual, encoding="utf-8", newline="\n")
    assert actual == (path.read_text(encoding="utf-8") if path.exists() else ""), f"{path} differs"
