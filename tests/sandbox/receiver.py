"""A place of this machine that callbacks can be sent to."""

import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple, Self


class Received(NamedTuple):
    headers: dict[str, str]
    body: bytes
    path: str
    """Where it came to, with its query."""


class Receiver:
    """Stores what it is sent and answers with the given statuses in turn, the last one repeatedly."""

    def __init__(self, *statuses: int) -> None:
        self.received: queue.Queue[Received] = queue.Queue()
        remaining = list(statuses or (200,))
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                received.put(Received(dict(self.headers), self.rfile.read(length), self.path))
                self.send_response(remaining.pop(0) if len(remaining) > 1 else remaining[0])
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the base class's name
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/callback"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def take(self) -> Received:
        """The next callback, waiting for it if it is still on its way."""
        return self.received.get(timeout=30)
