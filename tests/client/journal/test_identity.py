"""An idempotency key belongs to one server in any spelling, and to one account with any API key."""

import warnings
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import errors
from kie_ideogram._runtime.http.hosts import canonical_server, same_server
from tests.client.conftest import CREATE, PAGE_ANSWER, QUERY, TASK_ID, Client, record, refused
from tests.client.journal.conftest import order, rows, sent

OTHER_KEY = "kie-test-key-9876543210"


@pytest.mark.parametrize(
    ("spelling", "canonical"),
    [
        ("https://[0:0:0:0:0:0:0:1]:8443/x", "https://[::1]:8443/x"),
        ("https://[2001:DB8::0001]", "https://[2001:db8::1]"),
        ("https://[::ffff:192.0.2.1]", "https://192.0.2.1"),
        ("http://127.1:8000", "http://127.0.0.1:8000"),
        ("http://2130706433:8000", "http://127.0.0.1:8000"),
        ("https://host.example//a///b", "https://host.example/a/b"),
        ("https://host.example/a/%2e%2E/b/%2e", "https://host.example/b"),
        ("https://api.kie.ai", "https://api.kie.ai"),
        ("https://api.kie.ai/", "https://api.kie.ai"),
        ("https://api.kie.ai///", "https://api.kie.ai"),
        ("HTTPS://API.Kie.AI", "https://api.kie.ai"),
        ("https://api.kie.ai:443", "https://api.kie.ai"),
        ("https://api.kie.ai.", "https://api.kie.ai"),
        ("https://api.kie.ai.:443/", "https://api.kie.ai"),
        ("http://api.kie.ai:80", "http://api.kie.ai"),
        ("http://api.kie.ai", "http://api.kie.ai"),
        ("https://api.kie.ai:8443", "https://api.kie.ai:8443"),
        ("http://api.kie.ai:443", "http://api.kie.ai:443"),
        ("https://api.kie.ai/a%2fb", "https://api.kie.ai/a%2Fb"),
        ("https://api.kie.ai/%7euser/%41", "https://api.kie.ai/~user/A"),
        ("https://api.kie.ai/Path", "https://api.kie.ai/Path"),
        ("https://b\u00fccher.example", "https://xn--bcher-kva.example"),
        ("https://XN--BCHER-KVA.example", "https://xn--bcher-kva.example"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ],
)
def test_server_url_becomes_canonical(spelling: str, canonical: str) -> None:
    assert canonical_server(spelling) == canonical
    assert canonical_server(canonical) == canonical


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://API.kie.ai:443/file.png", True),
        ("https://api.kie.ai./file.png", True),
        ("http://api.kie.ai/file.png", False),
        ("https://api.kie.ai:8443/file.png", False),
        ("https://api.kie.ai.example/file.png", False),
        ("https://[", False),
    ],
)
def test_url_matches_its_server_in_any_spelling(url: str, same: bool) -> None:
    assert same_server(url, "https://api.kie.ai") is same


def test_loopback_names_are_recognized() -> None:
    assert same_server("http://localhost:8000/a", "http://127.0.0.1:8000")
    assert same_server("http://[::1]:8000/a", "http://127.0.0.1:8000")
    assert not same_server("http://localhost:8001/a", "http://127.0.0.1:8000")


@pytest.mark.parametrize(
    "spelling", ["https://API.kie.ai", "https://api.kie.ai/", "https://api.kie.ai:443", "https://api.kie.ai."]
)
def test_key_is_one_task_for_any_spelling_of_the_server(
    client: Client, kie: Any, path: Any, httpx_mock: HTTPXMock, spelling: str
) -> None:
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
    order(client, kie)
    other = client.make(journal=path, base_url=spelling)
    assert order(client, other).id == TASK_ID
    assert [task.id for task in client.do(other.resume())] == [TASK_ID]
    assert len(httpx_mock.get_requests()) == 1
    assert rows(path, "SELECT DISTINCT server FROM submissions") == [("https://api.kie.ai",)]


