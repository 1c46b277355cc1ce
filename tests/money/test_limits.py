"""The client respects the declared limits: in one process, and across processes with one journal."""

import asyncio
import multiprocessing
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Any

import httpx
import pytest

from kie_ideogram import AsyncKie, Kie, errors
from kie_ideogram._contract import CONTRACT
from kie_ideogram._runtime.core.clock import Environment
from kie_ideogram._runtime.core.text.secret import Secret
from kie_ideogram._runtime.http.limits.rate_limiter import IntervalLimiter, interval_limiters
from kie_ideogram._runtime.journal.journal import Journal
from kie_ideogram._runtime.journal.sqlite.store import SqliteStore
from tests.clock import FakeClock
from tests.money.pacing import EDIT, PacedService


def busiest(times: list[float], window: float) -> int:
    """Return the largest number of calls in any window of that length."""
    return max(sum(start <= time < start + window for time in times) for start in times)


def test_declared_limits_are_as_documented() -> None:
    found = {
        limit.name: (limit.operations, limit.limit, limit.window, limit.scope)
        for limit in CONTRACT.rate_limits
    }
    assert found == {"create": (("createTask",), 20, 10, "account"), "query": (("getTask",), 10, 1, "key")}


@pytest.mark.parametrize("limit", CONTRACT.rate_limits, ids=lambda limit: limit.name)
def test_no_window_has_more_calls_than_the_limit(limit: Any) -> None:
    limiter = IntervalLimiter("x", (limit.window + limit.margin) / limit.limit, clock := FakeClock(0.0))
    times = []
    for _ in range(200):
        clock.now += limiter.reserve()
        times.append(clock.now)
    assert busiest(times, limit.window) == limit.limit
    # The whole budget is used, except for the margin.
    assert times[-1] == pytest.approx(199 * (limit.window + limit.margin) / limit.limit)


def test_call_after_an_idle_time_does_not_wait() -> None:
    limiter = IntervalLimiter("x", 0.5, clock := FakeClock(0.0))
    assert limiter.reserve() == 0
    clock.now = 10
    assert (limiter.reserve(), limiter.reserve()) == (0, 0.5)


def test_concurrent_threads_reserve_consecutive_times() -> None:
    limiter = IntervalLimiter("x", 0.5, FakeClock(0.0))
    with ThreadPoolExecutor(16) as pool:
        reserved = sorted(pool.map(lambda _: limiter.reserve(), range(400)))
    assert reserved == [0.5 * number for number in range(400)]


def test_only_clients_with_the_same_key_share_a_limit() -> None:
    clock = FakeClock(0.0)

    def limits(server: str, key: str) -> IntervalLimiter:
        return interval_limiters(CONTRACT.rate_limits, server, Secret(key), clock)["getTask"][0]

    assert limits("https://a.example", "k") is limits("https://a.example", "k")
    assert limits("https://a.example", "k") is not limits("https://a.example", "other")
    assert limits("https://a.example", "k") is not limits("https://b.example", "k")


def test_scope_of_a_limit_does_not_contain_the_key() -> None:
    found = interval_limiters(CONTRACT.rate_limits, "https://a.example", Secret("secret-key"), FakeClock(0.0))
    assert not [limiter for several in found.values() for limiter in several if "secret" in limiter.scope]


def test_many_limiters_in_use_do_not_slow_a_new_client() -> None:
    class CountingClock(FakeClock):
        asked = 0

        def monotonic(self) -> float:
            self.asked += 1
            return super().monotonic()

    clock = CountingClock()
    for number in range(1500):
        found = interval_limiters(CONTRACT.rate_limits, "https://a.example", Secret(str(number)), clock)
        found["getTask"][0].reserve()
    # Each of them may look at the others now and then, but not at all of them every time.
    assert clock.asked < 10 * 1500


@pytest.mark.parametrize(("call", "limit", "window"), [("create", 20, 10), ("get", 10, 1)])
@pytest.mark.parametrize("flavour", [Kie, AsyncKie])
def test_submissions_and_queries_respect_the_limits(
    flavour: type, call: str, limit: int, window: float
) -> None:
    waits = PacedService()

    def calls(kie: Any) -> list[Any]:
        make: Callable[[], Any] = (
            (lambda: kie.character_edit.create(**EDIT)) if call == "create" else (lambda: kie.tasks.get("t"))
        )
        return [make() for _ in range(45)] if flavour is Kie else [make] * 45

    async def awaited() -> None:
        async with (
            httpx.AsyncClient(transport=httpx.MockTransport(waits.answer)) as http,
            AsyncKie(http_client=http, **waits.options()) as kie,
        ):
            for make in calls(kie):
                await make()

    if flavour is Kie:
        with (
            httpx.Client(transport=httpx.MockTransport(waits.answer)) as http,
            Kie(http_client=http, **waits.options()) as kie,
        ):
            calls(kie)
    else:
        asyncio.run(awaited())
    assert len(waits.sent) == 45
    assert busiest(waits.sent, window) == limit


