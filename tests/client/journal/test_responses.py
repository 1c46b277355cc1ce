"""Unusual responses: no id damages the journal, and no task id in a response is dropped."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import errors
from kie_ideogram._contract import CONTRACT
from kie_ideogram._runtime.journal.fallback_file import FallbackEntry, write_fallback
from kie_ideogram._runtime.journal.journal import Journal
from tests.client.conftest import CREATE, PAGE_ANSWER, TASK_ID, Client, refused
from tests.client.journal.conftest import order, rows, sent

REFUSALS = sorted(code.code for code in CONTRACT.codes.values() if code.create == "refused")

USABLE = [
    "a",
    "a" * 1000,
    "a\0b",
    "line\nbreak",
    " a ",
    "'; DROP TABLE submissions",
    "任务",
    "\U0001f600",
    "\x1b[31m",
]
UNUSABLE = ["", " ", "\n", "a" * 1001, "\ud800", "a\udfffb", 17, 1.5, True, None, [], {}, ["a"], {"a": 1}]


def answered(httpx_mock: HTTPXMock, code: int, task_id: Any) -> None:
    body = json.dumps({"code": code, "msg": "said", "data": {"taskId": task_id}})  # surrogates are escaped
    httpx_mock.add_response(url=CREATE, content=body.encode(), headers={"content-type": "application/json"})


@pytest.mark.parametrize("task_id", USABLE, ids=ascii)
def test_task_id_of_any_text_is_stored(
    client: Client, kie: Any, path: Any, httpx_mock: HTTPXMock, task_id: str
) -> None:
    answered(httpx_mock, 200, task_id)
    assert order(client, kie).id == task_id
    client.do(kie.close())
    later = client.make(journal=path)
    assert [task.id for task in client.do(later.resume())] == [task_id]
    assert order(client, later).id == task_id
    assert len(sent(httpx_mock)) == 1


@pytest.mark.parametrize("task_id", UNUSABLE, ids=lambda value: ascii(value)[:20])
def test_invalid_task_id_leaves_a_usable_journal(
    client: Client, kie: Any, path: Any, httpx_mock: HTTPXMock, task_id: Any
) -> None:
    answered(httpx_mock, 200, task_id)
    with pytest.raises(errors.SubmissionUnknownError) as caught:
        order(client, kie)
    assert caught.value.task_id is None
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
    assert order(client, kie, "order-18").id == TASK_ID
    client.do(kie.close())
    later = client.make(journal=path)
    assert [(one.idempotency_key, one.task_id) for one in client.do(later.unknown())] == [("order-17", None)]
    assert [task.id for task in client.do(later.resume())] == [TASK_ID]


@pytest.mark.parametrize("code", REFUSALS)
def test_refusal_with_a_task_id_is_unknown(
    client: Client, kie: Any, httpx_mock: HTTPXMock, code: int
) -> None:
    answered(httpx_mock, code, TASK_ID)
    with pytest.raises(errors.SubmissionUnknownError, match=f"code {code}") as caught:
        order(client, kie)
    assert caught.value.task_id == TASK_ID
    assert len(sent(httpx_mock)) == 1
    assert [one.task_id for one in client.do(kie.unknown())] == [TASK_ID]


@pytest.mark.parametrize("task_id", [17, [], "\ud800"], ids=ascii)
def test_refusal_with_an_invalid_task_id_is_unknown(
    client: Client, kie: Any, httpx_mock: HTTPXMock, task_id: Any
) -> None:
    answered(httpx_mock, 429, task_id)
    with pytest.raises(errors.SubmissionUnknownError):
        order(client, kie)
    assert len(sent(httpx_mock)) == 1
    assert len(client.do(kie.unknown())) == 1


@pytest.mark.parametrize("task_id", [None, ""])
def test_refusal_without_a_task_id_is_retried(
    client: Client, kie: Any, httpx_mock: HTTPXMock, task_id: Any
) -> None:
    answered(httpx_mock, 429, task_id)
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
    assert order(client, kie).id == TASK_ID
    assert len(sent(httpx_mock)) == 2


def test_refusal_with_a_task_id_is_unknown_without_journal(client: Client, httpx_mock: HTTPXMock) -> None:
    answered(httpx_mock, 429, TASK_ID)
    with pytest.raises(errors.SubmissionUnknownError) as caught:
        client.create()
    assert caught.value.task_id == TASK_ID


def test_one_task_of_two_submissions_is_done_for_both(
    client: Client, kie: Any, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER, is_reusable=True)
    order(client, kie, "one")
    order(client, kie, "two", prompt="another")
    assert [task.id for task in client.do(kie.resume())] == [TASK_ID, TASK_ID]
    client.do(kie.mark_done(TASK_ID))
    assert client.do(kie.resume()) == []


def test_outcome_that_cannot_be_recorded_stops_no_later_call(
    client: Client, path: Any, httpx_mock: HTTPXMock
) -> None:
    class Failing(Journal):
        def _conclude(self, attempt: Any, *given: Any, **named: Any) -> Any:
            if attempt.idempotency_key == "order-17":
                raise ValueError("this record cannot be written")
            return super()._conclude(attempt, *given, **named)

    kie = client.make(journal=client.journal(path, Failing))
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
    assert order(client, kie).id == TASK_ID
    httpx_mock.add_response(url=CREATE, json={"code": 200, "data": {"taskId": "second"}})
    assert order(client, kie, "order-18").id == "second"
    assert all(TASK_ID in file.read_text() for file in path.parent.glob("journal.db-fallback-*"))
    assert rows(path, "SELECT count(*) FROM submissions WHERE state = 'sending'") == [(1,)]
    assert [one.idempotency_key for one in client.do(kie.unknown())] == ["order-17"]


def test_stored_task_that_cannot_be_recorded_stops_no_start(
    client: Client, kie: Any, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Failing(Journal):
        def find(self, *given: Any, **named: Any) -> Any:
            raise ValueError("no such text")

    base = path.with_name("journal.db-fallback")
    write_fallback(base, FallbackEntry(kie._session.server, "order-17", TASK_ID), OSError("full"))
    client.make(journal=client.journal(path, Failing))
    assert f"task {TASK_ID} cannot be recorded: no such text" in caplog.text
    assert len(list(path.parent.glob("journal.db-fallback-*"))) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirected_submission_is_unknown_and_names_the_host(
    client: Client, kie: Any, httpx_mock: HTTPXMock, status: int
) -> None:
    headers = {"location": "https://api.example.net/secret-path?token=secret"}
    httpx_mock.add_response(url=CREATE, status_code=status, headers=headers)
    with pytest.raises(
        errors.SubmissionUnknownError, match=r"redirected the request to api\.example\.net,"
    ) as caught:
        order(client, kie)
    assert "secret" not in str(caught.value)
    assert len(httpx_mock.get_requests()) == 1
    assert len(client.do(kie.unknown())) == 1


@pytest.mark.parametrize(
    ("location", "named"),
    [
        ("/elsewhere", "another path of the same server"),
        ("http://[", "an invalid URL"),
        ("https://\x1bred.example/", r"\\x1bred\.example"),
        ("https://" + "a" * 1000 + ".example/", "a{200},"),
    ],
    ids=["path", "invalid", "escape sequence", "long"],
)
def test_redirect_to_an_unusual_url_is_printable(
    client: Client, kie: Any, httpx_mock: HTTPXMock, location: str, named: str
) -> None:
    response = httpx.Response(307, headers=[(b"location", location.encode())])
    httpx_mock.add_callback(lambda request: response, url=CREATE)
    with pytest.raises(errors.SubmissionUnknownError, match=f"redirected the request to {named}") as caught:
        order(client, kie)
    assert str(caught.value).isprintable()


def test_response_without_redirect_names_no_redirect(client: Client, kie: Any, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=CREATE, json=refused(501), headers={"location": "https://api.example.net/"})
    with pytest.raises(errors.SubmissionUnknownError) as caught:
        order(client, kie)
    assert "redirected" not in str(caught.value)
