"""A task whose result the service no longer has becomes lost. It stops no start and can be marked as done."""

from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import errors
from kie_ideogram._contract import CONTRACT
from tests.client.conftest import (
    CREATE,
    PAGE_ANSWER,
    PICTURE_URL,
    PNG,
    QUERY,
    TASK_ID,
    Client,
    refused,
)
from tests.client.conftest import succeeded as done
from tests.client.journal.conftest import order, rows
from tests.clock import FakeClock

DAY = 86400.0
# Links are valid for a day, and can be renewed for 14 days.
RETENTION = 15 * DAY
RENEW = f"https://api.kie.ai{CONTRACT.operations['getDownloadUrl'].path}"


@pytest.fixture
def task(client: Client, kie: Any, httpx_mock: HTTPXMock) -> Any:
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
    return order(client, kie)


def expired(httpx_mock: HTTPXMock, completed: float | None) -> None:
    """Answer as the service does when it has deleted the result."""
    body = done()
    body["data"]["completeTime"] = None if completed is None else int(completed * 1000)
    body["data"]["createTime"] = None
    httpx_mock.add_response(url=QUERY, json=body, is_reusable=True, is_optional=True)
    httpx_mock.add_response(url=PICTURE_URL, status_code=404, is_reusable=True, is_optional=True)
    httpx_mock.add_response(url=RENEW, json=refused(422, "url is wrong"), is_reusable=True, is_optional=True)


def start(client: Client, kie: Any, folder: Path) -> None:
    """Do what a program does at each start, without handling any error."""
    for task in client.do(kie.tasks.settled(client.do(kie.resume()))):
        if task.succeeded:
            client.do(task.save(folder))


def state(path: Path) -> str:
    ((found,),) = rows(path, "SELECT state FROM submissions")
    return str(found)


@pytest.mark.parametrize("time", ["completed", "unknown"])
def test_expired_result_becomes_lost(
    client: Client,
    kie: Any,
    task: Any,
    path: Path,
    tmp_path: Path,
    httpx_mock: HTTPXMock,
    clock: FakeClock,
    time: str,
) -> None:
    expired(httpx_mock, clock.unix() if time == "completed" else None)
    clock.now += RETENTION - DAY
    with pytest.raises(errors.DownloadError, match="has expired and could not be renewed"):
        start(client, kie, tmp_path)
    assert state(path) == "succeeded"
    clock.now += (1 if time == "completed" else 15) * DAY + 60
    with pytest.raises(errors.DownloadError, match="has expired and could not be renewed"):
        start(client, kie, tmp_path)
    assert state(path) == "lost"
    for _ in range(3):
        start(client, kie, tmp_path)


def test_result_that_ended_before_it_was_submitted_is_not_lost(
    client: Client, kie: Any, task: Any, httpx_mock: HTTPXMock, clock: FakeClock, tmp_path: Path, path: Path
) -> None:
    expired(httpx_mock, clock.unix() / 1000)  # in a wrong unit
    for _ in range(2):
        with pytest.raises(errors.DownloadError):
            client.do(client.do(task.wait()).save(tmp_path))
        assert state(path) == "succeeded"
    clock.now += RETENTION + 1
    with pytest.raises(errors.DownloadError):
        client.do(client.do(task.refresh()).save(tmp_path))
    assert state(path) == "lost"


def test_result_that_was_never_read_becomes_lost(
    client: Client, kie: Any, task: Any, path: Path, tmp_path: Path, httpx_mock: HTTPXMock, clock: FakeClock
) -> None:
    httpx_mock.add_response(url=QUERY, json=refused(422, "recordInfo is null"), is_reusable=True)
    clock.now += RETENTION - 60
    with pytest.raises(errors.UnprocessableRequestError):
        start(client, kie, tmp_path)
    assert state(path) == "accepted"
    clock.now += 120
    with pytest.raises(errors.UnprocessableRequestError):
        start(client, kie, tmp_path)
    assert state(path) == "lost"
    start(client, kie, tmp_path)


@pytest.mark.parametrize("answer", ["temporary", "renewed", "other task"])
def test_other_failures_do_not_make_a_task_lost(
    client: Client,
    kie: Any,
    task: Any,
    path: Path,
    tmp_path: Path,
    httpx_mock: HTTPXMock,
    clock: FakeClock,
    answer: str,
) -> None:
    body = done()
    body["data"]["completeTime"] = int(clock.unix() * 1000)
    clock.now += 2 * RETENTION
    if answer == "other task":
        httpx_mock.add_response(url=QUERY.replace(TASK_ID, "other"), json=refused(422, "recordInfo is null"))
        with pytest.raises(errors.UnprocessableRequestError):
            client.do(kie.tasks.get("other"))
        assert state(path) == "accepted"
        return
    httpx_mock.add_response(url=QUERY, json=body)
    httpx_mock.add_response(url=PICTURE_URL, status_code=404)
    if answer == "temporary":
        httpx_mock.add_response(url=RENEW, json=refused(500), is_reusable=True)
        with pytest.raises(errors.DownloadError):
            start(client, kie, tmp_path)
        assert state(path) == "succeeded"
    else:
        httpx_mock.add_response(url=RENEW, json={"code": 200, "data": f"{PICTURE_URL}?new"})
        httpx_mock.add_response(url=f"{PICTURE_URL}?new", content=PNG)
        start(client, kie, tmp_path)
        assert state(path) == "done"


class TestLostTask:
    @pytest.fixture(autouse=True)
    def lost(
        self, client: Client, kie: Any, task: Any, tmp_path: Path, httpx_mock: HTTPXMock, clock: FakeClock
    ) -> None:
        expired(httpx_mock, clock.unix())
        clock.now += RETENTION + 60
        with pytest.raises(errors.DownloadError):
            start(client, kie, tmp_path)

    def test_lost_task_is_listed(self, client: Client, kie: Any) -> None:
        (one,) = client.do(kie.lost())
        assert (one.id, one.idempotency_key) == (TASK_ID, "order-17")
        assert client.do(kie.resume()) == []
        assert client.do(kie.unknown()) == []

    def test_lost_task_is_logged_once(
        self, client: Client, kie: Any, path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        for _ in range(2):
            client.do(kie.resume())
            client.do(client.make(journal=path).resume())
        assert caplog.text.count(f"task {TASK_ID} of submission order-17 is left out") == 1
        losses = [one.getMessage() for one in caplog.get_records("setup") if one.levelname == "ERROR"]
        assert losses == [f"task {TASK_ID}: paid for, but the service no longer has its result"]

    def test_lost_task_can_be_marked_as_done(self, client: Client, kie: Any, path: Path) -> None:
        client.do(kie.mark_done(TASK_ID))
        assert client.do(kie.lost()) == []
        assert state(path) == "done"

    def test_lost_task_is_not_submitted_again(self, client: Client, kie: Any) -> None:
        assert order(client, kie).id == TASK_ID

    def test_lost_task_that_is_saved_later_is_done(
        self, client: Client, kie: Any, path: Path, tmp_path: Path, httpx_mock: HTTPXMock
    ) -> None:
        (one,) = client.do(kie.lost())
        httpx_mock.reset()
        httpx_mock.add_response(url=QUERY, json=done())
        httpx_mock.add_response(url=PICTURE_URL, content=PNG)
        client.do(client.do(one.refresh()).save(tmp_path))
        assert state(path) == "done"


def test_lost_without_a_journal_is_refused(client: Client) -> None:
    with pytest.raises(errors.ConfigurationError, match="journal=PATH"):
        client.do(client.kie.lost())
