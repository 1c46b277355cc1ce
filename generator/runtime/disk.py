"""Writes files whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO


@contextmanager
def beside(target: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """A new file in the target's folder, to be renamed to it; gone at the end unless it was."""
    file = NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False)  # noqa: SIM115 # closed below
    path = Path(file.name)
    try:
        with file:
            yield file.file, path
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def flush(file: IO[bytes]) -> None:
    """Have the disk hold what was written, before the file gets its name."""
    file.flush()
    os.fsync(file.fileno())


def name_it(temporary: Path, target: Path) -> None:
    """Give a finished file its name, readable like any other."""
    temporary.chmod(0o644)
    temporary.replace(target)


def write(target: Path, content: bytes) -> Path:
    """Write a file whole or not at all, over one that is there. Raises `OSError` naming the target."""
    try:
        with beside(target) as (file, temporary):
            file.write(content)
            flush(file)
            name_it(temporary, target)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from None
    return target
