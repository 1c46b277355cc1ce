"""Opens the files that a caller passes, and names them by their content."""

import mimetypes
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from errno import ENODEV
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

from ..core.effects import Flow
from ..core.errors import Fault, InvalidInputError
from ..core.reporting.callback import ByteProgress, Callback

if TYPE_CHECKING:
    from ..http.session import Session

File = str | os.PathLike[str] | bytes | BinaryIO
"""A path, the content itself, or a seekable binary file."""

BUFFERS = bytes, bytearray, memoryview

Upload = tuple[str, BinaryIO, str]
"""The name, the content and the type of a file that is uploaded."""


class NamedContent(BytesIO):
    """The content of a file, with its name as an opened file has it."""

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__(content)
        self.name = name


def call_with_files(
    session: "Session",
    operation: str,
    arguments: dict[str, Any],
    names: list[str],
    progress: ByteProgress | None,
) -> Flow[Any]:
    """Send a call whose named arguments are files, and return its data.

    Raises `InvalidInputError` for a file that cannot be read, before anything is sent.
    """
    callback = Callback(progress, "progress=") if progress else None
    try:
        with ExitStack() as stack:
            for argument in names:
                name, file = open_file(arguments[argument], argument, stack)
                arguments[argument] = named_by_content(name, file, argument, callback)
            data = yield from session.call(operation, arguments)
        if callback:
            yield from callback.flush()
        return data
    finally:
        if callback:
            callback.close()


def named_by_content(name: str, file: BinaryIO, argument: str, progress: ByteProgress | None) -> Upload:
    """Return a file as it is uploaded: with the type of its content, and an extension that fits.

    `argument` is the caller's name for it, in errors. `progress` is called each time a part of it is read.
    """
    from .sniff import extension, has_extension, read_header

    uploaded = _Uploaded(name, file, argument)
    media_type = read_header(cast("BinaryIO", uploaded)).media_type
    if progress:
        uploaded.report_to(progress)
    if media_type and not has_extension(name, media_type):
        name = f"{Path(name).stem}{extension(media_type)}"
    media_type = media_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return name, cast("BinaryIO", uploaded), media_type


def open_file(given: Any, argument: str, stack: ExitStack) -> tuple[str, BinaryIO]:
    """Return the name and the content of a file; `stack` closes what is opened here.

    Raises `InvalidInputError` for a file that cannot be read more than once.
    """
    if isinstance(given, BUFFERS):
        return argument, BytesIO(given)
    if isinstance(given, str | os.PathLike):
        if not str(given):
            raise unreadable(argument, "expected a path, got an empty text")
        path = Path(given)
        try:
            if path.exists() and not path.is_file() and not path.is_dir():
                raise OSError(ENODEV, "not a regular file")  # opening a pipe would wait
            return _encodable(path.name), stack.enter_context(path.open("rb"))
        except (OSError, ValueError) as error:
            cause = error.strerror if isinstance(error, OSError) else error
            raise unreadable(argument, f"{path}: {cause}") from None
    if callable(getattr(given, "read", None)):
        try:
            readable = given.seekable() and given.read(0) == b""
        except (AttributeError, OSError, ValueError):  # a raw stream; a file for writing; a closed file
            readable = False
        if not readable:
            state = ", got a closed file" if getattr(given, "closed", False) is True else ""
            message = (
                f"expected an open binary file that can be read again: opened with 'rb', not a pipe{state}"
            )
            raise unreadable(argument, message)
        return _name_of(given, argument), given
    message = f"expected a path, bytes or a binary file, got {type(given).__name__}"
    raise InvalidInputError([Fault(argument, "type", message)])


def _name_of(file: Any, argument: str) -> str:
    # The name of a temporary file may be None, or the number of its descriptor.
    name = getattr(file, "name", None)
    if isinstance(name, bytes):
        name = os.fsdecode(name)
    return _encodable(Path(name).name) or argument if isinstance(name, str) else argument


def _encodable(name: str) -> str:
    # Where file names need not be Unicode, a name may contain lone surrogates.
    return name.encode("utf-8", "replace").decode()


def unreadable(argument: str, message: str) -> InvalidInputError:
    """Return the error of a file that cannot be read."""
    return InvalidInputError([Fault(argument, "readable", message)])


def size_of(file: IO[bytes]) -> int:
    """Return the size of a file in bytes. Leaves the file at its start."""
    file.seek(0, os.SEEK_END)
    size = file.tell()  # `seek` of a spooled file returns None before Python 3.12
    file.seek(0)
    return size


def sha256_of(file: IO[bytes]) -> str:
    """Return the hash of a file's content. Leaves the file at its start."""
    digest = sha256()
    file.seek(0)
    while chunk := file.read(1 << 16):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


class _Uploaded:
    """The methods of a file that an upload needs. Raises `InvalidInputError` for a file that fails."""

    def __init__(self, name: str, file: BinaryIO, argument: str) -> None:
        self._name = name
        self._file = file
        self._argument = argument
        self._progress: ByteProgress | None = None
        self._size = 0

    def report_to(self, progress: ByteProgress) -> None:
        """Report from now on each time a part of the file is read."""
        self._size = size_of(cast("BinaryIO", self))
        self._progress = progress

    def read(self, size: int = -1) -> bytes:
        with self._naming():
            chunk = self._file.read(size)
        if chunk and self._progress:
            self._progress(self.tell(), self._size)
        return chunk

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        with self._naming():
            return self._file.seek(offset, whence)

    def tell(self) -> int:
        with self._naming():
            return self._file.tell()

    @contextmanager
    def _naming(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as error:  # ValueError: it was closed
            cause = (error.strerror if isinstance(error, OSError) else None) or error
            raise unreadable(self._argument, f"{self._name}: {cause}") from error
