"""What works with httpx and attrs only: type, size and completeness are checked, pixels are not."""

import json
import sys
from pathlib import Path

import pytest

from kie_ideogram import Kie
from kie_ideogram.errors import InvalidInputError
from tests.pictures.support import Files, mask, picture

GIF = picture(kind="GIF")
NO_PILLOW = "Pillow is not installed: pip install 'kie-ideogram[pictures]'"


@pytest.fixture
def bare(files: Files, monkeypatch: pytest.MonkeyPatch) -> Files:
    """Take the libraries away once the files are drawn."""
    for name in ("PIL", "puremagic"):
        monkeypatch.setitem(sys.modules, name, None)
    return files


@pytest.fixture
def task_id(kie: Kie, files: Files, tmp_path: Path) -> str:
    """A task that succeeded, and whose picture the sandbox has painted while it could."""
    path: Path
    (path,) = kie.character_edit.run(**files.given(), save_to=tmp_path / "before").paths
    return path.stem.removesuffix("-1")


def test_a_result_is_saved_by_its_signature_with_a_note(
    kie: Kie, task_id: str, bare: Files, tmp_path: Path
) -> None:
    (path,) = kie.tasks.get(task_id).save(tmp_path / "out")
    assert path.read_bytes().startswith(b"\x89PNG")
    (saved,) = json.loads(path.with_name(f"{task_id}.json").read_text(encoding="utf-8"))["pictures"]
    assert saved["media_type"] == "image/png"
    assert saved["size"] == [60, 40]
    assert saved["notes"] == [f"not checked: whether it can be decoded; {NO_PILLOW}"]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_types_and_sizes_are_known_and_the_rest_is_noted(
    kie: Kie, files: Files, kind: str, request: pytest.FixtureRequest
) -> None:
    image = files.add("image.bin", picture(kind=kind))
    request.getfixturevalue("bare")
    found = kie.character_edit.run(**files.given(image=image, repaint="black"), dry_run=True).pictures
    assert (found[0].media_type, found[0].size) == (f"image/{kind.lower()}", (60, 40))
    for one in found:
        assert "not checked: whether its pixels can be decoded" in one.notes[0]
        assert "pip install 'kie-ideogram[pictures]'" in one.notes[0]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_mask_of_another_size_is_refused(
    kie: Kie, files: Files, kind: str, request: pytest.FixtureRequest
) -> None:
    other = files.add("mask.bin", mask(size=(60, 41)) if kind == "PNG" else picture(size=(60, 41), kind=kind))
    request.getfixturevalue("bare")
    with pytest.raises(InvalidInputError, match=r"mask: is 60x41 pixels, but image is 60x40"):
        kie.character_edit.run(**files.given(mask=other), dry_run=True)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_truncated_picture_is_refused(
    kie: Kie, files: Files, kind: str, request: pytest.FixtureRequest
) -> None:
    cut = files.add("cut.bin", picture(kind=kind)[:-20])
    request.getfixturevalue("bare")
    with pytest.raises(InvalidInputError, match="image: is truncated or damaged"):
        kie.character_edit.run(**files.given(image=cut), dry_run=True)


@pytest.mark.parametrize(
    ("content", "media_type"), [(GIF, "image/gif"), (b"RIFF1234AVI ", "video/x-msvideo")]
)
def test_another_type_is_refused_by_its_name(kie: Kie, bare: Files, content: bytes, media_type: str) -> None:
    other = bare.add("other.png", content)
    with pytest.raises(InvalidInputError, match=f"image: is {media_type}, by its content"):
        kie.character_edit.run(**bare.given(image=other), dry_run=True)


@pytest.mark.parametrize("content", [b"qoif" + bytes(20), b"text", b"RIFF1234ACON"])
def test_an_unknown_type_is_refused_with_what_to_install(kie: Kie, bare: Files, content: bytes) -> None:
    other = bare.add("other.png", content)
    with pytest.raises(
        InvalidInputError,
        match=r"image: is not of a known type without more libraries "
        r"\(pip install 'kie-ideogram\[pictures\]'\); it starts .* JPEG, PNG, WEBP are accepted",
    ):
        kie.character_edit.run(**bare.given(image=other), dry_run=True)
