"""Transports against a real server: concurrency, time limits, size limits and the httpx client."""

import asyncio
import gc
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from kie_ideogram import AsyncKie, Kie, errors
from kie_ideogram._runtime.contract.model import Timeouts
from kie_ideogram._runtime.core.clock import SYSTEM_CLOCK
from kie_ideogram._runtime.core.effects import CONCURRENCY, Flow, Reply, SendRequest
from kie_ideogram._runtime.http.transport import connections
from kie_ideogram._runtime.http.transport.asyncio_ import AsyncTransport
from kie_ideogram._runtime.http.transport.blocking import SyncTransport
from tests.client.conftest import KEY, Client, record

# Long enough for a loaded machine to begin eight requests, short enough to wait for.
TOTAL = 0.5
TIMES = Timeouts(30, 30, 30, 30, TOTAL)


class Server(ThreadingHTTPServer):
    """Replies by path: `/hang` after `release`, `/drip` and `/headers` slowly, `/task` with its id."""

    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.release = threading.Event()
        self.full = threading.Event()
        self.lock = threading.Lock()
        self.inside = self.most = self.requests = 0


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        with self.server.lock:
            self.server.requests += 1
            self.server.inside += 1
            self.server.most = max(self.server.most, self.server.inside)
            if self.server.inside == CONCURRENCY:
                self.server.full.set()
        try:
            self._answer()
        finally:
            with self.server.lock:
                self.server.inside -= 1

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/drip":
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            try:
                while not self.server.release.wait(0.01):
                    self.wfile.write(b" ")
            except OSError:
                self.close_connection = True
            return
        if parts.path in ("/headers", "/interim"):
            line = b"X-Drip: 1\r\n" if parts.path == "/headers" else b"HTTP/1.1 103 Early Hints\r\n\r\n"
            try:
                self.wfile.write(b"HTTP/1.1 200 OK\r\n" if parts.path == "/headers" else b"")
                while not self.server.release.wait(0.01):
                    self.wfile.write(line)
            except OSError:
                self.close_connection = True
            return
        if parts.path == "/hang":
            self.server.release.wait(30)
        task_id = parse_qs(parts.query).get("taskId", [""])[0]
        body = json.dumps(record("waiting", taskId=task_id)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(OSError):  # the client has given up
            self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield server
        finally:
            server.release.set()
            server.shutdown()
            thread.join()


def get(url: str, max_bytes: int = 1_000_000, limit: float | None = None) -> Flow[Reply]:
    reply: Reply = yield SendRequest(lambda: httpx.Request("GET", url), max_bytes, limit)
    return reply


class TestBlocking:
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
    def test_slow_reply_with_limit_times_out(self, server: Server, path: str, own: bool) -> None:
        client = httpx.Client() if own else None
        transport = SyncTransport(TIMES._replace(total=30), client, SYSTEM_CLOCK)
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

    def test_time_out_before_the_deadline_is_named(self, server: Server) -> None:
        transport = SyncTransport(TIMES._replace(read=0.2, total=30), None, SYSTEM_CLOCK)
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


class TestAwaiting:
    def test_dripping_body_times_out(self, server: Server) -> None:
        async def drip() -> None:
            await AsyncTransport(TIMES, None, SYSTEM_CLOCK).run(get(f"{server.url}/drip"))

        with pytest.raises(errors.ReplyLostError, match=r"within 0\.5 s"):
            asyncio.run(drip())

    def test_limit_applies_to_the_whole_request(self, server: Server) -> None:
        async def drip() -> None:
            await AsyncTransport(TIMES._replace(total=600), None, SYSTEM_CLOCK).run(
                get(f"{server.url}/drip", limit=0.2)
            )

        with pytest.raises(errors.ReplyLostError, match=r"within 0\.2 s"):
            asyncio.run(drip())

    def test_request_queued_too_long_is_not_sent(self, server: Server) -> None:
        async def crowd() -> Reply | BaseException:
            transport = AsyncTransport(TIMES, None, SYSTEM_CLOCK)
            url = f"{server.url}/hang"
            hanging = [asyncio.ensure_future(transport.run(get(url, limit=30))) for _ in range(CONCURRENCY)]
            await asyncio.to_thread(server.full.wait, 30)
            [late] = await asyncio.gather(transport.run(get(url, limit=0.01)), return_exceptions=True)
            for one in hanging:
                one.cancel()
            await asyncio.gather(*hanging, return_exceptions=True)
            # The cancelled requests released their connections.
            for _ in range(CONCURRENCY + 1):
                await transport.run(get(f"{server.url}/task"))
            await transport.close()
            return late

        late = asyncio.run(crowd())
        assert isinstance(late, errors.ServiceUnreachableError)
        assert server.requests == CONCURRENCY + CONCURRENCY + 1

    def test_at_most_eight_tasks_send_at_once(self, server: Server) -> None:
        ids = [f"t{number}" for number in range(CONCURRENCY + 4)]

        async def main() -> list[str]:
            transport = AsyncTransport(TIMES._replace(total=30), None, SYSTEM_CLOCK)
            asked = [transport.run(get(f"{server.url}/hang?taskId={task_id}")) for task_id in ids]
            asking = asyncio.gather(*asked)
            await asyncio.to_thread(server.full.wait, 30)
            server.release.set()
            replies = await asking
            await transport.close()
            return [json.loads(reply.body)["data"]["taskId"] for reply in replies]

        assert asyncio.run(main()) == ids
        assert server.most == CONCURRENCY

    def test_closed_client_does_not_send_queued_requests(self, server: Server) -> None:
        async def main() -> Reply | BaseException:
            transport = AsyncTransport(TIMES._replace(total=30), None, SYSTEM_CLOCK)
            url = f"{server.url}/hang"
            hanging = [asyncio.ensure_future(transport.run(get(url))) for _ in range(CONCURRENCY)]
            await asyncio.to_thread(server.full.wait, 30)
            queued = asyncio.ensure_future(transport.run(get(f"{server.url}/task")))
            await asyncio.sleep(0)
            await transport.close()
            server.release.set()
            await asyncio.gather(*hanging, return_exceptions=True)
            [late] = await asyncio.gather(queued, return_exceptions=True)
            return late

        assert isinstance(asyncio.run(main()), errors.ConfigurationError)
        assert server.requests == CONCURRENCY

    def test_event_loops_may_take_turns(self, server: Server) -> None:
        kie = AsyncKie(KEY, base_url=server.url, upload_base_url=server.url)

        async def ask() -> str:
            return (await kie.tasks.get("t")).id

        async def wait() -> object:
            [outcome] = await asyncio.gather(kie.tasks.wait("t", timeout=0), return_exceptions=True)
            return outcome

        with asyncio.Runner() as first, asyncio.Runner() as second:
            for _ in range(2):
                for runner in (first, second):
                    assert runner.run(ask()) == "t"
                    assert isinstance(runner.run(wait()), errors.TaskTimeoutError)
            second.run(kie.close())
            with pytest.raises(errors.ConfigurationError, match="closed"):
                first.run(ask())
        with pytest.raises(errors.ConfigurationError, match="closed"):
            asyncio.run(ask())

    def test_ended_event_loop_leaves_no_open_connection(self, server: Server) -> None:
        async def ask(kie: AsyncKie) -> list[str]:
            return [task.id for task in await asyncio.gather(*(kie.tasks.get(name) for name in "ab"))]

        def use() -> None:
            kie = AsyncKie(KEY, base_url=server.url, upload_base_url=server.url)
            for _ in range(3):
                assert asyncio.run(ask(kie)) == ["a", "b"]

        # An open connection of an ended event loop raises a ResourceWarning when it is collected.
        use()
        gc.collect()

    def test_dropped_client_closes_its_connections(self, server: Server) -> None:
        async def ask() -> None:
            await AsyncKie(KEY, base_url=server.url, upload_base_url=server.url).tasks.get("t")
            gc.collect()
            await asyncio.sleep(0.01)
            gc.collect()

        asyncio.run(ask())

    def test_second_event_loop_during_a_call_is_rejected(self, server: Server) -> None:
        kie = AsyncKie(KEY, base_url=server.url, upload_base_url=server.url)

        def ask() -> None:
            asyncio.run(kie.tasks.get("t"))

        async def main() -> None:
            hanging = asyncio.ensure_future(kie.tasks.wait("hang", timeout=30))
            await asyncio.sleep(0.05)
            with pytest.raises(errors.ConfigurationError, match="calls under way in another event loop"):
                await asyncio.to_thread(ask)
            hanging.cancel()
            await asyncio.gather(hanging, return_exceptions=True)
            await asyncio.to_thread(ask)
            assert (await kie.tasks.get("t")).id == "t"
            await kie.close()

        asyncio.run(main())

    def test_event_loop_after_an_abandoned_one_is_served(self, server: Server) -> None:
        kie = AsyncKie(KEY, base_url=server.url, upload_base_url=server.url)
        abandoned = asyncio.new_event_loop()
        task = abandoned.create_task(kie.tasks.wait("t", timeout=30))
        abandoned.run_until_complete(asyncio.sleep(0.1))
        abandoned.run_until_complete(abandoned.shutdown_asyncgens())
        abandoned.close()
        assert not task.done()
        task.get_coro().close()  # as the garbage collector does
        with pytest.raises(errors.TaskTimeoutError):
            asyncio.run(kie.tasks.wait("t", timeout=0.2))

    def test_http_client_in_a_second_event_loop_is_rejected(self, server: Server) -> None:
        own = httpx.AsyncClient()
        kie = AsyncKie(KEY, base_url=server.url, upload_base_url=server.url, http_client=own)
        with asyncio.Runner() as first:
            assert first.run(kie.tasks.get("t")).id == "t"
            with pytest.raises(
                errors.ConfigurationError, match="http_client of this client belongs to another"
            ):
                asyncio.run(kie.tasks.get("t"))
            assert first.run(kie.tasks.get("t")).id == "t"
            first.run(own.aclose())

    def test_call_outside_asyncio_is_rejected(self) -> None:
        kie = AsyncKie(KEY)
        for call in (kie.tasks.get("t"), kie.tasks.wait("t")):
            with pytest.raises(errors.ConfigurationError, match="no running asyncio event loop"):
                call.send(None)

    def test_portals_may_take_turns(self, server: Server) -> None:
        # The test clients of Starlette and FastAPI run each request, or each test, in such a portal.
        kie = AsyncKie(KEY, base_url=server.url, upload_base_url=server.url)
        for name in ("a", "b"):
            with start_blocking_portal() as portal:
                assert [portal.call(kie.tasks.get, name).id for _ in range(2)] == [name, name]

    def test_http_client_of_the_wrong_type_is_rejected(self) -> None:
        with pytest.raises(errors.ConfigurationError, match=r"expected an httpx\.AsyncClient, got Client"):
            AsyncKie(KEY, http_client=httpx.Client())  # type: ignore[arg-type] # the mistake


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
