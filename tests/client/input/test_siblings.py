"""`create` of the models next to character edit sends the example of their page, field by field."""

import json

import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram._contract import CONTRACT
from tests.client.conftest import CREATE, Client
from tests.client.responses.playing import RECORDINGS
from tests.client.responses.test_replay import EXAMPLES


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_create_sends_the_example_of_the_page(name: str, client: Client, httpx_mock: HTTPXMock) -> None:
    (exchange,) = RECORDINGS[name].exchanges
    body = json.loads(exchange.request.text)
    httpx_mock.add_response(url=CREATE, text=exchange.response.text)
    resource = getattr(client.kie, CONTRACT.models[body["model"]].resource)

    task = client.do(resource.create(**body["input"], call_back_url=body["callBackUrl"]))

    (sent,) = httpx_mock.get_requests()
    assert json.loads(sent.content) == body
    assert task.id == json.loads(exchange.response.text)["data"]["taskId"]
