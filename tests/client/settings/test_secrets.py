"""The API key is sent to the two servers of the API and shown nowhere."""

import json
import logging
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from pprint import pformat
from typing import Any

import httpcore
import httpx
import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import KieError, errors
from tests.client.conftest import (
    CREATE,
    EDIT,
    KEY,
    PAGE_ANSWER,
    PNG,
    QUERY,
    TASK_ID,
    Client,
    record,
    succeeded,
)


def shown(value: object) -> str:
    """Return the text that a log, a debugger or an error report would show for a value."""
    texts = [str(value), repr(value)]
    if isinstance(value, BaseException):
        texts += traceback.format_exception(value)
        texts += [repr(vars(value)), repr(value.args)]
        texts += [shown(inner) for inner in (value.__cause__, value.__context__) if inner]
    return "\n".join(texts)


def caught(client: Client, call: Any) -> KieError:
    with pytest.raises(KieError) as info:
        client.do(call())
    return info.value


def test_no_object_shows_the_api_key(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
    kie = client.kie
    task = client.create()
    for value in (kie, kie._session, kie.tasks, kie.files, kie.credits, kie.character_edit, task, vars(kie)):
        assert KEY not in shown(value)


@pytest.mark.parametrize("status", [200, 401, 500])
@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"code": 401, "msg": f"the key {KEY} is not known", "data": None}),
        json.dumps({"code": 401, "message": f"the key {KEY} is not known"}),
        json.dumps({"code": 401, "msg": "no", "data": {"sent": [f"Bearer {KEY}"], KEY: 1}}),
        json.dumps({"code": 200, "msg": "success", "data": {"taskId": 7, "state": KEY}}),
        json.dumps({"code": 777, "msg": KEY}),
        f"<h1>Bearer {KEY}</h1>",
        # An error quotes the start of a body. The key must not be cut in two there.
        "x" * 70 + KEY,
        f'{{"code":200,"msg":"{KEY}',
        json.dumps([KEY]),
        json.dumps({"code": 200, "data": KEY}),
    ],
)
def test_errors_redact_an_echoed_api_key(
    client: Client, httpx_mock: HTTPXMock, status: int, text: str
) -> None:
    httpx_mock.add_response(text=text, status_code=status, headers={"Retry-After": KEY}, is_reusable=True)
    for call in (
        lambda: client.kie.character_edit.create(**EDIT),
        lambda: client.kie.tasks.get(TASK_ID),
        lambda: client.kie.tasks.wait(TASK_ID, timeout=1),
        lambda: client.kie.files.upload(PNG),
        lambda: client.kie.credits.get(),
    ):
        report = shown(caught(client, call))
        assert KEY not in report
        assert KEY[:8] not in report


