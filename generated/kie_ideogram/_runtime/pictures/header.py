"""What a picture's first bytes say: its type and pixel size. Needs no Pillow."""

from typing import BinaryIO, NamedTuple

from ..files import size_of

# Pillow itself warns from here on. The service states no limit of pixels.
MAX_PIXELS = 89_478_485


class Header(NamedTuple):
    """A media type, empty where it is none that is known; the size as shown; how EXIF turns it."""

    media_type: str
    size: tuple[int, int] | None = None
    orientation: int = 1


def sniff(head: bytes) -> str:
    """The media type of a file by its first bytes; empty where they say nothing."""
    import puremagic

    try:
        return puremagic.from_string(head, mime=True)
    except (puremagic.PureError, ValueError):
        return ""


def read_header(file: BinaryIO) -> Header:
    """Look at a file by its content; its name does not count. Leaves it at its beginning."""
    import imagesize  # type: ignore[import-untyped]  # the library has no types

    size_of(file)
    media_type = sniff(file.read(4096))
    file.seek(0)
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
