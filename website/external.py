"""Finds what a built site would load from another host."""

import re
from collections.abc import Iterator
from pathlib import Path

_LOADED = re.compile(
    r"""(?:\bsrc(?:set)?\s*=\s*["']?|url\(\s*["']?|@import\s+["']|<link\b[^>]*?\bhref\s*=\s*["'])"""
    r"""(?P<url>(?:https?:)?//[^"'\s)>]+)""",
    re.IGNORECASE,
)
_RELATION = re.compile(
    r"""\brel\s*=\s*["'](?:canonical|alternate|author|license|next|prev)["']""", re.IGNORECASE
)


def external(folder: Path) -> Iterator[str]:
    """Yield a line for each script, font, image or style sheet of another host: `path:line: URL`."""
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".html", ".css", ".svg"):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for found in _LOADED.finditer(line):
                if not _RELATION.search(found[0]):
                    yield f"{path.relative_to(folder)}:{number}: {found['url']}"