@pytest.mark.parametrize("scheme", ["http", "HTTP"])
def test_plain_http_warns_that_the_key_can_be_read(client: Client, scheme: str) -> None:
    with pytest.warns(
        UserWarning, match=r"plain http: others .* can read the API key .* api\.kie\.ai; use https"
    ):
        client.make(base_url=f"{scheme}://api.kie.ai", upload_base_url="https://kieai.redpandaai.co")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1", "https://a.example"]
)
def test_loopback_and_https_do_not_warn(client: Client, url: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        client.make(base_url=url, upload_base_url=url)


class TestAnotherApiKey:
    @pytest.fixture
    def other(self, client: Client, kie: Any, path: Any, httpx_mock: HTTPXMock) -> Any:
        """Return a client with another API key, after the first one has submitted `order-17`."""
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
        order(client, kie)
        return client.make(api_key=OTHER_KEY, journal=path)

    @pytest.mark.parametrize("code", [404, 422])
    def test_key_of_another_account_does_not_get_the_task(
        self, client: Client, other: Any, httpx_mock: HTTPXMock, code: int
    ) -> None:
        httpx_mock.add_response(url=QUERY, json=refused(code, "recordInfo is null"), is_reusable=True)
        for _ in range(2):
            with pytest.raises(
                errors.InvalidInputError, match=r"idempotency_key: .*another API key.*one journal"
            ):
                order(client, other)
        assert len(sent(httpx_mock)) == 1

    def test_key_of_the_same_account_gets_the_task(
        self, client: Client, kie: Any, other: Any, path: Any, httpx_mock: HTTPXMock
    ) -> None:
        httpx_mock.add_response(url=QUERY, json=record("waiting"))
        for one in (other, other, kie, client.make(api_key=OTHER_KEY, journal=path)):
            assert order(client, one).id == TASK_ID
        assert len(httpx_mock.get_requests(url=QUERY)) == 1  # proven once
        assert len(sent(httpx_mock)) == 1

    def test_key_of_the_same_account_gets_earlier_tasks(
        self, client: Client, kie: Any, other: Any, httpx_mock: HTTPXMock
    ) -> None:
        httpx_mock.add_response(url=CREATE, json={"code": 200, "data": {"taskId": "second"}})
        assert order(client, other, "order-18").id == "second"
        httpx_mock.add_response(url=QUERY, json=record("waiting"))
        assert order(client, other).id == TASK_ID
        assert order(client, kie, "order-18").id == "second"
        assert len(httpx_mock.get_requests(url=QUERY)) == 1

    def test_key_whose_account_cannot_be_checked_raises(
        self, client: Client, other: Any, httpx_mock: HTTPXMock
    ) -> None:
        httpx_mock.add_exception(httpx.ConnectError("down"), url=QUERY, is_reusable=True)
        with pytest.raises(errors.ServiceUnreachableError):
            order(client, other)
        assert len(sent(httpx_mock)) == 1

    def test_other_key_lists_all_submissions_of_the_journal(self, client: Client, other: Any) -> None:
        assert [task.id for task in client.do(other.resume())] == [TASK_ID]

    def test_other_key_may_send_a_refused_submission(
        self, client: Client, kie: Any, path: Any, httpx_mock: HTTPXMock
    ) -> None:
        httpx_mock.add_response(url=CREATE, json=refused(402))
        with pytest.raises(errors.InsufficientCreditsError):
            order(client, kie)
        other = client.make(api_key=OTHER_KEY, journal=path)
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
        assert order(client, other).id == TASK_ID
        assert order(client, other).id == TASK_ID
        assert httpx_mock.get_requests(url=QUERY) == []

    def test_other_key_is_not_in_the_file(
        self, client: Client, other: Any, path: Any, httpx_mock: HTTPXMock
    ) -> None:
        httpx_mock.add_response(url=QUERY, json=record("waiting"))
        order(client, other)
        client.do(other.close())
        files = [file for file in path.parent.rglob("*") if file.is_file()]
        assert not any(OTHER_KEY.encode() in file.read_bytes() for file in files)
