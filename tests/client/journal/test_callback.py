"""A callback settles the submission whose reply was lost."""

from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import errors
from tests.client.conftest import CREATE, QUERY, TASK_ID, Client, record
from tests.client.journal.conftest import echo, order, sent


class TestCallback:
    URL = "https://shop.example/kie?x=1"

    @pytest.fixture
    def url(self, client: Client, kie: Any, httpx_mock: HTTPXMock) -> str:
        """Return the callback URL that the service received in a submission whose reply was lost."""
        httpx_mock.add_exception(httpx.ReadTimeout("gone"), url=CREATE)
        with pytest.raises(errors.SubmissionUnknownError):
            order(client, kie, call_back_url=self.URL)
        (body,) = sent(httpx_mock)
        url: str = body["callBackUrl"]
        return url

    def test_callback_url_is_the_callers_with_a_token(self, url: str) -> None:
        assert url.startswith(f"{self.URL}&kie-submission=")
        assert "order-17" not in url

    def test_callback_confirmed_by_the_record_settles_it(
        self, client: Client, kie: Any, url: str, httpx_mock: HTTPXMock
    ) -> None:
        httpx_mock.add_response(url=QUERY, json=record("success", param=echo(sent(httpx_mock)[0])))
        client.do(kie.notify(TASK_ID, url))
        assert [task.id for task in client.do(kie.resume())] == [TASK_ID]

    @pytest.mark.parametrize("param", ["", "{}", '{"callBackUrl": "https://shop.example/kie?x=1"}', None])
    def test_callback_not_confirmed_by_the_record_settles_nothing(
        self, client: Client, kie: Any, url: str, httpx_mock: HTTPXMock, param: Any
    ) -> None:
        httpx_mock.add_response(url=QUERY, json=record("success", param=param))
        client.do(kie.notify(TASK_ID, url))
        assert [one.idempotency_key for one in client.do(kie.unknown())] == ["order-17"]

    def test_callback_with_a_wrong_token_is_refused(self, client: Client, kie: Any, url: str) -> None:
        with pytest.raises(errors.SignatureError, match="not signed by this journal"):
            client.do(kie.notify(TASK_ID, url[:-1] + ("0" if url[-1] != "0" else "1")))

    @pytest.mark.parametrize(
        "url", ["http://[/?kie-submission=a.b", "https://shop.example/?kie-submission=\ud800.b"]
    )
    def test_callback_to_an_invalid_url_is_refused(self, client: Client, kie: Any, url: str) -> None:
        with pytest.raises(errors.SignatureError, match=r"is invalid|not signed"):
            client.do(kie.notify(TASK_ID, url))

    def test_callback_without_a_token_is_ignored(self, client: Client, kie: Any) -> None:
        client.do(kie.notify(TASK_ID, self.URL))
        client.do(kie.notify(TASK_ID))

    def test_callback_of_a_second_task_is_a_duplicate_charge(
        self, client: Client, kie: Any, url: str, httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture
    ) -> None:
        for task_id in (TASK_ID, "another"):
            confirmed = record("success", taskId=task_id, param=echo(sent(httpx_mock)[0]))
            httpx_mock.add_response(url=QUERY.replace(TASK_ID, task_id), json=confirmed)
            client.do(kie.notify(task_id, url))
        assert client.do(kie.duplicate_charges()) == [("order-17", "another")]
        assert [task.id for task in client.do(kie.resume())] == [TASK_ID]
        assert "charged twice" in caplog.text
