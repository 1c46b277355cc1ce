"""The seam to httpx: sends requests, a few at a time.

No call of the API is sent by anything else. Requests are sent as built: no redirect is followed,
no client-level auth or header is merged in, so the key goes where `prepare.py` puts it and nowhere
else.

An `httpx.Client` spends a quarter of a call's CPU time on cookies, auth and redirects, none of
which are wanted. So where neither the caller nor the environment (proxies) asks for a client,
requests go straight to httpx's transport.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from functools import partial
from io import BytesIO
from typing import IO, TYPE_CHECKING
from urllib.request import getproxies

import httpx

from ...core.effects import CONCURRENCY, Reply, Send, T
from ...core.errors import (
    ConfigurationError,
    DownloadError,
    KieError,
    ReplyLostError,
    ResponseFormatError,
    ServiceUnreachableError,
)
from .concurrency import Gate
from .raw_response import note

if TYPE_CHECKING:
    from ...contract.model import Timeouts

# httpx's pool spends ever more time on itself as requests queue inside it, and looks at each of its
# connections for each request (0.8 ms of CPU a call for one caller, 1.9 ms for 64). So callers queue
# in front of it, `CONCURRENCY` at a time, and each of those has a lane of its own: a pool with one
# request in it. The lane that was used last is used first, so that few connections are kept warm.

# A server may close an idle connection at any moment, and a create must not be sent into that
# moment: its fate would be unknown. Connections are not reused after this many idle seconds.
KEEPALIVE_EXPIRY = 2.0

# One connection to the API, and one to where pictures go or come from.
LANE = httpx.Limits(max_connections=2, max_keepalive_connections=2, keepalive_expiry=KEEPALIVE_EXPIRY)

# What a whole `httpx.Client` may have open.
LIMITS = httpx.Limits(
    max_connections=CONCURRENCY, max_keepalive_connections=CONCURRENCY, keepalive_expiry=KEEPALIVE_EXPIRY
)

# Raised before the first byte of a request is on its way, and then only.
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)

# `httpx.Client` also reads the address of a redirect that it does not follow; hooks read what they like.
_FAULTS = (httpx.HTTPError, httpx.InvalidURL, UnicodeError)


def _request(effect: Send, timeouts: Timeouts) -> tuple[httpx.Request, float]:
    """The request, and how many seconds it may take as a whole."""
    request = effect.build()
    limits = timeouts._asdict()
    if effect.limit is not None:
        limits = {name: min(value, max(effect.limit, 0.001)) for name, value in limits.items()}
    total: float = limits.pop("total")
    request.extensions = {"timeout": limits}
    return request, total


def _what(request: httpx.Request) -> str:
    # The host and port only: a path or query may hold what is not for a log.
    return f"{request.method} {request.url.scheme}://{request.url.netloc.decode('ascii', 'replace')}"


def _translated(request: httpx.Request, error: Exception) -> KieError:
    """Turn httpx's error into ours: was it sent or not."""
    # httpx's error holds the request, and the request held the key.
    request.headers.pop("Authorization", None)
    what = f"{_what(request)}: {type(error).__name__}"
    detail = f"{what}: {error}" if str(error) else what
    if isinstance(error, _NEVER_SENT):
        return ServiceUnreachableError(f"no connection, nothing was sent ({detail})")
    return ReplyLostError(f"no whole reply came back ({detail})")


def _queued(request: httpx.Request, total: float) -> ServiceUnreachableError:
    return ServiceUnreachableError(
        f"nothing was sent: {CONCURRENCY} other requests of this client took longer than {total:g} s "
        f"({_what(request)})"
    )


def _slow(request: httpx.Request, total: float) -> ReplyLostError:
    return ReplyLostError(f"no whole reply came back within {total:g} s ({_what(request)})")


def end_of(effect: Send, begun: float, sent: float, total: float) -> float:
    """Until when it may take: what waited for others still has all of its time, unless its caller has not."""
    return (sent if effect.limit is None else begun) + total


class _Body:
    """Where a reply's body goes: to the caller's sink, or into memory; never more than allowed."""

    def __init__(self, effect: Send, status: int) -> None:
        self._memory = BytesIO()
        self._sink: IO[bytes] = effect.sink or self._memory
        self._effect = effect
        self._status = status
        self._written = 0
        self.wanted = effect.sink is None or status == 200

    def write(self, chunk: bytes) -> None:
        """Take a part of it. Raises `DownloadError`, `ResponseFormatError` when it is too large."""
        self._written += len(chunk)
        if self._written > self._effect.max_bytes:
            if self._effect.sink:
                raise DownloadError(f"the file is larger than {self._effect.max_bytes} bytes")
            raise ResponseFormatError(
                f"HTTP {self._status}, but its body is larger than {self._effect.max_bytes} bytes",
                http_status=self._status,
            )
        self._sink.write(chunk)

    def reply(self, response: httpx.Response) -> Reply:
        """The reply, once all of its body is here."""
        reply = Reply(response.status_code, response.headers, self._memory.getvalue())
        return reply if self._effect.sink else note(reply)


def _check_not_closed(closed: bool) -> None:
    if closed:
        raise ConfigurationError("this client is closed; make a new one")


def _made(make: Callable[[], T]) -> T:
    """Set up a part of httpx. Raises `ConfigurationError` for what the environment asks for and cannot be."""
    try:
        return make()
    except (ImportError, OSError, ValueError, httpx.InvalidURL) as error:
        raise ConfigurationError(
            f"the connection cannot be set up: {error}; look at the environment's proxy and certificate "
            "settings (HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE), or pass http_client="
        ) from error


