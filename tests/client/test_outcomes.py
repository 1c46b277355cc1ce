"""The three outcomes of a create: accepted, refused (no task), unknown (maybe a task). It is sent once,
unless it was certainly refused for its timing or never left. The tables are written by hand.
"""

import hashlib
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import KieError, errors
from kie_ideogram._contract import CONTRACT
from tests.client.conftest import CREATE, EDIT_BODY, PAGE_ANSWER, TASK_ID, Client, refused

# What a body code makes of a create, and the exception of the code. 429 alone is sent again.
CODES = {
    400: ("refused", "BadRequestError"),
    401: ("refused", "AuthenticationError"),
    402: ("refused", "InsufficientCreditsError"),
    403: ("refused", "BlockedError"),
    404: ("refused", "NotFoundError"),
    408: ("unknown", "UpstreamTimeoutError"),
    422: ("refused", "UnprocessableRequestError"),
    429: ("refused", "RateLimitError"),
    433: ("refused", "KeyLimitError"),
    455: ("refused", "MaintenanceError"),
    500: ("unknown", "ServerError"),
    501: ("unknown", "GenerationFailedError"),
    505: ("refused", "FeatureDisabledError"),
}
ATTEMPTS = 5


def outcome(client: Client) -> tuple[str, Any]:
    """Create, and name what came of it."""
    try:
        return "accepted", client.create()
    except errors.SubmissionUnknownError as error:
        return "unknown", error
    except (errors.ApiError, errors.ServiceUnreachableError) as error:
        return "refused", error


def test_the_table_has_every_declared_code() -> None:
    assert set(CODES) == set(CONTRACT.codes) - {200}


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("as_status", [False, True], ids=["in-http-200", "as-http-status"])
def test_each_code_has_its_outcome(client: Client, httpx_mock: HTTPXMock, code: int, as_status: bool) -> None:
    httpx_mock.add_response(
        url=CREATE, json=refused(code), status_code=code if as_status else 200, is_reusable=True
    )
    expected, name = CODES[code]

    found, error = outcome(client)

    assert found == expected
    verdict = error if found == "refused" else error.__cause__
    assert type(verdict) is getattr(errors, name)
    assert (verdict.code, verdict.msg) == (code, "no")
    assert len(httpx_mock.get_requests()) == (ATTEMPTS if code == 429 else 1)


@pytest.mark.parametrize("code", CODES)
def test_a_status_with_a_page_instead_of_json_has_the_outcome_of_the_status(
    client: Client, httpx_mock: HTTPXMock, code: int
) -> None:
    httpx_mock.add_response(url=CREATE, html="<h1>no</h1>", status_code=code, is_reusable=True)
    found, error = outcome(client)
    assert found == CODES[code][0]
    assert type(error if found == "refused" else error.__cause__) is getattr(errors, CODES[code][1])
    assert len(httpx_mock.get_requests()) == (ATTEMPTS if code == 429 else 1)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        # Codes and statuses that nobody declares: nothing is known about the task.
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
def test_an_answer_that_does_not_say_refused_leaves_the_outcome_unknown(
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
def test_a_lost_answer_leaves_the_outcome_unknown(
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
def test_a_connection_that_was_never_made_is_tried_again_and_then_told(
    client: Client, httpx_mock: HTTPXMock, exception: type[httpx.RequestError]
) -> None:
    httpx_mock.add_exception(exception("no way"), url=CREATE, is_reusable=True)
    found, error = outcome(client)
    assert (found, type(error)) == ("refused", errors.ServiceUnreachableError)
    assert "nothing was sent" in str(error)
    assert len(httpx_mock.get_requests()) == ATTEMPTS


def test_a_create_goes_through_once_the_service_can_be_reached_and_has_room(
    client: Client, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_exception(httpx.ConnectError("no way"), url=CREATE)
    httpx_mock.add_response(url=CREATE, json=refused(429))
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
    found, task = outcome(client)
    assert (found, task.id) == ("accepted", TASK_ID)
    assert len({request.content for request in httpx_mock.get_requests()}) == 1
    assert len(httpx_mock.get_requests()) == 3


@pytest.mark.parametrize("after", [refused(500), {"code": 200}])
def test_a_repetition_that_may_have_been_accepted_is_the_last(
    client: Client, httpx_mock: HTTPXMock, after: dict[str, Any]
) -> None:
    httpx_mock.add_response(url=CREATE, json=refused(429))
    httpx_mock.add_response(url=CREATE, json=after)
    assert outcome(client)[0] == "unknown"
    assert len(httpx_mock.get_requests()) == 2


def test_an_unknown_outcome_says_which_request_and_when(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_exception(httpx.ReadTimeout("gone"), url=CREATE)
    _, error = outcome(client)
    (request,) = httpx_mock.get_requests()
    assert json.loads(request.content) == EDIT_BODY
    assert error.fingerprint == hashlib.sha256(request.content).hexdigest()
    assert error.sent_at.timestamp() == pytest.approx(client.clock.unix(), abs=0.001)
    assert error.sent_at.utcoffset() == timedelta(0)
    assert "may have been charged" in str(error)
    assert error.task_id is None


def test_an_undeclared_code_is_told_with_its_words(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=CREATE, json=refused(777, "the moon is full"))
    _, error = outcome(client)
    assert type(error.__cause__) is errors.ApiError
    assert error.__cause__.code == 777
    assert "777" in str(error)
    assert "the moon is full" in str(error)


def test_a_refusal_shows_both_verdicts(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=CREATE, json=refused(422, "bad mask"), status_code=400)
    found, error = outcome(client)
    assert (found, error.code, error.http_status) == ("refused", 422, 400)
    assert error.body == {"code": 422, "msg": "bad mask", "data": None}


def test_unknown_members_of_an_answer_are_kept(client: Client, httpx_mock: HTTPXMock) -> None:
    answer = {"code": 200, "msg": "success", "data": {"taskId": TASK_ID, "queue": 7}, "trace": "x"}
    httpx_mock.add_response(url=CREATE, json=answer)
    found, task = outcome(client)
    assert found == "accepted"
    assert task.raw == {"taskId": TASK_ID, "queue": 7}
