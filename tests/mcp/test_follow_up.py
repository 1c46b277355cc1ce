"""Status, waiting, saving, credits and the submissions that need attention."""

import asyncio
from base64 import b64decode
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from kie_ideogram._runtime.mcp.followup import FollowUp
from kie_ideogram._runtime.testing.fixtures import SandboxFixture
from tests.mcp.conftest import Connect, left, pictures

pytestmark = pytest.mark.anyio


async def test_a_task_is_waited_for_and_saved(connect: Connect, tmp_path: Path) -> None:
    async with connect() as agent:
        task_id = await agent.task_id(num_images="2")
        assert not (await agent.call("task_status", task_id=task_id))["ended"]
        assert (await agent.call("wait_for_task", task_id=task_id, seconds=600))["ended"]
        result = await agent.result("save_results", task_id=task_id)
        assert (await agent.call("list_submissions"))["unfinished"] == []
    paths = [Path(path) for path in result.structured_content["paths"]]
    assert [path.parent for path in paths] == [tmp_path / "out"] * 2
    assert all(path.stat().st_size for path in paths)


async def test_saved_pictures_are_returned_as_small_pictures(connect: Connect) -> None:
    async with connect() as agent:
        task_id = await agent.task_id()
        await agent.call("wait_for_task", task_id=task_id, seconds=600)
        (picture,) = pictures(await agent.result("save_results", task_id=task_id))
    assert picture.mime_type == "image/jpeg"
    assert max(Image.open(BytesIO(b64decode(picture.data))).size) <= 320


async def test_saving_twice_returns_the_same_files(connect: Connect) -> None:
    async with connect() as agent:
        task_id = await agent.task_id()
        await agent.call("wait_for_task", task_id=task_id, seconds=600)
        first = await agent.call("save_results", task_id=task_id)
        assert (await agent.call("save_results", task_id=task_id))["paths"] == first["paths"]


async def test_a_wait_that_is_too_short_says_to_wait_again(connect: Connect) -> None:
    async with connect() as agent:
        task_id = await agent.task_id()
        facts = await agent.call("wait_for_task", task_id=task_id, seconds=0)
    assert not facts["ended"]
    assert "Call wait_for_task again" in facts["next"]


async def test_saving_a_task_that_has_not_ended_is_an_error(connect: Connect) -> None:
    async with connect() as agent:
        task_id = await agent.task_id()
        assert "wait until the task has succeeded" in await agent.refused("save_results", task_id=task_id)


class Reports(list[tuple[float, float | None, str]]):
    """The progress notifications of one call."""

    async def take(self, progress: float, total: float | None, message: str | None) -> None:
        self.append((progress, total, message or ""))


async def test_a_wait_reports_each_state_and_the_seconds_that_passed(connect: Connect) -> None:
    reports = Reports()
    async with connect() as agent:
        task_id = await agent.task_id()
        await agent.client.call_tool(
            "wait_for_task", {"task_id": task_id, "seconds": 600}, progress_callback=reports.take
        )
    passed = [seconds for seconds, _, _ in reports]
    assert passed == sorted(set(passed))
    assert {total for _, total, _ in reports} == {600}
    messages = [message for _, _, message in reports]
    assert list(dict.fromkeys(messages)) == [
        f"task {task_id}: {state}" for state in ("waiting", "queuing", "generating", "success")
    ]
    assert len(messages) > len(set(messages)), "a state that lasts is reported again"


async def test_a_wait_reports_while_the_service_does_not_reply(
    connect: Connect, kie_sandbox: SandboxFixture
) -> None:
    kie_sandbox.play([{"call": "getTask", "code": 500, "times": 4}])
    reports = Reports()
    async with connect() as agent:
        task_id = await agent.task_id()
        result = await agent.client.call_tool(
            "wait_for_task", {"task_id": task_id, "seconds": 600}, progress_callback=reports.take
        )
    assert result.structured_content["ended"]
    assert reports[0][2] == f"task {task_id}"


async def test_a_failed_task_is_an_answer(connect: Connect, kie_sandbox: SandboxFixture) -> None:
    kie_sandbox.fail_next("MODERATED", "The prompt was refused.")
    async with connect() as agent:
        task_id = await agent.task_id()
        facts = await agent.call("wait_for_task", task_id=task_id, seconds=600)
    assert facts["task"]["fail_code"] == "MODERATED"
    assert facts["next"] == "There is nothing to save."


async def test_credits_are_those_of_the_account(connect: Connect, kie_sandbox: SandboxFixture) -> None:
    async with connect(session=0.25, day=0.10) as agent:
        facts = await agent.call("credits")
    assert facts["credits"] == kie_sandbox.balance
    assert left(facts) == {"session": 50, "day": 20}


async def test_paid_tasks_are_listed_until_they_are_saved(connect: Connect) -> None:
    async with connect() as agent:
        task_ids = [await agent.task_id(submission_number=number) for number in (1, 2)]
    async with connect() as agent:
        facts = await agent.call("list_submissions")
    assert [one["id"] for one in facts["unfinished"]] == task_ids


async def test_a_task_of_another_request_is_not_attached(
    connect: Connect, kie_sandbox: SandboxFixture
) -> None:
    kie_sandbox.play([{"call": "createTask"}, {"call": "createTask", "lose": True}])
    async with connect() as agent:
        other = await agent.task_id(prompt="another smile")
        key = (await agent.submit())["idempotency_key"]
        text = await agent.refused("attach_task", idempotency_key=key, task_id=other)
    assert text.startswith("task_id: was made by a different request")


async def test_a_cancelled_wait_ends(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    started, ended = asyncio.Event(), asyncio.Event()

    async def wait(*arguments: Any) -> Any:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    monkeypatch.setattr(FollowUp, "wait", wait)
    async with connect() as agent, asyncio.timeout(30):
        task_id = await agent.task_id()
        call = asyncio.create_task(agent.result("wait_for_task", task_id=task_id))
        await started.wait()
        call.cancel()
        await ended.wait()
        assert (await agent.call("task_status", task_id=task_id))["task"]["id"] == task_id
