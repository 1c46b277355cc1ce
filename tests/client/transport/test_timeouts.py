"""One deadline for each call: over queueing, retries and requests."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import errors
from kie_ideogram._runtime.core.deadline import LAST_READ
from tests.client.conftest import (
    CREATE,
    EDIT,
    EDIT_BODY,
    PAGE_ANSWER,
    TASK_ID,
    Client,
    record,
    refused,
    succeeded,
)

# Each call that sends a request, with a timeout of 3 s.
CALLS: dict[str, Callable[[Any], Any]] = {
    "create": lambda kie: kie.character_edit.create(**EDIT, timeout=3),
    "tasks.create": lambda kie: kie.tasks.create(EDIT_BODY, timeout=3),
    "tasks.get": lambda kie: kie.tasks.get(TASK_ID, timeout=3),
    "credits.get": lambda kie: kie.credits.get(timeout=3),
    "files.upload": lambda kie: kie.files.upload(b"content", timeout=3),
    "refresh": lambda kie: kie._context.make_task(TASK_ID, {}, None).refresh(timeout=3),
}


@pytest.mark.parametrize("call", CALLS)
def test_retries_end_at_the_deadline(client: Client, httpx_mock: HTTPXMock, call: str) -> None:
    httpx_mock.add_exception(httpx.ConnectError("down"), is_reusable=True)
    started = client.clock.now
    with pytest.raises(errors.CallTimeoutError, match=r"timed out after 3 s.*last attempt failed") as caught:
        client.do(CALLS[call](client.kie))
    assert isinstance(caught.value.__cause__, errors.ServiceUnreachableError)
    assert client.clock.now - started <= 3


@pytest.mark.parametrize("call", CALLS)
def test_queueing_for_the_rate_limit_ends_at_the_deadline(
    client: Client, httpx_mock: HTTPXMock, call: str
) -> None:
    for limiters in client.kie._session.rate_limiter._limiters.values():
        for limiter in limiters:
            limiter._next_free = client.clock.now + 60
    if call in ("credits.get", "files.upload"):
        pytest.skip("has no rate limit")
    with pytest.raises(errors.CallTimeoutError):
        client.do(CALLS[call](client.kie))
    assert httpx_mock.get_requests() == []


@pytest.mark.parametrize("call", CALLS)
def test_request_gets_the_time_that_is_left(client: Client, httpx_mock: HTTPXMock, call: str) -> None:
    limits: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        limits.extend(request.extensions["timeout"].values())
        return httpx.Response(200, json=refused(401))

    httpx_mock.add_callback(answer, is_reusable=True)
    with pytest.raises(errors.ApiError):
        client.do(CALLS[call](client.kie))
    assert max(limits) <= 3


def test_refused_submission_is_not_sent_again_too_late(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=CREATE, json=refused(429), headers={"Retry-After": "60"})
    with pytest.raises(errors.CallTimeoutError, match="the last attempt failed: code 429") as caught:
        client.do(client.kie.character_edit.create(**EDIT, timeout=3))
    assert isinstance(caught.value.__cause__, errors.ApiError)
    assert len(httpx_mock.get_requests()) == 1


def test_submission_that_was_not_sent_can_be_claimed_again(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path
) -> None:
    kie = client.make(journal=tmp_path / "journal.db")
    httpx_mock.add_response(url=CREATE, json=refused(429), headers={"Retry-After": "60"})
    with pytest.raises(errors.CallTimeoutError):
        client.do(kie.character_edit.create(**EDIT, idempotency_key="order-17", timeout=3))
    assert client.do(kie.unknown()) == []
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
    task = client.do(kie.character_edit.create(**EDIT, idempotency_key="order-17"))
    assert (task.id, task.idempotency_key) == (TASK_ID, "order-17")


def test_save_that_takes_too_long_is_a_time_out(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path
) -> None:
    httpx_mock.add_response(json=succeeded())
    task = client.do(client.kie.tasks.get(TASK_ID))
    httpx_mock.add_exception(httpx.ConnectError("down"), is_reusable=True)
    with pytest.raises(errors.CallTimeoutError, match="timed out after 3 s") as caught:
        client.do(task.save(tmp_path, timeout=3))
    assert caught.value.task_id == TASK_ID
    assert "the last attempt failed: nothing was sent" in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == [f"{TASK_ID}.json"]


# With a timeout of 0, reading looks once, and nothing is sent that changes something.
READING: dict[str, Callable[[Any], Any]] = {
    "tasks.get": lambda kie: kie.tasks.get(TASK_ID, timeout=0),
    "refresh": lambda kie: kie._context.make_task(TASK_ID, {}, None).refresh(timeout=0),
    "updates": lambda kie: kie._context.make_task(TASK_ID, {}, None).wait(timeout=0),
}
CHANGING: dict[str, Callable[[Any], Any]] = {
    "create": lambda kie: kie.character_edit.create(**EDIT, timeout=0),
    "files.upload": lambda kie: kie.files.upload(b"content", timeout=0),
    "files.upload_url": lambda kie: kie.files.upload_url("https://x.example/1.png", timeout=0),
}


@pytest.mark.parametrize("call", READING)
def test_timeout_0_reads_once_for_a_second(client: Client, httpx_mock: HTTPXMock, call: str) -> None:
    limits: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        limits.extend(request.extensions["timeout"].values())
        return httpx.Response(200, json=succeeded())

    httpx_mock.add_callback(answer)
    assert client.do(READING[call](client.kie)).succeeded
    assert max(limits) == LAST_READ


@pytest.mark.parametrize("call", CHANGING)
def test_timeout_0_changes_nothing(client: Client, httpx_mock: HTTPXMock, call: str) -> None:
    with pytest.raises(errors.CallTimeoutError):
        client.do(CHANGING[call](client.kie))
    assert httpx_mock.get_requests() == []


def test_timeout_0_does_not_try_again(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_exception(httpx.ConnectError("down"))
    with pytest.raises(errors.CallTimeoutError):
        client.do(client.kie.credits.get(timeout=0))


@pytest.mark.parametrize("timeout", [-1, float("nan"), "3", True])
def test_timeout_must_be_a_number_of_seconds(client: Client, timeout: Any) -> None:
    with pytest.raises(errors.InvalidInputError, match=r"^timeout: must be a number of seconds"):
        client.do(client.kie.tasks.get(TASK_ID, timeout=timeout))


def test_wait_with_timeout_zero_reads_once(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(json=succeeded())
    assert client.do(client.kie.tasks.wait(TASK_ID, timeout=0)).succeeded
    httpx_mock.add_response(json=record("waiting"))
    with pytest.raises(errors.TaskTimeoutError):
        client.do(client.kie.tasks.wait(TASK_ID, timeout=0))
    assert len(httpx_mock.get_requests()) == 2


def test_settled_refuses_a_single_string(client: Client) -> None:
    with pytest.raises(errors.InvalidInputError, match=r"^tasks: must be several tasks or ids"):
        client.do(client.kie.tasks.settled(TASK_ID))
    with pytest.raises(errors.InvalidInputError, match=r"^tasks: must be tasks or ids, got the integer 5"):
        client.do(client.kie.tasks.settled(5))


def test_former_names_are_refused_with_the_new_one(client: Client) -> None:
    kie = client.kie
    with pytest.raises(AttributeError, match="renamed to duplicate_charges"):
        kie.alarms()
    with pytest.raises(AttributeError, match="renamed to attach"):
        kie.adopt("a", "b")
    with pytest.raises(errors.InvalidInputError, match="key: renamed to idempotency_key"):
        client.do(kie.character_edit.create(**EDIT, key="order-17"))
    with pytest.raises(TypeError, match="key: renamed to idempotency_key"):
        client.do(kie.tasks.create(EDIT_BODY, key="order-17"))


def test_dir_lists_resources_and_documented_methods_only(client: Client) -> None:
    listed = set(dir(client.kie))
    assert not [name for name in listed if name.startswith("_")]
    assert {"character_edit", "tasks", "resume", "attach", "mark_done", "close"} <= listed
    assert not listed & {"core", "schedule", "run", "news", "give", "journal", "session"}
