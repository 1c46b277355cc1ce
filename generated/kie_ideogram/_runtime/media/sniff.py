"""Recognises a file by its first bytes, and reads its container. Needs no library."""

import mimetypes
import re
from typing import BinaryIO, NamedTuple

from ..core.extras import install
from .files import size_of
from .formats import JPEG, PNG, WEBP, identify, read_container
from .formats.container import Container
from .media_types import canonical

# Pillow itself warns from here on. The service states no limit of pixels.
MAX_PIXELS = 89_478_485

NO_PILLOW = f"Pillow is not installed: {install('pictures')}"

# A file that is shorter than this contains no picture, video or sound.
SHORTEST_RESULT = 12

# Pages that a host sends in place of a file.
_PAGES = {
    "text/html": rb"(?i)<!doctype html|<html|<head|<title",
    "application/json": rb"[\[{]\s*[\"\]}]",
    "application/xml": rb"<\?xml|<Error>",
}

_EXTENSIONS = {
    JPEG: ".jpg",
    PNG: ".png",
    WEBP: ".webp",
    "image/heic": ".heic",
    "image/heif": ".heif",
    "image/avif": ".avif",
    "image/bmp": ".bmp",
    "image/vnd.microsoft.icon": ".ico",
    "image/jp2": ".jp2",
    "image/jpx": ".jpx",
    "image/jxl": ".jxl",
    "image/vnd.adobe.photoshop": ".psd",
    "model/gltf-binary": ".glb",
    "audio/flac": ".flac",
    "image/svg+xml": ".svg",
    "audio/wav": ".wav",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/ogg": ".ogg",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
    "video/x-matroska": ".mkv",
    "text/html": ".html",
    "text/plain": ".txt",
    "application/json": ".json",
}


class Header(NamedTuple):
    """What the start of a file says. `media_type` is empty if it is not known."""

    media_type: str
    container: Container | None = None
    recognises_others: bool = True
    """Whether the library is installed that recognises types without a reader of this package."""

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture of a type that this package reads."""
        return self.container is not None and self.media_type.startswith("image/")

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height as shown."""
        return self.container.shown_size if self.container else None

    @property
    def orientation(self) -> int:
        """The EXIF orientation."""
        return self.container.orientation if self.container else 1

    @property
    def has_too_many_pixels(self) -> bool:
        """Whether decoding it would take more memory than any real picture."""
        width, height = self.size or (0, 0)
        return width * height > MAX_PIXELS

    @property
    def described(self) -> str:
        """The type for a message, with what to install if another type might be recognised."""
        if self.media_type:
            return self.media_type
        hint = "" if self.recognises_others else f" without more libraries ({install('pictures')})"
        return f"not of a known type{hint}"


def read_header(file: BinaryIO) -> Header:
    """Read the header of a file; its name does not count. Leaves the file at its start."""
    size_of(file)
    head = file.read(4096)
    file.seek(0)
    if media_type := identify(head):
        return Header(media_type, read_container(file, media_type))
    return _other_type(head)


def page_type(file: BinaryIO) -> str:
    """Return the type of a text; empty if the file is not a text. Leaves the file at its start."""
    file.seek(0)
    head = file.read(4096)
    file.seek(0)
    if b"<svg" in head:
        return ""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    found = next((name for name, pattern in _PAGES.items() if re.match(pattern, start)), "")
    if found or not start:
        return found
    text = head.decode("utf-8", "replace")
    readable = sum(character.isprintable() or character in "\r\n\t" for character in text)
    return "text/plain" if "\ufffd" not in text[:-1] and readable >= len(text) - 1 else ""


def _other_type(head: bytes) -> Header:
    if b"<svg" in head and head.lstrip().startswith(b"<"):
        return Header("image/svg+xml")
    try:
        import puremagic
    except ModuleNotFoundError:
        return Header("", recognises_others=False)
    try:
        return Header(canonical(puremagic.from_string(head, mime=True)))
    except Exception:  # bytes that a parser of the library cannot read have no known type
        return Header("")


def extension(media_type: str) -> str:
    """Return the extension of a file's name, such as `.jpg`."""
    known = _EXTENSIONS.get(media_type) or mimetypes.guess_extension(media_type) or ""
    return known if re.fullmatch(r"\.[a-z0-9]{1,8}", known) else ".bin"


def has_extension(name: str, media_type: str) -> bool:
    """Whether a file's name has an extension of its type."""
    found = re.search(r"\.[^./\\]*\Z", name)
    usual = {extension(media_type), *mimetypes.guess_all_extensions(media_type)}
    return found is not None and found[0].lower() in usual


def type_names(media_types: tuple[str, ...]) -> str:
    """Return media types for a message: JPEG, PNG, WEBP."""
    return ", ".join(name.rpartition("/")[2].upper() for name in media_types)
