"""The budget of a session and of a day: nothing is sent that would exceed it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from kie_ideogram._runtime.journal.budget import BudgetReachedError
from kie_ideogram._runtime.mcp.paying.spending import Limits, Spending
from kie_ideogram._runtime.testing.fixtures import SandboxFixture
from tests.mcp.conftest import Connect, left

pytestmark = pytest.mark.anyio

DAY = 86_400.0


async def test_without_a_budget_nothing_is_submitted(connect: Connect, kie_sandbox: SandboxFixture) -> None:
    async with connect(session=None) as agent:
        text = await agent.refused("submit", token=await agent.token())
    assert "--max-cost" in text
    assert kie_sandbox.calls == []


async def test_a_submission_beyond_the_session_budget_is_refused(
    connect: Connect, kie_sandbox: SandboxFixture
) -> None:
    async with connect(session=0.15) as agent:
        await agent.submit(submission_number=1)
        await agent.submit(submission_number=2)
        text = await agent.refused("submit", token=await agent.token(submission_number=3))
    assert "this costs 12 credits, about USD 0.06 (session: 6 credits, about USD 0.03 left)" in text
    assert len(kie_sandbox.charges) == 2


async def test_a_submission_at_the_limit_is_allowed(connect: Connect, kie_sandbox: SandboxFixture) -> None:
    async with connect(session=0.06) as agent:
        assert left(await agent.submit()) == {"session": 0}
    assert len(kie_sandbox.charges) == 1


async def test_a_submitted_task_is_returned_when_the_budget_is_spent(
    connect: Connect, kie_sandbox: SandboxFixture
) -> None:
    async with connect(session=0.06) as agent:
        token = await agent.token()
        first = await agent.call("submit", token=token)
        assert (await agent.call("submit", token=token))["task"]["id"] == first["task"]["id"]


async def test_a_new_session_has_a_new_budget_and_the_same_day(
    connect: Connect, kie_sandbox: SandboxFixture
) -> None:
    async with connect(session=0.06, day=0.10) as agent:
        await agent.submit()
    async with connect(session=0.06, day=0.10) as agent:
        facts = await agent.dry_run(submission_number=2)
        assert left(facts) == {"session": 12, "day": 8}
        assert "day: 8 credits, about USD 0.04 left" in await agent.refused("submit", token=facts["token"])
    assert len(kie_sandbox.charges) == 1


async def test_the_next_day_has_a_new_budget(connect: Connect, kie_sandbox: SandboxFixture) -> None:
    async with connect(session=None, day=0.06) as agent:
        await agent.submit()
        kie_sandbox.clock.advance(DAY)
        assert (await agent.submit(submission_number=2))["outcome"] == "accepted"
    assert len(kie_sandbox.charges) == 2


async def test_two_servers_keep_the_budget_of_a_day_together(
    connect: Connect, kie_sandbox: SandboxFixture
) -> None:
    async with connect(session=None, day=0.20) as one, connect(session=None, day=0.20) as other:
        calls = [
            agent.result("submit", token=await agent.token(prompt=f"smile {number}"))
            for number, agent in enumerate([one, other] * 3, 1)
        ]
        results = await asyncio.gather(*calls)
    assert sum(not result.is_error for result in results) == 3
    assert len(kie_sandbox.charges) == 3


async def test_an_unknown_submission_counts(connect: Connect, kie_sandbox: SandboxFixture) -> None:
    kie_sandbox.play([{"call": "createTask", "lose": True}])
    async with connect() as agent:
        await agent.submit()
        assert left(await agent.call("credits")) == {"session": 988}


async def test_a_failed_task_without_a_reported_cost_counts_in_full(
    connect: Connect, kie_sandbox: SandboxFixture
) -> None:
    kie_sandbox.fail_next()
    async with connect() as agent:
        task_id = await agent.task_id()
        facts = await agent.call("wait_for_task", task_id=task_id, seconds=600)
        credits_left = left(await agent.call("credits"))
    assert facts["ended"]
    assert "credits" not in facts["task"]
    assert credits_left == {"session": 988}


@pytest.mark.parametrize(
    ("reported", "credits_left"),
    [(-5, 1000), (1e300, 0), (float("nan"), 988), (True, 988), ("5", 988), (10**400, 988)],
    ids=["negative", "huge", "nan", "true", "text", "endless"],
)
async def test_a_cost_that_cannot_be_hides_no_result(
    connect: Connect, kie_sandbox: SandboxFixture, reported: Any, credits_left: float
) -> None:
    async with connect() as agent:
        task_id = await agent.task_id()
        for task in kie_sandbox._service.tasks:
            task.cost = reported
        await agent.call("wait_for_task", task_id=task_id)
        assert (await agent.call("save_results", task_id=task_id))["paths"]
        assert left(await agent.call("credits")) == {"session": credits_left}


@pytest.mark.parametrize("limit", [float("nan"), float("inf"), -1.0])
async def test_a_budget_that_is_not_a_number_is_refused(connect: Connect, limit: float) -> None:
    with pytest.raises(ValueError, match="max_cost: must be an amount in USD, at least 0"):
        async with connect(session=limit):
            pass


def test_without_a_price_list_the_budget_is_in_credits(kie_sandbox: SandboxFixture, tmp_path: Path) -> None:
    with kie_sandbox.client(journal=tmp_path / "journal.db") as client:
        spending = Spending(client._journal, "https://x.example", Limits(30), None, client._session.clock)
        spending.reserve("one", 12)
        assert spending.left() == {"session": {"credits": 18, "text": "18 credits"}}
        with pytest.raises(BudgetReachedError, match=r"costs 20 credits \(session: 18 credits left\)"):
            spending.reserve("two", 20)
