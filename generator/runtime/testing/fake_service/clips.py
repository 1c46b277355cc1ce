"""Makes small videos and sounds: valid files of a second, which differ by a seed."""

import struct
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from random import Random

from PIL import Image

from ...contract.model import Media
from ...media.formats import PNG
from ...media.media_types import accepts, canonical

_RATE = 8_000
"""Samples of a sound, per second."""

_SIDE = 64
"""Width and height of a video, pixels."""

# A frame of silence: MPEG 1, layer III, 128 kbit/s, 44.1 kHz, with no data.
_MP3_FRAME = b"\xff\xfb\x90\x64" + bytes(413)


def make_clip(media_type: str, seed: str) -> bytes:
    """Return a file of a type of `CLIPS`; of another type, bytes that differ by the seed."""
    return CLIPS[media_type](seed) if media_type in CLIPS else _bytes(seed)


def result_type(media: Media) -> str:
    """Return the type of a result that the sandbox makes: the first of the model's that it can make.

    A range such as `video/*` gives one of its types. All pictures are PNG. A type that the sandbox cannot
    make is returned unchanged.
    """
    for name in map(canonical, media.types):
        if name in CLIPS or name == PNG:
            return name
        if found := next((made for made in (PNG, *CLIPS) if accepts([name], made)), ""):
            return found
    return PNG if media.types[0].startswith("image/") else canonical(media.types[0])


def _bytes(seed: str) -> bytes:
    return sha256(seed.encode()).digest() * 8


# ---- Video: one picture that is shown for a second ------------------------------------------------


def _mp4(seed: str, brand: bytes = b"isom") -> bytes:
    random = Random(seed)  # noqa: S311 # a picture, not a secret
    target = BytesIO()
    Image.new("RGB", (_SIDE, _SIDE), (random.randrange(256), random.randrange(256), 128)).save(target, "JPEG")
    picture = target.getvalue()
    start = _box(b"ftyp", brand, bytes(4), brand)
    # The index has the same size whatever the offset in it is.
    index = _index(picture, len(start) + len(_index(picture, 0)) + 8)
    return start + index + _box(b"mdat", picture)


def _index(picture: bytes, offset: int) -> bytes:
    """Return the box that says what the file contains: a track with one sample."""
    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    movie = _full_box(
        b"mvhd", struct.pack(">5IH10x", 0, 0, 1, 1, 0x10000, 0x100), matrix, struct.pack(">24xI", 2)
    )
    track = _full_box(
        b"tkhd",
        struct.pack(">5I8x4H", 0, 0, 1, 0, 1, 0, 0, 0, 0),
        matrix,
        struct.pack(">2I", _SIDE << 16, _SIDE << 16),
        flags=3,
    )
    entry = _box(
        b"mp4v",
        struct.pack(">6xH16x2H2I4xH32xHh", 1, _SIDE, _SIDE, 0x480000, 0x480000, 1, 24, -1),
        _stream_descriptor(),
    )
    samples = _box(
        b"stbl",
        _full_box(b"stsd", struct.pack(">I", 1), entry),
        _full_box(b"stts", struct.pack(">3I", 1, 1, 1)),
        _full_box(b"stsc", struct.pack(">4I", 1, 1, 1, 1)),
        _full_box(b"stsz", struct.pack(">2I", len(picture), 1)),
        _full_box(b"stco", struct.pack(">2I", 1, offset)),
    )
    place = _box(b"dinf", _full_box(b"dref", struct.pack(">I", 1), _full_box(b"url ", flags=1)))
    media = _box(
        b"mdia",
        _full_box(b"mdhd", struct.pack(">4I2H", 0, 0, 1, 1, 0x55C4, 0)),
        _full_box(b"hdlr", bytes(4), b"vide", bytes(13)),
        _box(b"minf", _full_box(b"vmhd", bytes(8), flags=1), place, samples),
    )
    return _box(b"moov", movie, _box(b"trak", track, media))


def _stream_descriptor() -> bytes:
    """Return the box that says how samples are encoded: each as a JPEG picture (object type 0x6C)."""
    decoder = struct.pack(">BBBB3x2I", 4, 13, 0x6C, 0x11, 0, 0)
    return _full_box(b"esds", struct.pack(">BBHB", 3, 3 + len(decoder) + 3, 1, 0), decoder, b"\x06\x01\x02")


def _box(kind: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return struct.pack(">I4s", 8 + len(content), kind) + content


def _full_box(kind: bytes, *parts: bytes, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", flags), *parts)


# ---- Sound ---------------------------------------------------------------------------------------


def _wav(seed: str) -> bytes:
    half = 2 + Random(seed).randrange(20)  # noqa: S311 # a tone, not a secret
    samples = bytes(160 if place // half % 2 else 96 for place in range(_RATE))
    described = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, _RATE, _RATE, 1, 8)
    content = b"WAVE" + described + struct.pack("<4sI", b"data", len(samples)) + samples
    return struct.pack("<4sI", b"RIFF", len(content)) + content


def _mp3(seed: str) -> bytes:
    title = _bytes(seed).hex()[:16].encode()
    frame = struct.pack(">4sI2xB", b"TIT2", 1 + len(title), 0) + title
    return struct.pack(">3sBBB4B", b"ID3", 3, 0, 0, 0, 0, 0, len(frame)) + frame + _MP3_FRAME * 38


CLIPS: dict[str, Callable[[str], bytes]] = {
    "video/mp4": _mp4,
    "video/quicktime": lambda seed: _mp4(seed, b"qt  "),
    "audio/wav": _wav,
    "audio/mpeg": _mp3,
}