def test_failed_task_redacts_an_echoed_api_key(
    client: Client, httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    httpx_mock.add_response(url=QUERY, json=record("fail", failMsg=f"not with {KEY}", failCode=KEY))
    error = caught(client, lambda: client.kie.tasks.wait(TASK_ID))
    assert isinstance(error, errors.TaskFailedError)
    assert KEY not in shown(error)
    assert KEY not in caplog.text


def test_result_that_contains_a_short_api_key_is_unchanged(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=QUERY, json=succeeded("https://example.com/test/1.png"))
    client.make(api_key="test")
    assert client.do(client.kie.tasks.get(TASK_ID)).urls == ["https://example.com/test/1.png"]


@pytest.mark.parametrize("exception", [httpx.ConnectError, httpx.ReadTimeout])
def test_network_error_does_not_show_the_api_key(
    client: Client, httpx_mock: HTTPXMock, exception: type[httpx.RequestError]
) -> None:
    httpx_mock.add_exception(exception("no"), is_reusable=True)
    assert KEY not in shown(caught(client, lambda: client.kie.character_edit.create(**EDIT)))
    assert KEY not in shown(caught(client, lambda: client.kie.tasks.get(TASK_ID)))


def test_network_error_shows_only_the_host_of_a_url(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_exception(httpx.ReadTimeout("slow"), is_reusable=True)
    error = caught(client, lambda: client.kie.tasks.get("task-of-mine"))
    assert "api.kie.ai" in str(error)
    assert "recordInfo" not in str(error)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target", ["https://evil.example/", "http://api.kie.ai/", "https://api.kie.ai/other"]
)
def test_redirects_are_not_followed(client: Client, httpx_mock: HTTPXMock, status: int, target: str) -> None:
    httpx_mock.add_response(status_code=status, headers={"Location": target}, is_reusable=True)
    created = caught(client, lambda: client.kie.character_edit.create(**EDIT))
    read = caught(client, lambda: client.kie.tasks.get(TASK_ID))
    uploaded = caught(client, lambda: client.kie.files.upload(PNG))
    assert isinstance(created, errors.SubmissionUnknownError)
    assert [type(error) for error in (read, uploaded)] == [errors.ApiError, errors.ApiError]
    assert [request.url.path for request in httpx_mock.get_requests()] == [
        "/api/v1/jobs/createTask",
        "/api/v1/jobs/recordInfo",
        "/api/file-stream-upload",
    ]
    assert all("evil.example" not in request.url.host for request in httpx_mock.get_requests())


class Echo(BaseHTTPRequestHandler):
    """A service that echoes the header `Authorization` and serves one image."""

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/1.png":
            body, kind = PNG, "image/png"
            assert "Authorization" not in self.headers
        elif "recordInfo" in self.path:
            reply = succeeded(f"http://{self.headers['Host']}/1.png") | {"msg": self.headers["Authorization"]}
            body, kind = json.dumps(reply).encode(), "application/json"
        else:
            reply = {"code": 401, "msg": f"unknown: {self.headers['Authorization']}"}
            body, kind = json.dumps(reply).encode(), "application/json"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer  # noqa: N815 # the base class looks for these names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # the name is the base class's
        """Print nothing."""


@pytest.fixture
def echo() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join(timeout=10)
        assert not thread.is_alive()


@pytest.mark.parametrize("own", [False, True], ids=["own-connections", "http-client"])
def test_logs_do_not_show_the_api_key(
    client: Client, echo: str, caplog: pytest.LogCaptureFixture, tmp_path: Path, own: bool
) -> None:
    caplog.set_level(logging.DEBUG)
    http_client = client.http_client() if own else None
    client.make(base_url=echo, upload_base_url=echo, http_client=http_client)
    refusal = caught(client, lambda: client.kie.character_edit.create(**EDIT))
    caught(client, lambda: client.kie.files.upload(PNG))
    done = client.do(client.kie.tasks.wait(TASK_ID))
    (path,) = client.do(done.save(tmp_path))
    if http_client:
        client.do(http_client.aclose() if client.is_async else http_client.close())

    assert path.read_bytes() == PNG
    assert "unknown: Bearer [key]" in str(refusal)
    # These loggers were active, so their records were searched.
    active = {entry.name for entry in caplog.records}
    assert {"httpcore.http11", *(["httpx"] if own else [])} <= active
    assert KEY not in caplog.text
    assert all(KEY not in repr(vars(entry)) for entry in caplog.records)


def test_task_id_equal_to_the_api_key_is_rejected_unseen(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=QUERY, json=record("waiting", taskId=KEY))
    assert KEY not in shown(caught(client, lambda: client.kie.tasks.get(TASK_ID)))


def test_short_api_key_is_not_redacted(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(json={"code": 400, "msg": "the sandbox fetches nothing"})
    client.make(api_key="sandbox")
    assert "the sandbox fetches nothing" in str(caught(client, lambda: client.kie.credits.get()))


def shown_by_tracebacks(error: BaseException) -> str:
    """Return the local variables of the package and its libraries, as error reports show them."""
    texts = []
    while True:
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if not frame.f_globals["__name__"].startswith(("tests.", "_pytest", "asyncio.")):
                # pprint shows the content of containers, also of those with a short `repr`.
                texts += [pformat(value) for value in frame.f_locals.values()]
        following = error.__cause__ or error.__context__
        if following is None:
            return "\n".join(texts)
        error = following


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"api_key": f"{KEY} "}, "another invalid character"),
        ({"api_key": f"{KEY}\n"}, "another invalid character"),
        ({"api_key": [KEY]}, "another invalid character"),
        ({"base_url": "ftp://x"}, "base_url"),
        ({"upload_base_url": "https://"}, "upload_base_url"),
        ({"timeout": -1}, "timeout"),
        ({"http_client": 7}, "http_client"),
        ({"journal": "/dev/null/journal.db"}, "journal"),
    ],
    ids=lambda value: str(value).replace(KEY, "key")[:30],
)
def test_set_up_error_has_no_api_key_in_its_locals(
    client: Client, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(KieError, match=message) as info:
        client.make(**options)
    assert KEY not in shown_by_tracebacks(info.value)


@pytest.mark.parametrize(
    ("variable", "value"), [("ALL_PROXY", "socks5://127.0.0.1:1"), ("SSL_CERT_FILE", "/does/not/exist")]
)
def test_environment_error_has_no_api_key_in_its_locals(
    client: Client, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.undo()  # of the fixture that skips loading certificates
    monkeypatch.setenv(variable, value)
    with pytest.raises(errors.ConfigurationError, match="cannot be set up") as info:
        client.make()
    assert KEY not in shown_by_tracebacks(info.value)


def test_invalid_key_of_the_environment_is_not_in_locals(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIE_API_KEY", f"{KEY}\n")
    with pytest.raises(errors.ConfigurationError) as info:
        client.make(api_key=None)
    assert KEY not in shown_by_tracebacks(info.value)


def test_misuse_of_a_client_has_no_api_key_in_locals(client: Client, tmp_path: Path) -> None:
    kie = client.kie
    calls: list[Any] = [
        lambda: kie.character_edit.create(**EDIT, idempotency_key="k"),
        lambda: kie.unknown(),
        lambda: kie.character_edit.create(prompt=7),
        lambda: kie.tasks.get("\ud800"),
    ]
    for call in calls:
        assert KEY not in shown_by_tracebacks(caught(client, call))
    client.do(kie.close())
    assert KEY not in shown_by_tracebacks(caught(client, lambda: kie.credits.get()))


def test_network_error_has_no_api_key_in_its_locals(client: Client, break_call: Callable[..., None]) -> None:
    # While the head is written, it is in local variables of httpcore and h11.
    streams = ("sync.SyncStream", "anyio.AnyIOStream")
    names = [f"httpcore._backends.{stream}.write" for stream in streams]
    break_call(httpcore.WriteTimeout("no progress"), *names)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client.make(
            base_url=f"http://127.0.0.1:{listener.getsockname()[1]}",
            upload_base_url=f"http://127.0.0.1:{listener.getsockname()[1]}",
        )
        for call in (lambda: client.kie.character_edit.create(**EDIT), lambda: client.kie.credits.get()):
            error = caught(client, call)
            assert "no progress" in str(error)
            assert KEY not in shown_by_tracebacks(error)


def test_response_error_has_no_api_key_in_its_locals(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(json={"code": 401, "msg": "no"}, is_reusable=True)
    for call in (lambda: client.kie.character_edit.create(**EDIT), lambda: client.kie.credits.get()):
        assert KEY not in shown_by_tracebacks(caught(client, call))
