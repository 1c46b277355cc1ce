"""Pictures as phones, editors and careless programs make them. Each entry has the size that viewers show."""

import random
import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image, PngImagePlugin

SIZE = 64, 48


def drawing(mode: str = "RGB") -> Image.Image:
    """A picture with structure, the same each time."""
    small = Image.frombytes("RGB", (8, 6), random.Random(1).randbytes(8 * 6 * 3))  # noqa: S311 # no secret
    return small.resize(SIZE, Image.Resampling.BICUBIC).convert(mode)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    target = BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum


def png_with(extra: bytes, image: Image.Image | None = None) -> bytes:
    """A PNG with more chunks after its header."""
    content = saved(image or drawing(), "PNG")
    return content[:33] + extra + content[33:]


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def jpeg_with(extra: bytes) -> bytes:
    """A JPEG with more segments after its start."""
    content = saved(drawing(), "JPEG", quality=90)
    return content[:2] + extra + content[2:]


def mpo() -> bytes:
    """A phone's JPEG with a second picture inside, such as an HDR gain map."""
    return saved(drawing(), "MPO", save_all=True, append_images=[drawing().resize((32, 24))])


def large_text() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", "x" * 1_500_000, zip=True)
    info.add_text("comment", "y" * 1_500_000)
    return saved(drawing(), "PNG", pnginfo=info)


def large_profile() -> bytes:
    profile = random.Random(2).randbytes(40_000) + bytes(1_500_000)  # noqa: S311 # no secret
    return png_with(chunk(b"iCCP", b"profile\0\0" + zlib.compress(profile)))


def exif(orientation: int) -> bytes:
    data = Image.Exif()
    data[0x0112] = orientation
    return data.tobytes()


BROKEN_EXIF = {
    "exif cut": exif(6)[:14],
    "exif without entries": b"Exif\0\0II*\0\x08\0\0\0\xff\xff",
    "exif with a far offset": b"Exif\0\0MM\0*\xff\xff\xff\xf0",
    "exif of another kind": b"Exif\0\0garbage",
    "orientation 99": exif(99),
}

# By name: the content, and the size as shown.
GOOD: dict[str, tuple[bytes, tuple[int, int]]] = {
    **{f"jpeg {mode}": (saved(drawing(mode), "JPEG"), SIZE) for mode in ("L", "RGB", "CMYK")},
    "progressive jpeg": (saved(drawing(), "JPEG", progressive=True), SIZE),
    "mpo": (mpo(), SIZE),
    "jpeg with a large comment": (jpeg_with(segment(0xFE, b"c" * 65_000) * 20), SIZE),
    "jpeg with trailing zeros": (saved(drawing(), "JPEG") + bytes(5000), SIZE),
    "jpeg with filler bytes": (jpeg_with(b"\xff\xff\xff" + segment(0xFE, b"c")[1:]), SIZE),
    **{name: (jpeg_with(segment(0xE1, content)), SIZE) for name, content in BROKEN_EXIF.items()},
    **{f"png {mode}": (saved(drawing(mode), "PNG"), SIZE) for mode in ("1", "L", "LA", "P", "RGB", "RGBA")},
    "png of 16 bits": (saved(drawing("L").convert("I;16"), "PNG"), SIZE),
    "png with a transparent palette": (saved(drawing("P"), "PNG", transparency=bytes(range(256))), SIZE),
    "png with megabytes of text": (large_text(), SIZE),
    "png with a large profile": (large_profile(), SIZE),
    "png with an invalid profile": (png_with(chunk(b"iCCP", b"p\0\0not compressed")), SIZE),
    "png with broken exif": (png_with(chunk(b"eXIf", b"MM\0*\xff")), SIZE),
    "png with trailing bytes": (saved(drawing(), "PNG") + b"after the end", SIZE),
    "webp": (saved(drawing(), "WEBP"), SIZE),
    "lossless webp": (saved(drawing("RGBA"), "WEBP", lossless=True), SIZE),
    **{
        f"{kind} turned {orientation}": (
            saved(drawing(), kind, exif=exif(orientation)),
            SIZE if orientation < 5 else (SIZE[1], SIZE[0]),
        )
        for kind in ("JPEG", "PNG", "WEBP")
        for orientation in range(2, 9)
    },
}


def two_headers() -> bytes:
    """A PNG whose second header is larger than its first: viewers differ, and decoding may take gigabytes."""
    large = chunk(b"IHDR", struct.pack(">IIBBBBB", 13_000, 13_000, 8, 2, 0, 0, 0))
    small = chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + small + large + pixels


def animation(kind: str) -> bytes:
    frames = [Image.new("RGB", SIZE, colour) for colour in ("red", "blue")]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:])


# Results that are odd, and are stored all the same: the content, the extension, what the note says.
ODD_RESULTS: dict[str, tuple[bytes, str, str]] = {
    "gif": (saved(drawing(), "GIF"), ".gif", "expected image/png, image/jpeg, image/webp, got image/gif"),
    "tiff": (saved(drawing(), "TIFF"), ".tiff", "got image/tiff"),
    "bmp": (saved(drawing(), "BMP"), ".bmp", "got image/bmp"),
    "icon": (saved(drawing(), "ICO"), ".ico", "got image/vnd.microsoft.icon"),
    "jpeg 2000": (saved(drawing(), "JPEG2000"), ".jp2", "got image/jp2"),
    "jpeg xl": (b"\xff\n" + bytes(40), ".jxl", "got image/jxl"),
    "heif": (b"\0\0\0\x18ftypmif1" + bytes(40), ".heif", "got image/heif"),
    "zip": (b"PK\x03\x04" + bytes(range(60)), ".zip", "got application/zip"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"></svg>', ".svg", "got image/svg+xml"),
    "wav": (b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0" + bytes(16) + b"data\0\0\0\0", ".wav", "got audio/"),
    "unknown": (bytes(range(1, 200)), ".bin", "got not of a known type"),
    "mpo": (mpo(), ".jpg", "contains 2 pictures"),
    "animated webp": (animation("WEBP"), ".webp", "is animated (2 frames)"),
    "animated png": (animation("PNG"), ".png", "is animated (2 frames)"),
    "two headers": (two_headers(), ".png", "more pixels than the client decodes"),
    "pixels that do not decode": (
        png_with(b"")[:45] + b"\xff" * 12 + png_with(b"")[57:],
        ".png",
        "is truncated or damaged",
    ),
}
