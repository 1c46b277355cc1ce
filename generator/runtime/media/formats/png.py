"""Reads the chunks of a PNG file."""

import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from typing import BinaryIO, NamedTuple

from .container import MAX_METADATA, Container, exif_orientation

SIGNATURE = b"\x89PNG\r\n\x1a\n"

# Everything that decides the pixels. Without the rest, Pillow's limits for text and profiles do not apply.
_PIXELS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")


class _Chunk(NamedTuple):
    kind: bytes
    start: int
    """Where its length is."""
    length: int
    whole: bool


def _chunks(file: BinaryIO) -> Iterator[_Chunk]:
    end = file.seek(0, os.SEEK_END)
    start = len(SIGNATURE)
    while start < end:
        file.seek(start)
        head = file.read(8)
        if len(head) < 8:
            return
        length, kind = struct.unpack(">I4s", head)
        yield _Chunk(kind, start, length, start + 12 + length <= end)
        if kind == b"IEND":
            return
        start += 12 + length


def _content(file: BinaryIO, chunk: _Chunk) -> bytes:
    file.seek(chunk.start + 8)
    return file.read(min(chunk.length, MAX_METADATA))


def read(file: BinaryIO) -> Container:
    """Read the container of a PNG file."""
    sizes: list[tuple[int, int]] = []
    orientation, frames, profile = 1, 1, b""
    last = None
    for chunk in _chunks(file):
        last = chunk
        if not chunk.whole:
            break
        if chunk.kind == b"IHDR" and chunk.length >= 8:
            width, height = struct.unpack_from(">II", _content(file, chunk))
            sizes.append((width, height))
        elif chunk.kind == b"eXIf":
            orientation = exif_orientation(_content(file, chunk))
        elif chunk.kind == b"acTL" and chunk.length >= 4:
            (frames,) = struct.unpack_from(">I", _content(file, chunk))
        elif chunk.kind == b"iCCP":
            profile = _profile(_content(file, chunk))
    ends_early = "" if last and last.whole and last.kind == b"IEND" else "it ends before its IEND chunk"
    problem = ""
    if not sizes or 0 in sizes[0]:
        problem = "its header is missing or damaged"
    elif len(set(sizes)) > 1:
        stated = " and ".join("x".join(map(str, size)) for size in dict.fromkeys(sizes))
        problem = f"it has several headers with different sizes, {stated}"
    size = None if not sizes or 0 in sizes[0] else max(sizes, key=lambda size: size[0] * size[1])
    return Container(size, orientation, frames, ends_early=ends_early, problem=problem, icc_profile=profile)


def _profile(content: bytes) -> bytes:
    compressed = content.partition(b"\0")[2][1:]
    with suppress(zlib.error):
        return zlib.decompressobj().decompress(compressed, MAX_METADATA)
    return b""


def pixels_only(file: BinaryIO) -> BytesIO:
    """Return the file without its metadata."""
    target = BytesIO()
    target.write(SIGNATURE)
    for chunk in _chunks(file):
        if chunk.kind in _PIXELS:
            file.seek(chunk.start)
            target.write(file.read(12 + chunk.length))
    target.seek(0)
    return target


def has_all_pixels(file: BinaryIO) -> bool:
    """Whether the compressed pixels end where their stream says so."""
    stream = zlib.decompressobj()
    try:
        for chunk in _chunks(file):
            if chunk.kind != b"IDAT":
                continue
            file.seek(chunk.start + 8)
            left = chunk.length
            while left and not stream.eof:
                part = file.read(min(left, 1 << 16))
                if not part:
                    return False
                left -= len(part)
                while part and not stream.eof:
                    stream.decompress(part, 1 << 20)
                    part = stream.unconsumed_tail
    except zlib.error:
        return False
    return stream.eof
