"""The containers of JPEG, PNG and WebP files, read without a library."""

from typing import BinaryIO

from . import jpeg, png, webp
from .container import Container

JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"

_READERS = {JPEG: jpeg.read, PNG: png.read, WEBP: webp.read}


def read_container(file: BinaryIO, media_type: str) -> Container | None:
    """Read the container of a file; None for other types. Leaves the file at its start."""
    read = _READERS.get(media_type)
    if read is None:
        return None
    try:
        file.seek(0)
        return read(file)
    finally:
        file.seek(0)
