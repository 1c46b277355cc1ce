"""Checks the pictures and other files of a task against the contract before anything is sent."""

from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from ..contract.model import Image, Model, Pointer, Repaint
from ..core.errors import Fault, InvalidInputError
from .decode import (
    MaskStatistics,
    UnreadablePictureError,
    decode,
    inverted,
    mask_statistics,
    rotate,
    with_pillow,
)
from .encode import encode
from .files import sha256_of, size_of
from .inputs import ImageInput, open_picture
from .media_types import accepts
from .sniff import MAX_PIXELS, NO_PILLOW, Header, extension, page_type, read_header, type_names

NO_REPAINT = "repaint= does not say which colour is repainted, so the mask is sent unchanged"

# Of a mask's pixels. A soft edge stays below the first; a photo exceeds the second.
MUCH_GREY, MOSTLY_GREY = 0.05, 0.5


class ImageReport(NamedTuple):
    """What was found out about a picture, and what is sent of it.

    `size` is in pixels, as shown after the EXIF rotation; `bytes` and `sha256` are of what is sent.
    `repainted` is the share of a mask that `repaint` marks, `black` the share that is black. `notes` say what
    was changed, and which check could not be made.
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
    """A picture: its member of the request, its report, and the file to send unless it is a URL.

    A picture with a fault has only what is needed to compare it with the others.
    """

    image: Image
    report: ImageReport
    file: BinaryIO | None = None
    orientation: int = 1
    """The EXIF orientation of the caller's file. What is sent has none."""
    original: str = ""
    """The hash of the caller's file."""


def validate_images(
    model: Model, given: Mapping[str, Any], repaint: Repaint | None, stack: ExitStack, faults: list[Fault]
) -> list[PreparedImage]:
    """Check every picture that was passed, and add everything wrong with them to `faults`."""
    if repaint not in (None, "black", "white"):
        faults.append(Fault("repaint", "enum", f"expected 'black' or 'white', got {repaint!r}"))
        repaint = None
    images: list[PreparedImage] = []
    for image in model.images:
        entries = _entries(image, given.get(image.argument), faults)
        # Only the convention of a mask that has one can be met.
        colour = repaint if image.repaints else None
        checked = [_check(image, entry, argument, colour, stack, faults) for argument, entry in entries]
        images += [picture for picture in checked if picture]
        total = sum(picture.report.bytes for picture in checked if picture)
        if image.max_total_bytes and len(entries) > 1 and total > image.max_total_bytes:
            message = f"have {total} bytes together, at most {image.max_total_bytes} are allowed"
            faults.append(Fault(image.argument, "max-total-bytes", message))
    return _compared(images, faults)


def _entries(image: Image, given: Any, faults: list[Fault]) -> list[tuple[str, Any]]:
    """Return the pictures of a member, each with its path. One picture is the same as a list of one."""
    if given is None:
        return []
    if not isinstance(given, list | tuple):
        return [(image.argument, given)]
    if not image.listed and len(given) != 1:
        faults.append(Fault(image.argument, "type", f"expected one picture, got {len(given)}"))
        return []
    if image.used and len(given) > image.used:
        message = f"{len(given)} were given, but the service uses {image.used} and silently ignores the rest"
        faults.append(Fault(image.argument, "used", message))
    return [(f"{image.argument}[{index}]", one) for index, one in enumerate(given)]


def _check(
    image: Image, given: Any, argument: str, repaint: Repaint | None, stack: ExitStack, faults: list[Fault]
) -> PreparedImage | None:
    try:
        source = open_picture(given, argument, image, stack)
        if source.file is None:
            note = "not checked: it is a URL, which only the service opens"
            report = ImageReport(argument, source.name, url=source.url, notes=(note,))
            return PreparedImage(image, report)
        _check_bytes(image, argument, size_of(source.file))
        if not image.is_picture:
            return _prepared_file(image, source, source.file)
        header = _checked_header(image, argument, source.file)
    except InvalidInputError as error:
        faults.extend(error.faults)
        return None
    original = sha256_of(source.file)
    try:
        return _prepared(image, source, source.file, header, repaint)._replace(original=original)
    except InvalidInputError as error:
        faults.extend(error.faults)
        report = ImageReport(argument, source.name, size=header.size)
        return PreparedImage(image, report, orientation=header.orientation, original=original)


