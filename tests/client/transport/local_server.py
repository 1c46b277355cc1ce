"""A local server that hangs, drips or answers, as its path says."""

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from kie_ideogram._runtime.contract.model import Timeouts
from kie_ideogram._runtime.core.effects import CONCURRENCY, Flow, Reply, SendRequest
from tests.client.conftest import record

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
    protocol_version = "HTTP/1.1"

    @property
    def own(self) -> Server:
        assert isinstance(self.server, Server)
        return self.server

    def do_GET(self) -> None:
        with self.own.lock:
            self.own.requests += 1
            self.own.inside += 1
            self.own.most = max(self.own.most, self.own.inside)
            if self.own.inside == CONCURRENCY:
                self.own.full.set()
        try:
            self._answer()
        finally:
            with self.own.lock:
                self.own.inside -= 1

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/drip":
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            try:
                while not self.own.release.wait(0.01):
                    self.wfile.write(b" ")
            except OSError:
                self.close_connection = True
            return
        if parts.path in ("/headers", "/interim"):
            line = b"X-Drip: 1\r\n" if parts.path == "/headers" else b"HTTP/1.1 103 Early Hints\r\n\r\n"
            try:
                self.wfile.write(b"HTTP/1.1 200 OK\r\n" if parts.path == "/headers" else b"")
                while not self.own.release.wait(0.01):
                    self.wfile.write(line)
            except OSError:
                self.close_connection = True
            return
        if parts.path == "/hang":
            self.own.release.wait(30)
        task_id = parse_qs(parts.query).get("taskId", [""])[0]
        body = json.dumps(record("waiting", taskId=task_id)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(OSError):  # the client has given up
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # its name in the base class
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
