"""Calls a local ASGI app without a port, for clients on a virtual clock."""

import asyncio
import threading
from typing import Any

import httpx
from starlette.types import ASGIApp

from .server.faults import SLOW

# Never connected to. It is a loopback address: the client accepts plain http, and the sandbox its links.
BASE = "http://127.0.0.1"


class AsyncInProcess(httpx.AsyncBaseTransport):
    """Passes requests to an app. An interrupted response raises what it would raise on a connection."""

    def __init__(self, app: ASGIApp) -> None:
        self._inner = httpx.ASGITransport(app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the whole response."""
        response = await self._inner.handle_async_request(request)
        content = await response.aread()
        limit = request.extensions.get("timeout", {}).get("read")
        if limit is not None and float(response.headers.get(SLOW, 0)) > limit:
            raise httpx.ReadTimeout("the scenario is slower than the time limit", request=request)
        promised = response.headers.get("content-length")
        if promised is not None and len(content) < int(promised):
            raise httpx.RemoteProtocolError("the scenario cut the response off", request=request)
        return httpx.Response(response.status_code, headers=response.headers, content=content)


class InProcess(httpx.BaseTransport):
    """Passes requests of blocking code to an app, one at a time. Threads may share it."""

    def __init__(self, app: ASGIApp) -> None:
        self._inner = AsyncInProcess(app)
        self._loop = asyncio.new_event_loop()
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the whole response."""
        with self._lock:
            return self._loop.run_until_complete(self._inner.handle_async_request(request))

    def close(self) -> None:
        """Close the event loop."""
        with self._lock:
            self._loop.close()


class AutoAdvance:
    """An app in front of another: each poll of a task advances the clock, so that any poller gets on."""

    def __init__(self, app: ASGIApp, path: str, clock: Any, seconds: float) -> None:
        self._app, self._path, self._clock, self._seconds = app, path, clock, seconds

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the call on."""
        await self._app(scope, receive, send)
        if scope.get("path") == self._path:
            await asyncio.to_thread(self._clock.advance, self._seconds)
