"""The sandbox makes real pictures: the masked region changes, and nothing else."""

from collections.abc import Iterable
from io import BytesIO

import pytest
from PIL import Image

from kie_ideogram.testing import Sandbox, VirtualClock
from tests.sandbox.support import MASKED, SIZE, Caller, mask, picture

Pixels = dict[tuple[int, int], object]


def pixels(content: bytes, mode: str = "RGB") -> Pixels:
    image = Image.open(BytesIO(content)).convert(mode)
    return {(x, y): image.getpixel((x, y)) for x in range(image.width) for y in range(image.height)}


def masked(places: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    left, top, right, bottom = MASKED
    return {(x, y) for x, y in places if left <= x <= right and top <= y <= bottom}


def changed(before: Pixels, after: Pixels) -> set[tuple[int, int]]:
    return {place for place in before if before[place] != after[place]}


def edit(caller: Caller, clock: VirtualClock, **changes: object) -> list[bytes]:
    task_id = caller.create(caller.body(**changes))
    clock.advance(60)
    return caller.results(task_id)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_only_pixels_of_the_masked_region_change(caller: Caller, clock: VirtualClock, kind: str) -> None:
    original = picture(kind=kind)
    (result,) = edit(caller, clock, image_url=caller.upload(original))
    assert Image.open(BytesIO(result)).format == "PNG"
    before, after = pixels(original), pixels(result)
    assert before.keys() == after.keys()
    region = masked(before)
    assert changed(before, after) <= region
    assert len(changed(before, after)) > 0.95 * len(region)


def test_a_sandbox_can_repaint_what_is_white_instead() -> None:
    clock = VirtualClock()
    sandbox = Sandbox(clock=clock, repaint="white")
    with Caller(sandbox) as caller:
        (result,) = edit(caller, clock)
    before, after = pixels(picture()), pixels(result)
    assert not changed(before, after) & masked(before)
    assert len(changed(before, after)) > 0.9 * (len(before) - len(masked(before)))


def test_a_single_masked_pixel_of_a_large_picture_is_repainted(caller: Caller, clock: VirtualClock) -> None:
    size = 300, 200
    original = picture(size=size)
    spot = caller.upload(mask((150, 120, 150, 120), size))
    (result,) = edit(caller, clock, image_url=caller.upload(original), mask_url=spot)
    assert changed(pixels(original), pixels(result)) == {(150, 120)}


def test_a_mask_that_marks_nothing_changes_nothing(caller: Caller, clock: VirtualClock) -> None:
    (result,) = edit(caller, clock, mask_url=caller.upload(mask(None)))
    assert pixels(result) == pixels(picture())


def test_transparency_outside_the_region_stays(caller: Caller, clock: VirtualClock) -> None:
    original = picture("#20406080", mode="RGBA")
    (result,) = edit(caller, clock, image_url=caller.upload(original))
    before, after = pixels(original, "RGBA"), pixels(result, "RGBA")
    assert changed(before, after) <= masked(before)
    assert changed(before, after)


def test_each_requested_picture_is_different(caller: Caller, clock: VirtualClock) -> None:
    results = edit(caller, clock, num_images="4")
    assert len(results) == len(set(results)) == 4
    assert all(Image.open(BytesIO(result)).size == SIZE for result in results)


def test_same_seed_and_arguments_give_the_same_picture(caller: Caller, clock: VirtualClock) -> None:
    assert edit(caller, clock, seed=7) == edit(caller, clock, seed=7)


@pytest.mark.parametrize("changes", [{}, {"seed": 8}, {"seed": 7, "prompt": "another"}])
def test_tasks_that_differ_give_different_pictures(
    caller: Caller, clock: VirtualClock, changes: dict[str, object]
) -> None:
    assert edit(caller, clock, seed=7) != edit(caller, clock, **changes)


def test_the_reference_is_what_is_painted(caller: Caller, clock: VirtualClock) -> None:
    results = [
        edit(caller, clock, seed=7, reference_image_urls=[caller.upload(picture(colour))])
        for colour in ("navy", "gold")
    ]
    assert results[0] != results[1]


def test_result_uses_the_files_at_submission_time(caller: Caller, clock: VirtualClock) -> None:
    url = caller.upload(picture("tan"), fileName="me.png")
    task_id = caller.create(caller.body(image_url=url))
    caller.upload(picture("navy"), fileName="me.png")
    clock.advance(60)
    (result,) = caller.results(task_id)
    outside = pixels(picture("tan")).keys() - masked(pixels(picture("tan")))
    assert all(pixels(result)[place] == pixels(picture("tan"))[place] for place in sorted(outside)[:20])
