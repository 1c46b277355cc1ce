"""The dry run and the paid call: whatever an agent repeats, one request is one charge."""

import asyncio
from collections.abc import Callable

import pytest

from kie_ideogram._runtime.testing.fixtures import SandboxFixture
from tests.mcp.conftest import DRY_RUN, Connect, given, left
from tests.pictures.support import Files
from tests.sandbox.support import picture

pytestmark = pytest.mark.anyio

LOST = [{"call": "createTask", "lose": True}]


async def test_a_dry_run_returns_the_price_and_sends_nothing(
    connect: Connect, kie_sandbox: SandboxFixture
) -> None:
    async with connect() as agent:
        facts = await agent.dry_run(num_images="2")
    assert facts["price"] == {"credits": 24, "text": "24 credits, about USD 0.12"}
    assert facts["budget_left"] == {"session": {"credits": 1000, "text": "1000 credits, about USD 5.00"}}
    assert [one["argument"] for one in facts["pictures"]] == ["image", "mask", "reference[0]"]
    assert kie_sandbox.calls == []


async def test_a_token_creates_one_task(connect: Connect, kie_sandbox: SandboxFixture) -> None:
    async with connect() as agent:
        facts = await agent.submit()
    assert facts["outcome"] == "accepted"
    assert left(facts) == {"session": 988}
    assert [charge.task_id for charge in kie_sandbox.charges] == [facts["task"]["id"]]


async def test_the_same_token_again_returns_the_same_task(
    connect: Connect, kie_sandbox: SandboxFixture
) -> None:
    async with connect() as agent:
        token = await agent.token()
        first = await agent.call("submit", token=token)
        again = await agent.call("submit", token=token)
    assert again["outcome"] == "submitted before"
    assert again["task"]["id"] == first["task"]["id"]
    assert len(kie_sandbox.charges) == 1


async def test_a_repeated_dry_run_and_submission_is_one_task(
    connect: Connect, kie_sandbox: SandboxFixture
) -> None:
    async with connect() as agent:
        first = await agent.task_id()
        kie_sandbox.clock.advance(60)
        facts = await agent.dry_run()
        assert facts["submitted_before"]["task"]["id"] == first
        assert (await agent.call("submit", token=facts["token"]))["task"]["id"] == first
    assert len(kie_sandbox.charges) == 1


async def test_another_number_is_another_task(connect: Connect, kie_sandbox: SandboxFixture) -> None:
    async with connect() as agent:
        assert await agent.task_id() != await agent.task_id(submission_number=2)
    assert len(kie_sandbox.charges) == 2


async def test_concurrent_submissions_are_one_task(connect: Connect, kie_sandbox: SandboxFixture) -> None:
    async with connect() as agent:
        tokens = [await agent.token(), await agent.token()]
        found = await asyncio.gather(*(agent.call("submit", token=token) for token in tokens * 4))
    assert len({one["task"]["id"] for one in found}) == 1
    assert len(kie_sandbox.charges) == 1


async def test_two_servers_of_one_journal_submit_one_task(
    connect: Connect, kie_sandbox: SandboxFixture
) -> None:
    async with connect() as one, connect() as other:
        tokens = [(agent, await agent.token()) for agent in (one, other)]
        found = await asyncio.gather(*(agent.call("submit", token=token) for agent, token in tokens))
    assert len({facts["task"]["id"] for facts in found}) == 1
    assert len(kie_sandbox.charges) == 1


async def test_calls_cancelled_at_any_moment_are_completed(
    connect: Connect, kie_sandbox: SandboxFixture
) -> None:
    numbers = range(1, 13)
    async with connect() as agent:
        for number in numbers:
            token = await agent.token(submission_number=number)
            call = asyncio.create_task(agent.result("submit", token=token))
            await asyncio.sleep(number / 1000)
            call.cancel()
            first = await agent.call("submit", token=token)
            again = await agent.call("submit", token=token)
            assert first["task"]["id"] == again["task"]["id"]
        assert (await agent.call("list_submissions"))["unknown"] == []
        assert left(await agent.call("credits")) == {"session": 1000 - 12 * len(numbers)}
    assert len(kie_sandbox.charges) == len(numbers)


async def test_a_submission_is_completed_when_the_agent_leaves(
    connect: Connect, kie_sandbox: SandboxFixture
) -> None:
    async with connect() as agent:
        token = await agent.token()
        call = asyncio.create_task(agent.result("submit", token=token))
        while not kie_sandbox.calls:
            await asyncio.sleep(0)
        call.cancel()
    async with connect() as agent:
        facts = await agent.call("list_submissions")
    assert facts["unknown"] == []
    assert [one["id"] for one in facts["unfinished"]] == [charge.task_id for charge in kie_sandbox.charges]
    assert len(kie_sandbox.charges) == 1


