"""The seam to httpx: performs flows, blocking or awaiting.

Nothing else in the package sends anything. Requests are sent as built: no redirect is
followed, no client-level auth or header is merged in, so the key goes where `prepare.py` puts it
and nowhere else.

An `httpx.Client` spends a quarter of a call's CPU time on cookies, auth and redirects, none of
which are wanted. So where neither the caller nor the environment (proxies) asks for a client,
requests go straight to httpx's transport.
"""

import threading
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Never
from urllib.request import getproxies

import httpx

from .errors import ConfigurationError, DownloadError, KieError, ReplyLostError, ServiceUnreachableError
from .flow import Effect, Flow, Reply, Send, T
from .shapes import Timeouts

# httpx's pool spends ever more time on itself as requests queue inside it (0.8 ms of CPU a call
# for one caller, 1.9 ms for 64), so callers queue in front of it and it never has to.
CONCURRENCY = 8

# A server may close an idle connection at any moment, and a create must not be sent into that
# moment: its fate would be unknown. Connections are not reused after this many idle seconds.
KEEPALIVE_EXPIRY = 2.0

LIMITS = httpx.Limits(
    max_connections=CONCURRENCY, max_keepalive_connections=CONCURRENCY, keepalive_expiry=KEEPALIVE_EXPIRY
)

# Raised before the first byte of a request is on its way.
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


def _request(effect: Send, timeouts: Timeouts) -> httpx.Request:
    request = effect.build()
    limits = timeouts._asdict()
    if effect.limit is not None:
        limits = {name: min(value, max(effect.limit, 0.001)) for name, value in limits.items()}
    request.extensions = {"timeout": limits}
    return request


def _translated(request: httpx.Request, error: httpx.HTTPError) -> KieError:
    """Turn httpx's error into ours: was it sent or not."""
    # The message names the host only: a path or query may hold what is not for a log.
    what = f"{request.method} {request.url.scheme}://{request.url.host}: {type(error).__name__}"
    detail = f"{what}: {error}" if str(error) else what
    if isinstance(error, _NEVER_SENT):
        return ServiceUnreachableError(f"no connection, nothing was sent ({detail})")
    return ReplyLostError(f"no whole reply came back ({detail})")


def _closed(request: httpx.Request) -> Never:
    raise ConfigurationError("this client is closed; make a new one")


def _check_size(effect: Send, written: int) -> None:
    if written > effect.max_bytes:
        raise DownloadError(f"the file is larger than {effect.max_bytes} bytes")


class SyncTransport:
    """Performs flows in the calling thread. May be shared by threads."""

    def __init__(self, timeouts: Timeouts, client: httpx.Client | None) -> None:
        self._timeouts = timeouts
        self._gate = threading.BoundedSemaphore(CONCURRENCY)
        self._open: Callable[[httpx.Request], httpx.Response]
        self._close: Callable[[], None] | None = None  # nothing to close when the client is the caller's own
        if client is None and not getproxies():
            transport = httpx.HTTPTransport(limits=LIMITS)
            self._open, self._close = transport.handle_request, transport.close
            return
        if client is None:
            client = httpx.Client(limits=LIMITS)
            self._close = client.close
        self._open = partial(client.send, auth=None, follow_redirects=False, stream=True)

    def run(self, flow: Flow[T]) -> T:
        """Perform a flow to its end."""
        try:
            effect = next(flow)
            while True:
                try:
                    outcome = self._perform(effect)
                except BaseException as error:
                    effect = flow.throw(error)
                else:
                    effect = flow.send(outcome)
        except StopIteration as stop:
            result: T = stop.value
            return result

    def _perform(self, effect: Effect) -> Reply | None:
        if not isinstance(effect, Send):
            time.sleep(effect.seconds)
            return None
        request = _request(effect, self._timeouts)
        with self._gate:
            try:
                response = self._open(request)
                try:
                    if effect.sink is None:
                        return Reply(response.status_code, response.headers, response.read())
                    written = 0
                    for chunk in response.iter_bytes() if response.status_code == 200 else ():
                        written += effect.sink.write(chunk)
                        _check_size(effect, written)
                finally:
                    response.close()
            except httpx.HTTPError as error:
                raise _translated(request, error) from error
        return Reply(response.status_code, response.headers, b"")

    def close(self) -> None:
        """Close the connections, unless the httpx client is the caller's own. Nothing is sent afterwards."""
        self._open = _closed
        if self._close:
            self._close()


class AsyncTransport:
    """Performs flows in the running asyncio event loop."""

    def __init__(self, timeouts: Timeouts, client: httpx.AsyncClient | None) -> None:
        import asyncio  # not loaded for those who only use the blocking client

        self._timeouts = timeouts
        self._gate = asyncio.Semaphore(CONCURRENCY)
        self._sleep = asyncio.sleep
        self._open: Callable[[httpx.Request], Awaitable[httpx.Response]]
        self._close: Callable[[], Awaitable[None]] | None = None  # as above
        if client is None and not getproxies():
            transport = httpx.AsyncHTTPTransport(limits=LIMITS)
            self._open, self._close = transport.handle_async_request, transport.aclose
            return
        if client is None:
            client = httpx.AsyncClient(limits=LIMITS)
            self._close = client.aclose
        self._open = partial(client.send, auth=None, follow_redirects=False, stream=True)

    async def run(self, flow: Flow[T]) -> T:
        """Perform a flow to its end."""
        try:
            effect = next(flow)
            while True:
                try:
                    outcome = await self._perform(effect)
                except BaseException as error:
                    effect = flow.throw(error)
                else:
                    effect = flow.send(outcome)
        except StopIteration as stop:
            result: T = stop.value
            return result

    async def _perform(self, effect: Effect) -> Reply | None:
        if not isinstance(effect, Send):
            await self._sleep(effect.seconds)
            return None
        request = _request(effect, self._timeouts)
        async with self._gate:
            try:
                response = await self._open(request)
                try:
                    if effect.sink is None:
                        return Reply(response.status_code, response.headers, await response.aread())
                    written = 0
                    if response.status_code == 200:
                        async for chunk in response.aiter_bytes():
                            written += effect.sink.write(chunk)
                            _check_size(effect, written)
                finally:
                    await response.aclose()
            except httpx.HTTPError as error:
                raise _translated(request, error) from error
        return Reply(response.status_code, response.headers, b"")

    async def close(self) -> None:
        """Close the connections, unless the httpx client is the caller's own. Nothing is sent afterwards."""
        self._open = _closed
        if self._close:
            await self._close()
