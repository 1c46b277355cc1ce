"""The three outcomes of a submission: accepted, refused (no task), unknown (maybe a task).

The client sends it once, unless it was certainly refused because of its timing, or nothing was sent.
"""

import hashlib
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import KieError, errors
from tests.client.conftest import CREATE, EDIT_BODY, PAGE_ANSWER, TASK_ID, Client, refused
from tests.contract.facts import ATTEMPTS, FAILURES


def outcome(client: Client) -> tuple[str, Any]:
    """Submit; return the outcome, and the task or the exception."""
    try:
        return "accepted", client.create()
    except errors.SubmissionUnknownError as error:
        return "unknown", error
    except (errors.ApiError, errors.ServiceUnreachableError) as error:
        return "refused", error


@pytest.mark.parametrize("code", FAILURES)
@pytest.mark.parametrize("as_status", [False, True], ids=["in-http-200", "as-http-status"])
def test_code_leads_to_its_outcome(client: Client, httpx_mock: HTTPXMock, code: int, as_status: bool) -> None:
    httpx_mock.add_response(
        url=CREATE, json=refused(code), status_code=code if as_status else 200, is_reusable=True
    )
    fact = FAILURES[code]

    found, error = outcome(client)

    assert found == fact.create
    verdict = error if found == "refused" else error.__cause__
    assert type(verdict) is getattr(errors, fact.exception)
    assert (verdict.code, verdict.msg) == (code, "no")
    assert len(httpx_mock.get_requests()) == fact.requests("create")


@pytest.mark.parametrize("code", FAILURES)
def test_html_reply_has_the_outcome_of_its_http_status(
    client: Client, httpx_mock: HTTPXMock, code: int
) -> None:
    httpx_mock.add_response(url=CREATE, html="<h1>no</h1>", status_code=code, is_reusable=True)
    fact = FAILURES[code]
    found, error = outcome(client)
    assert found == fact.create
    assert type(error if found == "refused" else error.__cause__) is getattr(errors, fact.exception)
    assert len(httpx_mock.get_requests()) == fact.requests("create")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        # Undeclared codes and statuses: nothing is known about the task.
        (200, refused(418)),
        (200, refused(531)),
        (200, refused(999)),
        (418, refused(418)),
        (502, refused(502)),
        (503, "<h1>unavailable</h1>"),
        (504, "<h1>gateway timeout</h1>"),
        (520, "error code: 520"),
        (302, ""),
        (307, ""),
        # Status and code contradict each other: one of them may be a proxy's.
        (500, refused(401)),
        (502, refused(429)),
        (401, refused(500)),
        (429, refused(501)),
        (500, PAGE_ANSWER),
        (404, PAGE_ANSWER),
        (200, {**PAGE_ANSWER, "success": False}),
        # Replies that cannot be read.
        (200, ""),
        (200, "<h1>hello</h1>"),
        (200, '{"code":200,"msg":"succ'),
        (200, "[]"),
        (200, "null"),
        (200, "200"),
        (200, "\ufffe"),
        (200, "[" * 100_000),
        (200, {"msg": "success", "data": {"taskId": TASK_ID}}),
        (200, {"code": None, "data": {"taskId": TASK_ID}}),
        (200, {"code": True, "data": {"taskId": TASK_ID}}),
        (200, {"code": 200, "msg": "success"}),
        (200, {"code": 200, "msg": "success", "data": None}),
        (200, {"code": 200, "msg": "success", "data": TASK_ID}),
        (200, {"code": 200, "msg": "success", "data": {}}),
        (200, {"code": 200, "msg": "success", "data": {"taskId": ""}}),
        (200, {"code": 200, "msg": "success", "data": {"taskId": 7}}),
        (200, {"code": 200, "msg": "success", "data": {"recordId": TASK_ID}}),
    ],
)
def test_unclear_reply_leaves_the_outcome_unknown(
    client: Client, httpx_mock: HTTPXMock, status: int, body: Any
) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    httpx_mock.add_response(url=CREATE, text=text, status_code=status)
    found, error = outcome(client)
    assert found == "unknown"
    assert isinstance(error.__cause__, KieError)
    assert len(httpx_mock.get_requests()) == 1


