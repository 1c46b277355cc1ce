"""Reads the chunks of a WAV file."""

import os
import struct
from typing import BinaryIO

from .container import Container

# A program that writes to a pipe does not know the size, and writes one of these.
_UNKNOWN = (0, 0xFFFFFFFF)


def read(file: BinaryIO) -> Container:
    """Read the container of a WAV file: whether it has all of its samples."""
    end = file.seek(0, os.SEEK_END)
    start = 12
    while start + 8 <= end:
        file.seek(start)
        kind, length = struct.unpack("<4sI", file.read(8))
        start += 8
        if kind == b"data":
            if length in _UNKNOWN or start + length <= end:
                return Container()
            return Container(ends_early=f"it has {end - start} of its {length} bytes of samples")
        start += length + length % 2
    return Container(ends_early="it ends before its samples")
