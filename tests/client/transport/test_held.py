"""A client holds its connections between requests, and sends nothing on one that cannot be used."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from kie_ideogram import errors
from tests.client.conftest import Client, record
from tests.client.transport.local_server import get

REPLY = json.dumps(record("waiting", taskId="t")).encode()


class Server(ThreadingHTTPServer):
    """Counts its connections. It may close one after a reply, or in the middle of it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.connections = 0
        self.closes = self.cuts = False
        self.closed = threading.Event()

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        self.closed.set()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def own(self) -> Server:
        assert isinstance(self.server, Server)
        return self.server

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(REPLY)))
        self.end_headers()
        self.wfile.write(REPLY[:9] if self.own.cuts else REPLY)
        self.close_connection = self.own.closes or self.own.cuts

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # its name in the base class
        pass


def serve() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


one = pytest.fixture(serve, name="one")
two = pytest.fixture(serve, name="two")
three = pytest.fixture(serve, name="three")


@pytest.fixture
def kie(client: Client, one: Server) -> Any:
    return client.make(base_url=one.url, upload_base_url=one.url)


def test_later_requests_use_the_open_connection(client: Client, kie: Any, one: Server) -> None:
    for _ in range(3):
        assert client.do(kie.tasks.get("t")).id == "t"
    assert one.connections == 1


def test_connection_that_the_server_closed_is_replaced(client: Client, kie: Any, one: Server) -> None:
    one.closes = True
    for count in (1, 2):
        one.closed.clear()
        assert client.do(kie.tasks.get("t")).id == "t"
        assert one.closed.wait(30)
        assert one.connections == count


def test_connection_of_an_incomplete_reply_is_replaced(client: Client, kie: Any, one: Server) -> None:
    one.cuts = True
    with pytest.raises(errors.ReplyLostError):
        client.do(kie.tasks.get("t"))
    cut = one.connections
    one.cuts = False
    assert client.do(kie.tasks.get("t")).id == "t"
    assert one.connections == cut + 1


def test_two_connections_are_held(client: Client, kie: Any, one: Server, two: Server, three: Server) -> None:
    for server in (one, two, one, two):
        client.do(kie._context.run(get(server.url), None))
    assert (one.connections, two.connections) == (1, 1)
    client.do(kie._context.run(get(three.url), None))
    assert one.closed.wait(30), "the third connection must close the first"


def test_refused_connection_is_tried_again(client: Client, kie: Any, one: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    for _ in range(2):
        with pytest.raises(errors.ServiceUnreachableError):
            client.do(kie._context.run(get(url), None))
    client.do(kie._context.run(get(one.url), None))
    assert one.connections == 1
