"""Unclear responses: a paid task is never reported as failed, sent again or dropped."""

import asyncio
import hashlib
import json
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import Kie, errors
from tests.client.conftest import CREATE, EDIT, EDIT_BODY, KEY, Client, succeeded


@pytest.mark.parametrize("status", [408, 501])
def test_error_page_of_a_proxy_does_not_fail_a_task(
    client: Client, httpx_mock: HTTPXMock, status: int
) -> None:
    httpx_mock.add_response(status_code=status, html="<h1>gone</h1>", is_reusable=True)
    with pytest.raises(errors.ApiError):
        client.do(client.kie.tasks.get("t"))


@pytest.mark.parametrize(
    "reply",
    [
        {"status_code": 500, "json": {"code": 200, "msg": "success", "data": {"taskId": "paid"}}},
        {"json": {"code": 501, "msg": "failed", "data": {"taskId": "paid"}}},
    ],
    ids=["status-500", "code-501"],
)
def test_task_id_in_an_unclear_response_is_in_the_error(
    client: Client, httpx_mock: HTTPXMock, reply: Any
) -> None:
    httpx_mock.add_response(url=CREATE, **reply)
    with pytest.raises(errors.SubmissionUnknownError) as caught:
        client.create()
    assert caught.value.task_id == "paid"


@pytest.mark.parametrize(
    "body",
    [
        b'{"code":429,"msg":"too many","data":{"taskId":"pa',
        b'{"code": NULL}',
        b"\xef\xbb\xbf [1,",
        b'{"code":429,"msg":"\xff"}',
        b"[" * 100_000,
    ],
    ids=lambda body: repr(body[:12]),
)
def test_refusal_in_broken_json_is_unknown(client: Client, httpx_mock: HTTPXMock, body: bytes) -> None:
    httpx_mock.add_response(url=CREATE, status_code=429, content=body)
    with pytest.raises(errors.SubmissionUnknownError, match="code 429"):
        client.create()


def test_exception_in_the_callers_transport_is_unknown() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise ValueError("a hook of the caller's own failed after the request was sent")

    kie = Kie(KEY, http_client=httpx.Client(transport=httpx.MockTransport(answer)))
    with kie, pytest.raises(errors.SubmissionUnknownError, match="ValueError"):
        kie.character_edit.create(**EDIT)


@pytest.mark.parametrize("interruption", [KeyboardInterrupt(), asyncio.CancelledError()])
def test_interrupted_submission_has_a_note_with_its_hash(interruption: BaseException) -> None:
    def interrupted(request: httpx.Request) -> httpx.Response:
        raise interruption

    kie = Kie(KEY, http_client=httpx.Client(transport=httpx.MockTransport(interrupted)))
    with kie, pytest.raises(type(interruption)) as caught:
        kie.character_edit.create(**EDIT)
    [note] = caught.value.__notes__
    body = json.dumps(EDIT_BODY, separators=(",", ":"))
    assert "may have been charged" in note
    assert hashlib.sha256(body.encode()).hexdigest() in note


def test_record_of_another_task_is_a_format_error(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(json=succeeded(task_id="other"))
    with pytest.raises(
        errors.ResponseFormatError, match=r"of another task, the string 'other' \[task mine\]"
    ):
        client.do(client.kie.tasks.get("mine"))
