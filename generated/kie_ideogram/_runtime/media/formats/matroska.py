"""Reads the outermost elements of a Matroska or WebM file (RFC 8794)."""

import os
from typing import BinaryIO

from .container import Container


def read(file: BinaryIO) -> Container:
    """Read the container of a Matroska file: whether its segment is complete."""
    end = file.seek(0, os.SEEK_END)
    start = 0
    while start < end:
        file.seek(start)
        head = file.read(12)
        name = 9 - head[0].bit_length()  # the leading zeros of the first byte say how long a number is
        size = 9 - head[name].bit_length() if name < len(head) else 9
        if name > 4 or size > 8 or name + size > len(head):
            return Container(ends_early="it ends within the header of an element")
        value = int.from_bytes(head[name : name + size], "big") & ((1 << 7 * size) - 1)
        if value == (1 << 7 * size) - 1:  # the size is not known: the element continues to the end
            return Container()
        start += name + size + value
        if start > end:
            return Container(ends_early=f"it ends {start - end} bytes before the end of an element")
    return Container()


def is_webm(head: bytes) -> bool:
    """Whether the start of a Matroska file says that it is WebM."""
    return b"webm" in head[:64]
