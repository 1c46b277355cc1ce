"""Draws the contact sheet: a task's prompt, inputs and results in one picture. Needs Pillow."""

from collections.abc import Mapping, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..contract.model import Image as Declared
from ..contract.model import Repaint
from ..core import atomic_write
from ..core.errors import DownloadError
from .decode import UnreadablePictureError, decode, rotate, with_pillow
from .sniff import read_header
from .validate import ImageReport

if TYPE_CHECKING:
    from PIL.Image import Image

HEIGHT, GAP, LABEL, LINE = 360, 16, 34, 24
PAPER, INK, FAINT, TINT, BLANK = "#faf9f7", "#22201e", "#8d8882", "#e5484d", "#e8e5e0"
# With more pictures than these, the results are in a second row.
ACROSS = 4
# Of the prompt. The whole of it is in the file's metadata.
LINES = 4


class Panel(NamedTuple):
    """One picture of the sheet with the text below it."""

    image: "Image"
    label: str
    detail: str


def contact_sheet(
    target: Path,
    images: Sequence[Declared],
    given: Mapping[str, Any],
    found: Sequence[ImageReport],
    paths: Sequence[Path],
    repaint: Repaint | None,
    *,
    prompt: str = "",
    overwrite: bool,
) -> Path:
    """Draw the sheet and write it. `given` are the pictures' files by argument. Raises `DownloadError`."""
    inputs = [panel for image in images for panel in _inputs(image, images, given, found, repaint)]
    results = [_result(path, number) for number, path in enumerate(paths, 1)]
    rows = [inputs + results] if len(inputs + results) <= ACROSS else [inputs, results]
    drawn = _encoded(_arranged(rows, prompt), prompt)
    try:
        return atomic_write.write(target, drawn, overwrite=overwrite)
    except FileExistsError:
        if target.read_bytes() == drawn:
            return target
        raise DownloadError(
            f"{target} exists already; remove it, choose another folder, or overwrite it"
        ) from None
    except OSError as error:
        raise DownloadError(f"{target}: {error.strerror}") from error


def _encoded(sheet: "Image", prompt: str) -> bytes:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    # A font without a character draws a box, so the prompt is stored as text too.
    info.add_itxt("Description", prompt.encode("utf-8", "replace").decode())
    target = BytesIO()
    sheet.save(target, "PNG", pnginfo=info)
    return target.getvalue()


def _result(path: Path, number: int) -> Panel:
    label = f"result {number}"
    try:
        return _panel(_open(path), label, path.name)
    except DownloadError:  # it is stored, whatever it is
        return _blank(label, f"{path.name} cannot be shown")


def _inputs(
    image: Declared,
    images: Sequence[Declared],
    given: Mapping[str, Any],
    found: Sequence[ImageReport],
    repaint: Repaint | None,
) -> list[Panel]:
    panels = []
    for one in found:
        argument, _, index = one.argument.partition("[")
        if argument != image.argument:
            continue
        file = given[argument][int(index.rstrip("]"))] if index else given[argument]
        if one.url:
            panels.append(_blank(argument, "a URL, not fetched"))
        elif image.is_mask and (colour := repaint or image.repaints):
            below = next((other.argument for other in images if other.path == image.same_size_as), "")
            base = given.get(below)
            backdrop = None if base is None or _is_url(below, found) else _open(base)
            panels.append(
                _panel(_overlay(_open(file), backdrop, colour), argument, _share(one, repaint, colour))
            )
        else:
            panels.append(_panel(_open(file), argument, one.name))
    return panels


def _is_url(argument: str, found: Sequence[ImageReport]) -> bool:
    return any(one.argument == argument and one.url for one in found)


def _share(found: ImageReport, repaint: Repaint | None, colour: str) -> str:
    if found.black is None:
        return ""
    share = found.black if colour == "black" else 1 - found.black
    return f"{share:.1%} {colour}, " + ("to be repainted" if repaint else "if that is what is repainted")


