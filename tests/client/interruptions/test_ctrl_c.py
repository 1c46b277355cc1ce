"""A program survives Ctrl-C: at whatever line it is raised, no lock stays locked."""

import gc
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import httpx
import pytest

from kie_ideogram import Kie
from kie_ideogram._contract import CONTRACT
from kie_ideogram._runtime.core.clock import SYSTEM_CLOCK
from kie_ideogram._runtime.core.effects import CONCURRENCY, SendRequest
from kie_ideogram._runtime.core.locks import fork, held
from kie_ideogram._runtime.core.locks.held import Held
from kie_ideogram._runtime.http.limits import rate_limiter
from kie_ideogram._runtime.http.limits.rate_limiter import IntervalLimiter, RateLimiter
from kie_ideogram._runtime.http.transport import blocking, concurrency, connections
from kie_ideogram._runtime.http.transport.concurrency import Admission, ConcurrencyLimiter
from kie_ideogram._runtime.http.transport.connections import SyncConnections
from kie_ideogram._runtime.journal import journal
from kie_ideogram._runtime.journal.journal import Journal
from kie_ideogram._runtime.journal.sqlite import database, process_lock
from kie_ideogram._runtime.journal.sqlite.database import JournalDatabase
from kie_ideogram._runtime.tasks.submit import submit
from tests.client.conftest import EDIT
from tests.client.interruptions.interrupts import interrupt_everywhere


def in_another_thread(call: Callable[[], object]) -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(call).result(10)


def free(lock: threading.Lock) -> bool:
    if not lock.acquire(timeout=0.1):
        return False
    lock.release()
    return True


def test_lock_is_free_after_an_interruption_anywhere() -> None:
    lock = threading.Lock()

    def use() -> None:
        holding = Held()
        try:
            assert holding.acquire(lock.acquire, lock.release)
        finally:
            holding.release()

    places = [free(lock) for _ in interrupt_everywhere(use, held)]
    assert places == [True] * len(places)
    assert len(places) > 5


def test_admission_ends_after_an_interruption_anywhere() -> None:
    limiter = ConcurrencyLimiter(SYSTEM_CLOCK)

    def use() -> None:
        admission = Admission(limiter)
        try:
            assert admission.enter(1)
        finally:
            admission.leave()

    for place in interrupt_everywhere(use, concurrency, held):
        assert limiter.slots.qsize() == CONCURRENCY, place
        assert limiter.first.qsize() == 1, place
        assert limiter.waiting == set(), place


def test_connection_is_free_after_an_interruption_anywhere() -> None:
    client = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200)))
    used = SyncConnections(CONTRACT.timeouts, client, SYSTEM_CLOCK)
    effect = SendRequest(lambda: httpx.Request("GET", "http://127.0.0.1/"), 100)
    for place in interrupt_everywhere(lambda: used.send(effect), connections, concurrency, held):
        assert len(used._routes) == CONCURRENCY, place
        assert used._concurrency.slots.qsize() == CONCURRENCY, place
    client.close()


def test_task_of_an_answered_submission_survives_an_interruption_anywhere(tmp_path: Path) -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(f"task-{len(sent)}")
        return httpx.Response(200, json={"code": 200, "msg": "success", "data": {"taskId": sent[-1]}})

    with (
        httpx.Client(transport=httpx.MockTransport(answer)) as http,
        Kie("key-of-a-test", journal=tmp_path / "journal.db", http_client=http) as kie,
    ):
        keys = (f"order-{number}" for number in count())
        kie._session.rate_limiter = RateLimiter({}, None, SYSTEM_CLOCK)

        def use() -> None:
            kie.character_edit.create(**EDIT, idempotency_key=next(keys))

        places = list(interrupt_everywhere(use, blocking, submit))
        gc.collect()  # a flow that was left is closed
        assert [task.id for task in kie.resume()] == sent
    assert len(places) > len(sent) > 10


def test_rate_limit_is_free_after_an_interruption_anywhere() -> None:
    limiter = IntervalLimiter("test", 0.0, SYSTEM_CLOCK)
    for place in interrupt_everywhere(limiter.reserve, rate_limiter):
        assert free(limiter._lock), place


def test_transaction_ends_after_an_interruption_anywhere(tmp_path: Path) -> None:
    opened = JournalDatabase(tmp_path / "journal.db", SYSTEM_CLOCK)

    def use() -> None:
        with opened.transaction() as db:
            db.execute("INSERT OR REPLACE INTO rate_limits VALUES ('a', 1)")

    use()
    for place in interrupt_everywhere(use, database, held):
        assert opened._connection is not None, place
        assert not opened._connection.in_transaction, place
        in_another_thread(use)
    opened.close()


# Python closes the file of an interrupted `with` when the traceback is forgotten, and warns.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_locks_of_others_are_free_after_an_interruption(tmp_path: Path) -> None:
    used = Journal(tmp_path / "journal.db")

    def leave_one_behind() -> None:
        with used.database.transaction() as db:
            db.execute("INSERT OR IGNORE INTO processes VALUES ('dead')")
        (tmp_path / "journal.db-locks" / "dead").touch()

    def use() -> None:
        leave_one_behind()
        used.reap_stale()

    for place in interrupt_everywhere(use, journal, process_lock):
        other = Journal(tmp_path / "journal.db")
        other.reap_stale()
        with other.database.transaction() as db:
            names = [name for (name,) in db.execute("SELECT name FROM processes")]
        assert "dead" not in names, place
        other.close()
    used.close()


def test_interrupted_fork_leaves_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used = JournalDatabase(tmp_path / "journal.db", SYSTEM_CLOCK)
    monkeypatch.setattr(fork, "_SUSPENDABLE", {used})

    def read() -> None:
        with used.transaction() as db:
            db.execute("SELECT 1")

    def simulate_fork() -> None:
        try:
            fork._before()
        finally:
            fork._after_in_parent()

    for place in interrupt_everywhere(simulate_fork, database):
        assert free(fork._FORK_LOCK), place
        in_another_thread(read)
    used.close()


def test_fork_is_possible_after_an_interrupted_one() -> None:
    class Interrupted:
        def before_fork(self) -> None:
            raise KeyboardInterrupt

        def after_fork(self, *, child: bool) -> None:
            ended.append(child)

    ended: list[bool] = []
    interrupted = Interrupted()
    fork.suspend_during_fork(interrupted)
    with pytest.raises(KeyboardInterrupt):
        fork._before()
    fork._after_in_parent()
    assert ended == [False]
    assert free(fork._FORK_LOCK)