@pytest.mark.parametrize("flavour", [Kie, AsyncKie])
def test_wait_without_rate_limit_slot_ends_at_its_timeout(flavour: type) -> None:
    waits = PacedService()

    class FullLimits:
        def acquire(self, min_intervals: Any, within: float = inf) -> float:
            waits.clock.now += 0.5  # the call itself takes time
            return 0.5

    async def awaited() -> None:
        async with AsyncKie(limits=FullLimits(), **waits.options()) as kie:
            await kie.tasks.wait("t", timeout=60)

    def blocking() -> None:
        with Kie(limits=FullLimits(), **waits.options()) as kie:
            kie.tasks.wait("t", timeout=60)

    with pytest.raises(errors.TaskTimeoutError, match="did not admit it in time") as caught:
        blocking() if flavour is Kie else asyncio.run(awaited())
    assert caught.value.task_id == "t"
    assert 60 <= waits.clock.now <= 63


@pytest.mark.parametrize("holder", ["another thread holds", "database is locked"])
def test_acquire_of_a_locked_journal_ends_in_time(tmp_path: Path, holder: str) -> None:
    journal = Journal(path := tmp_path / "journal.db")
    file = journal.database
    with closing(sqlite3.connect(path, isolation_level=None)) as other, ThreadPoolExecutor(1) as pool:
        if holder == "another thread holds":
            pool.submit(file.lock.acquire).result()
        else:
            other.execute("BEGIN IMMEDIATE")
        try:
            # A wait tries again or ends at its own deadline, so this is not an error of the journal.
            with pytest.raises(errors.ServiceUnreachableError, match=holder):
                journal.acquire({"query": 1.0}, within=0.01)
        finally:
            pool.submit(file.lock.release).result() if "thread" in holder else other.rollback()
    if holder == "database is locked":
        assert isinstance(file, SqliteStore)
        assert file._connection
        assert file._connection.execute("PRAGMA busy_timeout").fetchone()[0] <= 10
    assert journal.acquire({"query": 1.0}) == 0
    journal.close()


def _acquire_repeatedly(path: str, count: int) -> None:
    """Acquire slots of a journal, in a separate process."""
    journal = Journal(path)
    for _ in range(count):
        while wait := journal.acquire({"create": 0.01}):
            time.sleep(wait)
        with journal.database.transaction() as db:
            db.execute("CREATE TABLE IF NOT EXISTS taken (free REAL)")
            db.execute("INSERT INTO taken SELECT next_free FROM rate_limits")
    journal.close()


def test_processes_with_one_journal_share_a_limit(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    path = tmp_path / "journal.db"
    workers = [context.Process(target=_acquire_repeatedly, args=(str(path), 20)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    with closing(sqlite3.connect(path)) as db:
        frees = sorted({free for (free,) in db.execute("SELECT free FROM taken")})
    # Consecutive slots are one interval apart, in whichever process.
    assert all(later - earlier >= 0.01 - 1e-6 for earlier, later in pairwise(frees))


def test_the_sandbox_refuses_nothing_when_two_threads_hurry() -> None:
    from tests.money.support import Hurried, client, edit, upload

    # The declared limits with windows a tenth as long. The client respects them, the service counts.
    tenth = [
        limit._replace(window=limit.window / 10, margin=limit.margin / 2) for limit in CONTRACT.rate_limits
    ]

    class Limited(Hurried):
        contract = CONTRACT._replace(rate_limits=tuple(tenth))

    environment = Environment(contract=Limited.contract)
    with Limited() as sandbox:
        pictures = upload(sandbox.url)
        with (
            client(sandbox.url, environment=environment) as one,
            client(sandbox.url, environment=environment) as other,
            ThreadPoolExecutor(8) as pool,
        ):
            made = [
                pool.submit(edit, (one, other)[number % 2], pictures, f"{number}", idempotency_key=None)
                for number in range(50)
            ]
            ids = {future.result(60).id for future in made}
        assert len(ids) == 50
        assert {call.code for call in sandbox.calls} == {200}
