"""Pictures of the real world as inputs and masks: good ones are accepted, and nothing grows."""

import io
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image, ImageOps

from kie_ideogram import Kie
from tests.client.tasks.test_results import pillow_settings
from tests.pictures.corpus import GOOD, SIZE, drawing, exif, mpo, saved, two_headers
from tests.pictures.support import Files, image_of, mask, noise, picture, refused

TURNED = [name for name in GOOD if " turned " in name]


def fitting_mask(files: Files, size: tuple[int, int]) -> Path:
    return files.add("fitting.png", mask(size=size))


def sent_bytes(result: Any, field: str = "image_url") -> bytes:
    return httpx.get(result.request["input"][field]).content


@pytest.mark.parametrize("name", GOOD)
def test_a_good_picture_is_accepted_as_input(kie: Kie, files: Files, name: str) -> None:
    content, size = GOOD[name]
    given = files.given(image=files.add("photo.bin", content), mask=fitting_mask(files, size))
    result = kie.character_edit.run(**given)
    assert result.pictures[0].size == size
    received = sent_bytes(result)
    if name not in TURNED:
        assert received == content
        return
    shown = image_of(received)
    assert (shown.format, shown.size, shown.getexif().get(0x0112, 1)) == (name.split()[0], size, 1)
    expected = ImageOps.exif_transpose(image_of(content)).convert("RGB")
    difference = max(
        abs(one - other)
        for one, other in zip(shown.convert("RGB").tobytes(), expected.tobytes(), strict=True)
    )
    assert difference <= (12 if shown.format == "JPEG" else 0)


@pytest.mark.parametrize("name", GOOD)
def test_settings_of_the_process_change_no_check(kie: Kie, files: Files, name: str) -> None:
    content, size = GOOD[name]
    given = files.given(image=files.add("photo.bin", content), mask=fitting_mask(files, size), dry_run=True)
    before = kie.character_edit.run(**given).pictures
    with pillow_settings():
        assert kie.character_edit.run(**given).pictures == before


CUT = {
    "png": noise((60, 40))[:-2000],
    "jpeg": noise((60, 40), "JPEG")[:-1500],
    "webp": noise((60, 40), "WEBP")[:-500],
}


@pytest.mark.parametrize("kind", CUT)
def test_a_truncated_picture_is_refused_under_any_setting(kie: Kie, files: Files, kind: str) -> None:
    given = files.given(image=files.add("cut.bin", CUT[kind]))
    before = refused(kie, **given)
    assert before[0][:2] == ("image", "readable")
    with pillow_settings():
        assert refused(kie, **given) == before


MASK_MODES = ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"]


@pytest.mark.parametrize("repaint", ["black", "white"])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("mode", MASK_MODES)
def test_a_good_mask_of_any_mode_is_accepted(
    kie: Kie, files: Files, mode: str, kind: str, repaint: str
) -> None:
    drawn = image_of(mask()).convert("RGB").convert(mode)
    if (kind == "PNG" and mode == "CMYK") or (kind == "JPEG" and mode in ("LA", "P", "RGBA")):
        pytest.skip("the format has no such mode")
    path = files.add("mask.bin", saved(drawn, kind))
    result = kie.character_edit.run(**files.given(mask=path, repaint=repaint))
    black = 30 * 25 / 2400
    assert result.pictures[1].repainted == pytest.approx(black if repaint == "black" else 1 - black, abs=0.02)
    received = image_of(sent_bytes(result, "mask_url")).convert("RGB").convert("L")
    inside, outside = received.getpixel((25, 15)), received.getpixel((55, 35))
    assert isinstance(inside, int)
    assert isinstance(outside, int)
    assert (inside < 30, outside > 225) == (repaint == "black",) * 2


@pytest.mark.parametrize("name", [name for name in GOOD if "png of 16" not in name])
def test_a_photo_as_a_mask_is_refused_and_explained(kie: Kie, files: Files, name: str) -> None:
    content, size = GOOD[name]
    if name == "png 1":
        pytest.skip("dithered, it is black and white")
    photo = files.add("photo.bin", content)
    image = files.add("image.png", picture(size=size))
    ((argument, rule, message),) = refused(kie, **files.given(image=image, mask=photo))
    assert (argument, rule) == ("mask", "mask")
    assert "neither black nor white" in message


def test_a_png_with_two_headers_is_refused_by_its_decoded_size(kie: Kie, files: Files) -> None:
    path = files.add("two.png", two_headers())
    ((_, rule, message),) = refused(kie, **files.given(image=path))
    assert rule == "readable"
    assert "several headers with different sizes, 16x16 and 13000x13000" in message


# ---- Sizes ----------------------------------------------------------------------------------


