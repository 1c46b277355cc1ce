"""Checks the pictures behind the URLs of a submission, which only a server can check."""

from collections.abc import Callable
from typing import Any

from ...contract.model import Image, Model, Pointer
from ...contract.pointer import get_pointer
from ...media.media_types import accepts
from .files import StoredFile
from .replies import RefusedError

Find = Callable[[str], StoredFile | None]


def collect_pictures(model: Model, body: dict[str, Any], find: Find) -> dict[str, list[StoredFile]]:
    """Return the pictures of each role. Raises `RefusedError` naming the member of the body."""
    found = {image.path: _collect_files(image, body, find) for image in model.images}
    for image in model.images:
        files, others = found[image.path], found.get(image.same_size_as, [])
        if files and others and files[0].pixels != others[0].pixels:
            sizes = "x".join(map(str, files[0].pixels or ())), "x".join(map(str, others[0].pixels or ()))
            other = ".".join(image.same_size_as)
            raise _refused(image.path, f"is {sizes[0]} pixels, but {other} is {sizes[1]}; they must be equal")
    pictures: dict[str, list[StoredFile]] = {}
    for image in model.images:
        if image.is_picture:
            pictures.setdefault(image.role, []).extend(found[image.path])
    return pictures


def _collect_files(image: Image, body: dict[str, Any], find: Find) -> list[StoredFile]:
    given = get_pointer(body, image.path)
    # A documented example has "" for no picture.
    urls = [given] if isinstance(given, str) and given else given or []
    files = []
    total = 0
    for url in urls:
        file = find(url)
        if file is None:
            raise _refused(
                image.path, "is not the URL of an uploaded file, or the file has expired; upload it"
            )
        size = len(file.read())
        total += size
        is_readable = file.pixels is not None or not image.is_picture
        if not is_readable or not accepts(image.types, file.media_type):
            kind = "a picture" if image.is_picture else "a file"
            raise _refused(image.path, f"is {file.media_type}, not {kind} of {', '.join(image.types)}")
        if size > image.max_bytes:
            raise _refused(image.path, f"has {size} bytes, at most {image.max_bytes} are allowed")
        files.append(file)
    if image.max_total_bytes and total > image.max_total_bytes:
        raise _refused(image.path, f"has {total} bytes in all, at most {image.max_total_bytes} are allowed")
    return files


def _refused(path: Pointer, reason: str) -> RefusedError:
    return RefusedError("invalid", f"{'.'.join(path)}: {reason}")
