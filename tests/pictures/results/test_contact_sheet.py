"""The contact sheet shows the prompt, the inputs and the results, whatever they are."""

from pathlib import Path
from typing import Any

import pytest

from kie_ideogram import Kie
from kie_ideogram._declared.character_edit import MODEL
from kie_ideogram._runtime.media.contact_sheet import LINES, contact_sheet
from tests.pictures.corpus import ODD_RESULTS, SIZE
from tests.pictures.support import Files, image_of, mask, picture


def drawn(kie: Kie, files: Files, folder: Path, results: list[Path], prompt: str) -> Any:
    """Draw a sheet, and return it as an image."""
    given = files.given()
    found = kie.character_edit.run(**given, dry_run=True).pictures
    target = folder / "sheet.png"
    contact_sheet(target, MODEL.images, given, found, results, None, prompt=prompt, overwrite=True)
    return image_of(target.read_bytes())


def test_a_sheet_carries_the_prompt(kie: Kie, files: Files, tmp_path: Path) -> None:
    without = drawn(kie, files, tmp_path, [files.image], "")
    with_prompt = drawn(kie, files, tmp_path, [files.image], "A calm smile,\nlooking ahead")
    assert with_prompt.width == without.width
    assert with_prompt.height > without.height
    added = with_prompt.height - without.height
    head = with_prompt.crop((0, 0, with_prompt.width, added)).convert("L")
    assert head.getextrema()[0] < 100, "the prompt is drawn in dark letters"
    rest = with_prompt.crop((0, added, with_prompt.width, with_prompt.height))
    assert rest.tobytes()[-1000:] == without.tobytes()[-1000:]
    assert with_prompt.text["Description"] == "A calm smile,\nlooking ahead"


@pytest.mark.parametrize(
    "prompt",
    ["a" * 5000, "word " * 1000, "微笑着看镜头" * 200, "  \n ", "\ud800", "a\x1b[2Jb"],
    ids=["long word", "long text", "Chinese", "spaces", "surrogate", "escape"],
)
def test_any_prompt_fits_in_a_few_lines(kie: Kie, files: Files, tmp_path: Path, prompt: str) -> None:
    short = drawn(kie, files, tmp_path, [files.image], "a")
    sheet = drawn(kie, files, tmp_path, [files.image], prompt)
    assert sheet.width == short.width
    assert sheet.height <= short.height + (LINES - 1) * 24


@pytest.mark.parametrize("name", ODD_RESULTS)
def test_an_odd_result_does_not_prevent_the_sheet(kie: Kie, files: Files, tmp_path: Path, name: str) -> None:
    content, extension, _ = ODD_RESULTS[name]
    result = files.add(f"result{extension}", content)
    assert drawn(kie, files, tmp_path, [result, files.image], "a smile").width > SIZE[0]


def test_a_large_picture_is_shown_small(kie: Kie, files: Files, tmp_path: Path) -> None:
    files.add("image.png", picture(size=(3000, 2000)))
    files.add("mask.png", mask(size=(3000, 2000)))
    sheet = drawn(kie, files, tmp_path, [files.image], "a smile")
    assert sheet.height < 500
