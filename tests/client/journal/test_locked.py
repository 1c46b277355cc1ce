"""Another process holds the journal: no call waits for it much longer than its own time."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import errors
from kie_ideogram._runtime.core.clock import SYSTEM
from kie_ideogram._runtime.journal.sqlite.database import LOCK_TIMEOUT, RECORD_TIMEOUT
from tests.client.conftest import CREATE, EDIT, PAGE_ANSWER, QUERY, TASK_ID, Client, succeeded

TIMEOUT = 0.05


def last_wait(kie: Any) -> float:
    """Return the seconds that the last transaction would have waited for other processes."""
    milliseconds: int = kie._session.journal.database._connection.execute("PRAGMA busy_timeout").fetchone()[0]
    return milliseconds / 1000


@pytest.fixture(params=["thread", "process"])
def locked(request: pytest.FixtureRequest, client: Client, path: Path) -> Iterator[Any]:
    """Make a client whose journal another user holds. Its clock is the real one, as SQLite's is."""
    kie = client.make(journal=path, _environment=SYSTEM)
    lock = kie._session.journal.database.lock
    with closing(sqlite3.connect(path, isolation_level=None)) as other, ThreadPoolExecutor(1) as pool:
        if request.param == "thread":
            pool.submit(lock.acquire).result()
        else:
            other.execute("BEGIN IMMEDIATE")
        yield kie
        if request.param == "thread":
            pool.submit(lock.release).result()


def test_submission_is_not_sent_and_times_out(client: Client, locked: Any) -> None:
    with pytest.raises(errors.CallTimeoutError, match=r"^timed out after 0\.05 s: .*journal"):
        client.do(locked.character_edit.create(**EDIT, idempotency_key="order-17", timeout=TIMEOUT))


def test_submission_without_a_timeout_waits_longer(client: Client, kie: Any, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
    client.do(kie.character_edit.create(**EDIT))
    assert last_wait(kie) == LOCK_TIMEOUT


@pytest.mark.parametrize(("timeout", "least"), [(10, 10), (1, RECORD_TIMEOUT)])
def test_outcome_is_recorded_soon_after_the_deadline_at_last(
    client: Client, kie: Any, httpx_mock: HTTPXMock, timeout: float, least: float
) -> None:
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
    client.do(kie.character_edit.create(**EDIT, timeout=timeout))
    assert last_wait(kie) == least


def test_end_of_a_task_is_recorded_within_the_wait(client: Client, kie: Any, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
    task = client.do(kie.character_edit.create(**EDIT))
    httpx_mock.add_response(url=QUERY, json=succeeded())
    assert client.do(task.wait(timeout=20)).id == TASK_ID
    assert last_wait(kie) <= 20
