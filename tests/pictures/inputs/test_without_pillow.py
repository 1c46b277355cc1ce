"""What is checked, refused and said where Pillow is not installed."""

import sys
from pathlib import Path

import pytest

from kie_ideogram import Kie
from kie_ideogram.errors import InvalidInputError
from tests.pictures.support import Files, mask, picture, turned


@pytest.fixture(autouse=True)
def no_pillow(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take Pillow away, after the files were drawn."""
    monkeypatch.setitem(sys.modules, "PIL", None)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    # Drawn before Pillow goes: this file's fixtures come first.
    path = tmp_path / "photo.jpg"
    path.write_bytes(PHOTO)
    return path


PHOTO = turned(picture(size=(40, 60)), 6)
OTHER_MASK = mask(size=(50, 40))


def test_type_and_sizes_are_checked_without_pillow(kie: Kie, files: Files) -> None:
    found = kie.character_edit.run(**files.given(), dry_run=True).pictures
    assert [one.size for one in found[:2]] == [(60, 40), (60, 40)]
    other = files.add("other.png", OTHER_MASK)
    with pytest.raises(InvalidInputError, match="mask: is 50x40 pixels, but image is 60x40"):
        kie.character_edit.run(**files.given(mask=other), dry_run=True)
    text = files.add("text.png", b"text")
    with pytest.raises(InvalidInputError, match=r"image: is .* JPEG, PNG, WEBP are accepted"):
        kie.character_edit.run(**files.given(image=text), dry_run=True)


def test_a_check_without_pillow_is_noted_with_what_to_install(kie: Kie, files: Files) -> None:
    found = kie.character_edit.run(**files.given(repaint="black"), dry_run=True).pictures
    for one in found:
        (note,) = [note for note in one.notes if "not checked" in note]
        assert "pip install 'kie-ideogram[pictures]'" in note
        assert ("empty or full" in note) == (one.argument == "mask")
    assert (found[1].black, found[1].repainted) == (None, None)


def test_a_change_that_needs_pillow_is_refused(kie: Kie, files: Files, photo: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"mask: black and white must be exchanged.*\[pictures\]"):
        kie.character_edit.run(**files.given(repaint="white"), dry_run=True)
    with pytest.raises(
        InvalidInputError, match=r"image: must be rotated as its EXIF data says.*\[pictures\]"
    ):
        kie.character_edit.run(**files.given(image=photo), dry_run=True)
