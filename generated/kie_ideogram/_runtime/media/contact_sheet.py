"""The contact sheet: what went in and what came out, side by side and labelled. Needs Pillow."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..contract.model import Image as Declared
from ..core import atomic_write
from ..core.errors import DownloadError
from .decode import PNG, UnreadablePictureError, apply_exif_orientation, decode, encoded
from .validate import ImageReport, Repaint

if TYPE_CHECKING:
    from PIL.Image import Image

HEIGHT, GAP, LABEL = 360, 16, 34
PAPER, INK, FAINT, TINT = "#faf9f7", "#22201e", "#8d8882", "#e5484d"
# More than these, and the results get a row of their own.
ACROSS = 4


class Panel(NamedTuple):
    """One picture of the sheet with the words below it."""

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
    overwrite: bool,
) -> Path:
    """Draw the sheet and write it. `given` are the pictures' files by argument. Raises `DownloadError`."""
    inputs = [panel for image in images for panel in _inputs(image, images, given, found, repaint)]
    results = [_panel(_open(path), f"result {number}", path.name) for number, path in enumerate(paths, 1)]
    rows = [inputs + results] if len(inputs + results) <= ACROSS else [inputs, results]
    drawn = encoded(_arranged(rows), PNG).getvalue()
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
        elif image.role == "mask" and (colour := repaint or image.repaints):
            under = next((other.argument for other in images if other.path == image.same_size_as), "")
            base = given.get(under)
            backdrop = None if base is None or _is_url(under, found) else _open(base)
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
    try:
        with Path(path).open("rb") as file:
            return apply_exif_orientation(decode(file)).convert("RGBA")
    except (OSError, UnreadablePictureError) as error:
        raise DownloadError(f"{path}: {error}") from None


def _overlay(mask: "Image", backdrop: "Image | None", colour: str) -> "Image":
    """The picture with the region that is to be repainted tinted."""
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

    return Panel(Image.new("RGBA", (HEIGHT, HEIGHT), "#e8e5e0"), label, detail)


def _arranged(rows: list[list[Panel]]) -> "Image":
    """The panels in rows on paper."""
    from PIL import Image

    width = max(sum(panel.image.width + GAP for panel in row) for row in rows) + GAP
    sheet = Image.new("RGB", (width, len(rows) * (HEIGHT + LABEL + 2 * GAP) + GAP), PAPER)
    for number, row in enumerate(rows):
        left, top = GAP, GAP + number * (HEIGHT + LABEL + 2 * GAP)
        for panel in row:
            sheet.paste(panel.image, (left, top), panel.image)
            _write(sheet, panel, left, top + HEIGHT + 6)
            left += panel.image.width + GAP
    return sheet


def _write(sheet: "Image", panel: Panel, left: int, top: int) -> None:
    from PIL import ImageDraw, ImageFont

    draw = ImageDraw.Draw(sheet)
    large, small = ImageFont.load_default(17), ImageFont.load_default(12)
    draw.text((left, top), panel.label, INK, large)
    detail = panel.detail
    while detail and draw.textlength(detail, small) > panel.image.width:
        detail = detail[:-2].rstrip("…") + "…" if len(detail) > 2 else ""
    draw.text((left, top + 21), detail, FAINT, small)
