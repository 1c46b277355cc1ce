"""Bad calls: an answer says what is wrong and what was meant, and nothing is sent."""

from typing import Any

import pytest

from kie_ideogram._runtime.testing.fixtures import SandboxFixture
from tests.mcp.conftest import DRY_RUN, Connect, given
from tests.pictures.support import Files

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"promt": "a smile"}, "promt: no such field; the fields are prompt, "),
        ({"promt": "a smile"}, "did you mean 'prompt'?"),
        ({"style": "REALISTC"}, "style: 'REALISTC' is not one of AUTO, REALISTIC, FICTION; did you mean"),
        ({"prompt": None}, "prompt: is missing"),
        ({"prompt": "x" * 5001}, "prompt: 5,001 characters, at most 5,000"),
        ({"seed": "7"}, "seed: expected an integer"),
        (
            {"reference": "reference.png"},
            "reference: expected a list, got the string 'reference.png'; put it",
        ),
        ({"reference": ["reference.png"] * 2}, "reference: 2 items, at most 1"),
        ({"mask": "image.jpg"}, "mask: 'image.jpg': No such file or directory"),
        ({"mask": "notes.txt"}, "mask: "),
        ({"submission_number": 0}, "submission_number: must be at least 1"),
        ({"save_to": "/"}, "save_to: no such field"),
        ({"idempotency_key": "order-1"}, "idempotency_key: no such field"),
        ({"call_back_url": "https://example.com/"}, "call_back_url: no such field"),
    ],
)
async def test_a_wrong_field_is_named(
    connect: Connect, kie_sandbox: SandboxFixture, changes: dict[str, Any], reason: str, files: Files
) -> None:
    files.add("notes.txt", b"not a picture")
    async with connect() as agent:
        assert reason in await agent.refused(DRY_RUN, **given(**changes))
    assert kie_sandbox.calls == []


async def test_every_wrong_picture_is_named_at_once(connect: Connect) -> None:
    async with connect() as agent:
        text = await agent.refused(DRY_RUN, **given(image="a.png", mask="../b.png"))
    assert [line.partition(":")[0] for line in text.splitlines()] == ["image", "mask"]


async def test_a_misspelt_tool_is_suggested(connect: Connect) -> None:
    async with connect() as agent:
        assert "did you mean 'wait_for_task'?" in await agent.refused("wait_for_tasks", task_id="x")


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("submit", {"tokn": "x"}),
        ("task_status", {"task": "x"}),
        ("wait_for_task", {"task_id": "x", "second": 1}),
        ("save_results", {"task_id": "x", "folder": "/"}),
        ("credits", {"account": "mine"}),
        ("attach_task", {"task_id": "x"}),
    ],
)
async def test_the_fields_of_each_tool_are_checked(
    connect: Connect, kie_sandbox: SandboxFixture, tool: str, arguments: dict[str, Any]
) -> None:
    async with connect() as agent:
        text = await agent.refused(tool, **arguments)
    assert "no such field" in text or "is missing" in text
    assert kie_sandbox.calls == []


@pytest.mark.parametrize("seconds", [-1, 601, "1"])
async def test_a_wait_of_a_wrong_length_is_refused(connect: Connect, seconds: object) -> None:
    async with connect() as agent:
        assert (await agent.refused("wait_for_task", task_id="x", seconds=seconds)).startswith("seconds: ")


async def test_an_unknown_task_is_an_answer(connect: Connect, kie_sandbox: SandboxFixture) -> None:
    kie_sandbox.expect_refusal(422)
    async with connect() as agent:
        result = await agent.result("task_status", task_id="task_x")
    assert result.is_error


async def test_without_an_api_key_dry_runs_work(connect: Connect, kie_sandbox: SandboxFixture) -> None:
    async with connect(missing_key="no API key: set KIE_API_KEY") as agent:
        token = await agent.token()
        for tool, arguments in {"submit": {"token": token}, "credits": {}}.items():
            assert await agent.refused(tool, **arguments) == "no API key: set KIE_API_KEY"
        assert (await agent.call("list_submissions"))["unfinished"] == []
    assert kie_sandbox.calls == []
