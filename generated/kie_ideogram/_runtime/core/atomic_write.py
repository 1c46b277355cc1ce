"""Writes files whole or not at all, over others only when told."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import IO


@contextmanager
def hidden_folder(folder: Path) -> Iterator[Path]:
    """A hidden folder in it for what is not whole yet; at the end it is gone, whoever still writes there."""
    with TemporaryDirectory(dir=folder, prefix=".", ignore_cleanup_errors=True) as made:
        yield Path(made)


@contextmanager
def unnamed_file(folder: Path, name: str) -> Iterator[tuple[IO[bytes], Path]]:
    """A new file, to be given its name with `rename`; gone at the end unless it was."""
    # Not a temporary file of Python's: those are for their owner alone, whatever the umask says.
    path = folder / f".{name}.{token_hex(8)}"
    file = path.open("xb")
    try:
        with file:
            yield file, path
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def flush(file: IO[bytes]) -> None:
    """Have the disk hold what was written, before the file gets its name."""
    file.flush()
    os.fsync(file.fileno())


def rename(temporary: Path, target: Path, *, overwrite: bool) -> None:
    """Give a finished file its name.

    Raises `FileExistsError` for a name that is taken, be it since a moment ago, unless it may be overwritten.
    """
    if overwrite:
        temporary.replace(target)
    elif os.name == "nt":
        temporary.rename(target)  # which overwrites nothing there
    else:
        _link(temporary, target)


def _link(temporary: Path, target: Path) -> None:
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:
        # A file system without links: the name is taken first, and then what stands there is replaced.
        os.close(os.open(target, os.O_CREAT | os.O_EXCL))
        try:
            temporary.replace(target)
        except BaseException:
            target.unlink(missing_ok=True)
            raise


def write(target: Path, content: bytes, *, overwrite: bool) -> Path:
    """Write a file whole or not at all. Raises `OSError` naming the target."""
    try:
        with unnamed_file(target.parent, target.name) as (file, temporary):
            file.write(content)
            flush(file)
            rename(temporary, target, overwrite=overwrite)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from None
    return target
