"""Rate limits in buckets that processes and machines share: in memory, a file, Redis, Postgres."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from math import inf
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from psycopg_pool import ConnectionPool
from pyrate_limiter import AbstractBucket, InMemoryBucket, PostgresBucket, Rate, RedisBucket, SQLiteBucket
from redis import Redis

from kie_ideogram import Kie, errors
from kie_ideogram.limits import SharedLimits
from tests.money.pacing import EDIT, PacedService
from tests.money.servers import postgres_server, redis_server

Bucket = Callable[[str, list[Rate]], AbstractBucket]


@pytest.fixture(scope="module")
def redis() -> Iterator[Bucket]:
    """Return buckets in a Redis server of these tests."""
    with redis_server() as address, Redis(unix_socket_path=address) as connection:

        def make(name: str, rates: list[Rate]) -> AbstractBucket:
            bucket = RedisBucket.init(rates, connection, name)
            assert isinstance(bucket, RedisBucket)
            return bucket

        yield make


@pytest.fixture(scope="module")
def postgres() -> Iterator[Bucket]:
    """Return buckets in a Postgres server of these tests."""
    pool: Any  # pyrate_limiter does not say of which connections
    with postgres_server() as address, ConnectionPool(address, min_size=1, max_size=8) as pool:
        yield lambda name, rates: PostgresBucket(pool, name, rates)


def test_child_forked_during_an_acquire_can_acquire() -> None:
    began, go = threading.Event(), threading.Event()

    def make(name: str, rates: list[Rate]) -> AbstractBucket:
        began.set()
        go.wait(10)
        return InMemoryBucket(rates)

    limits = SharedLimits(make)
    with ThreadPoolExecutor(1) as pool:
        acquiring = pool.submit(limits.acquire, {"create x": 1.0})
        assert began.wait(10)
        child = os.fork()
        if not child:
            signal.alarm(10)
            go.set()
            os._exit(limits.acquire({"create x": 1.0}) != 0)
        go.set()
        assert os.waitpid(child, 0)[1] == 0
        assert acquiring.result() == 0


def file_bucket(folder: Path, name: str, rates: list[Rate]) -> SQLiteBucket:
    return SQLiteBucket.init_from_file(
        rates, table=name, db_path=str(folder / "limits.db"), use_file_lock=True
    )


class TestSharedLimits:
    @pytest.fixture(params=["memory", "file", "redis", "postgres"])
    def make(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bucket]:
        if request.param == "memory":
            yield lambda name, rates: InMemoryBucket(rates)
        elif request.param == "file":
            with ExitStack() as made:
                yield lambda name, rates: made.enter_context(closing(file_bucket(tmp_path, name, rates)))
        else:
            yield request.getfixturevalue(request.param)

    @pytest.fixture
    def scope(self) -> str:
        """Return a name that no other test uses: the servers run longer than one test."""
        return f"query {uuid4()}"

    def test_limit_after_a_full_one_is_not_acquired(self, make: Bucket, scope: str) -> None:
        limits, full = SharedLimits(make), f"full {scope}"
        assert limits.acquire({full: 60.0}) == 0
        assert limits.acquire({full: 60.0, scope: 60.0}) > 0
        assert limits.acquire({scope: 60.0}) == 0

    def test_shared_limits_admit_one_call_at_a_time(self, make: Bucket, scope: str) -> None:
        limits = SharedLimits(make)
        assert limits.acquire({scope: 60}) == 0
        assert limits.acquire({scope: 60}) > 0
        assert limits.acquire({f"{scope} elsewhere": 60}) == 0

    def test_shared_limits_admit_the_next_call_after_the_interval(self, make: Bucket, scope: str) -> None:
        limits = SharedLimits(make)
        assert limits.acquire({scope: 0.001}) == 0
        time.sleep(0.01)
        assert limits.acquire({scope: 0.001}) == 0

    def test_limits_are_shared_by_users_of_the_same_buckets(
        self, make: Bucket, scope: str, request: pytest.FixtureRequest
    ) -> None:
        one, other = SharedLimits(make), SharedLimits(make)
        assert one.acquire({scope: 60}) == 0
        assert (other.acquire({scope: 60}) == 0) is ("memory" in request.node.callspec.id)

    def test_shared_limits_admit_one_of_many_concurrent_calls(
        self, make: Bucket, scope: str, request: pytest.FixtureRequest
    ) -> None:
        first = SharedLimits(make)
        memory = "memory" in request.node.callspec.id
        limiters = [first if memory else SharedLimits(make) for _ in range(4)]
        together = threading.Barrier(4)

        def acquire(limits: SharedLimits) -> float:
            together.wait(10)
            return limits.acquire({scope: 60})

        with ThreadPoolExecutor(4) as pool:
            waits = list(pool.map(acquire, limiters))
        # A bucket may refuse all of them when they collide. Then the next call is admitted. The buckets in
        # Redis, SQLite and Postgres use the clocks of their callers, and may admit two calls of the same
        # millisecond. The service then refuses one of the two, and the client retries it.
        assert [*waits, first.acquire({scope: 60})].count(0) in ({1} if memory else {1, 2})

    def test_failing_shared_limits_prevent_the_call(self) -> None:
        def make(name: str, rates: list[Rate]) -> AbstractBucket:
            raise ConnectionRefusedError(name)

        waits = PacedService()
        with (
            httpx.Client(transport=httpx.MockTransport(waits.answer)) as http,
            Kie(http_client=http, **waits.options(), limits=SharedLimits(make)) as kie,
        ):
            calls: list[Callable[[], object]] = [
                lambda: kie.character_edit.create(**EDIT),
                lambda: kie.tasks.get("t"),
            ]
            for call in calls:
                with pytest.raises(
                    errors.ServiceUnreachableError, match=r"nothing was sent: the shared rate limits"
                ):
                    call()
        assert waits.sent == []

    @pytest.mark.parametrize("journaled", [False, True], ids=["no-journal", "journal"])
    def test_shared_limits_are_acquired_before_a_client_sends(self, tmp_path: Path, journaled: bool) -> None:
        asked: list[dict[str, float]] = []

        class Counting:
            def acquire(self, min_intervals: Any, within: float = inf) -> float:
                asked.append(dict(min_intervals))
                return 0.001 if len(asked) == 1 else 0.0

        waits = PacedService()
        transport = httpx.MockTransport(waits.answer)
        journal = tmp_path / "journal.db" if journaled else None
        with (
            httpx.Client(transport=transport) as http,
            Kie(http_client=http, **waits.options(), limits=Counting(), journal=journal) as kie,
        ):
            kie.character_edit.create(**EDIT)
        assert [list(gaps) for gaps in asked] == [["create https://api.kie.ai"]] * 2
        assert asked[0]["create https://api.kie.ai"] == pytest.approx(0.525)
        assert waits.clock.now == pytest.approx(0.001)
