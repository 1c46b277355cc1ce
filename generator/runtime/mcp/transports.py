"""Serves over stdio, or over HTTP on this machine with a token, until a signal or the end of the input."""

import asyncio
import hmac
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn
from mcp.server.lowlevel.server import Server
from mcp.server.stdio import stdio_server

from ..core.errors import ConfigurationError

HOST = "127.0.0.1"

App = Callable[[Any, Any, Any], Awaitable[None]]


@contextmanager
def stop_signals() -> Iterator[asyncio.Event]:
    """Yield an event that SIGINT and SIGTERM set, so that submissions on their way can be completed."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    numbers = (signal.SIGINT, signal.SIGTERM)
    with suppress(NotImplementedError):  # on Windows, Ctrl-C cancels the running task
        for number in numbers:
            loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        with suppress(NotImplementedError):  # on Windows, no handler was added
            for number in numbers:
                loop.remove_signal_handler(number)


async def serve_stdio(server: "Server[Any]", stop: asyncio.Event, stdin: int = 0) -> None:
    """Serve on stdin (a file descriptor) and stdout until stdin is closed or `stop` is set."""
    lines: Any = _lines(os.dup(stdin), stop)
    async with stdio_server(stdin=lines) as (read, write):
        await server.run(read, write, server.create_initialization_options())


async def _lines(descriptor: int, stop: asyncio.Event) -> AsyncIterator[str]:
    """Yield the lines of a file until it ends or `stop` is set.

    A daemon thread reads them: the process can end while it waits for the next line.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[bytes] = asyncio.Queue()

    def read() -> None:
        with os.fdopen(descriptor, "rb") as file, suppress(RuntimeError):  # the loop is closed
            for line in file:
                loop.call_soon_threadsafe(queue.put_nowait, line)
            loop.call_soon_threadsafe(queue.put_nowait, b"")

    threading.Thread(target=read, name="mcp-stdin", daemon=True).start()
    stopped = asyncio.create_task(stop.wait())
    stopped.add_done_callback(lambda _: queue.put_nowait(b""))
    try:
        while line := await queue.get():
            yield line.decode("utf-8", "replace")
    finally:
        stopped.cancel()


class _HttpServer(uvicorn.Server):
    """A server that leaves signals to `stop_signals`."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve_http(
    server: "Server[Any]", stop: asyncio.Event, token: str, port: int, started: Callable[[str], object]
) -> None:
    """Serve on a port of this machine until `stop` is set.

    Args:
        token: What a client must send as `Authorization: Bearer`.
        port: The port; 0 chooses a free one.
        started: Called with the URL once it listens.

    Raises:
        ConfigurationError: The port is in use.
    """
    config = uvicorn.Config(
        http_app(server, token),
        log_config=None,
        access_log=False,
        ws="none",
        timeout_graceful_shutdown=1,  # agents keep streams open
    )
    try:
        listener = socket.create_server((HOST, port))
    except (OSError, OverflowError) as error:
        raise ConfigurationError(f"port: cannot listen on {HOST} port {port}: {error}") from None
    http = _HttpServer(config)
    stopped = asyncio.create_task(stop.wait())
    stopped.add_done_callback(lambda _: setattr(http, "should_exit", True))
    with listener:
        started(f"http://{HOST}:{listener.getsockname()[1]}/mcp")
        try:
            await http.serve(sockets=[listener])
        finally:
            stopped.cancel()


def http_app(server: "Server[Any]", token: str) -> App:
    """Return the ASGI app of a server, for requests with the token only.

    The SDK refuses requests of web pages: their Host or Origin is not this machine.
    """
    inner = server.streamable_http_app(host=HOST)
    expected = f"Bearer {token}".encode()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        given = dict(scope.get("headers", ())).get(b"authorization", b"")
        if scope["type"] != "lifespan" and not hmac.compare_digest(given, expected):
            headers = [(b"www-authenticate", b"Bearer"), (b"content-type", b"text/plain")]
            await send({"type": "http.response.start", "status": 401, "headers": headers})
            await send({"type": "http.response.body", "body": b"the token is missing or wrong\n"})
            return
        await inner(scope, receive, send)

    return app
