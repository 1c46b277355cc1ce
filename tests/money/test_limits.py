"""The declared limits, kept before sending: within a process, over processes, and through shared buckets."""

import asyncio
import multiprocessing
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from psycopg_pool import ConnectionPool
from pyrate_limiter import AbstractBucket, InMemoryBucket, PostgresBucket, Rate, RedisBucket, SQLiteBucket
from redis import Redis

from kie_ideogram import AsyncKie, Kie, _contract, errors
from kie_ideogram._contract import CONTRACT
from kie_ideogram._runtime.journal.jobs import Journal
from kie_ideogram._runtime.limits import Pace, paces
from kie_ideogram.limits import SharedLimits
from tests.money.servers import postgres_server, redis_server

CREATED = {"code": 200, "msg": "success", "data": {"taskId": "t"}}
WAITING = {"code": 200, "msg": "success", "data": {"taskId": "t", "state": "waiting"}}
EDIT: dict[str, Any] = {
    "prompt": "a hat",
    "image_url": "https://example.com/me.png",
    "mask_url": "https://example.com/mask.png",
    "reference_image_urls": ["https://example.com/ref.png"],
}


Bucket = Callable[[str, list[Rate]], AbstractBucket]


@pytest.fixture(scope="module")
def redis() -> Iterator[Bucket]:
    """Buckets in a Redis of the tests' own."""
    with redis_server() as address, Redis(unix_socket_path=address) as connection:

        def make(name: str, rates: list[Rate]) -> AbstractBucket:
            bucket = RedisBucket.init(rates, connection, name)
            assert isinstance(bucket, RedisBucket)
            return bucket

        yield make


@pytest.fixture(scope="module")
def postgres() -> Iterator[Bucket]:
    """Buckets in a Postgres of the tests' own."""
    with postgres_server() as address, ConnectionPool(address, min_size=1, max_size=8) as pool:
        yield lambda name, rates: PostgresBucket(pool, name, rates)


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def busiest(times: list[float], window: float) -> int:
    """The most calls in any window of that length."""
    return max(sum(start <= time < start + window for time in times) for start in times)


def test_the_declared_limits_are_these() -> None:
    found = {
        limit.name: (limit.operations, limit.limit, limit.window, limit.scope)
        for limit in CONTRACT.rate_limits
    }
    assert found == {"create": (("createTask",), 20, 10, "account"), "query": (("getTask",), 10, 1, "key")}


@pytest.mark.parametrize("limit", CONTRACT.rate_limits, ids=lambda limit: limit.name)
def test_no_window_of_the_service_sees_more_than_the_limit(limit: Any) -> None:
    pace = Pace("x", (limit.window + limit.margin) / limit.limit, clock := Hand())
    times = []
    for _ in range(200):
        clock.now += pace.take()
        times.append(clock.now)
    assert busiest(times, limit.window) == limit.limit
    # And nothing is given away: the budget is used up, but for the margin.
    assert times[-1] == pytest.approx(199 * (limit.window + limit.margin) / limit.limit)


def test_a_call_after_a_rest_does_not_wait() -> None:
    pace = Pace("x", 0.5, clock := Hand())
    assert pace.take() == 0
    clock.now = 10
    assert (pace.take(), pace.take()) == (0, 0.5)


def test_threads_take_turns_one_after_the_other() -> None:
    pace = Pace("x", 0.5, Hand())
    with ThreadPoolExecutor(16) as pool:
        turns = sorted(pool.map(lambda _: pace.take(), range(400)))
    assert turns == [0.5 * number for number in range(400)]


def test_clients_of_one_key_share_a_limit_and_others_do_not() -> None:
    clock = Hand()

    def limits(server: str, key: str) -> Pace:
        return paces(CONTRACT.rate_limits, server, key, clock)["getTask"][0]

    assert limits("https://a.example", "k") is limits("https://a.example", "k")
    assert limits("https://a.example", "k") is not limits("https://a.example", "other")
    assert limits("https://a.example", "k") is not limits("https://b.example", "k")


def test_the_name_of_a_count_holds_no_key() -> None:
    found = paces(CONTRACT.rate_limits, "https://a.example", "secret-key", Hand())
    assert not [pace for several in found.values() for pace in several if "secret" in pace.scope]