def _prepared_file(image: Image, source: ImageInput, file: BinaryIO) -> PreparedImage:
    """Check the type and the end of a file that is not a picture. It is sent unchanged."""
    header, digest = read_header(file), sha256_of(file)
    notes: tuple[str, ...] = ()
    if header.media_type:
        header = _checked_header(image, source.argument, file)
    elif page := page_type(file):
        raise _fault(
            source.argument,
            "media-type",
            f"is {page}, by its content; {type_names(image.types)} are accepted",
        )
    if header.container is None:
        notes = (f"not checked: its type, and whether all of it is there; it is {header.described}",)
    name = f"{Path(source.name).stem}{extension(header.media_type)}" if header.media_type else source.name
    report = ImageReport(
        source.argument, name, header.media_type, bytes=size_of(file), sha256=digest, notes=notes
    )
    return PreparedImage(image, report, file, original=digest)


class _Sent(NamedTuple):
    """What is sent of a picture: the caller's file, or a changed one."""

    file: BinaryIO
    media_type: str
    black: float | None
    notes: list[str]


def _prepared(
    image: Image, source: ImageInput, file: BinaryIO, header: Header, repaint: Repaint | None
) -> PreparedImage:
    argument = source.argument
    notes = list(source.notes)
    if header.container and header.container.pictures > 1:
        notes.append(f"contains {header.container.pictures} pictures; the first one counts")
    media_type, black = header.media_type, None
    try:
        file, media_type, black, more = with_pillow(partial(_decoded, image, argument, file, header, repaint))
        notes += more
    except UnreadablePictureError as error:
        raise _fault(argument, "readable", str(error)) from None
    except ModuleNotFoundError:
        notes += _unchecked(image, argument, header, repaint)
    if image.is_mask and repaint is None:
        notes.append(NO_REPAINT if image.repaints else "which colour of it marks the region is not known")
    report = ImageReport(
        argument,
        f"{Path(source.name).stem}{extension(media_type)}",
        media_type,
        header.size,
        size_of(file),
        sha256_of(file),
        black=black,
        repainted=None if black is None or repaint is None else black if repaint == "black" else 1 - black,
        notes=tuple(notes),
    )
    return PreparedImage(image, report, file, header.orientation)


def _decoded(image: Image, argument: str, file: BinaryIO, header: Header, repaint: Repaint | None) -> _Sent:
    """Check the pixels, and change them where necessary."""
    notes: list[str] = []
    black = None
    decoded = decode(file, header)
    if image.is_mask:
        statistics = mask_statistics(decoded)
        notes += _check_mask(argument, statistics)
        black = statistics.dark
    changed = rotate(decoded, header.orientation)
    if header.orientation != 1:
        notes.append(f"rotated as its EXIF orientation {header.orientation} says")
    if image.is_mask and repaint and repaint != image.repaints:
        changed = inverted(changed)
        notes.append(f"black and white exchanged: {image.repaints} is what marks the region when sent")
    if changed is decoded:
        return _Sent(file, header.media_type, black, notes)
    before, lossless = size_of(file), image.is_mask
    encoded = encode(
        changed, decoded, header.media_type, image.types, image.max_bytes, lossless=lossless, before=before
    )
    if encoded.lossy_because:
        notes.append(f"stored as {type_names((encoded.media_type,))}: {encoded.lossy_because}")
    _check_bytes(image, argument, size_of(encoded.file), before)
    return _Sent(encoded.file, encoded.media_type, black, notes)


def _unchecked(image: Image, argument: str, header: Header, repaint: Repaint | None) -> list[str]:
    """Return what is not checked without Pillow. Raises for a change that needs Pillow."""
    if header.orientation != 1:
        raise _fault(argument, "pillow", f"must be rotated as its EXIF data says, and {NO_PILLOW}")
    if image.is_mask and repaint and repaint != image.repaints:
        message = f"black and white must be exchanged for repaint={repaint!r}, and {NO_PILLOW}"
        raise _fault(argument, "pillow", message)
    more = ", whether it is empty or full" if image.is_mask else ""
    return [f"not checked: whether its pixels can be decoded{more}; {NO_PILLOW}"]


def _check_bytes(image: Image, argument: str, size: int, before: int | None = None) -> None:
    if size > image.max_bytes:
        cause = "" if before is None else f" after the change that it needs, {before} as given"
        raise _fault(argument, "max-bytes", f"has {size} bytes{cause}, at most {image.max_bytes} are allowed")
    if size == 0:
        raise _fault(argument, "readable", "is empty")


