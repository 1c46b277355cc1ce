"""Calls an ASGI app without a port, for clients in virtual time."""

import re
from contextlib import ExitStack
from threading import Lock
from typing import Any

import httpx
from anyio import to_thread
from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.types import ASGIApp

from .server.faults import SLOW
from .virtual_clock import VirtualClock

# Never connected to. The client accepts plain http for a loopback address, and the sandbox its links.
BASE = "http://127.0.0.1"


class AsyncInProcess(httpx.AsyncBaseTransport):
    """Sends requests to an app. An interrupted response raises what it would raise on a connection."""

    def __init__(self, app: ASGIApp, clock: VirtualClock) -> None:
        self._inner = httpx.ASGITransport(app)
        self._clock = clock

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the complete response."""
        with self._clock.request():
            return await perform(self._inner, request)


class InProcess(httpx.BaseTransport):
    """Sends requests of blocking code to an app. Threads may share it."""

    def __init__(self, app: ASGIApp, clock: VirtualClock) -> None:
        self._inner = httpx.ASGITransport(app)
        self._clock = clock
        self._lock = Lock()
        self._stack = ExitStack()
        self._portal: BlockingPortal | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the complete response."""
        with self._lock:
            if self._portal is None:
                # An event loop in a thread, because the calling thread may run one.
                self._portal = self._stack.enter_context(start_blocking_portal())
        with self._clock.request():
            response: httpx.Response = self._portal.call(perform, self._inner, request)
            return response

    def close(self) -> None:
        """End the event loop."""
        with self._lock:
            self._stack.close()
            self._portal = None


async def perform(inner: httpx.ASGITransport, request: httpx.Request) -> httpx.Response:
    """Send a request, and return the complete response or raise the error of an interrupted one."""
    response = await inner.handle_async_request(request)
    content = await response.aread()
    limit = request.extensions.get("timeout", {}).get("read")
    if limit is not None and float(response.headers.get(SLOW, 0)) > limit:
        raise httpx.ReadTimeout("the scenario's response is slower than the time limit", request=request)
    declared = response.headers.get("content-length")
    if declared is not None and len(content) < int(declared):
        raise httpx.RemoteProtocolError("the scenario ended the response early", request=request)
    return httpx.Response(response.status_code, headers=response.headers, content=content)


class AutoAdvance:
    """An app in front of another: each poll of a task advances the clock, so that polling ends."""

    def __init__(self, app: ASGIApp, path: str, clock: VirtualClock, seconds: float) -> None:
        self._app, self._clock, self._seconds = app, clock, seconds
        self._path = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer the call, and advance the clock after a poll."""
        await self._app(scope, receive, send)
        if self._path.fullmatch(scope.get("path", "")):
            await to_thread.run_sync(self._clock.advance, self._seconds)
