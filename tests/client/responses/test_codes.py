"""Every failure code at every operation but the submission: the exception and the number of requests."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import errors
from tests.client.conftest import QUERY, TASK_ID, Client, refused
from tests.contract.facts import DATA, FAILURES

CALLS: dict[str, Callable[[Any], Any]] = {
    "getTask": lambda kie: kie.tasks.get(TASK_ID),
    "uploadFile": lambda kie: kie.files.upload(b"a picture"),
    "uploadBase64": lambda kie: kie.files.upload_base64(base64_data="AAAA"),
    "uploadUrl": lambda kie: kie.files.upload_url("https://example.com/a.png"),
    "getDownloadUrl": lambda kie: kie.files.download_url("https://example.com/a.png"),
    "getCredits": lambda kie: kie.credits.get(),
}


def test_calls_and_submission_are_all_operations() -> None:
    # test_outcomes.py tests the submission.
    assert {*CALLS, "createTask"} == set(DATA["operations"])


@pytest.mark.parametrize("code", FAILURES)
@pytest.mark.parametrize("operation", CALLS)
def test_code_leads_to_its_exception(
    client: Client, httpx_mock: HTTPXMock, operation: str, code: int
) -> None:
    httpx_mock.add_response(json=refused(code), is_reusable=True)
    fact = FAILURES[code]
    if operation == "getTask" and fact.query == "failed":
        # The task has failed, which is an answer and not an error.
        assert client.do(CALLS[operation](client.kie)).failed
    else:
        with pytest.raises(errors.ApiError) as caught:
            client.do(CALLS[operation](client.kie))
        assert type(caught.value) is getattr(errors, fact.exception)
        assert caught.value.code == code
    assert len(httpx_mock.get_requests()) == fact.requests("query")


def test_failure_may_have_message_in_place_of_msg(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=QUERY, json={"code": 402, "message": "Broke.", "data": None})
    with pytest.raises(errors.InsufficientCreditsError, match=r"Broke\."):
        client.do(client.kie.tasks.get(TASK_ID))
