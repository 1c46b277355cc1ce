"""What only decoding a picture tells, and what it takes to change one. Needs Pillow."""

from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

if TYPE_CHECKING:
    from PIL.Image import Image

JPEG, PNG = "image/jpeg", "image/png"
ORIENTATION = 0x0112


class UnreadablePictureError(Exception):
    """A picture that cannot be decoded, or is of a kind that cannot be used. The text says which."""


class MaskStatistics(NamedTuple):
    """The shares of a mask that are dark, and neither black nor white; whether some of it is transparent."""

    dark: float
    grey: float
    transparent: bool


def decode(file: BinaryIO) -> "Image":
    """Decode a picture to its end. Raises `UnreadablePictureError`, `ModuleNotFoundError` without Pillow."""
    from PIL import Image

    file.seek(0)
    try:
        image = Image.open(file)
        if getattr(image, "n_frames", 1) > 1:
            raise UnreadablePictureError(
                f"is animated ({getattr(image, 'n_frames', 1)} frames); a still picture is needed"
            )
        image.load()
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise UnreadablePictureError(f"is truncated or damaged: {error}") from None
    finally:
        file.seek(0)
    return image


def orientation(image: "Image") -> int:
    """How the picture is to be turned before it is shown; 1 is not at all."""
    found = image.getexif().get(ORIENTATION, 1)
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def apply_exif_orientation(image: "Image") -> "Image":
    """The picture turned as its EXIF data says."""
    from PIL import ImageOps

    return ImageOps.exif_transpose(image)


def mask_statistics(mask: "Image") -> MaskStatistics:
    """Measure a mask. Raises `UnreadablePictureError` for one of more than 8 bits a channel."""
    if mask.mode.startswith(("I", "F")):
        raise UnreadablePictureError("has more than 8 bits a channel; save it with 8")
    counts = mask.convert("RGB").convert("L").histogram()
    total = sum(counts)
    transparent = (
        mask.has_transparency_data and sum(mask.convert("RGBA").getchannel("A").histogram()[:255]) > 0
    )
    return MaskStatistics(sum(counts[:128]) / total, sum(counts[16:240]) / total, transparent)


def inverted(mask: "Image") -> "Image":
    """The mask with black and white exchanged, every level kept."""
    from PIL import ImageOps

    if mask.mode in ("1", "L"):
        return ImageOps.invert(mask)
    return ImageOps.invert(mask.convert("RGB"))


def encoded(image: "Image", media_type: str) -> BytesIO:
    """Encode a changed picture: PNG without a loss, JPEG with hardly one."""
    target = BytesIO()
    profile = {"icc_profile": image.info["icc_profile"]} if image.info.get("icc_profile") else {}
    if media_type == JPEG:
        image.save(target, "JPEG", quality=95, subsampling=0, **profile)
    else:
        image.save(target, "PNG", **profile)
    return target
