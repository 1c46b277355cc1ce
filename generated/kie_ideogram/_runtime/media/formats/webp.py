"""Reads the chunks of a WebP file."""

import os
import struct
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

from .container import MAX_METADATA, Container, exif_orientation


def _chunks(file: BinaryIO, end: int) -> Iterator[tuple[bytes, int, int]]:
    start = 12
    while start + 8 <= end:
        file.seek(start)
        kind, length = struct.unpack("<4sI", file.read(8))
        yield kind, start + 8, length
        start += 8 + length + length % 2


def read(file: BinaryIO) -> Container:
    """Read the container of a WebP file."""
    end = file.seek(0, os.SEEK_END)
    file.seek(4)
    stated = 8 + int.from_bytes(file.read(4), "little")
    size: tuple[int, int] | None = None
    orientation, frames, profile = 1, 0, b""
    for kind, start, length in _chunks(file, min(end, stated)):
        file.seek(start)
        head = file.read(10)
        if kind == b"VP8X" and len(head) == 10:
            size = 1 + int.from_bytes(head[4:7], "little"), 1 + int.from_bytes(head[7:10], "little")
        elif kind == b"VP8 " and head[3:6] == b"\x9d\x01\x2a" and len(head) == 10:
            width, height = struct.unpack_from("<HH", head, 6)
            size = size or (width & 0x3FFF, height & 0x3FFF)
        elif kind == b"VP8L" and head[:1] == b"\x2f" and len(head) >= 5:
            bits = int.from_bytes(head[1:5], "little")
            size = size or ((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1)
        elif kind == b"ANMF":
            frames += 1
        elif kind in (b"EXIF", b"ICCP"):
            file.seek(start)
            content = file.read(min(length, MAX_METADATA))
            if kind == b"ICCP":
                profile = content
            else:
                orientation = exif_orientation(content.removeprefix(b"Exif\0\0"))
    ends_early = f"it has {end} of its {stated} bytes" if end < stated else ""
    problem = "its header is missing or damaged" if size is None or 0 in size else ""
    return Container(
        None if problem else size,
        orientation,
        max(frames, 1),
        ends_early=ends_early,
        problem="" if ends_early else problem,
        icc_profile=profile,
    )


class ShortHead(BytesIO):
    """A file whose first read returns its signature only. Older Pillow first reads everything, and gets it.

    From more bytes, Pillow's WebP reader would compare the size with a limit that any code in the process
    may have set. The client has compared it with its limit before.
    """

    _first = True

    def read(self, size: int | None = -1) -> bytes:
        """Read, at most 16 bytes the first time."""
        short, self._first = self._first and size not in (None, -1), False
        return super().read(16 if short else size)
