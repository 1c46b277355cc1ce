"""What a caller may hand over as a picture, made into a file or a URL."""

import os
import re
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, NamedTuple, Protocol, TypeAlias, cast, runtime_checkable

from ..core.errors import Fault, InvalidInputError
from .files import open_file, unreadable

if TYPE_CHECKING:
    from PIL.Image import Image


@runtime_checkable
class PillowImage(Protocol):
    """What is needed of a `PIL.Image.Image`; Pillow itself need not be there."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        ...

    @property
    def mode(self) -> str:
        """What a pixel is."""
        ...

    def save(self, fp: IO[bytes], format: str) -> object:  # noqa: A002 # Pillow's name
        """Write it to a file."""
        ...


Picture: TypeAlias = str | os.PathLike[str] | bytes | BinaryIO | PillowImage
"""A path, the content itself, a seekable binary file, a Pillow image, or an http(s) URL."""

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|data:")


# What a pixel may be in a PNG.
_OF_PNG = ("1", "L", "LA", "P", "RGB", "RGBA", "I", "I;16")


class ImageInput(NamedTuple):
    """One picture as it was given: a file, or the URL that is passed on."""

    argument: str
    name: str
    file: BinaryIO | None = None
    url: str = ""


def open_picture(given: Any, argument: str, stack: ExitStack) -> ImageInput:
    """Open what was given. Raises `InvalidInputError` naming the argument."""
    if isinstance(given, str) and _URL.match(given):
        return _passed_on(given, argument)
    if isinstance(given, PillowImage):
        return _encoded(given, argument)
    if not isinstance(given, str | bytes | os.PathLike) and not hasattr(given, "read"):
        message = (
            "expected a path, bytes, a binary file, a Pillow image or a URL, "
            f"got a value of type {type(given).__name__}"
        )
        raise InvalidInputError([Fault(argument, "type", message)])
    name, file = open_file(given, argument, stack)
    return ImageInput(argument, name, file)


def _passed_on(url: str, argument: str) -> ImageInput:
    if not re.match(r"https?://[^/\s]+[!-~]*\Z", url):
        message = f"{url[:60]!r} is no http or https URL; pass a path, or a URL that the service can fetch"
        raise InvalidInputError([Fault(argument, "url", message)])
    return ImageInput(argument, url, url=url)


def _encoded(image: PillowImage, argument: str) -> ImageInput:
    """Write a Pillow image without loss, the way up that its EXIF data says."""
    from PIL import ImageOps

    target = BytesIO()
    try:
        turned = ImageOps.exif_transpose(cast("Image", image))
        plain = turned if turned.mode in _OF_PNG else turned.convert("RGB")
        plain.save(target, "PNG")
    except (OSError, ValueError, SyntaxError) as error:
        raise unreadable(argument, f"the Pillow image cannot be read: {error}") from None
    name = getattr(image, "filename", "") or argument
    return ImageInput(argument, f"{Path(name).stem}.png", target)