def _check_kind(client: object, kind: type) -> None:
    if client is not None and not isinstance(client, kind):
        raise ConfigurationError(
            f"http_client: expected an httpx.{kind.__name__}, got {type(client).__name__}; "
            "Kie takes an httpx.Client, AsyncKie an httpx.AsyncClient"
        )


def _check_open(client: httpx.Client | httpx.AsyncClient) -> None:
    if client.is_closed:
        raise ConfigurationError("the http_client of this client is closed; make a new one")


class SyncLanes:
    """Sends from the calling thread. May be shared by threads."""

    def __init__(self, timeouts: Timeouts, client: httpx.Client | None) -> None:
        _check_kind(client, httpx.Client)
        self._timeouts = timeouts
        self._gate = Gate()
        self._closed = False
        self._close: list[Callable[[], None]] = []  # nothing to close when the client is the caller's own
        self._lanes: list[Callable[[httpx.Request], httpx.Response]]
        if client is None and not getproxies():
            context = _made(httpx.create_ssl_context)
            transports = [httpx.HTTPTransport(verify=context, limits=LANE) for _ in range(CONCURRENCY)]
            self._lanes = [transport.handle_request for transport in transports]
            self._close = [transport.close for transport in transports]
            return
        if client is None:
            client = _made(lambda: httpx.Client(limits=LIMITS))
            self._close = [client.close]
        self._lanes = [partial(self._through, client)] * CONCURRENCY

    @staticmethod
    def _through(client: httpx.Client, request: httpx.Request) -> httpx.Response:
        _check_open(client)
        return client.send(request, auth=None, follow_redirects=False, stream=True)

    def send(self, effect: Send) -> Reply:
        """Send a request. Raises `ServiceUnreachableError`, `ReplyLostError`; what `_Body` raises."""
        request, total = _request(effect, self._timeouts)
        begun = time.monotonic()
        turn, lane = None, None
        try:
            turn = self._gate.enter(total)
            if turn is None:
                raise _queued(request, total)
            _check_not_closed(self._closed)
            lane = self._lanes.pop()
            end = end_of(effect, begun, time.monotonic(), total)
            response = lane(request)
            try:
                body = _Body(effect, response.status_code)
                late = False
                for chunk in response.iter_bytes() if body.wanted else ():
                    # Late by the time limit of one read at most. Of a head that drips, nothing is seen here.
                    if late:
                        raise _slow(request, total)
                    body.write(chunk)
                    late = time.monotonic() > end
            finally:
                response.close()
        except _FAULTS as error:
            raise _translated(request, error) from error
        finally:
            if lane is not None:
                self._lanes.append(lane)
            if turn is not None:
                self._gate.leave(turn)
        return body.reply(response)

    def close(self) -> None:
        """Close the connections, unless the httpx client is the caller's own. Nothing is sent afterwards."""
        self._closed = True
        for close in self._close:
            close()


class AsyncLanes:
    """Sends in one asyncio event loop."""

    def __init__(self, timeouts: Timeouts, client: httpx.AsyncClient | None) -> None:
        import asyncio  # not loaded for those who only use the blocking client

        _check_kind(client, httpx.AsyncClient)
        self._timeouts = timeouts
        self._asyncio = asyncio
        self._gate = asyncio.Semaphore(CONCURRENCY)
        self._closed = False
        self._close: list[Callable[[], Awaitable[None]]] = []  # as above
        self._lanes: list[Callable[[httpx.Request], Awaitable[httpx.Response]]]
        if client is None and not getproxies():
            context = _made(httpx.create_ssl_context)
            transports = [httpx.AsyncHTTPTransport(verify=context, limits=LANE) for _ in range(CONCURRENCY)]
            self._lanes = [transport.handle_async_request for transport in transports]
            self._close = [transport.aclose for transport in transports]
            return
        if client is None:
            client = _made(lambda: httpx.AsyncClient(limits=LIMITS))
            self._close = [client.aclose]
        self._lanes = [partial(self._through, client)] * CONCURRENCY

    @staticmethod
    async def _through(client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
        _check_open(client)
        return await client.send(request, auth=None, follow_redirects=False, stream=True)

    async def send(self, effect: Send) -> Reply:
        """See `SyncLanes.send`."""
        request, total = _request(effect, self._timeouts)
        asyncio = self._asyncio
        now = asyncio.get_running_loop().time
        begun = now()
        sent = False
        try:
            queues = self._gate.locked()
            async with asyncio.timeout(total) as limit, self._gate:
                _check_not_closed(self._closed)
                if queues:
                    limit.reschedule(end_of(effect, begun, now(), total))
                lane = self._lanes.pop()
                sent = True
                try:
                    response = await lane(request)
                    try:
                        body = _Body(effect, response.status_code)
                        if body.wanted:
                            async for chunk in response.aiter_bytes():
                                body.write(chunk)
                    finally:
                        await response.aclose()
                finally:
                    self._lanes.append(lane)
        except TimeoutError:
            raise (_slow if sent else _queued)(request, total) from None
        except _FAULTS as error:
            raise _translated(request, error) from error
        return body.reply(response)

    async def close(self) -> None:
        """Close the connections, unless the httpx client is the caller's own. Nothing is sent afterwards."""
        self._closed = True
        for close in self._close:
            await close()
