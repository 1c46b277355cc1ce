"""What a picture's first bytes say: its type and pixel size. Needs no Pillow."""

import re
from typing import BinaryIO, NamedTuple

from .files import size_of

# Pillow itself warns from here on. The service states no limit of pixels.
MAX_PIXELS = 89_478_485


INSTALL = "pip install 'kie-ideogram[pictures]'"

# Enough to tell pictures apart where no library is installed that knows hundreds of types.
_SIGNATURES = {
    "image/jpeg": rb"\xff\xd8\xff",
    "image/png": rb"\x89PNG\r\n\x1a\n",
    "image/webp": rb"(?s)RIFF.{4}WEBP",
}


class Header(NamedTuple):
    """A media type, empty where it is none that is known; the size as shown; how EXIF turns it.

    `by_signature`: the libraries that read headers are not installed, so that only the type is known.
    """

    media_type: str
    size: tuple[int, int] | None = None
    orientation: int = 1
    by_signature: bool = False

    @property
    def damaged(self) -> bool:
        """Whether it was read, and breaks off before the size."""
        return self.size is None and not self.by_signature

    @property
    def named(self) -> str:
        """The type for an error, and what would know more of them."""
        if self.media_type:
            return self.media_type
        return "of no type that is known" + (f" without more libraries ({INSTALL})" * self.by_signature)


def read_header(file: BinaryIO) -> Header:
    """Look at a file by its content; its name does not count. Leaves it at its beginning."""
    size_of(file)
    head = file.read(4096)
    file.seek(0)
    try:
        import imagesize  # type: ignore[import-untyped]  # the library has no types
        import puremagic
    except ModuleNotFoundError:
        signed = (name for name, signature in _SIGNATURES.items() if re.match(signature, head))
        return Header(next(signed, ""), by_signature=True)
    try:
        media_type = puremagic.from_string(head, mime=True)
    except (puremagic.PureError, ValueError):
        media_type = ""
    try:
        info = imagesize.get_info(file, dpi=False, colors=False, channels=False)
    except Exception:  # whatever its parsers trip over is no readable header
        return Header(media_type)
    finally:
        file.seek(0)
    size = (int(info.width), int(info.height)) if min(info.width, info.height) > 0 else None
    return Header(media_type, size, info.rotation if 1 <= info.rotation <= 8 else 1)


def suffix(media_type: str) -> str:
    """The ending of a file's name."""
    return {"image/jpeg": ".jpg"}.get(media_type, "." + media_type.rpartition("/")[2])


def short(media_types: tuple[str, ...]) -> str:
    """Media types for people: JPEG, PNG, WEBP."""
    return ", ".join(name.rpartition("/")[2].upper() for name in media_types)
