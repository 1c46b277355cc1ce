"""Stores what was downloaded, and then judges it: what is odd about a paid result is a note, not an error."""

import hashlib
import re
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple, cast

from ...contract.model import Media
from ...core import atomic_write
from ...core.errors import DownloadError
from ...core.reporting.telemetry import logger
from ...media.files import sha256_of, size_of
from ...media.media_types import ANY, accepts, noun
from ...media.sniff import NO_PILLOW, SHORTEST_RESULT, Header, extension, page_type, read_header

# On Windows these names belong to devices, whatever their extension.
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])\Z")
_LONGEST_STEM = 100


class Saved(NamedTuple):
    """A result that was stored, and what was found out about it."""

    path: Path
    url: str
    media_type: str
    size: tuple[int, int] | None
    bytes: int
    sha256: str
    notes: tuple[str, ...] = ()


def file_stem(task_id: str) -> str:
    """Return a file name without extension for a task: safe everywhere, and different for each id."""
    stem = re.sub(r"[^A-Za-z0-9_-]", "_", task_id)[:_LONGEST_STEM]
    if stem == task_id and not _DEVICES.match(stem):
        return stem
    digest = hashlib.sha256(task_id.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{stem}-{digest[:8]}"


class Arrived(NamedTuple):
    """What arrived from a link, before it is stored."""

    header: Header
    media_type: str
    bytes: int
    sha256: str
    incomplete: str = ""
    """Why it is not, or not all of, the result; empty if it seems to be complete."""


def inspect(file: IO[bytes], media: Media) -> Arrived:
    """Return what arrived, and whether it is worth another attempt. Does not decode it."""
    content = cast("BinaryIO", file)
    try:
        header = read_header(content)
    except Exception as error:  # a fault of a reader costs no result
        logger.error("a result could not be recognised: %r", error)
        header = Header("")
    arrived = Arrived(header, header.media_type, size_of(file), sha256_of(file))
    if arrived.bytes == 0:
        return arrived._replace(incomplete="the response is empty")
    expects_text = any(
        name == ANY or name.startswith("text/") or name.endswith("json") for name in media.types
    )
    page = "" if expects_text or header.container else page_type(content)
    if page:
        start = file.read(40)
        message = f"expected {', '.join(media.types)}, got {page}; it starts {start!r}"
        return arrived._replace(media_type=page, incomplete=message)
    if arrived.bytes < SHORTEST_RESULT:
        return arrived._replace(incomplete=f"the response ends after {arrived.bytes} bytes")
    if header.container and header.container.ends_early:
        return arrived._replace(
            incomplete=f"the {noun(arrived.media_type)} is truncated: {header.container.ends_early}"
        )
    return arrived


def store(
    temporary: Path, target: Path, url: str, arrived: Arrived, media: Media, *, overwrite: bool
) -> Saved:
    """Give a result its name, and return what is known about it. `target` lacks the extension.

    Raises `DownloadError` if another file has this name.
    """
    path = target.with_name(target.name + extension(arrived.media_type))
    try:
        atomic_write.rename(temporary, path, overwrite=overwrite)
    except FileExistsError:
        atomic_write.check_is_file(path)
        with path.open("rb") as other:
            if sha256_of(other) != arrived.sha256:
                raise DownloadError(
                    f"{path} exists already; remove it, choose another folder, or pass overwrite=True"
                ) from None
    shown, notes = _judged(path, arrived, media)
    return Saved(path, url, arrived.media_type, shown, arrived.bytes, arrived.sha256, tuple(notes))


def store_partial(temporary: Path, target: Path, media_type: str) -> Path | None:
    """Store a result that is not complete, in place of an earlier attempt; None if that is not possible."""
    known = extension(media_type) if media_type else ""
    path = target.with_name(f"{target.name}{known}.partial")
    try:
        atomic_write.rename(temporary, path, overwrite=True)
    except OSError:  # the error that is raised anyway matters more
        return None
    return path


def _judged(path: Path, arrived: Arrived, media: Media) -> tuple[tuple[int, int] | None, list[str]]:
    """Return the size in pixels and what is odd about a stored result."""
    from ...media.decode import UnreadablePictureError, with_pillow

    header = arrived.header
    size, notes = header.size, list[str]()
    if not accepts(media.types, arrived.media_type):
        notes.append(f"expected {', '.join(media.types)}, got {header.described}")
    if header.container and header.container.problem and not header.is_picture:
        notes.append(f"the {noun(arrived.media_type)} may be damaged: {header.container.problem}")
    if not header.container or not header.is_picture:
        return size, notes
    if header.container.pictures > 1:
        notes.append(f"contains {header.container.pictures} pictures; viewers show the first")
    if header.has_too_many_pixels:
        notes.append("not checked: whether it can be decoded; it has more pixels than the client decodes")
        return size, notes
    try:
        with path.open("rb") as file:
            with_pillow(partial(_decode_only, file, header))
    except UnreadablePictureError as error:
        notes.append(str(error))
    except ModuleNotFoundError:
        notes.append(f"not checked: whether it can be decoded; {NO_PILLOW}")
    except (OSError, MemoryError) as error:
        notes.append(f"not checked: whether it can be decoded; {error or type(error).__name__}")
    return size, notes


def _decode_only(file: BinaryIO, header: Header) -> None:
    from ...media.decode import decode

    decode(file, header)


def keep_largest(temporary: Path, kept: Path) -> bool:
    """Keep an incomplete file if it is larger than that of an earlier attempt. Return whether it is."""
    with suppress(OSError):
        if temporary.stat().st_size > (kept.stat().st_size if kept.exists() else 0):
            temporary.replace(kept)
            return True
    return False
