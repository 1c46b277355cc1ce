"""Write files whole or not at all. Existing files are replaced only on request."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import IO


@contextmanager
def hidden_folder(folder: Path) -> Iterator[Path]:
    """Make a hidden folder for unfinished files. At the end it is deleted with its content."""
    with TemporaryDirectory(dir=folder, prefix=".", ignore_cleanup_errors=True) as made:
        yield Path(made)


@contextmanager
def unnamed_file(folder: Path, name: str) -> Iterator[tuple[IO[bytes], Path]]:
    """Create a file without its final name. It is deleted at the end unless `rename` gave it one."""
    # Python's temporary files ignore the umask: only their owner can read them.
    path = folder / f".{name}.{token_hex(8)}"
    file = path.open("xb")
    try:
        with file:
            yield file, path
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def flush(file: IO[bytes]) -> None:
    """Flush the content to the disk, before the file gets its name."""
    file.flush()
    os.fsync(file.fileno())


def rename(temporary: Path, target: Path, *, overwrite: bool) -> None:
    """Give a finished file its name.

    Raises `FileExistsError` if the name is taken, even since a moment ago, unless `overwrite` is true.
    """
    if overwrite:
        temporary.replace(target)
    elif os.name == "nt":
        temporary.rename(target)  # on Windows, this does not overwrite
    else:
        _link(temporary, target)


def _link(temporary: Path, target: Path) -> None:
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:
        # The file system has no links. An empty file reserves the name and is then replaced.
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
