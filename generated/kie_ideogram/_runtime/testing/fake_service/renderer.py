"""Identifies pictures, and renders results.

The masked region is filled with the reference, its colours and light changed by a seed. Every pixel
outside the region stays unchanged.
"""

from io import BytesIO
from random import Random
from typing import Literal, NamedTuple

from PIL import Image, ImageChops, ImageFilter, ImageOps

from ...media.decode import decode
from ...media.sniff import read_header

Repaint = Literal["black", "white"]


class RenderJob(NamedTuple):
    """What to render: the picture, the mask, the reference, and a seed that makes the result unique."""

    picture: bytes | None
    mask: bytes | None
    reference: bytes | None
    repaint: Repaint
    seed: str


def identify_picture(content: bytes) -> tuple[str, tuple[int, int]] | None:
    """Return the media type and pixel size of a picture; None if it cannot be decoded completely."""
    header = read_header(BytesIO(content))
    try:
        if header.container and header.container.frames == 1:
            return header.media_type, decode(BytesIO(content), header).size
        with Image.open(BytesIO(content)) as image:
            image.load()
            return Image.MIME[image.format or ""], image.size
    except Exception:  # decoders raise many types for broken data
        return None


def render(job: RenderJob) -> bytes:
    """Return a PNG with the size of the picture."""
    base = _open(job.picture) if job.picture else Image.new("RGB", (1024, 1024), "white")
    region = _region_to_repaint(job, base.size)
    box = region.getbbox()
    if box:
        width, height = box[2] - box[0], box[3] - box[1]
        subject = _open(job.reference).convert("RGB") if job.reference else base.crop(box)
        fill = _vary(ImageOps.fit(subject.convert("RGB"), (width, height)), Random(job.seed))  # noqa: S311 # a picture, not a secret
        base.paste(fill, box, _feather(region).crop(box))
    target = BytesIO()
    base.save(target, "PNG")
    return target.getvalue()


def _open(content: bytes) -> Image.Image:
    header = read_header(BytesIO(content))
    still = header.container and header.container.frames == 1
    image = decode(BytesIO(content), header) if still else Image.open(BytesIO(content))
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _region_to_repaint(job: RenderJob, size: tuple[int, int]) -> Image.Image:
    """Return a mask that is white where to repaint and black elsewhere, with no other levels."""
    if job.mask is None:
        return Image.new("L", size, 255)
    mask = _open(job.mask).convert("L")
    if job.repaint == "black":
        mask = ImageOps.invert(mask)
    return mask.point([0] * 128 + [255] * 128)


def _feather(region: Image.Image) -> Image.Image:
    """Soften the edge of the region inwards. A third remains at the edge, so that thin lines show."""
    soft = region.filter(ImageFilter.GaussianBlur(max(region.size) / 100))
    return ImageChops.darker(
        region, soft.point([max(96, min(255, round((value - 100) * 2.2))) for value in range(256)])
    )


def _vary(subject: Image.Image, random: Random) -> Image.Image:
    """Shift the colours of a picture and add light, so that two results differ."""
    hue, saturation, value = subject.convert("HSV").split()
    turn = random.choice((-1, 1)) * random.randint(4, 14)
    hue = hue.point([(level + turn) % 256 for level in range(256)])
    turned = Image.merge("HSV", (hue, saturation, value)).convert("RGB")
    wash = Image.frombytes("L", (5, 5), bytes(random.randint(88, 178) for _ in range(25)))
    wash = wash.resize(subject.size, Image.Resampling.BICUBIC)
    lit = ImageChops.soft_light(turned, Image.merge("RGB", [wash] * 3))
    return ImageOps.mirror(lit) if random.random() < 0.5 else lit
