"""Transports against a real server: concurrency, time limits, size limits and the httpx client."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from kie_ideogram import Kie, errors
from kie_ideogram._runtime.core.clock import SYSTEM_CLOCK
from kie_ideogram._runtime.core.effects import CONCURRENCY, Flow, Reply, SendRequest
from kie_ideogram._runtime.http.transport import connections
from kie_ideogram._runtime.http.transport.blocking import SyncTransport
from tests.client.conftest import KEY, Client
from tests.client.transport.local_server import TIMES, TOTAL, Server, get, server

__all__ = ["server"]


class TestBlocking:
    @pytest.fixture
    def closing(self) -> Iterator[ExitStack]:
        """What to close after the server: only then does a request that was abandoned end."""
        with ExitStack() as stack:
            yield stack

    @pytest.fixture
    def transport(self) -> Iterator[SyncTransport]:
        transport = SyncTransport(TIMES, None, SYSTEM_CLOCK)
        yield transport
        transport.close()

    def test_dripping_body_times_out(self, server: Server, transport: SyncTransport) -> None:
        with pytest.raises(errors.ReplyLostError, match=r"within 0\.5 s"):
            transport.run(get(f"{server.url}/drip"))

    def test_request_queued_too_long_is_not_sent(self, server: Server) -> None:
        transport = SyncTransport(TIMES._replace(total=30), None, SYSTEM_CLOCK)
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            url = f"{server.url}/hang"
            hanging = [pool.submit(SyncTransport.run, transport, get(url)) for _ in range(CONCURRENCY)]
            server.full.wait(30)
            with pytest.raises(
                errors.ServiceUnreachableError, match=r"nothing was sent: timed out after .*8 in use"
            ):
                transport.run(get(f"{server.url}/task", limit=TOTAL))
            server.release.set()
            for one in hanging:
                one.result()
        assert server.requests == CONCURRENCY
        # Every connection was released.
        assert all(transport.run(get(f"{server.url}/task")).status == 200 for _ in range(CONCURRENCY + 1))
        transport.close()

    def test_failed_requests_release_their_connections(
        self, server: Server, transport: SyncTransport
    ) -> None:
        for _ in range(CONCURRENCY + 1):
            with pytest.raises(errors.ResponseFormatError, match="larger than 10 bytes"):
                transport.run(get(f"{server.url}/task", 10))
        assert transport.run(get(f"{server.url}/task")).status == 200

    def test_at_most_eight_threads_send_at_once(self, server: Server) -> None:
        ids = [f"t{number}" for number in range(CONCURRENCY + 4)]

        def ask(task_id: str) -> str:
            reply = transport.run(get(f"{server.url}/hang?taskId={task_id}", limit=30))
            found: str = json.loads(reply.body)["data"]["taskId"]
            return found

        transport = SyncTransport(TIMES._replace(total=30), None, SYSTEM_CLOCK)
        with ThreadPoolExecutor(len(ids)) as pool:
            found = pool.map(ask, ids)
            server.full.wait(30)
            server.release.set()
            assert list(found) == ids
        assert server.most == CONCURRENCY
        transport.close()

    @pytest.mark.parametrize("path", ["headers", "interim", "drip", "hang"])
    @pytest.mark.parametrize("own", [False, True], ids=["own-connections", "http-client"])
    def test_slow_reply_with_limit_times_out(
        self, closing: ExitStack, server: Server, path: str, own: bool
    ) -> None:
        client = closing.enter_context(httpx.Client()) if own else None
        transport = SyncTransport(TIMES._replace(total=30), client, SYSTEM_CLOCK)
        closing.callback(transport.close)
        start = time.monotonic()
        with pytest.raises(errors.ReplyLostError, match=r"within 0\.2 s"):
            transport.run(get(f"{server.url}/{path}", limit=0.2))
        assert time.monotonic() - start < 5

    @pytest.mark.parametrize("path", ["headers", "interim", "drip", "hang"])
    def test_slow_reply_times_out(self, server: Server, transport: SyncTransport, path: str) -> None:
        for _ in range(2):
            start = time.monotonic()
            with pytest.raises(errors.ReplyLostError, match=r"within 0\.5 s"):
                transport.run(get(f"{server.url}/{path}"))
            assert time.monotonic() - start < 5
        assert transport.run(get(f"{server.url}/task")).status == 200

    def test_time_out_before_the_deadline_is_named(self, closing: ExitStack, server: Server) -> None:
        transport = SyncTransport(TIMES._replace(read=0.2, total=30), None, SYSTEM_CLOCK)
        closing.callback(transport.close)
        with pytest.raises(errors.ReplyLostError, match="ReadTimeout"):
            transport.run(get(f"{server.url}/hang"))

    def test_upload_to_a_server_that_does_not_read_times_out(self, transport: SyncTransport) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/"

            def upload() -> Flow[Reply]:
                request = httpx.Request("POST", url, content=bytes(50_000_000))
                reply: Reply = yield SendRequest(lambda: request, 1000)
                return reply

            with pytest.raises(errors.ReplyLostError, match=r"within 0\.5 s"):
                transport.run(upload())

    def test_slow_host_look_up_times_out(
        self, server: Server, transport: SyncTransport, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        look_up, connected = socket.create_connection, threading.Event()
        closed: list[socket.socket] = []

        def slow(*given: Any, **options: Any) -> socket.socket:
            server.release.wait(30)
            connection = look_up(*given, **options)
            closed.append(connection)
            connected.set()
            return connection

        monkeypatch.setattr(socket, "create_connection", slow)
        url = server.url.replace("127.0.0.1", "localhost")
        with pytest.raises(errors.ServiceUnreachableError, match="nothing was sent: no connection"):
            transport.run(get(f"{url}/task"))
        server.release.set()
        assert connected.wait(30)
        for _ in range(1000):
            if closed[0].fileno() == -1:
                break
            time.sleep(0.01)
        assert closed[0].fileno() == -1

    def test_failed_host_look_up_is_not_a_time_out(self, transport: SyncTransport) -> None:
        with pytest.raises(errors.ServiceUnreachableError, match="ConnectError"):
            transport.run(get("http://does-not-exist.invalid/"))

    def test_closed_client_does_not_send_queued_requests(self, server: Server) -> None:
        transport = SyncTransport(TIMES._replace(total=30), None, SYSTEM_CLOCK)
        with ThreadPoolExecutor(CONCURRENCY + 1) as pool:
            url = f"{server.url}/hang"
            hanging = [pool.submit(SyncTransport.run, transport, get(url)) for _ in range(CONCURRENCY)]
            server.full.wait(30)
            queued = pool.submit(SyncTransport.run, transport, get(f"{server.url}/task"))
            transport.close()
            server.release.set()
            with pytest.raises(errors.ConfigurationError, match="closed"):
                queued.result()
            for one in hanging:
                one.exception()
        assert server.requests == CONCURRENCY

    def test_http_client_of_the_wrong_type_is_rejected(self) -> None:
        with pytest.raises(errors.ConfigurationError, match=r"expected an httpx\.Client, got AsyncClient"):
            Kie(KEY, http_client=httpx.AsyncClient())  # type: ignore[arg-type] # the mistake

    def test_closed_http_client_is_rejected(self) -> None:
        own = httpx.Client()
        own.close()
        with pytest.raises(errors.ConfigurationError, match="http_client of this client is closed"):
            Kie(KEY, http_client=own).tasks.get("t")


@pytest.mark.parametrize(("limit", "end"), [(None, 110.0), (60.0, 70.0)])
def test_queueing_counts_against_a_callers_limit_only(limit: float | None, end: float) -> None:
    # Queued at 10, sent at 50, with a total time limit of 60 seconds.
    assert (
        connections.deadline_of(
            SendRequest(lambda: httpx.Request("GET", "http://localhost"), 1, limit), 10, 50, 60
        )
        == end
    )


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "what://127.0.0.1:1"])
def test_unusable_proxy_is_a_configuration_error(
    client: Client, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(errors.ConfigurationError, match="proxy"):
        client.make()


@pytest.mark.parametrize("timeout", ["5", float("inf"), float("nan"), 0, -1, True, 10**400])
def test_invalid_timeout_is_rejected(client: Client, timeout: Any) -> None:
    with pytest.raises(errors.ConfigurationError, match=r"^timeout: "):
        client.make(timeout=timeout)


@pytest.mark.parametrize("host", ["a" * 70 + ".invalid", "a..invalid", "\ud800.invalid"])
def test_base_url_with_invalid_host_is_rejected(client: Client, host: str) -> None:
    with pytest.raises(errors.ConfigurationError, match="base_url: not a URL with a host"):
        client.make(base_url=f"https://{host}", upload_base_url=f"https://{host}")


@pytest.mark.parametrize("target", ["mailto:x", "urn:x:y", "http://[", "https://example.com:99999999"])
def test_submission_with_odd_redirect_is_sent_once(target: str) -> None:
    sent = []

    def moved(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(302, headers={"Location": target})

    own = httpx.Client(transport=httpx.MockTransport(moved))
    with pytest.raises(errors.SubmissionUnknownError):
        Kie(KEY, http_client=own).tasks.create({"model": "ideogram/character-edit", "input": EXAMPLE})
    assert len(sent) == 1


def test_request_of_an_httpx_error_has_no_api_key() -> None:
    def lost(request: httpx.Request) -> httpx.Response:
        assert KEY in request.headers["Authorization"]
        raise httpx.ReadError("gone", request=request)

    own = httpx.Client(transport=httpx.MockTransport(lost))
    with pytest.raises(errors.SubmissionUnknownError) as caught:
        Kie(KEY, http_client=own).tasks.create({"model": "ideogram/character-edit", "input": EXAMPLE})
    error: BaseException | None = caught.value
    while error is not None:
        if isinstance(error, httpx.RequestError):
            assert "authorization" not in error.request.headers
        error = error.__cause__


EXAMPLE = {
    "prompt": "a",
    "image_url": "https://example.com/1.png",
    "mask_url": "https://example.com/2.png",
    "reference_image_urls": ["https://example.com/3.png"],
}
