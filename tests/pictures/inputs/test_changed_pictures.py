"""What is changed in a picture before it is sent, and what the dry run says about it."""

from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from PIL import Image, ImageChops

from kie_ideogram import Kie
from tests.pictures.inputs.test_preflight import png, soft_mask
from tests.pictures.support import (
    Files,
    encoded,
    image_of,
    noise,
    picture,
    refused,
    turned,
)


def sent(result: Any, field: str) -> Image.Image:
    """The picture as the service received it."""
    url = result.request["input"][field]
    return image_of(httpx.get(url if isinstance(url, str) else url[0]).content)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_picture_with_exif_orientation_is_sent_rotated(
    kie: Kie, files: Files, kind: str, orientation: int
) -> None:
    upright_size = (60, 40)
    stored_size = (40, 60) if orientation in (6, 8) else upright_size
    stored = turned(picture(size=stored_size, kind="PNG"), orientation, kind)
    path = files.add(f"photo.{kind.lower()}", stored)
    result = kie.character_edit.run(**files.given(image=path))
    assert result.pictures[0].size == upright_size
    assert f"EXIF orientation {orientation}" in result.pictures[0].notes[0]
    received = sent(result, "image_url")
    assert received.size == upright_size
    assert received.getexif().get(0x0112, 1) == 1
    from PIL import ImageOps

    expected = ImageOps.exif_transpose(image_of(stored)).convert("RGB")
    difference = ImageChops.difference(received.convert("RGB"), expected)
    extremes = [high for _, high in difference.getextrema()]  # type: ignore[misc]  # an RGB picture has pairs
    assert max(extremes) <= (12 if kind == "JPEG" else 0)


def test_a_mask_is_measured_against_the_picture_as_it_is_shown(kie: Kie, files: Files) -> None:
    photo = files.add("photo.jpg", turned(picture(size=(60, 40)), 6))
    ((_, rule, message),) = refused(kie, **files.given(image=photo))
    assert rule == "same-size"
    assert message.startswith("is 60x40 pixels, but image is 40x60; they must be equal")
    assert "EXIF orientation 6 of image turns it: its pixels are stored as 60x40" in message
    assert "rotate the mask in the same way" in message


def test_a_mask_of_a_photo_turned_upside_down_is_noted(kie: Kie, files: Files) -> None:
    photo = files.add("photo.jpg", turned(picture(size=(60, 40)), 3))
    found = kie.character_edit.run(**files.given(image=photo), dry_run=True).pictures[1]
    assert any(
        "image is rotated by its EXIF data; the mask must fit the rotated picture" in note
        for note in found.notes
    )


def test_a_pillow_mask_is_sent_without_loss(kie: Kie, files: Files) -> None:
    ramp = soft_mask()
    result = kie.character_edit.run(**files.given(mask=ramp))
    received = sent(result, "mask_url")
    assert (received.format, received.tobytes()) == ("PNG", ramp.tobytes())


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "LA"])
def test_a_pillow_image_of_any_mode_can_be_sent(kie: Kie, files: Files, mode: str) -> None:
    given = image_of(picture()).convert(mode)
    result = kie.character_edit.run(**files.given(image=given))
    assert sent(result, "image_url").convert("RGB").tobytes() == given.convert("RGB").tobytes()


def test_a_pillow_image_that_cannot_be_read_is_refused(kie: Kie, files: Files) -> None:
    lazy = Image.open(BytesIO(noise((60, 40))[:-2000]))
    ((_, rule, message),) = refused(kie, **files.given(image=lazy))
    assert rule == "readable"
    assert "truncated or damaged" in message


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
def test_a_white_region_is_sent_black_with_every_level(kie: Kie, files: Files, mode: str) -> None:
    given = soft_mask(mode)
    path = files.add("white.png", encoded(given, "PNG"))
    result = kie.character_edit.run(**files.given(mask=path, repaint="white"))
    received = sent(result, "mask_url")
    expected = ImageChops.invert(given.convert("RGB"))
    assert (received.format, received.convert("RGB").tobytes()) == ("PNG", expected.tobytes())
    assert any("black and white exchanged" in note for note in result.pictures[1].notes)


