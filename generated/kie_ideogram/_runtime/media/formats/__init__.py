"""The containers of pictures, videos and sounds, read without a library."""

import re
from typing import BinaryIO

from . import jpeg, matroska, mp3, mp4, ogg, png, wav, webp
from .container import Container

JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
MP4, QUICKTIME, WEBM, MATROSKA = "video/mp4", "video/quicktime", "video/webm", "video/x-matroska"
M4A, WAV, MP3, OGG = "audio/mp4", "audio/wav", "audio/mpeg", "audio/ogg"

# Of the same family of files as MP4, but pictures.
_BRANDS_OF_PICTURES = rb"heic|heix|hevc|heim|heis|mif1|msf1|avif|avis|jp2 |jpx "

_SIGNATURES = {
    JPEG: rb"\xff\xd8\xff",
    PNG: rb"\x89PNG\r\n\x1a\n",
    WEBP: rb"(?s)RIFF.{4}WEBP",
    WAV: rb"(?s)RIFF.{4}WAVE",
    QUICKTIME: rb"(?s).{4}ftypqt  ",
    M4A: rb"(?s).{4}ftypM4[AB] ",
    MP4: rb"(?s).{4}ftyp(?!" + _BRANDS_OF_PICTURES + rb")",
    OGG: rb"OggS",
    MP3: rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]",
    MATROSKA: rb"\x1a\x45\xdf\xa3",
}

# Types without a reader. A library recognises more of them, and takes some for another type.
_WITHOUT_READER = {
    "image/gif": rb"GIF8[79]a",
    "image/bmp": rb"(?s)BM.{4}\0\0\0\0",
    "image/tiff": rb"II\*\0|MM\0\*",
    "image/vnd.microsoft.icon": rb"\0\0\x01\0[^\0]\0",
    "image/jp2": rb"(?s)\0\0\0\x0cjP  |.{4}ftypjp2 ",
    "image/jpx": rb"(?s).{4}ftypjpx ",
    "image/jxl": rb"\xff\n|\0\0\0\x0cJXL ",
    "image/avif": rb"(?s).{4}ftypavi[fs]",
    "image/heic": rb"(?s).{4}ftyphe[iv][cxms]",
    "image/heif": rb"(?s).{4}ftypm[is]f1",
    "image/vnd.adobe.photoshop": rb"8BPS\0[\x01\x02]",
    "video/x-msvideo": rb"(?s)RIFF.{4}AVI ",
    "audio/flac": rb"fLaC",
    "application/pdf": rb"%PDF-",
    "application/zip": rb"PK\x03\x04",
    "model/gltf-binary": rb"glTF",
}

_READERS = {
    JPEG: jpeg.read,
    PNG: png.read,
    WEBP: webp.read,
    WAV: wav.read,
    MP3: mp3.read,
    OGG: ogg.read,
    **dict.fromkeys((MP4, QUICKTIME, M4A), mp4.read),
    **dict.fromkeys((WEBM, MATROSKA), matroska.read),
}


def identify(head: bytes) -> str:
    """Return the media type of a file by its first bytes; empty if it is not known here."""
    signatures = {**_SIGNATURES, **_WITHOUT_READER}
    found = next((name for name, start in signatures.items() if re.match(start, head)), "")
    return WEBM if found == MATROSKA and matroska.is_webm(head) else found


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
