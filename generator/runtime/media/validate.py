"""Holds the pictures of a task against the contract, before anything is sent."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple

from ..contract.model import Image, Model, Pointer
from ..core.errors import Fault, InvalidInputError
from .decode import (
    JPEG,
    PNG,
    MaskStatistics,
    UnreadablePictureError,
    apply_exif_orientation,
    decode,
    encoded,
    inverted,
    mask_statistics,
    orientation,
)
from .files import sha256_of, size_of
from .inputs import ImageInput, open_picture
from .sniff import INSTALL, MAX_PIXELS, Header, read_header, short, suffix

Repaint = Literal["black", "white"]

NO_PILLOW = f"Pillow is not installed: {INSTALL}"

UNSAID = "which colour is repainted was not said (repaint=), so it is sent as it is"

# Of a mask's pixels. A soft edge stays below it.
MUCH_GREY = 0.05


class ImageReport(NamedTuple):
    """What was found out about one picture, and what is sent of it.

    `size` is in pixels, the way up that it is shown; `bytes` and `sha256` are of what is sent.
    `repainted` is the share of a mask that is to be repainted by the colour that was said, `black`
    the share that is black. `notes` tells what was changed, and which check could not be made.
    """

    argument: str
    name: str
    media_type: str = ""
    size: tuple[int, int] | None = None
    bytes: int = 0
    sha256: str = ""
    url: str = ""
    black: float | None = None
    repainted: float | None = None
    notes: tuple[str, ...] = ()


class PreparedImage(NamedTuple):
    """A picture that may be sent: for which member, what was found, and its file unless it is a URL."""

    image: Image
    report: ImageReport
    file: BinaryIO | None


def validate_images(
    model: Model, given: Mapping[str, Any], repaint: Repaint | None, stack: ExitStack, faults: list[Fault]
) -> list[PreparedImage]:
    """Look at every picture that was given; add everything wrong with them to `faults`."""
    if repaint not in (None, "black", "white"):
        faults.append(Fault("repaint", "enum", f"expected 'black' or 'white', got {repaint!r}"))
        repaint = None
    images: list[PreparedImage] = []
    for image in model.images:
        several = _several(image, given.get(image.argument), faults)
        looked = [_look(image, one, argument, repaint, stack, faults) for argument, one in several]
        images += [picture for picture in looked if picture]
        total = sum(picture.report.bytes for picture in looked if picture)
        if image.max_total_bytes and len(several) > 1 and total > image.max_total_bytes:
            message = f"have {total} bytes together, at most {image.max_total_bytes} are allowed"
            faults.append(Fault(image.argument, "max-total-bytes", message))
    return _paired(images, faults)


def _several(image: Image, given: Any, faults: list[Fault]) -> list[tuple[str, Any]]:
    """What was given for a member, each with its path. One is as good as a list of one."""
    if given is None:
        return []
    if not isinstance(given, list | tuple):
        return [(image.argument, given)]
    if image.used and len(given) > image.used:
        message = (
            f"{len(given)} were given, but the service uses {image.used} and ignores the rest without a word"
        )
        faults.append(Fault(image.argument, "used", message))
    return [(f"{image.argument}[{index}]", one) for index, one in enumerate(given)]


def _look(
    image: Image, given: Any, argument: str, repaint: Repaint | None, stack: ExitStack, faults: list[Fault]
) -> PreparedImage | None:
    try:
        source = open_picture(given, argument, stack)
        if source.file is None:
            note = "not looked at: it is a URL, so only the service sees what it leads to"
            report = ImageReport(argument, source.name, url=source.url, notes=(note,))
            return PreparedImage(image, report, None)
        _check_bytes(image, argument, size_of(source.file))
        return _checked(image, source, source.file, repaint)
    except InvalidInputError as error:
        faults.extend(error.faults)
        return None


def _checked(image: Image, source: ImageInput, file: BinaryIO, repaint: Repaint | None) -> PreparedImage:
    header = _checked_header(image, source.argument, file)
    notes: list[str] = []
    black: float | None = None
    try:
        decoded = decode(file)
        changed = None
        turn = orientation(decoded)
        if turn != 1:
            changed = apply_exif_orientation(decoded)
            notes.append(f"turned upright, as its EXIF orientation {turn} says")
        if image.role == "mask":
            black, said = _mask(source.argument, mask_statistics(decoded))
            notes += said
            if repaint and repaint != image.repaints:
                changed = inverted(changed or decoded)
                notes.append(
                    f"black and white exchanged: {image.repaints} is what marks the region when sent"
                )
        header = header._replace(size=(changed or decoded).size)
        if changed:
            lossless = image.role == "mask" or header.media_type != JPEG
            header = header._replace(media_type=PNG if lossless else JPEG)
            file = encoded(changed, header.media_type)
            _check_bytes(image, source.argument, size_of(file))
    except UnreadablePictureError as error:
        raise _fault(source.argument, "readable", str(error)) from None
    except ModuleNotFoundError:
        notes += _unmade(image, source.argument, header, repaint)
    if image.role == "mask" and repaint is None:
        notes.append(UNSAID if image.repaints else "which colour of it is repainted is not known")
    report = ImageReport(
        source.argument,
        f"{Path(source.name).stem}{suffix(header.media_type)}",
        header.media_type,
        header.size,
        size_of(file),
        sha256_of(file),
        black=black,
        repainted=None if black is None or repaint is None else black if repaint == "black" else 1 - black,
        notes=tuple(notes),
    )
    return PreparedImage(image, report, file)


def _unmade(image: Image, argument: str, header: Header, repaint: Repaint | None) -> list[str]:
    """Say what was not checked without Pillow. Raises where it cannot be done without."""
    if header.orientation != 1:
        raise _fault(argument, "pillow", f"is to be turned by its EXIF data, and {NO_PILLOW}")
    if image.role == "mask" and repaint and repaint != image.repaints:
        message = f"black and white are to be exchanged for repaint={repaint!r}, and {NO_PILLOW}"
        raise _fault(argument, "pillow", message)
    size = "its pixel size, " if header.by_signature else ""
    more = ", whether it is empty or full" if image.role == "mask" else ""
    return [f"not checked: {size}whether it is whole, animated or turned by EXIF{more}; {NO_PILLOW}"]


def _check_bytes(image: Image, argument: str, size: int) -> None:
    if size > image.max_bytes:
        raise _fault(argument, "max-bytes", f"has {size} bytes, at most {image.max_bytes} are allowed")
    if size == 0:
        raise _fault(argument, "readable", "is empty")


def _checked_header(image: Image, argument: str, file: BinaryIO) -> Header:
    header = read_header(file)
    if header.media_type not in image.types:
        what = header.named if header.media_type else f"{header.named}; it starts {file.read(12)!r}"
        file.seek(0)
        message = f"is {what}, by its content; {short(image.types)} are accepted"
        raise _fault(argument, "media-type", message)
    if header.damaged:
        raise _fault(argument, "readable", "is truncated or damaged: its header is not whole")
    width, height = header.size or (0, 0)
    if width * height > MAX_PIXELS:
        message = f"has {width}x{height} pixels, more than {MAX_PIXELS}: a decompression bomb, or a mistake"
        raise _fault(argument, "max-pixels", message)
    return header


def _mask(argument: str, mask: MaskStatistics) -> tuple[float, list[str]]:
    """The share of a mask that is black, and what is odd about it. Raises for an empty or full one."""
    notes = []
    if mask.transparent:
        notes.append("it has transparency, which is not looked at: only black and white count")
    if mask.dark in (0, 1):
        colour = "black" if mask.dark else "white"
        message = f"is all {colour}, so everything or nothing would be repainted"
        raise _fault(argument, "mask", "; ".join([message, *notes]))
    if mask.grey > MUCH_GREY:
        notes.append(f"{mask.grey:.0%} of it is neither black nor white; what becomes of that is unknown")
    return mask.dark, notes


def _paired(images: list[PreparedImage], faults: list[Fault]) -> list[PreparedImage]:
    """Compare the sizes of pictures that must be alike; note where that could not be done."""
    by_path: dict[Pointer, PreparedImage] = {picture.image.path: picture for picture in images}
    for index, picture in enumerate(images):
        one, other = picture.report, by_path.get(picture.image.same_size_as)
        if other is None or other not in images[:index]:  # two name each other; once is enough
            continue
        two = other.report
        if one.size is None or two.size is None:
            note = f"not checked: whether it has the pixel size of {two.argument}"
            images[index] = picture._replace(report=one._replace(notes=(*one.notes, note)))
        elif one.size != two.size:
            message = f"is {_size(one)} pixels, but {two.argument} is {_size(two)}; they must be equal"
            faults.append(Fault(one.argument, "same-size", message))
    return images


def _size(report: ImageReport) -> str:
    return "x".join(map(str, report.size or ()))


def _fault(argument: str, rule: str, message: str) -> InvalidInputError:
    return InvalidInputError([Fault(argument, rule, message)])