def coloured(mode: str) -> Image.Image:
    """A mask of red on yellow, as drawn by a caller who does not know that only black and white count."""
    drawn = Image.new("RGB", (60, 40), (255, 255, 0))
    drawn.paste((200, 0, 40), (10, 5, 40, 30))
    if mode == "P":
        return drawn.quantize(2)
    if mode == "P with a transparent colour":
        palette = drawn.quantize(2)
        palette.info["transparency"] = 0
        return palette
    if mode == "RGBA":
        drawn.putalpha(Image.linear_gradient("L").resize((60, 40)))
    return drawn


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "P with a transparent colour"])
def test_a_coloured_mask_is_inverted_channel_by_channel(kie: Kie, files: Files, mode: str) -> None:
    given = coloured(mode)
    path = files.add("colours.png", encoded(given, "PNG"))
    result = kie.character_edit.run(**files.given(mask=path, repaint="white"))
    received = sent(result, "mask_url")
    assert (received.format, received.mode) == ("PNG", "RGB")
    assert received.getpixel((20, 10)) == (55, 255, 215)
    assert received.getpixel((50, 35)) == (0, 0, 255)
    found = result.pictures[1]
    # The red is the darker of the two, so the rest is what is to be repainted.
    assert found.repainted == pytest.approx(1 - 30 * 25 / 2400)
    assert any("neither black nor white" in note for note in found.notes)
    transparent = mode in ("RGBA", "P with a transparent colour")
    assert any("transparency, which is not used" in note for note in found.notes) is transparent


def test_a_mask_of_sixteen_bits_a_colour_is_exchanged_at_eight(kie: Kie, files: Files) -> None:
    dark, light = b"\x10\xff" * 3, b"\xef\x80" * 3
    path = files.add("deep.png", png((60, 40), 16, 2, (b"\0" + dark * 30 + light * 30) * 40))
    result = kie.character_edit.run(**files.given(mask=path, repaint="white"))
    received = sent(result, "mask_url")
    assert [received.getpixel((x, 20)) for x in (10, 50)] == [(0xEF,) * 3, (0x10,) * 3]


@pytest.mark.parametrize("repaint", [None, "black", "white"])
def test_a_grey_mask_of_sixteen_bits_in_a_file_is_refused(
    kie: Kie, files: Files, repaint: Literal["black", "white"] | None
) -> None:
    path = files.add("deep.png", png((60, 40), 16, 0, (b"\0" + b"\0\xff" * 30 + b"\xff\0" * 30) * 40))
    ((_, rule, message),) = refused(kie, **files.given(mask=path, repaint=repaint))
    assert (rule, message) == ("readable", "has more than 8 bits a channel; save it with 8")


@pytest.mark.parametrize("repaint", [None, "black"])
def test_a_mask_that_fits_is_sent_byte_for_byte(
    kie: Kie, files: Files, repaint: Literal["black"] | None
) -> None:
    result = kie.character_edit.run(**files.given(), repaint=repaint)
    assert httpx.get(result.request["input"]["mask_url"]).content == files.mask.read_bytes()


def test_the_setting_decides_what_is_repainted(kie: Kie, files: Files, tmp_path: Path) -> None:
    """The sandbox repaints black, which is what the spec declares."""
    before = image_of(files.image.read_bytes()).convert("RGB")
    black = image_of(files.mask.read_bytes()).point([255] + [0] * 255)
    regions: dict[Literal["black", "white"], Image.Image] = {
        "black": black,
        "white": ImageChops.invert(black),
    }
    for repaint, region in regions.items():
        result = kie.character_edit.run(
            **files.given(), repaint=repaint, rendering_speed="TURBO", save_to=tmp_path / repaint
        )
        after = image_of(result.paths[0].read_bytes()).convert("RGB")
        changed = ImageChops.difference(before, after).convert("L").point([0] + [255] * 255)
        assert ImageChops.subtract(changed, region).getbbox() is None
        assert changed.getbbox() is not None


def test_the_dry_run_shows_how_much_would_be_repainted(kie: Kie, files: Files) -> None:
    black = 30 * 25 / 2400
    shares = {
        repaint: kie.character_edit.run(**files.given(), repaint=repaint, dry_run=True).pictures[1].repainted
        for repaint in ("black", "white")
    }
    assert shares == {"black": pytest.approx(black), "white": pytest.approx(1 - black)}


def test_without_the_setting_the_dry_run_says_that_it_is_missing(kie: Kie, files: Files) -> None:
    found = kie.character_edit.run(**files.given(), dry_run=True).pictures[1]
    assert (found.black is None, found.repainted) == (False, None)
    assert any("repaint= does not say which colour" in note for note in found.notes)
