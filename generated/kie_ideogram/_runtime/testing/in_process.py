"""Calls an app of this machine without a port, and tells a virtual clock where one would have waited."""

import asyncio
from typing import Any

import httpx
from starlette.types import ASGIApp

from ..contract.model import Timeouts
from ..core.effects import Effect, Park, Sleep, Together
from ..http.limits.rate_limiter import Turnstile, paces
from ..http.transport.blocking import AsyncTransport, SyncTransport
from .clock import Clock
from .server.faults import SLOW

# Never dialled. It is this machine's, so the client accepts plain http and the sandbox knows its own links.
BASE = "http://127.0.0.1"


class AsyncInProcess(httpx.AsyncBaseTransport):
    """Hands requests to an app. What breaks off on a wire raises here as it would there."""

    def __init__(self, app: ASGIApp) -> None:
        self._inner = httpx.ASGITransport(app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the whole answer."""
        response = await self._inner.handle_async_request(request)
        content = await response.aread()
        limit = request.extensions.get("timeout", {}).get("read")
        if limit is not None and float(response.headers.get(SLOW, 0)) > limit:
            raise httpx.ReadTimeout("the scenario is slower than the time limit", request=request)
        promised = response.headers.get("content-length")
        if promised is not None and len(content) < int(promised):
            raise httpx.RemoteProtocolError("the scenario broke the answer off", request=request)
        return httpx.Response(response.status_code, headers=response.headers, content=content)


class InProcess(httpx.BaseTransport):
    """The same for blocking code."""

    def __init__(self, app: ASGIApp) -> None:
        self._inner = AsyncInProcess(app)
        self._loop = asyncio.new_event_loop()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the whole answer."""
        return self._loop.run_until_complete(self._inner.handle_async_request(request))

    def close(self) -> None:
        """Close the event loop."""
        self._loop.close()


class VirtualSync(SyncTransport):
    """Rests on a clock that moves at once."""

    def __init__(self, timeouts: Timeouts, client: httpx.Client, clock: Any) -> None:
        super().__init__(timeouts, client)
        self._clock = clock

    def _perform(self, effect: Effect) -> Any:
        if isinstance(effect, Sleep | Park):
            return _rest(effect, self._clock)
        if isinstance(effect, Together):
            # One after the other: there is one event loop, and nothing to wait for.
            return [self.run(flow) for flow in effect.flows]
        return super()._perform(effect)


class VirtualAsync(AsyncTransport):
    """Rests on a clock that moves at once."""

    def __init__(self, timeouts: Timeouts, client: httpx.AsyncClient, clock: Any) -> None:
        super().__init__(timeouts, client)
        self._clock = clock

    async def _perform(self, effect: Effect) -> Any:
        if isinstance(effect, Sleep | Park):
            return _rest(effect, self._clock)
        return await super()._perform(effect)


def _rest(effect: Sleep | Park, clock: Any) -> None:
    """Let the time of a rest pass, unless somebody has ended it already."""
    if isinstance(effect, Park) and effect.seat.woken:
        effect.seat.woken = False
        return
    clock.advance(effect.seconds)


class SelfMoving:
    """An app in front of another: each look at a task moves the clock, so that any poller gets on."""

    def __init__(self, app: ASGIApp, path: str, clock: Any, seconds: float) -> None:
        self._app, self._path, self._clock, self._seconds = app, path, clock, seconds

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the call on."""
        await self._app(scope, receive, send)
        if scope.get("path") == self._path:
            await asyncio.to_thread(self._clock.advance, self._seconds)


def virtual(kie: Any, http: httpx.Client | httpx.AsyncClient, clock: Clock) -> Any:
    """Have a client talk to an app and live on a virtual clock; return it."""
    core = kie.core
    timeouts = core.contract.timeouts
    kie._transport = (
        VirtualSync(timeouts, http, clock)
        if isinstance(http, httpx.Client)
        else VirtualAsync(timeouts, http, clock)
    )
    core.clock = core.wall = clock.now
    # A clock for each test, so no test waits for the turns that another took.
    core.turnstile = Turnstile(
        paces(core.contract.rate_limits, core.server, "", clock.now), core.journal, clock.now
    )
    return kie