class Waits:
    """What a client sleeps, in a time that passes only so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = Hand()
        self._lock = threading.Lock()
        self.sent: list[float] = []
        from kie_ideogram._runtime.core import Core

        monkeypatch.setattr(Core.__init__, "__defaults__", (None, None, self.clock, self.clock, lambda: 0.5))
        monkeypatch.setattr("time.sleep", self.sleep)
        monkeypatch.setattr("asyncio.sleep", self.asleep)

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.clock.now += seconds

    async def asleep(self, seconds: float) -> None:
        self.sleep(seconds)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(self.clock.now)
        return httpx.Response(200, json=CREATED if request.method == "POST" else WAITING)


@pytest.mark.parametrize(("call", "limit", "window"), [("create", 20, 10), ("get", 10, 1)])
@pytest.mark.parametrize("flavour", [Kie, AsyncKie])
def test_creates_and_queries_are_spaced_before_they_are_sent(
    monkeypatch: pytest.MonkeyPatch, flavour: type, call: str, limit: int, window: float
) -> None:
    waits = Waits(monkeypatch)

    def calls(kie: Any) -> list[Any]:
        make: Callable[[], Any] = (
            (lambda: kie.character_edit.create(**EDIT)) if call == "create" else (lambda: kie.tasks.get("t"))
        )
        return [make() for _ in range(45)] if flavour is Kie else [make] * 45

    async def awaited() -> None:
        async with (
            httpx.AsyncClient(transport=httpx.MockTransport(waits.answer)) as http,
            AsyncKie("k", http_client=http) as kie,
        ):
            for make in calls(kie):
                await make()

    if flavour is Kie:
        with (
            httpx.Client(transport=httpx.MockTransport(waits.answer)) as http,
            Kie("k", http_client=http) as kie,
        ):
            calls(kie)
    else:
        asyncio.run(awaited())
    assert len(waits.sent) == 45
    assert busiest(waits.sent, window) == limit


@pytest.mark.parametrize("flavour", [Kie, AsyncKie])
def test_a_wait_ends_in_time_when_others_have_every_turn(
    monkeypatch: pytest.MonkeyPatch, flavour: type
) -> None:
    waits = Waits(monkeypatch)

    class Taken:
        def take(self, gaps: Any, within: float = inf) -> float:
            waits.clock.now += 0.5  # asking takes its time, too
            return 0.5

    async def awaited() -> None:
        async with AsyncKie("k", limits=Taken()) as kie:
            await kie.tasks.wait("t", timeout=60)

    def blocking() -> None:
        with Kie("k", limits=Taken()) as kie:
            kie.tasks.wait("t", timeout=60)

    with pytest.raises(errors.TaskTimeoutError, match="gave no turn in time") as caught:
        blocking() if flavour is Kie else asyncio.run(awaited())
    assert caught.value.task_id == "t"
    assert 60 <= waits.clock.now <= 63


@pytest.mark.parametrize("holder", ["another thread holds", "database is locked"])
def test_a_turn_is_not_waited_for_longer_than_it_is_of_use(tmp_path: Path, holder: str) -> None:
    journal = Journal(path := tmp_path / "journal.db")
    file = journal.file
    with closing(sqlite3.connect(path, isolation_level=None)) as other, ThreadPoolExecutor(1) as pool:
        if holder == "another thread holds":
            pool.submit(file.lock.acquire).result()
        else:
            other.execute("BEGIN IMMEDIATE")
        try:
            # A wait asks again, or ends by its own deadline; the journal is not at fault yet.
            with pytest.raises(errors.ServiceUnreachableError, match=holder):
                journal.take({"query": 1.0}, within=0.01)
        finally:
            pool.submit(file.lock.release).result() if "thread" in holder else other.rollback()
    if holder == "database is locked":
        assert file.connection.execute("PRAGMA busy_timeout").fetchone()[0] <= 10
    assert journal.take({"query": 1.0}) == 0
    journal.close()


def _claim(path: str, count: int) -> None:
    """In a process of its own: take turns of a journal."""
    import time

    journal = Journal(path)
    for _ in range(count):
        while wait := journal.take({"create": 0.01}):
            time.sleep(wait)
        with journal.file.transaction() as db:
            db.execute("CREATE TABLE IF NOT EXISTS taken (free REAL)")
            db.execute("INSERT INTO taken SELECT free FROM turns")
    journal.close()


def test_processes_with_one_journal_keep_a_limit_together(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    path = tmp_path / "journal.db"
    workers = [context.Process(target=_claim, args=(str(path), 20)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    with closing(sqlite3.connect(path)) as db:
        frees = sorted({free for (free,) in db.execute("SELECT free FROM taken")})
    # Each turn frees the next one a gap later, whoever took it.
    assert all(later - earlier >= 0.01 - 1e-6 for earlier, later in pairwise(frees))


def test_shared_limits_work_in_a_child_forked_while_a_thread_asks() -> None:
    asked, go = threading.Event(), threading.Event()

    def make(name: str, rates: list[Rate]) -> AbstractBucket:
        asked.set()
        go.wait(10)
        return InMemoryBucket(rates)

    limits = SharedLimits(make)
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(limits.take, {"create x": 1.0})
        assert asked.wait(10)
        child = os.fork()
        if not child:
            signal.alarm(10)
            go.set()
            os._exit(limits.take({"create x": 1.0}) != 0)
        go.set()
        assert os.waitpid(child, 0)[1] == 0
        assert asking.result() == 0


class TestSharedLimits:
    @pytest.fixture(params=["memory", "file", "redis", "postgres"])
    def make(self, request: pytest.FixtureRequest, tmp_path: Path) -> Bucket:
        if request.param == "memory":
            return lambda name, rates: InMemoryBucket(rates)
        if request.param == "file":
            return lambda name, rates: SQLiteBucket.init_from_file(
                rates, table=name, db_path=str(tmp_path / "limits.db"), use_file_lock=True
            )
        bucket: Bucket = request.getfixturevalue(request.param)
        return bucket

    @pytest.fixture
    def scope(self) -> str:
        """A count of the test's own: the servers outlive a test."""
        return f"query {uuid4()}"

    def test_a_limit_after_a_full_one_is_not_asked(self, make: Bucket, scope: str) -> None:
        limits, full = SharedLimits(make), f"full {scope}"
        assert limits.take({full: 60.0}) == 0
        assert limits.take({full: 60.0, scope: 60.0}) > 0
        assert limits.take({scope: 60.0}) == 0

    def test_give_one_turn_at_a_time(self, make: Bucket, scope: str) -> None:
        limits = SharedLimits(make)
        assert limits.take({scope: 60}) == 0
        assert limits.take({scope: 60}) > 0
        assert limits.take({f"{scope} elsewhere": 60}) == 0

    def test_give_the_next_turn_when_its_time_has_come(self, make: Bucket, scope: str) -> None:
        limits = SharedLimits(make)
        assert limits.take({scope: 0.001}) == 0
        time.sleep(0.01)
        assert limits.take({scope: 0.001}) == 0

    def test_are_shared_by_all_who_use_the_buckets(
        self, make: Bucket, scope: str, request: pytest.FixtureRequest
    ) -> None:
        one, other = SharedLimits(make), SharedLimits(make)
        assert one.take({scope: 60}) == 0
        assert (other.take({scope: 60}) == 0) is ("memory" in request.node.callspec.id)

    def test_give_one_turn_to_many_who_ask_at_once(
        self, make: Bucket, scope: str, request: pytest.FixtureRequest
    ) -> None:
        first = SharedLimits(make)
        memory = "memory" in request.node.callspec.id
        everyone = [first if memory else SharedLimits(make) for _ in range(4)]
        together = threading.Barrier(4)

        def ask(limits: SharedLimits) -> float:
            together.wait(10)
            return limits.take({scope: 60})

        with ThreadPoolExecutor(4) as pool:
            waits = list(pool.map(ask, everyone))
        # A bucket may turn all of them away when they collide; then the next one gets it. One that goes by
        # its askers' clocks (pyrate-limiter's Redis, SQLite, Postgres) may let two in that ask within the
        # same millisecond, in the other order than they read their clocks; the service refuses what is too
        # much, and that is repeated.
        assert [*waits, first.take({scope: 60})].count(0) in ({1} if memory else {1, 2})

    def test_that_cannot_be_asked_let_nothing_be_sent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def make(name: str, rates: list[Rate]) -> AbstractBucket:
            raise ConnectionRefusedError(name)

        waits = Waits(monkeypatch)
        with (
            httpx.Client(transport=httpx.MockTransport(waits.answer)) as http,
            Kie("k", http_client=http, limits=SharedLimits(make)) as kie,
        ):
            calls: list[Callable[[], object]] = [
                lambda: kie.character_edit.create(**EDIT),
                lambda: kie.tasks.get("t"),
            ]
            for call in calls:
                with pytest.raises(
                    errors.ServiceUnreachableError, match=r"shared rate limits.*nothing was sent"
                ):
                    call()
        assert waits.sent == []

    @pytest.mark.parametrize("kept", [False, True], ids=["no-journal", "journal"])
    def test_are_asked_before_a_client_sends(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kept: bool
    ) -> None:
        asked: list[dict[str, float]] = []

        class Counting:
            def take(self, gaps: Any, within: float = inf) -> float:
                asked.append(dict(gaps))
                return 0.001 if len(asked) == 1 else 0.0

        waits = Waits(monkeypatch)
        transport = httpx.MockTransport(waits.answer)
        journal = tmp_path / "journal.db" if kept else None
        with (
            httpx.Client(transport=transport) as http,
            Kie("k", http_client=http, limits=Counting(), journal=journal) as kie,
        ):
            kie.character_edit.create(**EDIT)
        assert [list(gaps) for gaps in asked] == [["create https://api.kie.ai"]] * 2
        assert asked[0]["create https://api.kie.ai"] == pytest.approx(0.525)
        assert waits.clock.now == pytest.approx(0.001)


def test_the_sandbox_refuses_nothing_when_two_threads_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.money.support import Hurried, client, edit, upload

    # The declared limits, on a window a tenth as long, kept by the client and counted by the service.
    tenth = [
        limit._replace(window=limit.window / 10, margin=limit.margin / 2) for limit in CONTRACT.rate_limits
    ]
    contract = CONTRACT._replace(rate_limits=tuple(tenth))
    monkeypatch.setattr(_contract, "CONTRACT", contract)
    monkeypatch.setattr(Hurried, "contract", contract)
    with Hurried() as sandbox:
        pictures = upload(sandbox.url)
        with client(sandbox.url) as one, client(sandbox.url) as other, ThreadPoolExecutor(8) as pool:
            made = [
                pool.submit(edit, (one, other)[number % 2], pictures, f"{number}", key=None)
                for number in range(50)
            ]
            ids = {future.result(60).id for future in made}
        assert len(ids) == 50
        assert {call.code for call in sandbox.calls} == {200}
