"""Reads the frames of an MP3 file."""

import os
from typing import BinaryIO

from .container import Container

# Kilobits per second by the index in a frame's header, for MPEG 1 and for MPEG 2 and 2.5.
_BIT_RATES = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
# Samples per second of MPEG 1, and how often they are halved by the version in a frame's header.
_SAMPLE_RATES = (44_100, 48_000, 32_000)
_HALVINGS = {3: 0, 2: 1, 0: 2}


def _length_of_frame(header: bytes) -> int:
    """Return the bytes of a frame with its header; 0 if this header of layer III does not say."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, rate, sample_rate = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version not in _HALVINGS or rate in (0, 15) or sample_rate == 3:
        return 0
    is_first = version == 3
    bits_per_second = _BIT_RATES[is_first][rate] * 1000
    samples_per_second = _SAMPLE_RATES[sample_rate] >> _HALVINGS[version]
    padding = header[2] >> 1 & 1
    return (144 if is_first else 72) * bits_per_second // samples_per_second + padding


def _start_of_frames(file: BinaryIO) -> int:
    """Return where the first frame is: after the ID3 tag, if there is one."""
    file.seek(0)
    head = file.read(10)
    if not head.startswith(b"ID3") or len(head) < 10:
        return 0
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size + (10 if head[5] & 0x10 else 0)


def read(file: BinaryIO) -> Container:
    """Read the container of an MP3 file: whether its last frame is complete.

    Other data between and after frames, such as a tag, ends the check, since players ignore it.
    """
    end = file.seek(0, os.SEEK_END)
    start = _start_of_frames(file)
    if start >= end:
        return Container(ends_early="it ends before its first frame")
    while start < end:
        file.seek(start)
        length = _length_of_frame(file.read(4))
        if not length:
            return Container()
        if start + length > end:
            return Container(ends_early=f"it ends {start + length - end} bytes before the end of a frame")
        start += length
    return Container()