async def test_a_lost_reply_is_an_answer_that_says_what_to_do(
    connect: Connect, kie_sandbox: SandboxFixture
) -> None:
    kie_sandbox.play(LOST)
    async with connect() as agent:
        facts = await agent.submit()
        key = facts["idempotency_key"]
        listed = await agent.call("list_submissions")
    assert facts["outcome"] == "unknown"
    assert any("attach_task" in step for step in facts["what_to_do"])
    assert any(f"kie-ideogram resend {key}" in step for step in facts["what_to_do"])
    assert [one["idempotency_key"] for one in listed["unknown"]] == [key]


@pytest.mark.parametrize("number", [None, 1, 2])
async def test_an_unknown_request_gets_no_new_token(
    connect: Connect, kie_sandbox: SandboxFixture, number: int | None
) -> None:
    kie_sandbox.play(LOST)
    async with connect() as agent:
        token = await agent.token()
        await agent.call("submit", token=token)
        assert (await agent.call("submit", token=token))["outcome"] == "unknown"
        facts = await agent.dry_run(submission_number=number)
    assert facts["outcome"] == "unknown"
    assert "token" not in facts
    assert len(kie_sandbox.charges) == 1


async def test_no_number_leads_past_one_without_a_task(connect: Connect, kie_sandbox: SandboxFixture) -> None:
    kie_sandbox.play(LOST)
    async with connect() as agent:
        await agent.submit()
        text = await agent.refused(DRY_RUN, **given(submission_number=3))
    assert text.startswith("submission_number: with 2, these arguments have no task yet")
    assert len(kie_sandbox.charges) == 1


async def test_an_unknown_submission_is_settled_with_its_task(
    connect: Connect, kie_sandbox: SandboxFixture
) -> None:
    kie_sandbox.play(LOST)
    async with connect() as agent:
        token = await agent.token()
        key = (await agent.call("submit", token=token))["idempotency_key"]
        (charge,) = kie_sandbox.charges
        await agent.call("attach_task", idempotency_key=key, task_id=charge.task_id)
        again = await agent.call("submit", token=token)
    assert again["task"]["id"] == charge.task_id
    assert len(kie_sandbox.charges) == 1


async def test_a_refused_submission_can_be_repeated(connect: Connect, kie_sandbox: SandboxFixture) -> None:
    kie_sandbox.play([{"call": "createTask", "code": 402}])
    async with connect() as agent:
        token = await agent.token()
        await agent.refused("submit", token=token)
        assert left(await agent.call("credits")) == {"session": 1000}
        assert (await agent.call("submit", token=token))["outcome"] == "accepted"
    assert len(kie_sandbox.charges) == 1


async def test_a_token_outlives_the_server_once_it_has_a_task(
    connect: Connect, kie_sandbox: SandboxFixture
) -> None:
    async with connect() as agent:
        token = await agent.token()
        first = await agent.call("submit", token=token)
    kie_sandbox.clock.advance(86_400)
    async with connect() as agent:
        again = await agent.call("submit", token=token)
    assert again["task"]["id"] == first["task"]["id"]
    assert len(kie_sandbox.charges) == 1


def change_picture(sandbox: SandboxFixture, files: Files) -> None:
    files.add("image.png", picture("red"))


def let_it_expire(sandbox: SandboxFixture, files: Files) -> None:
    sandbox.clock.advance(1000)


def remove_picture(sandbox: SandboxFixture, files: Files) -> None:
    files.image.unlink()


@pytest.mark.parametrize(
    ("happen", "reason"),
    [
        (change_picture, "token: a file has changed since the dry run"),
        (let_it_expire, "token: has expired, and nothing was submitted"),
        (remove_picture, "image: 'image.png': No such file"),
    ],
)
async def test_a_token_pays_only_for_what_was_checked(
    connect: Connect,
    kie_sandbox: SandboxFixture,
    files: Files,
    happen: Callable[[SandboxFixture, Files], None],
    reason: str,
) -> None:
    async with connect() as agent:
        token = await agent.token()
        happen(kie_sandbox, files)
        assert reason in await agent.refused("submit", token=token)
    assert kie_sandbox.calls == []


async def test_a_token_of_an_earlier_server_needs_a_new_dry_run(
    connect: Connect, kie_sandbox: SandboxFixture
) -> None:
    async with connect() as agent:
        token = await agent.token()
    async with connect() as agent:
        assert "make the dry run again" in await agent.refused("submit", token=token)
    assert kie_sandbox.calls == []


def forged(token: str) -> str:
    key, expires, signature = token.split(".")
    return f"{key}.{int(expires) + 1}.{signature}"


@pytest.mark.parametrize("change", [forged, lambda token: token[:-1], lambda token: "yes"])
async def test_a_token_that_no_dry_run_gave_is_refused(
    connect: Connect, kie_sandbox: SandboxFixture, change: Callable[[str], str]
) -> None:
    async with connect() as agent:
        text = await agent.refused("submit", token=change(await agent.token()))
    assert text.startswith("token: is not a token that a dry run")
    assert kie_sandbox.calls == []
