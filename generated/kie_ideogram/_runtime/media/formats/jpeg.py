"""Reads the segments of a JPEG file."""

import os
import struct
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO, NamedTuple

from .container import MAX_METADATA, Container, exif_orientation

_START_OF_SCAN, _END_OF_IMAGE = 0xDA, b"\xff\xd9"
_APP1, _APP2, _COMMENT = 0xE1, 0xE2, 0xFE
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
# These have no length.
_BARE = {0x01, *range(0xD0, 0xD9)}
# The JFIF and Adobe segments say how colours are stored.
_METADATA = {*range(0xE1, 0xEE), 0xEF, _COMMENT}


class _Segment(NamedTuple):
    marker: int
    start: int
    """Where its marker is."""
    length: int
    """Without the marker."""


def _segments(file: BinaryIO) -> Iterator[_Segment]:
    """Yield the segments up to the first scan, which is the last."""
    end = file.seek(0, os.SEEK_END)
    start = 2
    while start + 4 <= end:
        file.seek(start)
        head = file.read(4)
        if head[0] != 0xFF:
            return
        if head[1] == 0xFF:  # a filler byte
            start += 1
            continue
        if head[1] in _BARE:
            start += 2
            continue
        (length,) = struct.unpack_from(">H", head, 2)
        if length < 2 or start + 2 + length > end:
            return
        yield _Segment(head[1], start, length)
        if head[1] == _START_OF_SCAN:
            return
        start += 2 + length


def _content(file: BinaryIO, segment: _Segment) -> bytes:
    file.seek(segment.start + 4)
    return file.read(segment.length - 2)


def read(file: BinaryIO) -> Container:
    """Read the container of a JPEG file."""
    size: tuple[int, int] | None = None
    orientation, pictures, scan = 0, 1, 0
    profile: dict[int, bytes] = {}
    for segment in _segments(file):
        if segment.marker in _FRAMES and segment.length >= 7:
            height, width = struct.unpack_from(">HH", _content(file, segment), 1)
            size = size or (width, height)
        elif segment.marker == _APP1:
            content = _content(file, segment)
            if content.startswith(b"Exif\0") and not orientation:
                orientation = exif_orientation(content[6:])
        elif segment.marker == _APP2:
            content = _content(file, segment)
            if content.startswith(b"MPF\0"):
                pictures = max(pictures, _picture_count(content[4:]))
            elif content.startswith(b"ICC_PROFILE\0") and len(content) > 14:
                profile[content[12]] = content[14:]
        elif segment.marker == _START_OF_SCAN:
            scan = segment.start + 2 + segment.length
    ends_early = problem = ""
    if not scan:
        ends_early = "it ends before its pixels"
    elif not _ends(file, scan):
        ends_early = "it ends before its end marker"
    elif size is None or 0 in size:
        size, problem = None, "its header is missing or damaged"
    icc = b"".join(profile[number] for number in sorted(profile))[:MAX_METADATA]
    return Container(size, orientation or 1, 1, pictures, ends_early, problem, icc)


def _picture_count(index: bytes) -> int:
    """Return the number of pictures that a multi-picture index lists."""
    order = {b"II": "<", b"MM": ">"}.get(index[:2])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(f"{order}I", index, 4)
        (count,) = struct.unpack_from(f"{order}H", index, start)
        for entry in range(start + 2, start + 2 + 12 * count, 12):
            tag, _, _, value = struct.unpack_from(f"{order}HHII", index, entry)
            if tag == 0xB001:
                return int(value)
    except struct.error:
        pass
    return 1


def _ends(file: BinaryIO, start: int) -> bool:
    """Whether an end marker follows. The bytes of a scan cannot look like one."""
    file.seek(start)
    before = b""
    while part := file.read(1 << 16):
        if _END_OF_IMAGE in before + part:
            return True
        before = part[-1:]
    return False


def pixels_only(file: BinaryIO) -> BytesIO:
    """Return the file without its metadata, and with its first picture only if it has several."""
    target = BytesIO()
    target.write(b"\xff\xd8")
    for segment in _segments(file):
        if segment.marker == _START_OF_SCAN:
            file.seek(segment.start)
            target.write(file.read())
        elif segment.marker not in _METADATA:
            file.seek(segment.start)
            target.write(file.read(2 + segment.length))
    target.seek(0)
    return target
