"""Every declared code at every operation: how many requests are sent. The table is written by hand."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import errors
from kie_ideogram._contract import CONTRACT
from tests.client.conftest import TASK_ID, Client, refused

CALLS: dict[str, Callable[[Any], Any]] = {
    "getTask": lambda kie: kie.tasks.get(TASK_ID),
    "uploadFile": lambda kie: kie.files.upload(b"a picture"),
    "uploadBase64": lambda kie: kie.files.upload_base64(base64_data="AAAA"),
    "uploadUrl": lambda kie: kie.files.upload_url("https://example.com/a.png"),
    "getDownloadUrl": lambda kie: kie.files.download_url("https://example.com/a.png"),
    "getCredits": lambda kie: kie.credits.get(),
}

# Passing faults of the service; all else is told at once. `test_outcomes.py` has the create.
REPEATED = {429, 455, 500}

# These say that the task has failed, which is an answer and no error.
FAILED = {("getTask", 408), ("getTask", 501)}


def test_no_operation_is_left_out() -> None:
    assert {*CALLS, "createTask"} == set(CONTRACT.operations)


@pytest.mark.parametrize("code", sorted(set(CONTRACT.codes) - {200}))
@pytest.mark.parametrize("operation", CALLS)
def test_a_code_leads_to_so_many_requests(
    client: Client, httpx_mock: HTTPXMock, operation: str, code: int
) -> None:
    httpx_mock.add_response(json=refused(code), is_reusable=True)
    if (operation, code) in FAILED:
        assert client.do(CALLS[operation](client.kie)).failed
    else:
        with pytest.raises(errors.ApiError) as caught:
            client.do(CALLS[operation](client.kie))
        assert caught.value.code == code
    assert len(httpx_mock.get_requests()) == (5 if code in REPEATED else 1)


def test_each_error_says_whether_the_task_was_charged() -> None:
    texts = [kind.__doc__ or "" for kind in vars(errors).values() if isinstance(kind, type)]
    matches = [re.match(r"Code (\d+): .* Charged: (\w+)\.", text) for text in texts]
    said = {int(match[1]): match[2] for match in matches if match}
    doubtful = {408: "unclear", 500: "possibly", 501: "unclear"}
    assert said == {code: doubtful.get(code, "no") for code in set(CONTRACT.codes) - {200}}
