"""Recognises a package that was compared with its spec before, so that it need not be made again."""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

GENERATOR = Path(__file__).parents[1]

# What the output depends on, apart from the spec and the generator.
_LIBRARIES = ("jinja2", "openapi-python-client", "pyyaml", "ruff")


def digest(spec: Path, out: Path) -> str:
    """Return a hash of everything that the comparison of a package with its spec depends on."""
    found = sha256(f"{sys.version_info} {[version(name) for name in _LIBRARIES]}".encode())
    for folder in (GENERATOR, spec, out):
        for path in sorted(_files(folder)):
            with suppress(OSError):  # the comparison reports it
                content = path.read_bytes()
                found.update(f"\n{path.relative_to(folder).as_posix()} {len(content)}\n".encode())
                found.update(content)
    return found.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if name != "__pycache__"]
        yield from (Path(place, name) for name in names)


def was_up_to_date(record: Path, current: str) -> bool:
    """Whether the last comparison that found no difference was this one."""
    try:
        return record.read_text(encoding="ascii") == current
    except (OSError, ValueError):
        return False


def remember(record: Path, current: str) -> None:
    """Record that a comparison found no difference."""
    with suppress(OSError):  # then the next one takes longer
        record.parent.mkdir(exist_ok=True)
        record.write_text(current, encoding="ascii")
