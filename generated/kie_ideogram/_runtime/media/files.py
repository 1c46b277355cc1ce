"""Opens the files that a caller hands in."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from errno import ENODEV
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, cast

from ..core.errors import Fault, InvalidInputError

File = str | os.PathLike[str] | bytes | BinaryIO
"""A path, the content itself, or a seekable binary file."""

Count = Callable[[int, int], object]
"""Told how many bytes are done, and of how many."""


@contextmanager
def opened(arguments: dict[str, Any], names: list[str], progress: Count | None = None) -> Iterator[None]:
    """Replace the named arguments by (name, binary file) pairs, closing afterwards what was opened here.

    Raises `InvalidInputError` for what cannot be read, before anything is sent.
    """
    with ExitStack() as stack:
        for argument in names:
            name, file = open_file(arguments[argument], argument, stack)
            arguments[argument] = name, metered(file, progress)
        yield


def open_file(given: Any, argument: str, stack: ExitStack) -> tuple[str, BinaryIO]:
    """The name and content of what was given for an argument; `stack` closes what is opened.

    Raises `InvalidInputError` for what cannot be read again and again.
    """
    if isinstance(given, bytes):
        return argument, BytesIO(given)
    if isinstance(given, str | os.PathLike):
        if not str(given):
            raise unreadable(argument, "expected a path, got an empty text")
        path = Path(given)
        try:
            if path.exists() and not path.is_file() and not path.is_dir():
                raise OSError(ENODEV, "not a regular file")  # opening a pipe would wait
            return _name(path), stack.enter_context(path.open("rb"))
        except (OSError, ValueError) as error:
            said = error.strerror if isinstance(error, OSError) else error
            raise unreadable(argument, f"{path}: {said}") from None
    if callable(getattr(given, "read", None)):
        try:
            readable = given.seekable() and given.read(0) == b""
        except (AttributeError, OSError, ValueError):  # a bare stream; a file for writing; a closed one
            readable = False
        if not readable:
            message = "expected an open binary file that can be read again: opened with 'rb', no pipe"
            raise unreadable(argument, message)
        return _name(Path(str(getattr(given, "name", argument)))), given
    message = f"expected a path, bytes or a binary file, got {type(given).__name__}"
    raise InvalidInputError([Fault(argument, "type", message)])


def _name(path: Path) -> str:
    # Where file names need not be Unicode, a part of one may be no text.
    return path.name.encode("utf-8", "replace").decode()


def unreadable(argument: str, message: str) -> InvalidInputError:
    """The fault of a file that cannot be read."""
    return InvalidInputError([Fault(argument, "readable", message)])


def size_of(file: BinaryIO) -> int:
    """The size of a file in bytes; it stands at its beginning afterwards."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return size


def sha256_of(file: BinaryIO) -> str:
    """The hash of a file's content; it stands at its beginning afterwards."""
    digest = sha256()
    file.seek(0)
    while chunk := file.read(1 << 16):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def metered(file: BinaryIO, progress: Count | None) -> BinaryIO:
    """The file, or one that tells `progress` whenever a part of it was read."""
    return cast("BinaryIO", _Meter(file, progress)) if progress else file


class _Meter:
    """As much of a file as an upload needs."""

    def __init__(self, file: BinaryIO, progress: Count) -> None:
        self._file = file
        self._progress = progress
        self._size = size_of(file)
        self.tell = file.tell
        self.seek = file.seek

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        if chunk:
            self._progress(self._file.tell(), self._size)
        return chunk
