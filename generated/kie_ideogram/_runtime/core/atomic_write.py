"""Writes each file completely or not at all, and replaces others only if that is allowed."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EINVAL
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import IO


@contextmanager
def hidden_folder(folder: Path) -> Iterator[Path]:
    """Make a hidden folder for incomplete files. It is removed at the end, even if a thread still writes."""
    with TemporaryDirectory(dir=folder, prefix=".", ignore_cleanup_errors=True) as made:
        path = Path(made)
        path.chmod(0o700)  # whatever the umask is
        yield path


@contextmanager
def unnamed_file(folder: Path, name: str) -> Iterator[tuple[IO[bytes], Path]]:
    """Open a new file that `rename` gives its name. It is removed at the end unless it was renamed."""
    # Not a temporary file of Python's: those are for their owner alone, whatever the umask says.
    path = folder / f".{name}.{token_hex(8)}"
    file = path.open("x+b")
    try:
        with file:
            yield file, path
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def flush(file: IO[bytes]) -> None:
    """Store what was written on the disk, before the file gets its name."""
    file.flush()
    os.fsync(file.fileno())


def rename(temporary: Path, target: Path, *, overwrite: bool) -> None:
    """Give a complete file its name.

    Raises:
        FileExistsError: A file has this name, even if only for a moment, and may not be replaced.
        OSError: The name belongs to something other than a file, which is never replaced.
    """
    check_is_file(target)
    if overwrite:
        temporary.replace(target)
    elif os.name == "nt":
        temporary.rename(target)  # on Windows this does not replace a file
    else:
        _link(temporary, target)


def check_is_file(target: Path) -> None:
    """Raise `OSError` if a folder, a pipe, a socket or a device has this name."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:  # nothing has this name, or a link that leads nowhere
        return
    if not stat.S_ISREG(mode):
        raise OSError(
            EINVAL, "exists and is not a regular file; remove it, or choose another folder", str(target)
        )


def _link(temporary: Path, target: Path) -> None:
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:
        # A file system without links: an empty file reserves the name, and is then replaced.
        os.close(os.open(target, os.O_CREAT | os.O_EXCL))
        try:
            temporary.replace(target)
        except BaseException:
            target.unlink(missing_ok=True)
            raise


def write(target: Path, content: bytes, *, overwrite: bool) -> Path:
    """Write a file completely or not at all. Raises `OSError` naming the target."""
    try:
        with unnamed_file(target.parent, target.name) as (file, temporary):
            file.write(content)
            flush(file)
            rename(temporary, target, overwrite=overwrite)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from None
    return target
