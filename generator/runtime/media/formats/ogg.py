"""Reads the pages of an Ogg file (RFC 3533)."""

import os
from typing import BinaryIO

from .container import Container

_HEADER, _COUNT = 27, 26


def read(file: BinaryIO) -> Container:
    """Read the container of an Ogg file: whether its last page is complete."""
    end = file.seek(0, os.SEEK_END)
    start = 0
    while start < end:
        file.seek(start)
        head = file.read(_HEADER + 255)
        if not head.startswith(b"OggS"):
            return Container(problem=f"there is no page after {start} bytes")
        segments = head[_HEADER : _HEADER + head[_COUNT]] if len(head) > _COUNT else b""
        start += _HEADER + len(segments) + sum(segments)
        if len(head) < _HEADER or len(segments) < head[_COUNT] or start > end:
            return Container(ends_early="it ends within a page")
    return Container()