@cache
def photo(size: tuple[int, int], quality: int = 90) -> bytes:
    """A photo-like JPEG: smooth parts and some noise."""
    small = image_of(noise((size[0] // 16, size[1] // 16))).resize(size, Image.Resampling.BICUBIC)
    image = Image.blend(small, image_of(noise(size)), 0.1)
    return saved(image, "JPEG", quality=quality)


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lower the allowed size of pictures, so that the tests need no large ones."""

    def apply(max_bytes: int) -> None:
        from kie_ideogram._declared.character_edit import MODEL
        from kie_ideogram.resources import character_edit

        images = tuple(image._replace(max_bytes=max_bytes) for image in MODEL.images)
        monkeypatch.setattr(character_edit, "MODEL", MODEL._replace(images=images))

    return apply


@pytest.mark.parametrize("orientation", [3, 6, 8])
@pytest.mark.parametrize("quality", [75, 90, 98])
@pytest.mark.parametrize("size", [(640, 480), (650, 470)])
def test_a_rotated_jpeg_hardly_grows(
    kie: Kie, files: Files, size: tuple[int, int], quality: int, orientation: int
) -> None:
    content = photo(size, quality)
    turned = content[:2] + _app1(exif(orientation)) + content[2:]
    path = files.add("photo.jpg", turned)
    shown = size if orientation < 5 else (size[1], size[0])
    found = kie.character_edit.run(
        **files.given(image=path, mask=fitting_mask(files, shown)), dry_run=True
    ).pictures[0]
    assert (found.media_type, found.size) == ("image/jpeg", shown)
    assert found.bytes <= max(1.25 * len(turned), 500_000)


def _app1(content: bytes) -> bytes:
    return b"\xff\xe1" + (len(content) + 2).to_bytes(2, "big") + content


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_rotation_never_exceeds_the_limit(
    kie: Kie, files: Files, limit: Callable[[int], None], kind: str
) -> None:
    image = image_of(photo((333, 222)))
    content = saved(image, kind, exif=exif(6), **({"quality": 70} if kind != "PNG" else {"optimize": True}))
    limit(len(content) + 200)
    path = files.add("photo.bin", content)
    given = files.given(image=path, mask=fitting_mask(files, (222, 333)))
    found = kie.character_edit.run(**given, dry_run=True).pictures[0]
    assert found.bytes <= len(content) + 200


def test_a_change_that_exceeds_the_limit_names_both_sizes(
    kie: Kie, files: Files, limit: Callable[[int], None]
) -> None:
    drawn = image_of(noise((60, 40))).convert("L").point([255 * (level > 127) for level in range(256)])
    content = saved(drawn.convert("1"), "PNG", optimize=True)
    # A JPEG mask must not lose pixels when its colours are exchanged, so it becomes a larger PNG.
    jpeg = saved(drawn, "JPEG", quality=20)
    limit(len(jpeg) + 10)
    path = files.add("mask.jpg", jpeg)
    assert len(content) < len(jpeg)
    faults = refused(kie, **files.given(mask=path, repaint="white"))
    (message,) = [message for argument, rule, message in faults if (argument, rule) == ("mask", "max-bytes")]
    assert f"{len(jpeg)} as given, at most {len(jpeg) + 10}" in message


# ---- Pillow images --------------------------------------------------------------------------


def test_an_untouched_pillow_image_is_sent_byte_for_byte(kie: Kie, files: Files) -> None:
    for kind in ("JPEG", "PNG", "WEBP", "MPO"):
        content = mpo() if kind == "MPO" else saved(drawing(), kind)
        image = image_of(content)
        result = kie.character_edit.run(**files.given(image=image, mask=fitting_mask(files, SIZE)))
        assert sent_bytes(result) == content
        image.load()  # still open, and where it was


@pytest.mark.parametrize("loaded", ["load", "paste", "crop"])
def test_a_changed_image_from_a_jpeg_is_sent_as_jpeg(kie: Kie, files: Files, loaded: str) -> None:
    content = photo((640, 480))
    image: Image.Image = image_of(content)
    if loaded == "load":
        image.load()
    elif loaded == "paste":
        image.paste("red", (0, 0, 100, 100))
    else:
        image.thumbnail((320, 240))
    given = files.given(image=image, mask=fitting_mask(files, image.size))
    result = kie.character_edit.run(**given)
    received = image_of(sent_bytes(result))
    assert (received.format, received.size) == ("JPEG", image.size)
    assert len(sent_bytes(result)) < 1.1 * len(content)
    if loaded == "paste":
        red = received.convert("RGB").getpixel((50, 50))
        assert isinstance(red, tuple)
        assert red[0] > 245
        assert max(red[1:]) < 12


def test_a_drafted_pillow_image_is_sent_in_its_reduced_size(kie: Kie, files: Files) -> None:
    image = image_of(photo((640, 480)))
    image.draft("RGB", (320, 240))
    given = files.given(image=image, mask=fitting_mask(files, (320, 240)))
    assert image_of(sent_bytes(kie.character_edit.run(**given))).size == (320, 240)


def test_a_pillow_image_above_the_limit_as_png_is_sent_smaller(
    kie: Kie, files: Files, limit: Callable[[int], None]
) -> None:
    limit(200_000)
    image = Image.frombytes("RGB", (320, 240), image_of(photo((320, 240))).tobytes())
    found = kie.character_edit.run(
        **files.given(image=image, mask=fitting_mask(files, (320, 240))), dry_run=True
    ).pictures[0]
    assert found.bytes <= 200_000


@pytest.mark.parametrize("when", ["lazy", "loaded"])
def test_a_closed_pillow_image_is_refused_and_explained(kie: Kie, files: Files, when: str) -> None:
    image = Image.open(files.image)
    if when == "loaded":
        image.load()
    image.close()
    ((argument, rule, message),) = refused(kie, **files.given(image=image))
    assert (argument, rule) == ("image", "readable")
    assert "closed" in message
    closed = Image.open(opened := files.image.open("rb"))
    opened.close()
    ((argument, rule, message),) = refused(kie, **files.given(image=closed))
    assert (argument, rule) == ("image", "readable")
    assert "closed" in message


# ---- Files ----------------------------------------------------------------------------------


def spooled(content: bytes, max_size: int) -> Any:
    file = tempfile.SpooledTemporaryFile(max_size=max_size)  # noqa: SIM115 # closed by the caller
    file.write(content)
    return file


def temporary(content: bytes) -> Any:
    file = tempfile.TemporaryFile()  # noqa: SIM115 # closed by the caller
    file.write(content)
    return file


FORMS: dict[str, Callable[[bytes], Any]] = {
    "bytes": lambda content: content,
    "bytearray": bytearray,
    "memoryview": memoryview,
    "buffer": io.BytesIO,
    "spooled in memory": lambda content: spooled(content, 0),
    "spooled on disk": lambda content: spooled(content, 10),
    "temporary": temporary,
}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("form", FORMS)
def test_an_upload_has_the_type_and_name_of_its_content(form: str, kind: str) -> None:
    bodies: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(request.read())
        data = {"downloadUrl": "https://example.com/a"}
        return httpx.Response(200, json={"success": True, "code": 200, "data": data})

    content = saved(drawing(), kind)
    file = FORMS[form](content)
    with httpx.Client(transport=httpx.MockTransport(answer)) as http:
        Kie("key-for-tests-0123456789", http_client=http).files.upload(file)
    extension = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}[kind].encode()
    assert b'filename="file.' + extension + b'"' in bodies[0]
    assert b"Content-Type: image/" + kind.lower().encode() in bodies[0]
    assert content in bodies[0]
    if hasattr(file, "close"):
        assert not file.closed
        file.close()


@pytest.mark.parametrize("form", FORMS)
def test_a_picture_may_be_any_kind_of_file(
    kie: Kie, files: Files, form: str, request: pytest.FixtureRequest
) -> None:
    file = FORMS[form](files.image.read_bytes())
    if hasattr(file, "close"):
        request.addfinalizer(file.close)
    result = kie.character_edit.run(**files.given(image=file))
    assert sent_bytes(result) == files.image.read_bytes()
    assert result.pictures[0].name == "image.png"


@pytest.mark.parametrize(
    ("name", "content", "sent_as", "media_type"),
    [
        ("scan.tiff", picture(), "scan.png", "image/png"),
        ("me.jpeg", picture(kind="JPEG"), "me.jpeg", "image/jpeg"),
        ("ME.JPG", picture(kind="JPEG"), "ME.JPG", "image/jpeg"),
        ("photo", picture(kind="WEBP"), "photo.webp", "image/webp"),
        ("data.zip", b"not a zip file", "data.zip", "application/zip"),
    ],
)
def test_an_uploaded_path_keeps_a_name_that_fits(
    files: Files, name: str, content: bytes, sent_as: str, media_type: str
) -> None:
    bodies: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(request.read())
        data = {"downloadUrl": "https://example.com/a"}
        return httpx.Response(200, json={"success": True, "code": 200, "data": data})

    with httpx.Client(transport=httpx.MockTransport(answer)) as http:
        Kie("key-for-tests-0123456789", http_client=http).files.upload(files.add(name, content))
    assert f'filename="{sent_as}"'.encode() in bodies[0]
    assert f"Content-Type: {media_type}".encode() in bodies[0]


@pytest.mark.parametrize("make", [io.BytesIO, lambda content: spooled(content, 0)])
def test_a_closed_file_is_refused_and_explained(kie: Kie, files: Files, make: Callable[[bytes], Any]) -> None:
    file = make(picture())
    file.close()
    ((argument, rule, message),) = refused(kie, **files.given(image=file))
    assert (argument, rule) == ("image", "readable")
    assert "closed file" in message
