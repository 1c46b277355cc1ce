"""Makes small pictures of results, which an agent can look at. Needs Pillow."""

from collections.abc import Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from ..media.decode import UnreadablePictureError, decode, opaque, rotate, with_pillow
from ..media.formats import JPEG
from ..media.sniff import read_header

SIDE = 320
"""The longer side, pixels."""

MOST = 8
"""Thumbnails in one answer. Agents pay for each with a part of their context."""


class Thumbnail(NamedTuple):
    """An encoded picture."""

    content: bytes
    media_type: str = JPEG


def thumbnails(paths: Sequence[Path]) -> list[Thumbnail]:
    """Return small pictures of the files that can be decoded, at most `MOST`."""
    made = []
    for path in paths[:MOST]:
        try:
            made.append(with_pillow(partial(_thumbnail, path)))
        except (UnreadablePictureError, OSError, MemoryError):  # the file is saved, which matters more
            continue
    return made


def _thumbnail(path: Path) -> Thumbnail:
    content = BytesIO(path.read_bytes())
    header = read_header(content)
    image = rotate(decode(content, header), header.orientation)
    image.thumbnail((SIDE, SIDE))
    target = BytesIO()
    opaque(image).save(target, "JPEG", quality=80)
    return Thumbnail(target.getvalue())