@pytest.mark.parametrize(
    "exception",
    [
        httpx.ReadTimeout,
        httpx.ReadError,
        httpx.RemoteProtocolError,
        httpx.WriteTimeout,
        httpx.WriteError,
        httpx.CloseError,
        httpx.LocalProtocolError,
        httpx.DecodingError,
    ],
)
def test_lost_reply_leaves_the_outcome_unknown(
    client: Client, httpx_mock: HTTPXMock, exception: type[httpx.RequestError]
) -> None:
    httpx_mock.add_exception(exception("gone"), url=CREATE)
    found, error = outcome(client)
    assert found == "unknown"
    assert isinstance(error.__cause__, errors.ReplyLostError)
    assert isinstance(error.__cause__.__cause__, exception)
    assert len(httpx_mock.get_requests()) == 1


@pytest.mark.parametrize(
    "exception", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError]
)
def test_failed_connection_is_retried_then_reported(
    client: Client, httpx_mock: HTTPXMock, exception: type[httpx.RequestError]
) -> None:
    httpx_mock.add_exception(exception("no way"), url=CREATE, is_reusable=True)
    found, error = outcome(client)
    assert (found, type(error)) == ("refused", errors.ServiceUnreachableError)
    assert "nothing was sent" in str(error)
    assert len(httpx_mock.get_requests()) == ATTEMPTS


def test_submission_succeeds_after_connection_error_and_429(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_exception(httpx.ConnectError("no way"), url=CREATE)
    httpx_mock.add_response(url=CREATE, json=refused(429))
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
    found, task = outcome(client)
    assert (found, task.id) == ("accepted", TASK_ID)
    assert len({request.content for request in httpx_mock.get_requests()}) == 1
    assert len(httpx_mock.get_requests()) == 3


@pytest.mark.parametrize("after", [refused(500), {"code": 200}])
def test_retry_with_unknown_outcome_is_the_last(
    client: Client, httpx_mock: HTTPXMock, after: dict[str, Any]
) -> None:
    httpx_mock.add_response(url=CREATE, json=refused(429))
    httpx_mock.add_response(url=CREATE, json=after)
    assert outcome(client)[0] == "unknown"
    assert len(httpx_mock.get_requests()) == 2


def test_unknown_outcome_names_request_and_time(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_exception(httpx.ReadTimeout("gone"), url=CREATE)
    _, error = outcome(client)
    (request,) = httpx_mock.get_requests()
    assert json.loads(request.content) == EDIT_BODY
    assert error.fingerprint == hashlib.sha256(request.content).hexdigest()
    assert error.sent_at.timestamp() == pytest.approx(client.clock.unix(), abs=0.001)
    assert error.sent_at.utcoffset() == timedelta(0)
    assert "may have been charged" in str(error)
    assert error.task_id is None


def test_undeclared_code_is_reported_with_its_message(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=CREATE, json=refused(777, "the moon is full"))
    _, error = outcome(client)
    assert type(error.__cause__) is errors.ApiError
    assert error.__cause__.code == 777
    assert "777" in str(error)
    assert "the moon is full" in str(error)


def test_refusal_has_body_code_and_http_status(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=CREATE, json=refused(422, "bad mask"), status_code=400)
    found, error = outcome(client)
    assert (found, error.code, error.http_status) == ("refused", 422, 400)
    assert error.body == {"code": 422, "msg": "bad mask", "data": None}


def test_unknown_members_of_a_reply_are_in_raw(client: Client, httpx_mock: HTTPXMock) -> None:
    answer = {"code": 200, "msg": "success", "data": {"taskId": TASK_ID, "queue": 7}, "trace": "x"}
    httpx_mock.add_response(url=CREATE, json=answer)
    found, task = outcome(client)
    assert found == "accepted"
    assert task.raw == {"taskId": TASK_ID, "queue": 7}
