"""The models next to character edit agree with `facts.yaml`, and work from files."""

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from generator.replay.recordings import load_recordings
from kie_ideogram import Kie
from kie_ideogram._contract import CONTRACT
from kie_ideogram._runtime.contract.pricing import price
from kie_ideogram.errors import InvalidInputError
from tests.contract.facts import DATA, LIMITS, SIBLINGS, with_current_names
from tests.contract.facts import MODELS as ALL

RECORDINGS = {
    recording.name: recording
    for recording in load_recordings(Path(__file__).parents[2] / "spec" / "recordings")
}
MODELS = pytest.mark.parametrize("name", SIBLINGS)
EVERY = pytest.mark.parametrize("name", ALL)
SIZES = {"portrait_16_9": (576, 1024), "square": (512, 512)}


def schema_of(name: str) -> dict[str, Any]:
    schema: Any = CONTRACT.models[name].schema
    return dict(schema["properties"]["input"])


def limits(schema: dict[str, Any]) -> dict[str, Any]:
    return {keyword: schema[keyword] for keyword in LIMITS if keyword in schema}


@EVERY
def test_model_has_these_fields(name: str) -> None:
    schema = schema_of(name)
    found = {field: (each["type"], each.get("enum", [])) for field, each in schema["properties"].items()}
    assert found == {field: (member.type, member.options) for field, member in ALL[name].members.items()}
    assert sorted(schema["required"]) == sorted(ALL[name].required)


@EVERY
def test_model_has_these_defaults(name: str) -> None:
    arguments = CONTRACT.models[name].arguments
    found = {each.path[-1]: each.default for each in arguments if each.path[0] == "input"}
    assert found == {field: member.default for field, member in ALL[name].members.items()}


@EVERY
def test_model_has_these_limits(name: str) -> None:
    members = schema_of(name)["properties"]
    found = {field: (limits(each), limits(each.get("items", {}))) for field, each in members.items()}
    assert found == {field: (each.limits, each.item_limits) for field, each in ALL[name].members.items()}


@MODELS
def test_model_has_these_exclusions(name: str) -> None:
    rules = schema_of(name).get("dependentSchemas", {})
    found = {field: rule["propertyNames"]["not"]["const"] for field, rule in rules.items()}
    assert found == SIBLINGS[name].row.get("excludes", {})


@EVERY
def test_model_has_these_images(name: str) -> None:
    found = {
        image.path[-1]: {
            "role": image.role,
            "argument": image.argument,
            "media-types": list(image.types),
            "max-bytes": image.max_bytes,
            **({"same-size-as": image.same_size_as[-1]} if image.same_size_as else {}),
            **({"max-total-bytes": image.max_total_bytes} if image.max_total_bytes else {}),
            **({"used": image.used} if image.used else {}),
            **({"repaints": image.repaints} if image.repaints else {}),
        }
        for image in CONTRACT.models[name].images
    }
    assert found == ALL[name].images


@MODELS
def test_each_image_size_has_these_pixels(name: str) -> None:
    pixels = CONTRACT.models[name].pixels
    if "image_size" not in SIBLINGS[name].members:
        assert pixels is None
    else:
        assert pixels
        assert pixels.path == ("input", "image_size")
        assert {size: list(found) for size, found in pixels.sizes.items()} == DATA["pixels"]


@EVERY
def test_sandbox_knows_the_seed_and_the_number_of_pictures(name: str) -> None:
    arguments = CONTRACT.models[name].arguments
    found = {one.path[-1]: one.holds for one in arguments if one.path[0] == "input"}
    assert found == {field: member.holds for field, member in ALL[name].members.items()}


@MODELS
def test_model_has_these_prices(name: str) -> None:
    model, fact = CONTRACT.models[name], SIBLINGS[name]
    for speed, credits_ in fact.row["prices"].items():
        assert price(model, {"input": {"rendering_speed": speed}}) == credits_
        three = {"rendering_speed": speed, "num_images": "3"}
        assert price(model, {"input": three}) == credits_ * (3 if fact.row.get("number") else 1)
    assert price(model, {"input": {}}) == fact.omitted


@MODELS
def test_recorded_example_has_the_fields_of_the_page(name: str) -> None:
    (exchange,) = RECORDINGS[f"createTask/{name.rpartition('/')[2]}-example"].exchanges
    body = with_current_names(json.loads(exchange.request.text))
    assert body["model"] == name
    assert set(body["input"]) == {
        field for field, member in SIBLINGS[name].members.items() if member.recorded
    }


