"""A draft gives the resource and the fields of a model names that are valid and unique."""

from pathlib import Path

import pytest

from generator.contract import source
from tests.drift.draft.drafting import PROMPT, draft, members, page, schemas, todos


@pytest.mark.parametrize(
    ("models", "names"),
    [
        (["wan/2-7-image"], ["wan_2_7_image"]),
        (["3d"], ["model_3_d"]),
        (
            ["kling-2.6/text-to-video", "happyhorse/text-to-video"],
            ["text_to_video", "happyhorse_text_to_video"],
        ),
        (["vendor/tasks", "vendor/close"], ["vendor_tasks", "vendor_close"]),
        (["a/wan-2-7", "b/wan-27"], ["wan_2_7", "b_wan_27"]),
        (["vendor/class", "Vendor/Some_Model"], ["class_", "some_model"]),
    ],
)
def test_resource_gets_a_valid_and_unique_name(models: list[str], names: list[str], spec: Path) -> None:
    for index, model in enumerate(models):
        assert draft(page(model), spec, f"{index}.md").code == 0
    contract = source.read_spec(spec).contract
    assert [contract.api.models[model].resource for model in models] == names


def test_member_name_loses_its_trailing_space(spec: Path) -> None:
    result = draft(page(members="'text ': {type: string, description: Words.}", required=["text "]), spec)
    assert result.code == 0
    assert list(members(spec)) == ["text"]
    assert schemas(spec)["Shade1Input"]["required"] == ["text"]
    assert 'the name "text " was read without its spaces (page-part)' in result.err


def test_field_that_cannot_be_named_is_left_out_and_named(spec: Path) -> None:
    field = "'3d-mode': {type: string, description: x}\ntimeout: {type: number, description: x}\n" + PROMPT
    result = draft(page(members=field, required=["3d-mode", "prompt"]), spec)
    assert result.code == 0
    assert list(members(spec)) == ["prompt"]
    assert schemas(spec)["Shade1Input"]["required"] == ["prompt"]
    assert [row.partition(":")[0] for row in todos(result)] == ["3d-mode", "timeout"]
