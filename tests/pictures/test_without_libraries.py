"""What still works with httpx and attrs only: no library reads a picture's header, none decodes it."""

import json
import sys
from pathlib import Path

import pytest

from kie_ideogram import Kie
from kie_ideogram.errors import InvalidInputError
from tests.pictures.support import Files, picture

GIF = picture(kind="GIF")


@pytest.fixture
def bare(files: Files, monkeypatch: pytest.MonkeyPatch) -> Files:
    """Take the libraries away once the files are drawn."""
    for name in ("PIL", "imagesize", "puremagic"):
        monkeypatch.setitem(sys.modules, name, None)
    return files


@pytest.fixture
def task_id(kie: Kie, files: Files, tmp_path: Path) -> str:
    """A task that succeeded, and whose picture the sandbox has painted while it could."""
    path: Path
    (path,) = kie.character_edit.run(**files.given(), save_to=tmp_path / "before").paths
    return path.stem.removesuffix("-1")


def test_a_result_is_saved_by_its_signature_and_its_record_says_what_was_not_checked(
    kie: Kie, task_id: str, bare: Files, tmp_path: Path
) -> None:
    (path,) = kie.tasks.get(task_id).save(tmp_path / "out")
    assert path.read_bytes().startswith(b"\x89PNG")
    (saved,) = json.loads(path.with_name(f"{task_id}.json").read_text(encoding="utf-8"))["pictures"]
    assert saved["media_type"] == "image/png"
    assert "size" not in saved
    assert saved["notes"] == [
        "not checked: whether it is whole; Pillow is not installed: pip install 'kie-ideogram[pictures]'"
    ]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_declared_types_are_known_and_every_check_that_was_not_made_is_said(
    kie: Kie, files: Files, kind: str, request: pytest.FixtureRequest
) -> None:
    image = files.add("image.bin", picture(kind=kind))
    request.getfixturevalue("bare")
    found = kie.character_edit.run(**files.given(image=image, repaint="black"), dry_run=True).pictures
    assert (found[0].media_type, found[0].size) == (f"image/{kind.lower()}", None)
    for one in found:
        assert "not checked: its pixel size, whether it is whole" in one.notes[0]
        assert "pip install 'kie-ideogram[pictures]'" in one.notes[0]
    assert "not checked: whether it has the pixel size of image" in found[1].notes


@pytest.mark.parametrize("content", [GIF, b"text", b"RIFF1234WAVE"])
def test_what_no_signature_names_is_refused_with_what_would_know_more(
    kie: Kie, bare: Files, content: bytes
) -> None:
    other = bare.add("other.png", content)
    with pytest.raises(
        InvalidInputError,
        match=r"image: is of no type that is known without more libraries "
        r"\(pip install 'kie-ideogram\[pictures\]'\); it starts .* JPEG, PNG, WEBP are accepted",
    ):
        kie.character_edit.run(**bare.given(image=other), dry_run=True)