def picture(size: tuple[int, int], colour: str) -> bytes:
    file = io.BytesIO()
    image = Image.new("RGB", size, colour)
    image.paste("black", (0, 0, size[0] // 2, size[1]))
    image.save(file, "PNG")
    return file.getvalue()


def arguments_of(name: str) -> dict[str, Any]:
    """Return the arguments of `run` with every picture of a model, lists with two where two are used."""
    fact = SIBLINGS[name]
    given: dict[str, Any] = {"prompt": "a red scarf"} if "prompt" in fact.members else {}
    given |= {"image_size": "square"} if "image_size" in fact.required else {}
    for field, image in fact.images.items():
        one = picture((60, 40), "white" if "mask" in image["role"] else "red")
        several = fact.members[field].type == "array" and "used" not in image
        given[image["argument"]] = [one, picture((40, 40), "blue")] if several else one
    return given


@MODELS
def test_run_from_files_makes_the_asked_pictures(name: str, tmp_path: Path, kie_sandbox: Any) -> None:
    fact, given = SIBLINGS[name], arguments_of(name)
    given |= {"num_images": "2"} if fact.row.get("number") else {}
    given |= {"image_size": "portrait_16_9"} if "image_size" in fact.members else {}
    count = 2 if fact.row.get("number") else 1
    with kie_sandbox.client() as kie:
        result = getattr(kie, CONTRACT.models[name].resource).run(**given, save_to=tmp_path)
    assert kie_sandbox.charges == [(result.task.id, fact.omitted * count)]
    sizes = [Image.open(io.BytesIO(path.read_bytes())).size for path in result.paths]
    assert sizes == [SIZES.get(given.get("image_size", ""), (60, 40))] * count


@MODELS
def test_submit_uploads_each_picture_once_and_creates_one_task(name: str, kie_sandbox: Any) -> None:
    given = arguments_of(name)
    lists = [each if isinstance(each, list) else [each] for each in given.values()]
    pictures = {one for each in lists for one in each if isinstance(one, bytes)}
    with kie_sandbox.client() as kie:
        task = getattr(kie, CONTRACT.models[name].resource).submit(**given)
    uploads = [call for call in kie_sandbox.calls if call.operation == "uploadFile"]
    assert len(uploads) == len(pictures)
    assert kie_sandbox.charges == [(task.id, SIBLINGS[name].omitted)]


@MODELS
def test_run_from_files_works_with_asyncio(name: str, tmp_path: Path, kie_sandbox: Any) -> None:
    async def run() -> Any:
        async with kie_sandbox.async_client() as kie:
            resource = getattr(kie, CONTRACT.models[name].resource)
            return await resource.run(**arguments_of(name), save_to=tmp_path)

    result = asyncio.run(run())
    assert kie_sandbox.charges == [(result.task.id, SIBLINGS[name].omitted)]
    assert [path.suffix for path in result.paths] == [".png"]


@MODELS
def test_missing_fields_are_all_named(name: str) -> None:
    fact = SIBLINGS[name]
    images = {field: image["argument"] for field, image in fact.images.items()}
    with Kie("key") as kie, pytest.raises(InvalidInputError) as caught:
        getattr(kie, CONTRACT.models[name].resource).run(dry_run=True)
    named = {fault.path for fault in caught.value.faults}
    assert named == {images.get(field, field) for field in fact.required}


def test_two_pictures_where_one_is_possible_are_refused() -> None:
    given = arguments_of("ideogram/character-remix")
    mask = given["reference_mask"]
    with Kie("key") as kie:
        given["reference_mask"] = [mask]
        assert kie.character_remix.run(**given, dry_run=True)
        given["reference_mask"] = [mask, mask]
        with pytest.raises(InvalidInputError, match="reference_mask: expected one picture, got 2"):
            kie.character_remix.run(**given, dry_run=True)


def test_mask_of_another_size_is_refused() -> None:
    given = arguments_of("ideogram/v3-edit")
    given["mask"] = picture((40, 40), "white")
    with Kie("key") as kie, pytest.raises(InvalidInputError, match="mask: is 40x40 pixels"):
        kie.v3_edit.run(**given, dry_run=True)