def _checked_header(image: Image, argument: str, file: BinaryIO) -> Header:
    header = read_header(file)
    container = header.container
    if not accepts(image.types, header.media_type):
        what = header.described if header.media_type else f"{header.described}; it starts {file.read(12)!r}"
        file.seek(0)
        message = f"is {what}, by its content; {type_names(image.types)} are accepted"
        raise _fault(argument, "media-type", message)
    if container and (damage := container.ends_early or container.problem):
        raise _fault(argument, "readable", f"is truncated or damaged: {damage}")
    if header.has_too_many_pixels:
        shown = "x".join(map(str, header.size or ()))
        message = f"has {shown} pixels, at most {MAX_PIXELS} are accepted: a decompression bomb, or a mistake"
        raise _fault(argument, "max-pixels", message)
    if container and container.frames > 1:
        message = f"is animated ({container.frames} frames); a still picture is needed"
        raise _fault(argument, "readable", message)
    return header


def _check_mask(argument: str, mask: MaskStatistics) -> list[str]:
    """Return what is odd about a mask. Raises for an empty or full one, and for one that is a photo."""
    notes = []
    if mask.transparent:
        notes.append("it has transparency, which is not used: only black and white count")
    if mask.dark in (0, 1):
        colour = "black" if mask.dark else "white"
        grey = " or grey" if mask.grey else ""
        message = f"is all {colour}{grey}, so it marks everything or nothing"
        raise _fault(argument, "mask", "; ".join([message, *notes]))
    if mask.grey > MOSTLY_GREY and not mask.is_two_toned:
        message = (
            f"{mask.grey:.0%} of it is neither black nor white, as in a photo; pass a picture of the same "
            "size that is black where it is to be repainted and white elsewhere, or the other way round"
        )
        raise _fault(argument, "mask", "; ".join([message, *notes]))
    if mask.grey > MUCH_GREY:
        notes.append(
            f"{mask.grey:.0%} of it is neither black nor white; how the service uses that is unknown"
        )
    return notes


def _compared(images: list[PreparedImage], faults: list[Fault]) -> list[PreparedImage]:
    """Compare pictures that must have the same size; note where that is not possible."""
    by_path: dict[Pointer, PreparedImage] = {picture.image.path: picture for picture in images}
    for index, picture in enumerate(images):
        one, partner = picture.report, by_path.get(picture.image.same_size_as)
        if partner is None or partner not in images[:index]:  # two name each other; once is enough
            continue
        two = partner.report
        if picture.original and picture.original == partner.original:
            message = f"is the same file as {two.argument}; a mask shows which part is to be repainted"
            # That it is all grey, for example, follows from this.
            faults[:] = [fault for fault in faults if fault.path != one.argument]
            faults.append(Fault(one.argument, "mask", message))
        elif one.size is None or two.size is None:
            note = f"not checked: whether it has the pixel size of {two.argument}"
            images[index] = picture._replace(report=one._replace(notes=(*one.notes, note)))
        elif one.size != two.size:
            message = f"is {_size(one)} pixels, but {two.argument} is {_size(two)}; they must be equal"
            faults.append(Fault(one.argument, "same-size", message + _rotation_hint(picture, partner)))
        elif partner.orientation != picture.orientation:
            note = f"{two.argument} is rotated by its EXIF data; the mask must fit the rotated picture"
            images[index] = picture._replace(report=one._replace(notes=(*one.notes, note)))
    return images


def _rotation_hint(picture: PreparedImage, partner: PreparedImage) -> str:
    """Return what to do if a mask was drawn on the pixels of a photo before its EXIF rotation."""
    one, two = picture.report, partner.report
    if partner.orientation >= 5 and two.size == tuple(reversed(one.size or ())):
        return (
            f". The EXIF orientation {partner.orientation} of {two.argument} turns it: its pixels are "
            f"stored as {_size(one)}. Draw the mask on the rotated picture, or rotate the mask in the "
            "same way"
        )
    return f". {two.argument} is rotated by its EXIF data" if partner.orientation != 1 else ""


def _size(report: ImageReport) -> str:
    return "x".join(map(str, report.size or ()))


def _fault(argument: str, rule: str, message: str) -> InvalidInputError:
    return InvalidInputError([Fault(argument, rule, message)])
