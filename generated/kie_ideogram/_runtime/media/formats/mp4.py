"""Reads the boxes of an MP4 or QuickTime file (ISO/IEC 14496-12)."""

import os
import struct
from typing import BinaryIO

from .container import Container

# A file needs an index, and media or fragments of media.
_INDEX, _MEDIA = b"moov", (b"mdat", b"moof")


def read(file: BinaryIO) -> Container:
    """Read the container of an MP4 file: whether its boxes are complete."""
    end = file.seek(0, os.SEEK_END)
    start, kinds = 0, list[bytes]()
    while start < end:
        file.seek(start)
        head = file.read(16)
        if len(head) < 8:
            return Container(ends_early="it ends within the header of a box")
        length, kind = struct.unpack_from(">I4s", head)
        header = 8
        if length == 1 and len(head) == 16:
            (length,) = struct.unpack_from(">Q", head, 8)
            header = 16
        elif length == 0:  # the last box continues to the end of the file
            length = end - start
        name = kind.decode("latin-1")
        if length < header or not name.isprintable():
            return Container(problem=f"the box after {start} bytes is damaged")
        if start + length > end:
            missing = start + length - end
            return Container(ends_early=f"it ends {missing} bytes before the end of its '{name}' box")
        kinds.append(kind)
        start += length
    if _INDEX not in kinds:
        return Container(ends_early="it ends before its index, the 'moov' box")
    if not any(kind in kinds for kind in _MEDIA):
        return Container(ends_early="it ends before its media, the 'mdat' box")
    return Container()
