"""Where a reply cannot be trusted as a whole: no paid task is called failed, repeated, or forgotten."""

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
def test_a_proxys_page_does_not_fail_a_task(client: Client, httpx_mock: HTTPXMock, status: int) -> None:
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
def test_an_id_in_a_doubtful_answer_is_kept(client: Client, httpx_mock: HTTPXMock, reply: Any) -> None:
    httpx_mock.add_response(url=CREATE, **reply)
    with pytest.raises(errors.SubmissionUnknownError) as caught:
        client.create()
    assert caught.value.task_id == "paid"


def test_a_fault_of_ones_own_transport_leaves_the_outcome_unknown() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise ValueError("a hook of the caller's own failed after the request was sent")

    kie = Kie(KEY, http_client=httpx.Client(transport=httpx.MockTransport(answer)))
    with kie, pytest.raises(errors.SubmissionUnknownError, match="ValueError"):
        kie.character_edit.create(**EDIT)


@pytest.mark.parametrize("interruption", [KeyboardInterrupt(), asyncio.CancelledError()])
def test_who_interrupts_a_create_is_told_what_is_in_doubt(interruption: BaseException) -> None:
    def interrupted(request: httpx.Request) -> httpx.Response:
        raise interruption

    kie = Kie(KEY, http_client=httpx.Client(transport=httpx.MockTransport(interrupted)))
    with kie, pytest.raises(type(interruption)) as caught:
        kie.character_edit.create(**EDIT)
    [note] = caught.value.__notes__
    body = json.dumps(EDIT_BODY, separators=(",", ":"))
    assert "may have been charged" in note
    assert hashlib.sha256(body.encode()).hexdigest() in note


def test_the_record_of_another_task_is_not_taken_for_the_one_asked_for(
    client: Client, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(json=succeeded(task_id="other"))
    with pytest.raises(
        errors.ResponseFormatError, match=r"of another task, the string 'other' \[task mine\]"
    ):
        client.do(client.kie.tasks.get("mine"))
