"""What protects the sandbox and other services of this machine from web pages and from large requests."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from kie_ideogram._contract import CONTRACT
from kie_ideogram._runtime.testing.server.app import make_app
from kie_ideogram.errors import ConfigurationError
from kie_ideogram.testing import Sandbox, VirtualClock
from tests.sandbox.receiver import Receiver
from tests.sandbox.support import Bridge, Caller, picture

HTML = b"<html><script>alert(1)</script></html>"


def get(app: Starlette, path: str, host: str) -> httpx.Response:
    with httpx.Client(transport=Bridge(app), base_url="http://127.0.0.1") as http:
        return http.get(path, headers={"Host": host})


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "LOCALHOST:1", "[::1]:8000", "127.0.0.7"])
def test_loopback_hosts_are_answered(sandbox: Sandbox, host: str) -> None:
    assert get(sandbox.app, "/sandbox/state", host).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "attacker.example",
        "127.0.0.1.attacker.example",
        "localhost.attacker.example:80",
        "10.0.0.1",
        "",
        "[",
        "a b",
    ],
)
@pytest.mark.parametrize("path", ["/", "/sandbox/state", "/media/a.png", "/api/v1/chat/credit"])
def test_unknown_host_is_421(sandbox: Sandbox, host: str, path: str) -> None:
    reply = get(sandbox.app, path, host)
    assert reply.status_code == 421
    assert "use an address of this machine, or allow the host" in reply.text
    assert sandbox.calls == []


def test_allowed_host_is_answered() -> None:
    sandbox = Sandbox(allowed_hosts=["Sandbox.local"])
    assert get(sandbox.app, "/sandbox/state", "sandbox.LOCAL:8000").status_code == 200
    assert get(sandbox.app, "/sandbox/state", "other.local").status_code == 421


def test_other_address_needs_allowed_hosts() -> None:
    with pytest.raises(ConfigurationError, match="name the allowed hosts"):
        Sandbox(host="0.0.0.0")  # noqa: S104 # must be refused
    with (
        Sandbox(host="0.0.0.0", allowed_hosts=["sandbox.local"]) as sandbox,  # noqa: S104 # the case under test
        httpx.Client() as http,
    ):
        url = f"http://127.0.0.1:{httpx.URL(sandbox.url).port}/sandbox/state"
        assert http.get(url).status_code == 200
        assert http.get(url, headers={"Host": "sandbox.local"}).status_code == 200
        assert http.get(url, headers={"Host": "attacker.example"}).status_code == 421


def test_string_of_hosts_or_keys_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"allowed_hosts: must be a list of strings"):
        Sandbox(allowed_hosts="sandbox.local")
    with pytest.raises(ConfigurationError, match=r"keys: must be a list of strings"):
        Sandbox(keys="sandbox")


def test_every_response_forbids_sniffing_and_scripts(caller: Caller) -> None:
    stored = caller.upload(picture())
    for url in ("/", "/sandbox/state", stored, "/media/missing", "/api/v1/chat/credit", "/unknown"):
        headers = caller.http.get(url).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
    assert "sandbox" in caller.http.get(stored).headers["content-security-policy"]


@pytest.mark.parametrize(
    ("name", "content", "sent"),
    [
        ("a.html", HTML, "application/octet-stream"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "application/octet-stream"),
        ("a.xml", b"<a/>", "application/octet-stream"),
        ("a.js", b"alert(1)", "application/octet-stream"),
        ("a.txt", b"text", "text/plain; charset=utf-8"),
        ("a.png", picture(), "image/png"),
        ("a.html", picture(), "image/png"),
    ],
)
def test_file_with_code_is_sent_as_bytes(caller: Caller, name: str, content: bytes, sent: str) -> None:
    reply = caller.http.get(caller.upload(content, fileName=name))
    assert (reply.headers["content-type"], reply.content) == (sent, content)


def test_body_of_a_caller_without_a_key_is_not_read(sandbox: Sandbox) -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        raise AssertionError("the body was read")

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", b"127.0.0.1"), (b"content-type", b"multipart/form-data; boundary=x")]
    scope = {"type": "http", "method": "POST", "path": "/api/file-stream-upload", "query_string": b""}
    scope |= {"scheme": "http", "server": ("127.0.0.1", 80), "headers": headers}
    asyncio.run(sandbox.app(scope, receive, send))
    assert json.loads(sent[1]["body"])["code"] == 401


@pytest.mark.parametrize("chunked", [False, True], ids=["content-length", "chunked"])
def test_body_over_the_limit_is_refused(chunked: bool) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x", "Authorization": "Bearer sandbox"}
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' + b"a" * 2000
    content = iter([body[:900], body[900:]]) if chunked else body
    sandbox = Sandbox()
    sandbox.app = make_app(CONTRACT, sandbox._service, sandbox.scenario, max_body_bytes=1000)
    with sandbox, httpx.Client(base_url=sandbox.url) as http:
        reply = http.post("/api/file-stream-upload", content=content, headers=headers).json()
    assert reply["code"] == 400
    assert "1000" in reply["msg"]


@pytest.mark.parametrize(
    ("port", "said"),
    [
        (22, "undeliverable: callbacks are not sent to port 22"),
        (1023, "undeliverable: callbacks are not sent to port 1023"),
    ],
)
def test_callback_to_a_system_port_is_not_sent(
    caller: Caller, sandbox: Sandbox, clock: VirtualClock, port: int, said: str
) -> None:
    caller.create(caller.body() | {"callBackUrl": f"http://127.0.0.1:{port}/"})
    clock.advance(60)
    (delivery,) = sandbox.deliveries
    assert not delivery.delivered
    assert delivery.attempts[0].startswith(said)


def test_callback_to_a_developers_port_is_sent(caller: Caller, sandbox: Sandbox, clock: VirtualClock) -> None:
    with Receiver() as receiver:
        caller.create(caller.body() | {"callBackUrl": receiver.url})
        clock.advance(60)
    assert sandbox.deliveries[0].delivered
