"""Encodes a changed picture in the format that it had, within the allowed size. Needs Pillow."""

from collections.abc import Iterator
from io import BytesIO
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

from .decode import UnreadablePictureError, opaque
from .formats import JPEG, PNG, WEBP

if TYPE_CHECKING:
    from PIL.Image import Image

# The largest block of a JPEG file, in pixels. If it divides width and height, a rotation moves whole blocks.
MCU = 16

# How many times as large a JPEG file may become when it is rotated, unless it is small, bytes.
GROWTH, SMALL = 1.25, 500_000

# Modes of pixels that a PNG file can have.
_PNG_MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "I", "I;16")


class Encoded(NamedTuple):
    """An encoded picture."""

    file: BytesIO
    media_type: str
    lossy_because: str = ""
    """Why it is not stored without loss, if it was to be."""


def encode(
    image: "Image",
    source: "Image",
    media_type: str,
    types: tuple[str, ...],
    max_bytes: int,
    *,
    lossless: bool,
    before: int = 0,
) -> Encoded:
    """Encode a picture in at most `max_bytes`, or in as few as possible if that is not enough.

    Args:
        image: The changed picture.
        source: The picture that it was made from.
        media_type: The type to use if possible; empty for PNG.
        types: The types that are accepted.
        max_bytes: The allowed size.
        lossless: Whether the pixels must not change, as those of a mask.
        before: The size of the file that the picture is from.

    Raises:
        UnreadablePictureError: No accepted type can store it.
    """
    if lossless and media_type == JPEG:
        media_type = PNG
    smallest: BytesIO | None = None
    smallest_type, without_loss = "", 0
    for found, options, growth in _ways(image, source, media_type, lossless):
        target = _saved(image, found, options) if found in types else None
        if target is None:
            continue
        size = target.tell()
        if size <= min(max_bytes, max(before * growth, SMALL) if before else inf):
            lossy = without_loss and "quality" in options and media_type != WEBP
            because = f"without loss it would have {without_loss} bytes, at most {max_bytes} are allowed"
            return Encoded(target, found, because if lossy else "")
        if found == PNG:
            without_loss = without_loss or size
        if smallest is None or size < smallest.tell():
            smallest, smallest_type = target, found
    if smallest is None:
        raise UnreadablePictureError("cannot be stored in any of the accepted formats")
    return Encoded(smallest, smallest_type)


def _ways(
    image: "Image", source: "Image", media_type: str, lossless: bool
) -> Iterator[tuple[str, dict[str, Any], float]]:
    """Yield formats, their options, and how many times as large the file may become; the best first."""
    if media_type == JPEG:
        settings = _jpeg_settings(image, source)
        if not settings or image.width % MCU or image.height % MCU:
            # The blocks move, so the pixels are rounded once more, and finer steps lose less.
            yield JPEG, {"quality": 95, "subsampling": 0}, GROWTH if settings else inf
        if settings:
            yield JPEG, settings, inf
        yield from ((JPEG, {"quality": quality}, inf) for quality in (90, 85, 80, 75, 70, 60, 50))
        return
    if media_type != WEBP:
        yield PNG, {}, inf
        yield PNG, {"optimize": True}, inf
    yield WEBP, {"lossless": True, "exact": True}, inf
    if not lossless:
        other = WEBP if media_type == WEBP or source.has_transparency_data else JPEG
        yield from ((other, {"quality": quality}, inf) for quality in (95, 90, 85, 80, 75, 70, 60, 50))


def _jpeg_settings(image: "Image", source: "Image") -> dict[str, Any]:
    """Return the quality settings of a JPEG file for the rotated picture; empty for another source.

    With the same steps of rounding, the file does not grow, and the pixels hardly change.
    """
    from PIL.JpegImagePlugin import JpegImageFile, get_sampling

    if not isinstance(source, JpegImageFile) or not source.quantization:
        return {}
    tables = {number: list(table) for number, table in source.quantization.items()}
    if image.size != source.size:  # the blocks are turned, so the tables are turned with them
        tables = {
            number: [table[8 * (place % 8) + place // 8] for place in range(64)]
            for number, table in tables.items()
        }
    sampling = get_sampling(source)
    return {"qtables": tables} | ({"subsampling": sampling} if sampling >= 0 else {})


def _saved(image: "Image", media_type: str, options: dict[str, Any]) -> BytesIO | None:
    """Encode in one way; None if the format cannot store the picture."""
    profile = image.info.get("icc_profile")
    options = options | ({"icc_profile": profile} if profile else {})
    if (media_type == PNG and image.mode not in _PNG_MODES) or (
        media_type == JPEG and image.mode not in ("L", "RGB", "CMYK")
    ):
        image = opaque(image)
    target = BytesIO()
    try:
        image.save(target, _name(media_type), **options)
    except Exception:  # the picture is too wide for the format, or its pixels do not suit it
        return None
    return target


def _name(media_type: str) -> str:
    return media_type.rpartition("/")[2].upper()
