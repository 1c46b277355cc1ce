"""Errors can be pickled, as worker pools do, and printed."""

import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import errors
from tests.client.conftest import KEY, QUERY, Client, record, refused

ERRORS: list[errors.KieError] = [
    errors.ConfigurationError("no key"),
    errors.InvalidInputError([errors.Fault("input.prompt", "required", "is missing")]),
    errors.WrongArgumentError([errors.Fault("timeuot", "argument", "no such argument")]),
    errors.ServiceUnreachableError("no connection"),
    errors.ReplyLostError("lost"),
    errors.ResponseFormatError("no JSON", http_status=200, body=b"<html>"),
    errors.BY_CODE[402](
        "code 402", code=402, msg="poor", http_status=200, body={"code": 402}, retry_after="3"
    ),
    errors.SubmissionUnknownError(
        "lost", fingerprint="f", sent_at=datetime(2026, 1, 1, tzinfo=UTC), idempotency_key="k"
    ),
    errors.TaskTimeoutError("late"),
    errors.DownloadError("gone"),
    errors.JournalError("full"),
    errors.SignatureError("forged"),
]


def members(error: errors.KieError) -> tuple[Any, ...]:
    return type(error), str(error), error.args, vars(error)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_pickled_error_is_restored(error: errors.KieError) -> None:
    error.task_id = "t"
    assert members(pickle.loads(pickle.dumps(error))) == members(error)  # noqa: S301 # our own


def test_pickled_task_error_keeps_its_record(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=QUERY, json=record("fail", failCode="500", failMsg="no luck"))
    with pytest.raises(errors.TaskFailedError) as caught:
        client.do(client.kie.tasks.wait("task_ideogram_1765179908063"))
    packed = pickle.dumps(caught.value)
    assert KEY.encode() not in packed
    error = pickle.loads(packed)  # noqa: S301 # our own
    assert (error.task_id, error.fail_msg, str(error)) == (
        caught.value.task_id,
        "no luck",
        str(caught.value),
    )
    assert (error.task.state, error.task.raw) == ("fail", caught.value.task.raw)


def test_pickled_api_error_is_restored(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(json=refused(401, "who are you"))
    with pytest.raises(errors.ApiError) as caught:
        client.do(client.kie.credits.get())
    error = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 # our own
    assert members(error) == members(caught.value)


@pytest.mark.parametrize("task_id", ["\ud800", "a\nb", "\x1b[31m"])
def test_errors_are_printable_in_one_line(client: Client, httpx_mock: HTTPXMock, task_id: str) -> None:
    error = errors.KieError("gone")
    error.task_id = task_id
    assert str(error).isprintable()
    httpx_mock.add_response(content=b'{"code": 500, "msg": "\\ud800"}', is_reusable=True)
    with pytest.raises(errors.ApiError) as caught:
        client.do(client.kie.credits.get())
    assert str(caught.value).encode().endswith(rb"\ud800")


@pytest.mark.parametrize("name", sorted(set(errors.__all__) - {"BY_CODE"}))
def test_errors_have_their_public_module_name(name: str) -> None:
    assert getattr(errors, name).__module__ == "kie_ideogram.errors"
