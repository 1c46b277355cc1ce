"""What the tests of pictures share: good files, broken files, and the arguments of a run."""

import random
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from kie_ideogram import Kie, errors
from kie_ideogram._runtime.core.clock import Environment
from kie_ideogram.testing import Sandbox
from tests.clock import FakeClock
from tests.sandbox.support import encoded, mask, picture

ORIENTATION = 0x0112
SIZE = 60, 40


class Files:
    """A folder of pictures: image.png, mask.png, reference.png, and what a test adds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.image = self.add("image.png", picture())
        self.mask = self.add("mask.png", mask())
        self.reference = self.add("reference.png", picture("navy"))

    def add(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def given(self, **changes: Any) -> dict[str, Any]:
        """The arguments of a run."""
        pictures = {"image": self.image, "mask": self.mask, "reference": self.reference}
        return {"prompt": "a smile", **pictures, **changes}


def quick() -> Environment:
    """Return what a client waits with: its waits take no time."""
    return FakeClock().environment


@cache
def noise(size: tuple[int, int], kind: str = "PNG", **options: Any) -> bytes:
    """A picture that no format makes small, the same each time."""
    image = Image.frombytes("RGB", size, random.Random(1).randbytes(size[0] * size[1] * 3))  # noqa: S311 # no secret
    target = BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def turned(content: bytes, orientation: int, kind: str = "JPEG") -> bytes:
    """The picture as a camera held aside stores it."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    target = BytesIO()
    Image.open(BytesIO(content)).save(target, kind, exif=exif)
    return target.getvalue()


def animated() -> bytes:
    frames = [Image.new("RGB", SIZE, colour) for colour in ("red", "blue")]
    target = BytesIO()
    frames[0].save(target, "WEBP", save_all=True, append_images=frames[1:])
    return target.getvalue()


def padded(content: bytes, size: int) -> bytes:
    """The same picture in a file of `size` bytes: decoders stop at its end."""
    return content + b"\0" * (size - len(content))


def uploads(sandbox: Sandbox) -> list[str]:
    return [call.operation for call in sandbox.calls if call.operation.startswith("upload")]


def refused(kie: Kie, **given: Any) -> list[tuple[str, str, str]]:
    """What a run is refused for: path, rule, message."""
    try:
        kie.character_edit.run(**given)
    except errors.InvalidInputError as error:
        return [(fault.path, fault.rule, fault.message) for fault in error.faults]
    raise AssertionError("it was not refused")


def image_of(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


__all__ = ["Files", "encoded", "mask", "picture"]
