"""Identifies pictures, and renders results.

The masked region is filled with the references, their colours and light changed by a seed. Every pixel
outside the region stays unchanged. Without a mask, the picture and the references are blended.
"""

from io import BytesIO
from random import Random
from typing import NamedTuple

from PIL import Image, ImageChops, ImageFilter, ImageOps

from ...contract.model import Repaint
from ...media.decode import decode
from ...media.sniff import read_header


class RenderJob(NamedTuple):
    """What to render: the picture, its mask, the other sources, and a seed that makes the result unique.

    Without a `size`, the result has that of the picture.
    """

    picture: bytes | None
    mask: bytes | None
    sources: tuple[bytes, ...]
    size: tuple[int, int] | None
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
    """Return a PNG."""
    size = job.size or (1024, 1024)
    base = _open(job.picture) if job.picture else _canvas(size, Random(job.seed))  # noqa: S311 # as below
    if job.size and base.size != job.size:
        base = ImageOps.fit(base, job.size)
    region = _region_to_repaint(job, base.size)
    box = region.getbbox()
    if box:
        width, height = box[2] - box[0], box[3] - box[1]
        subject = _in_columns(job.sources, (width, height)) if job.sources else base.crop(box).convert("RGB")
        if job.sources and job.picture and not job.mask:
            subject = Image.blend(base.crop(box).convert("RGB"), subject, 0.5)
        fill = _vary(subject, Random(job.seed))  # noqa: S311 # a picture, not a secret
        base.paste(fill, box, _feather(region).crop(box))
    target = BytesIO()
    base.save(target, "PNG")
    return target.getvalue()


def _open(content: bytes) -> Image.Image:
    header = read_header(BytesIO(content))
    still = header.container and header.container.frames == 1
    image = decode(BytesIO(content), header) if still else Image.open(BytesIO(content))
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _canvas(size: tuple[int, int], random: Random) -> Image.Image:
    """Return a picture of soft colours, for a task that has none."""
    return Image.frombytes("RGB", (3, 3), random.randbytes(27)).resize(size, Image.Resampling.BICUBIC)


def _in_columns(sources: tuple[bytes, ...], size: tuple[int, int]) -> Image.Image:
    """Return the pictures next to each other, as one of this size."""
    width, height = size
    result = Image.new("RGB", size)
    edges = [width * number // len(sources) for number in range(len(sources) + 1)]
    for source, left, right in zip(sources, edges[:-1], edges[1:], strict=True):
        if right > left:  # there may be more pictures than pixels
            column = ImageOps.fit(_open(source).convert("RGB"), (right - left, height))
            result.paste(column, (left, 0))
    return result


def _region_to_repaint(job: RenderJob, size: tuple[int, int]) -> Image.Image:
    """Return a mask that is white where to repaint and black elsewhere, with no other levels."""
    if job.mask is None:
        return Image.new("L", size, 255)
    mask = _open(job.mask).convert("L").resize(size)
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
