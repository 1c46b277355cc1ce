"""The proxies of the environment: which requests they get, and what errors say about them."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import errors
from kie_ideogram._runtime.http.transport.proxies import environment_proxies
from tests.client.conftest import EDIT, KEY, QUERY, TASK_ID, Client, record
from tests.client.transport.local_server import Server, server

__all__ = ["server"]

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


class Proxy(ThreadingHTTPServer):
    """A proxy that replies to each request itself, and refuses tunnels."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server_port}"
        self.requests: list[str] = []


class Handler(BaseHTTPRequestHandler):
    @property
    def own(self) -> Proxy:
        assert isinstance(self.server, Proxy)
        return self.server

    def do_GET(self) -> None:
        self.own.requests.append(self.requestline)
        body = json.dumps(record("waiting")).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_CONNECT(self) -> None:
        self.own.requests.append(self.requestline)
        self.send_response(407, "Proxy Authentication Required")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # its name in the base class
        pass


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Proxy() as proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=[0.01])
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()


@pytest.mark.filterwarnings("ignore:.*is plain http")
@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY", "http_proxy"])
@pytest.mark.parametrize("scheme", ["", "http://"])
def test_request_goes_through_the_proxy(
    client: Client, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, variable: str, scheme: str
) -> None:
    monkeypatch.setenv(variable, scheme + proxy.address)
    kie = client.make(base_url="http://api.invalid", upload_base_url="http://api.invalid")
    assert client.do(kie.tasks.get(TASK_ID)).id == TASK_ID
    assert proxy.requests == [f"GET http://api.invalid/api/v1/jobs/recordInfo?taskId={TASK_ID} HTTP/1.1"]


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_request_to_this_machine_goes_to_no_proxy(
    client: Client, proxy: Proxy, server: Server, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", f"http://{proxy.address}")
    kie = client.make(
        base_url=server.url.replace("127.0.0.1", name), upload_base_url=server.url.replace("127.0.0.1", name)
    )
    assert client.do(kie.tasks.get("t")).id == "t"
    assert proxy.requests == []


@pytest.mark.parametrize("value", ["fd00::/8", "example.com", "*", "10.0.0.0/8,[::1]:80", "::1", ","])
def test_no_proxy_alone_is_no_proxy(
    client: Client, httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("NO_PROXY", value)
    assert environment_proxies() is None
    httpx_mock.add_response(url=QUERY, json=record("waiting"))
    assert client.do(client.make().tasks.get(TASK_ID)).id == TASK_ID


@pytest.mark.parametrize(
    ("entries", "url", "through"),
    [
        ("fd00::/8", "https://[fd12::1]/", False),
        ("fd00::/8", "https://[fe80::1]/", True),
        ("fd00::/8", "https://10.0.0.1/", True),
        ("fd00::/8", "https://api.example.com/", True),
        ("10.0.0.0/8", "https://10.1.2.3/", False),
        ("10.0.0.0/8", "https://11.1.2.3/", True),
        ("10.1.2.3", "https://10.1.2.3:8443/", False),
        ("10.1.2.3:8443", "https://10.1.2.3:8443/", False),
        ("10.1.2.3:8443", "https://10.1.2.3/", True),
        ("[fd12::1]:443", "https://[fd12::1]/", False),
        ("[fd12::1]", "https://[fd12::1]:8443/", False),
        ("example.com", "https://example.com/", False),
        ("example.com", "https://api.EXAMPLE.com/", False),
        ("Example.com", "https://api.example.com/", False),
        ("example.com", "https://myexample.com/", True),
        (".example.com", "https://api.example.com/", False),
        ("*.example.com", "https://api.example.com/", False),
        ("example.com:443", "https://example.com/", False),
        ("example.com:8443", "https://example.com/", True),
        ("other.com , example.com", "https://example.com/", False),
        ("http://example.com", "https://example.com/", True),
        ("https://example.com", "https://example.com/", False),
        ("all://example.com", "https://example.com/", False),
        ("*", "https://example.com/", False),
        (".", "https://example.com/", True),
        ("//, :, :80, [, ], ::/999, 10.0.0.0/99", "https://example.com/", True),
        ("", "https://127.0.0.1/", False),
        ("", "https://[::1]/", False),
        ("", "https://localhost/", False),
    ],
)
def test_no_proxy_entries(monkeypatch: pytest.MonkeyPatch, entries: str, url: str, through: bool) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "proxy:3128")
    monkeypatch.setenv("NO_PROXY", entries)
    proxies = environment_proxies()
    assert proxies is not None
    assert proxies.proxy_for(httpx.URL(url)) == ("http://proxy:3128" if through else None)


def test_proxy_is_chosen_by_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://secure:1")
    proxies = environment_proxies()
    assert proxies is not None
    assert proxies.proxy_for(httpx.URL("https://example.com")) == "http://secure:1"
    assert proxies.proxy_for(httpx.URL("http://example.com")) is None


def test_error_of_a_proxy_names_the_proxy(
    client: Client, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:password@{proxy.address}")
    kie = client.make()
    calls: list[Any] = [lambda: kie.tasks.get(TASK_ID), lambda: kie.character_edit.create(**EDIT)]
    for call in calls:
        with pytest.raises(errors.ServiceUnreachableError) as caught:
            client.do(call())
        message = str(caught.value)
        assert f"https://api.kie.ai through the proxy {proxy.address}: ProxyError: 407" in message
        assert "password" not in message
        assert KEY not in message
    assert set(proxy.requests) == {"CONNECT api.kie.ai:443 HTTP/1.1"}


def test_unreachable_proxy_is_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    with pytest.raises(
        errors.ServiceUnreachableError, match=r"through the proxy 127\.0\.0\.1:1: ConnectError"
    ):
        client.do(client.make().tasks.get(TASK_ID))


def test_error_without_a_proxy_names_none(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    with pytest.raises(errors.ServiceUnreachableError) as caught:
        client.do(
            client.make(base_url="http://127.0.0.1:2", upload_base_url="http://127.0.0.1:2").tasks.get(
                TASK_ID
            )
        )
    assert "proxy" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://user:pass/word@host:1", "http://user:password@host:port"])
def test_invalid_proxy_url_is_not_shown(client: Client, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", url)
    with pytest.raises(errors.ConfigurationError, match="the URL of a proxy is invalid") as caught:
        client.make()
    assert "word" not in str(caught.value)
