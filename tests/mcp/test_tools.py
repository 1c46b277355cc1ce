"""The list of tools: made from the contract, with limits and prices."""

import pytest
from jsonschema import Draft202012Validator
from mcp_types import Tool

from kie_ideogram._contract import CONTRACT
from kie_ideogram._help import HELP
from kie_ideogram._runtime.contract.model import Model
from kie_ideogram._runtime.mcp.declarations import description, input_schema, tool_name
from tests.mcp.conftest import DRY_RUN, MODEL, Connect, given

pytestmark = pytest.mark.anyio

SCHEMA = input_schema(CONTRACT, MODEL, HELP[MODEL.name])


async def listed(connect: Connect) -> dict[str, Tool]:
    async with connect() as agent:
        return {tool.name: tool for tool in (await agent.client.list_tools()).tools}


async def test_each_model_has_a_tool(connect: Connect) -> None:
    tools = await listed(connect)
    assert {name for name in tools if name.startswith("dry_run_")} == {
        tool_name(model) for model in CONTRACT.models.values()
    }


async def test_schemas_are_valid_and_closed(connect: Connect) -> None:
    for tool in (await listed(connect)).values():
        Draft202012Validator.check_schema(tool.input_schema)
        assert tool.input_schema["additionalProperties"] is False


async def test_only_tools_that_change_something_are_not_read_only(connect: Connect) -> None:
    tools = (await listed(connect)).values()
    changing = {tool.name for tool in tools if tool.annotations and not tool.annotations.read_only_hint}
    assert changing == {"submit", "save_results", "attach_task"}


async def test_the_description_has_every_price(connect: Connect) -> None:
    text = (await listed(connect))[DRY_RUN].description or ""
    assert MODEL.price
    assert isinstance(MODEL.price.credits, dict)
    for value, credits_ in MODEL.price.credits.items():
        assert f"{value}: {credits_:g} credits, about USD" in text


def test_a_schema_has_the_limits_of_the_contract() -> None:
    properties = SCHEMA["properties"]
    assert properties["prompt"]["maxLength"] == 5000
    assert properties["rendering_speed"]["enum"] == ["TURBO", "BALANCED", "QUALITY"]
    assert properties["rendering_speed"]["default"] == "BALANCED"
    assert properties["reference"]["maxItems"] == 1
    assert SCHEMA["required"] == ["prompt", "image", "mask", "reference"]


def test_a_schema_has_no_callback_url() -> None:
    names = {argument.name for argument in MODEL.arguments if argument.path == CONTRACT.callback_url}
    assert names
    assert not names & set(SCHEMA["properties"])


def test_a_schema_accepts_the_arguments_of_a_dry_run() -> None:
    Draft202012Validator(SCHEMA).validate(given())


def test_each_picture_is_a_path() -> None:
    for image in MODEL.images:
        assert "not a URL" in SCHEMA["properties"][image.argument]["description"]


def without_masks(model: Model) -> Model:
    return model._replace(images=tuple(image._replace(role="picture", repaints="") for image in model.images))


def test_only_a_model_with_a_mask_repaints() -> None:
    assert "repaint" in SCHEMA["properties"]
    other = input_schema(CONTRACT, without_masks(MODEL), HELP[MODEL.name])
    assert "repaint" not in other["properties"]


def test_a_model_without_a_price_says_so() -> None:
    text = description(CONTRACT, MODEL._replace(price=None), "Summary.")
    assert text.endswith("Its price is not declared, so this server cannot submit it.")
