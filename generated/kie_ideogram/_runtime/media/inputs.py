"""The forms in which a caller may pass a picture, made into a file or a URL."""

import os
import re
from contextlib import ExitStack
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import (
    IO,
    TYPE_CHECKING,
    Any,
    BinaryIO,
    NamedTuple,
    Protocol,
    TypeAlias,
    TypeGuard,
    cast,
    runtime_checkable,
)

from ..contract.model import Image as Declared
from ..core.errors import Fault, InvalidInputError
from .files import open_file, unreadable
from .sniff import read_header

if TYPE_CHECKING:
    from PIL.Image import Image

    from .encode import Encoded


@runtime_checkable
class PillowImage(Protocol):
    """What is needed of a `PIL.Image.Image`; Pillow itself need not be installed."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        ...

    @property
    def mode(self) -> str:
        """The kind of its pixels."""
        ...

    def save(self, fp: IO[bytes], format: str) -> object:  # noqa: A002 # Pillow's name
        """Write it to a file."""
        ...


Picture: TypeAlias = str | os.PathLike[str] | bytes | BinaryIO | PillowImage
"""A path, the content itself, a seekable binary file, a Pillow image, or an http(s) URL."""

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|data:")


class ImageInput(NamedTuple):
    """A picture as the caller passed it: a file, or a URL that is passed on."""

    argument: str
    name: str
    file: BinaryIO | None = None
    url: str = ""
    notes: tuple[str, ...] = ()


def is_url(given: Any) -> TypeGuard[str]:
    """Whether a picture was passed as a URL, valid or not."""
    return isinstance(given, str) and bool(_URL.match(given))


def open_picture(given: Any, argument: str, declared: Declared, stack: ExitStack) -> ImageInput:
    """Open a picture or another file. Raises `InvalidInputError` naming the argument."""
    if is_url(given):
        return _checked_url(given, argument)
    if declared.is_picture and isinstance(given, PillowImage):
        return _from_pillow(cast("Image", given), argument, declared)
    if not isinstance(given, str | bytes | bytearray | memoryview | os.PathLike) and not hasattr(
        given, "read"
    ):
        pillow = ", a Pillow image" if declared.is_picture else ""
        message = (
            f"expected a path, bytes, a binary file{pillow} or a URL, "
            f"got a value of type {type(given).__name__}"
        )
        raise InvalidInputError([Fault(argument, "type", message)])
    name, file = open_file(given, argument, stack)
    return ImageInput(argument, name, file)


def _checked_url(url: str, argument: str) -> ImageInput:
    if not re.match(r"https?://[^/\s]+[!-~]*\Z", url):
        message = (
            f"{url[:60]!r} is not an http or https URL; pass a path, or a URL that the service can fetch"
        )
        raise InvalidInputError([Fault(argument, "url", message)])
    return ImageInput(argument, url, url=url)


def _from_pillow(image: "Image", argument: str, declared: Declared) -> ImageInput:
    """Return the file that an image was opened from, or encode the image in the format of that file."""
    from .decode import UnreadablePictureError, with_pillow

    filename = getattr(image, "filename", "")
    name = Path(os.fsdecode(filename)).name if isinstance(filename, str | bytes) and filename else argument
    content = _untouched_file(image)
    if content is not None:
        return ImageInput(argument, name, BytesIO(content))
    media_type = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "WEBP": "image/webp"}.get(image.format or "", "")
    try:
        encoded = with_pillow(partial(_encode, image, media_type, declared))
    except UnreadablePictureError as error:
        raise unreadable(argument, f"the Pillow image {error}") from None
    except Exception as error:  # Pillow raises many kinds of error for closed images and damaged files
        cause = "it was closed, or its file was" if isinstance(error, AssertionError) else error
        message = f"the Pillow image cannot be read: {cause or type(error).__name__}"
        raise unreadable(argument, message) from None
    notes = (f"stored as JPEG or WebP: {encoded.lossy_because}",) if encoded.lossy_because else ()
    return ImageInput(argument, name, encoded.file, notes=notes)


def _encode(image: "Image", media_type: str, declared: Declared) -> "Encoded":
    from .decode import rotate
    from .encode import encode

    image.load()
    lossless = declared.is_mask
    rotated = rotate(image, _orientation(image))
    return encode(rotated, image, media_type, declared.types, declared.max_bytes, lossless=lossless)


def _untouched_file(image: "Image") -> bytes | None:
    """Return the file of an image whose pixels were never accessed, so that they cannot have changed."""
    from PIL import ImageFile

    file = getattr(image, "fp", None)
    accessed = getattr(image, "_im", image) is not None
    if not isinstance(image, ImageFile.ImageFile) or accessed or file is None or image.tell():
        return None
    try:
        position = file.tell()
        file.seek(0)
        content: bytes = file.read()
        file.seek(position)
    except (OSError, ValueError):  # the file was closed
        return None
    container = read_header(BytesIO(content)).container
    # A draft of a JPEG file is smaller.
    return content if container and container.size == image.size else None


def _orientation(image: "Image") -> int:
    try:
        found = image.getexif().get(0x0112, 1)
    except Exception:  # EXIF data is often damaged, and then says nothing
        return 1
    return found if isinstance(found, int) else 1
