"""What is refused before a cent is spent or a byte uploaded, and what is changed on the way."""

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from PIL import Image

from kie_ideogram import Kie
from kie_ideogram._contract import CONTRACT
from kie_ideogram.testing import Sandbox
from tests.pictures.support import (
    Files,
    animated,
    encoded,
    image_of,
    mask,
    noise,
    padded,
    picture,
    refused,
)

HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 64
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40"></svg>'
LIMIT = 10_000_000


def png(size: tuple[int, int], bits: int, colour: int, rows: bytes) -> bytes:
    """A PNG as its specification has it, where Pillow would write none."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + checksum

    header = struct.pack(">IIBBBBB", *size, bits, colour, 0, 0, 0)
    chunks = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def bomb() -> bytes:
    """A PNG header that promises 30000 x 30000 pixels."""
    return png((30_000, 30_000), 1, 0, b"\0")


BAD_FILES: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "readable", "is empty"),
    "text": (b"a portrait, in words", "media-type", "JPEG, PNG, WEBP are accepted"),
    "cut in the header": (picture()[:20], "readable", "truncated or damaged"),
    "cut in the pixels": (noise((60, 40))[:-2000], "readable", "truncated or damaged"),
    "cut jpeg": (noise((60, 40), "JPEG")[:-1500], "readable", "truncated or damaged"),
    "cut webp": (noise((60, 40), "WEBP")[:-500], "readable", "truncated or damaged"),
    "heic": (HEIC, "media-type", "is image/hei"),
    "svg": (SVG, "media-type", "is image/svg"),
    "gif": (picture(kind="GIF"), "media-type", "is image/gif"),
    "animated webp": (animated(), "readable", "is animated (2 frames)"),
    "10.1 MB": (padded(picture(), 10_100_000), "max-bytes", "has 10100000 bytes, at most 10000000"),
    "a byte too many": (padded(picture(), LIMIT + 1), "max-bytes", "has 10000001 bytes"),
    "bomb": (bomb(), "max-pixels", "30000x30000 pixels, at most 89478485"),
    "garbage after the signature": (b"\x89PNG\r\n\x1a\n" + b"\xff" * 500, "readable", "damaged"),
}


@pytest.mark.parametrize("argument", ["image", "mask", "reference"])
@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_refused_and_nothing_is_sent(
    sandbox: Sandbox, kie: Kie, files: Files, case: str, argument: str
) -> None:
    content, rule, message = BAD_FILES[case]
    before = len(sandbox.calls)
    # The name promises a good picture; the content counts.
    path = files.add("fine.png", content)
    (fault,) = refused(kie, **files.given(**{argument: path}))
    assert fault[:2] == (argument, rule)
    assert message in fault[2]
    assert len(sandbox.calls) == before


def fifo(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def reading_end() -> BinaryIO:
    reading, writing = os.pipe()
    os.close(writing)
    return os.fdopen(reading, "rb")


BAD_ARGUMENTS: dict[str, tuple[Callable[[Path], Any], str, str]] = {
    "missing": (lambda folder: folder / "nothing.png", "readable", "No such file"),
    "folder": (lambda folder: folder, "readable", "Is a directory"),
    "named pipe": (fifo, "readable", "not a regular file"),
    "null in the name": (lambda folder: "a\0b", "readable", "null"),
    "ftp": (lambda folder: "ftp://example.com/a.png", "url", "is not an http or https URL"),
    "file url": (lambda folder: "file:///etc/passwd", "url", "is not an http or https URL"),
    "data url": (lambda folder: "data:image/png;base64,AAAA", "url", "is not an http or https URL"),
    "no host": (lambda folder: "https:///a.png", "url", "is not an http or https URL"),
    "pipe": (lambda folder: reading_end(), "readable", "not a pipe"),
    "number": (lambda folder: 7, "type", "got a value of type int"),
    "text file": (lambda folder: (folder / "image.png").open(encoding="latin-1"), "readable", "'rb'"),
}


@pytest.mark.parametrize("case", BAD_ARGUMENTS)
def test_an_argument_that_is_not_a_picture_is_refused(
    sandbox: Sandbox, kie: Kie, files: Files, case: str
) -> None:
    make, rule, message = BAD_ARGUMENTS[case]
    before = len(sandbox.calls)
    given = make(files.folder)
    (fault,) = refused(kie, **files.given(image=given))
    assert fault[:2] == ("image", rule)
    assert message in fault[2]
    assert len(sandbox.calls) == before
    if hasattr(given, "close"):
        given.close()


def test_ten_megabytes_are_not_too_many(kie: Kie, files: Files) -> None:
    path = files.add("large.png", padded(picture(), LIMIT))
    assert kie.character_edit.run(**files.given(image=path), dry_run=True).pictures[0].bytes == LIMIT


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_content_decides_the_type_not_the_name(kie: Kie, files: Files, kind: str) -> None:
    path = files.add("scan.tiff", picture(kind=kind))
    found = kie.character_edit.run(**files.given(image=path), dry_run=True).pictures[0]
    assert found.media_type == f"image/{kind.lower()}"
    assert found.name.startswith("scan.")
    assert found.notes == ()


def test_image_and_mask_must_be_of_equal_size(kie: Kie, files: Files) -> None:
    other = files.add("other.png", mask(size=(60, 41)))
    assert refused(kie, **files.given(mask=other)) == [
        ("mask", "same-size", "is 60x41 pixels, but image is 60x40; they must be equal")
    ]


@pytest.mark.parametrize(("colour", "level"), [("black", 0), ("white", 255)])
@pytest.mark.parametrize("repaint", [None, "black", "white"])
def test_an_empty_or_full_mask_is_refused(
    kie: Kie, files: Files, colour: str, level: int, repaint: str | None
) -> None:
    path = files.add("plain.png", encoded(Image.new("L", (60, 40), level), "PNG"))
    ((argument, rule, message),) = refused(kie, **files.given(mask=path, repaint=repaint))
    assert (argument, rule) == ("mask", "mask")
    assert f"is all {colour}" in message


def test_a_mask_in_its_transparency_is_refused_and_explained(kie: Kie, files: Files) -> None:
    clear = Image.new("RGBA", (60, 40), (0, 0, 0, 255))
    clear.putpixel((5, 5), (0, 0, 0, 0))
    ((_, _, message),) = refused(kie, **files.given(mask=clear))
    assert "transparency, which is not used" in message


def test_a_mask_of_sixteen_bits_is_refused(kie: Kie, files: Files) -> None:
    deep = Image.new("I;16", (60, 40), 0)
    ((_, rule, message),) = refused(kie, **files.given(mask=deep))
    assert rule == "readable"
    assert "8 bits" in message


def soft_mask(mode: str = "L") -> Image.Image:
    """A mask whose edge has every level of grey."""
    drawn = Image.new("L", (60, 40), 255)
    drawn.paste(0, (0, 0, 60, 14))
    drawn.paste(Image.linear_gradient("L").rotate(90).resize((60, 12)), (0, 14))
    return drawn.convert(mode)


def test_a_soft_edged_mask_is_noted(kie: Kie, files: Files) -> None:
    found = kie.character_edit.run(**files.given(mask=soft_mask()), dry_run=True).pictures[1]
    assert any("neither black nor white" in note for note in found.notes)


def photo(mode: str = "RGB") -> Image.Image:
    return image_of(noise((15, 10))).resize((60, 40), Image.Resampling.BICUBIC).convert(mode)


@pytest.mark.parametrize("repaint", [None, "black", "white"])
@pytest.mark.parametrize(
    "mask",
    [
        photo(),
        photo("L"),
        Image.linear_gradient("L").resize((60, 40)),
        Image.linear_gradient("L").resize((60, 40)).point([90 + level // 4 for level in range(256)]),
    ],
    ids=["photo", "grey photo", "gradient", "grey"],
)
def test_a_mask_that_is_mostly_grey_is_refused(
    kie: Kie, files: Files, mask: Image.Image, repaint: str | None
) -> None:
    ((argument, rule, message),) = refused(kie, **files.given(mask=mask, repaint=repaint))
    assert (argument, rule) == ("mask", "mask")
    assert "neither black nor white" in message
    assert "black where it is to be repainted" in message


def test_photo_of_another_size_as_a_mask_has_both_faults(kie: Kie, files: Files) -> None:
    faults = refused(kie, **files.given(mask=photo().resize((30, 20))))
    assert [(argument, rule) for argument, rule, _ in faults] == [("mask", "mask"), ("mask", "same-size")]
    assert "is 30x20 pixels, but image is 60x40" in faults[1][2]


@pytest.mark.parametrize(
    "content", [mask(), picture("navy"), noise((60, 40))], ids=["mask", "plain", "photo"]
)
def test_the_image_as_its_own_mask_is_refused(kie: Kie, files: Files, content: bytes) -> None:
    drawing = files.add("drawing.png", content)
    ((argument, rule, message),) = refused(kie, **files.given(image=drawing, mask=drawing))
    assert (argument, rule) == ("mask", "mask")
    assert "is the same file as image" in message


def test_a_second_reference_is_refused(kie: Kie, files: Files) -> None:
    two = [files.reference, files.image]
    assert refused(kie, **files.given(reference=two)) == [
        (
            "reference",
            "used",
            "2 were given, but the service uses 1 and silently ignores the rest",
        )
    ]
    one = kie.character_edit.run(**files.given(reference=[files.reference]), dry_run=True)
    assert len(one.request["input"]["reference_image_urls"]) == 1


def test_no_reference_is_an_error(kie: Kie, files: Files) -> None:
    ((path, _, message),) = refused(kie, **files.given(reference=[]))
    assert (path, message) == ("reference", "is missing")


def test_a_url_is_passed_on_with_a_note(kie: Kie, files: Files) -> None:
    url = "https://example.com/portrait.png"
    rehearsed = kie.character_edit.run(**files.given(image=url), dry_run=True)
    assert rehearsed.request["input"]["image_url"] == url
    image, mask_, _ = rehearsed.pictures
    assert "not checked: it is a URL" in image.notes[0]
    assert "not checked: whether it has the pixel size of image" in mask_.notes


def test_the_limits_are_those_of_the_contract() -> None:
    declared = {image.argument: image for image in CONTRACT.models["ideogram/character-edit"].images}
    assert {name: image.max_bytes for name, image in declared.items()} == dict.fromkeys(declared, LIMIT)
    assert declared["mask"].repaints == "black"
    assert declared["reference"].used == 1