def _open(path: Any) -> "Image":
    """Return a picture after its EXIF rotation, not larger than a panel needs."""
    try:
        return with_pillow(partial(_thumbnail, Path(path)))
    except (OSError, ValueError, UnreadablePictureError) as error:
        raise DownloadError(f"{path}: {error}") from None


def _thumbnail(path: Path) -> "Image":
    with path.open("rb") as file:
        header = read_header(file)
        image = decode(file, header).convert("RGBA")
    image.thumbnail((3 * HEIGHT, 3 * HEIGHT))
    return rotate(image, header.orientation)


def _overlay(mask: "Image", backdrop: "Image | None", colour: str) -> "Image":
    """Return the picture with a tint over the region that is repainted."""
    from PIL import Image, ImageOps

    region = mask.convert("RGB").convert("L")
    if colour == "black":
        region = ImageOps.invert(region)
    base = backdrop or Image.new("RGBA", mask.size, "white")
    tinted = Image.blend(base.convert("RGB"), Image.new("RGB", base.size, TINT), 0.55)
    return Image.composite(tinted, base.convert("RGB"), region.resize(base.size))


def _panel(image: "Image", label: str, detail: str) -> Panel:
    from PIL import ImageOps

    return Panel(ImageOps.contain(image.convert("RGBA"), (3 * HEIGHT, HEIGHT)), label, detail)


def _blank(label: str, detail: str) -> Panel:
    from PIL import Image

    return Panel(Image.new("RGBA", (HEIGHT, HEIGHT), BLANK), label, detail)


def _arranged(rows: list[list[Panel]], prompt: str) -> "Image":
    """Return the prompt and the rows of panels as one picture."""
    from PIL import Image, ImageDraw, ImageFont

    width = max(sum(panel.image.width + GAP for panel in row) for row in rows) + GAP
    draw = ImageDraw.Draw(Image.new("RGB", (1, 1)))
    font = ImageFont.load_default(17)
    lines = _wrapped(draw, prompt, font, width - 2 * GAP)
    first = GAP + len(lines) * LINE + (GAP if lines else 0)
    sheet = Image.new("RGB", (width, first + len(rows) * (HEIGHT + LABEL + 2 * GAP)), PAPER)
    draw = ImageDraw.Draw(sheet)
    for number, line in enumerate(lines):
        draw.text((GAP, GAP + number * LINE), line, INK, font)
    for number, row in enumerate(rows):
        left, top = GAP, first + number * (HEIGHT + LABEL + 2 * GAP)
        for panel in row:
            sheet.paste(panel.image, (left, top), panel.image)
            _write(sheet, panel, left, top + HEIGHT + 6)
            left += panel.image.width + GAP
    return sheet


def _wrapped(draw: Any, text: str, font: Any, width: int) -> list[str]:
    """Break a text into at most `LINES` lines, between words where possible."""
    lines: list[str] = []
    left = " ".join(text.encode("utf-8", "replace").decode().split())
    while left:
        end = len(left)
        while end > 1 and draw.textlength(left[:end], font) > width:
            end = min(end - 1, int(end * 0.9) + 1)
        if end < len(left):
            end = left.rfind(" ", 0, end + 1) if left.rfind(" ", 1, end + 1) > 0 else end
        if len(lines) == LINES - 1 and end < len(left):
            return [*lines, f"{left[: max(end - 1, 1)].rstrip()}…"]
        lines.append(left[:end])
        left = left[end:].lstrip()
    return lines


def _write(sheet: "Image", panel: Panel, left: int, top: int) -> None:
    from PIL import ImageDraw, ImageFont

    draw = ImageDraw.Draw(sheet)
    large, small = ImageFont.load_default(17), ImageFont.load_default(12)
    draw.text((left, top), panel.label, INK, large)
    detail = panel.detail
    while detail and draw.textlength(detail, small) > panel.image.width:
        detail = detail[:-2].rstrip("…") + "…" if len(detail) > 2 else ""
    draw.text((left, top + 21), detail, FAINT, small)
