"""Looks at pictures, and paints new ones.

The sandbox edits for real, as far as one can without a model: the masked region is filled with the
reference, its colours and light turned by a seed. Outside the region every pixel stays as it was.
"""

from io import BytesIO
from random import Random
from typing import Literal, NamedTuple

from PIL import Image, ImageChops, ImageFilter, ImageOps

Repaint = Literal["black", "white"]


class RenderJob(NamedTuple):
    """What to paint: the picture, where, from what, and what tells this one from all others."""

    picture: bytes | None
    mask: bytes | None
    reference: bytes | None
    repaint: Repaint
    seed: str


def examine(content: bytes) -> tuple[str, tuple[int, int]] | None:
    """The media type and pixel size of a picture, decoded to its end; None for what is no whole picture."""
    try:
        with Image.open(BytesIO(content)) as image:
            image.load()
            return Image.MIME[image.format or ""], image.size
    except Exception:  # decoders raise nearly anything on broken data
        return None


def paint(commission: RenderJob) -> bytes:
    """Paint a PNG of the picture's size."""
    base = _opened(commission.picture) if commission.picture else Image.new("RGB", (1024, 1024), "white")
    region = _region(commission, base.size)
    box = region.getbbox()
    if box:
        width, height = box[2] - box[0], box[3] - box[1]
        subject = _opened(commission.reference).convert("RGB") if commission.reference else base.crop(box)
        fill = _toned(ImageOps.fit(subject.convert("RGB"), (width, height)), Random(commission.seed))  # noqa: S311 # a picture, not a secret
        base.paste(fill, box, _feathered(region).crop(box))
    target = BytesIO()
    base.save(target, "PNG")
    return target.getvalue()


def _opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _region(commission: RenderJob, size: tuple[int, int]) -> Image.Image:
    """White where to paint, black elsewhere; nothing between, so that the rest stays untouched."""
    if commission.mask is None:
        return Image.new("L", size, 255)
    mask = _opened(commission.mask).convert("L")
    if commission.repaint == "black":
        mask = ImageOps.invert(mask)
    return mask.point([0] * 128 + [255] * 128)


def _feathered(region: Image.Image) -> Image.Image:
    """Soften the region's edge inwards. A third of the paint is left at the edge: thin lines must show."""
    soft = region.filter(ImageFilter.GaussianBlur(max(region.size) / 100))
    return ImageChops.darker(
        region, soft.point([max(96, min(255, round((value - 100) * 2.2))) for value in range(256)])
    )


def _toned(subject: Image.Image, random: Random) -> Image.Image:
    """Turn a picture's colours a little and wash it with light, so that no two come out alike."""
    hue, saturation, value = subject.convert("HSV").split()
    turn = random.choice((-1, 1)) * random.randint(4, 14)
    hue = hue.point([(level + turn) % 256 for level in range(256)])
    turned = Image.merge("HSV", (hue, saturation, value)).convert("RGB")
    wash = Image.frombytes("L", (5, 5), bytes(random.randint(88, 178) for _ in range(25)))
    wash = wash.resize(subject.size, Image.Resampling.BICUBIC)
    lit = ImageChops.soft_light(turned, Image.merge("RGB", [wash] * 3))
    return ImageOps.mirror(lit) if random.random() < 0.5 else lit
