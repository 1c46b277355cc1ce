"""Sends requests through httpx, a few at a time. All calls of the API are sent here.

Requests are sent unchanged: redirects are not followed, and no auth or headers of a client are
merged in. So the API key is sent only where `http/request.py` puts it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from urllib.request import getproxies

import httpx

from ...core.clock import Clock
from ...core.effects import CONCURRENCY, Reply, SendRequest, T
from ...core.errors import (
    ConfigurationError,
    KieError,
    ReplyLostError,
    ServiceUnreachableError,
)
from .body import ResponseBody
from .concurrency import Admission, ConcurrencyLimiter
from .routes import AsyncClientRoute, AsyncRoute, SyncClientRoute, SyncRoute

if TYPE_CHECKING:
    from ...contract.model import Timeouts

# httpx's pool checks each of its connections for each request, and more often when requests queue in it
# (0.8 ms of CPU per call for one caller, 1.9 ms for 64). So callers queue in front of it, and `CONCURRENCY`
# of them are admitted, each to a separate transport: a pool with one request in it. The transport that was
# used last is used first, so that few connections are open.

# A server may close an idle connection at any moment. If a submission is sent at that moment, its outcome is
# unknown. So connections are not reused after this many idle seconds.
KEEPALIVE_EXPIRY = 2.0

# One connection to the API, and one to the server of uploads or results.
TWO_CONNECTIONS = httpx.Limits(
    max_connections=2, max_keepalive_connections=2, keepalive_expiry=KEEPALIVE_EXPIRY
)

# The limits of an `httpx.Client`, which all callers share.
LIMITS = httpx.Limits(
    max_connections=CONCURRENCY, max_keepalive_connections=CONCURRENCY, keepalive_expiry=KEEPALIVE_EXPIRY
)

# Raised only before the first byte of a request is sent.
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)

# `httpx.Client` parses the address of a redirect that it does not follow; event hooks may parse anything.
_HTTPX_ERRORS = (httpx.HTTPError, httpx.InvalidURL, UnicodeError)


def _build_request(effect: SendRequest, timeouts: Timeouts) -> tuple[httpx.Request, float]:
    """Return the request, and how many seconds it may take in all."""
    request = effect.build()
    limits = timeouts._asdict()
    if effect.limit is not None:
        limits = {name: min(value, max(effect.limit, 0.001)) for name, value in limits.items()}
    total: float = limits.pop("total")
    request.extensions = {"timeout": limits}
    return request, total


def _describe_request(request: httpx.Request) -> str:
    # The host and port only: a path or query may hold secrets.
    return f"{request.method} {request.url.scheme}://{request.url.netloc.decode('ascii', 'replace')}"


def _client_error(request: httpx.Request, error: Exception) -> KieError:
    """Return the error to raise for httpx's error: it says whether the request was sent."""
    # httpx's error contains the request, and the request contains the API key.
    request.headers.pop("Authorization", None)
    _clear_locals(error)
    what = f"{_describe_request(request)}: {type(error).__name__}"
    detail = f"{what}: {error}" if str(error) else what
    if isinstance(error, _NEVER_SENT):
        return ServiceUnreachableError(f"nothing was sent: no connection ({detail})")
    return ReplyLostError(f"the request was sent, but no complete response arrived ({detail})")


def _clear_locals(error: BaseException | None) -> None:
    """Delete the local variables of tracebacks: those of httpcore and below contain the head of a request."""
    from traceback import clear_frames  # needed for errors only

    while error is not None:
        clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def _queued_too_long(request: httpx.Request, total: float) -> ServiceUnreachableError:
    return ServiceUnreachableError(
        f"nothing was sent: timed out after {total:g} s waiting for a free connection ({CONCURRENCY} in use) "
        f"({_describe_request(request)})"
    )


def _reply_too_slow(request: httpx.Request, total: float) -> ReplyLostError:
    return ReplyLostError(f"no complete response within {total:g} s ({_describe_request(request)})")


def deadline_of(effect: SendRequest, begun: float, sent: float, total: float) -> float:
    """Return when a request must be complete. Queueing does not count, unless the caller set the limit."""
    return (sent if effect.limit is None else begun) + total


def _check_not_closed(closed: bool) -> None:
    if closed:
        raise ConfigurationError("this client is closed; make a new one")


def _set_up(make: Callable[[], T]) -> T:
    """Set up a part of httpx. Raises `ConfigurationError` if the environment's settings are invalid."""
    try:
        return make()
    except (ImportError, OSError, ValueError, httpx.InvalidURL) as error:
        raise ConfigurationError(
            f"the connection cannot be set up: {error}; check the environment's proxy and certificate "
            "settings (HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE), or pass http_client="
        ) from error


def _check_client_type(client: object, kind: type) -> None:
    if client is not None and not isinstance(client, kind):
        raise ConfigurationError(
            f"http_client: expected an httpx.{kind.__name__}, got {type(client).__name__}; "
            "Kie takes an httpx.Client, AsyncKie an httpx.AsyncClient"
        )


class SyncConnections:
    """Sends requests from the calling thread. Threads may share it."""

    def __init__(self, timeouts: Timeouts, client: httpx.Client | None, clock: Clock) -> None:
        _check_client_type(client, httpx.Client)
        self._timeouts = timeouts
        self._clock = clock
        self._concurrency = ConcurrencyLimiter(clock)
        self._closed = False
        self._close: list[Callable[[], None]] = []  # empty if the client is the caller's
        self._routes: list[SyncRoute | SyncClientRoute]
        if client is None and not getproxies():
            context = _set_up(httpx.create_ssl_context)
            self._routes = [
                SyncRoute(httpx.HTTPTransport(verify=context, limits=TWO_CONNECTIONS))
                for _ in range(CONCURRENCY)
            ]
            self._close = [route.close for route in self._routes]
            return
        if client is None:
            client = _set_up(lambda: httpx.Client(limits=LIMITS))
            self._close = [client.close]
        self._routes = [SyncClientRoute(client)] * CONCURRENCY

    def send(self, effect: SendRequest) -> Reply:
        """Send a request. Raises what `ResponseBody` raises, `ServiceUnreachableError`, `ReplyLostError`."""
        request, total = _build_request(effect, self._timeouts)
        begun = self._clock.monotonic()
        admission = Admission(self._concurrency)
        taken: list[SyncRoute | SyncClientRoute] = []
        try:
            if not admission.enter(total):
                raise _queued_too_long(request, total)
            _check_not_closed(self._closed)
            taken.extend(map(list.pop, [self._routes]))  # in one step; see `Held`
            end = deadline_of(effect, begun, self._clock.monotonic(), total)
            response = taken[0].send(request)
            try:
                body = ResponseBody(effect, response)
                late = False
                for chunk in response.iter_raw() if body.wanted and not body.complete else ():
                    # Late by at most the time limit of one read. A head that arrives slowly is not seen here.
                    if late:
                        raise _reply_too_slow(request, total)
                    body.write(chunk)
                    late = self._clock.monotonic() > end
                return body.reply()
            finally:
                response.close()
        except _HTTPX_ERRORS as error:
            raise _client_error(request, error) from error
        finally:
            self._routes.extend(taken)
            admission.leave()

    def close(self) -> None:
        """Close the connections, unless the httpx client is the caller's. Nothing is sent afterwards."""
        self._closed = True
        for close in self._close:
            close()


class AsyncConnections:
    """Sends requests in one asyncio event loop."""

    def __init__(self, timeouts: Timeouts, client: httpx.AsyncClient | None) -> None:
        import asyncio  # not imported for blocking clients

        _check_client_type(client, httpx.AsyncClient)
        self._timeouts = timeouts
        self._asyncio = asyncio
        self._concurrency = asyncio.Semaphore(CONCURRENCY)
        self._closed = False
        self._close: list[Callable[[], Awaitable[None]]] = []  # as above
        self._routes: list[AsyncRoute | AsyncClientRoute]
        if client is None and not getproxies():
            context = _set_up(httpx.create_ssl_context)
            self._routes = [
                AsyncRoute(httpx.AsyncHTTPTransport(verify=context, limits=TWO_CONNECTIONS))
                for _ in range(CONCURRENCY)
            ]
            self._close = [route.close for route in self._routes]
            return
        if client is None:
            client = _set_up(lambda: httpx.AsyncClient(limits=LIMITS))
            self._close = [client.aclose]
        self._routes = [AsyncClientRoute(client)] * CONCURRENCY

    async def send(self, effect: SendRequest) -> Reply:
        """Send a request. Raises what `ResponseBody` raises, `ServiceUnreachableError`, `ReplyLostError`."""
        request, total = _build_request(effect, self._timeouts)
        asyncio = self._asyncio
        now = asyncio.get_running_loop().time
        begun = now()
        sent = False
        try:
            queues = self._concurrency.locked()
            async with asyncio.timeout(total) as limit, self._concurrency:
                _check_not_closed(self._closed)
                if queues:
                    limit.reschedule(deadline_of(effect, begun, now(), total))
                route = self._routes.pop()
                sent = True
                try:
                    response = await route.send(request)
                    try:
                        body = ResponseBody(effect, response)
                        if body.wanted and not body.complete:
                            async for chunk in response.aiter_raw():
                                body.write(chunk)
                        return body.reply()
                    finally:
                        await response.aclose()
                finally:
                    self._routes.append(route)
        except TimeoutError:
            raise (_reply_too_slow if sent else _queued_too_long)(request, total) from None
        except _HTTPX_ERRORS as error:
            raise _client_error(request, error) from error

    def refuse(self) -> None:
        """Refuse all further requests."""
        self._closed = True

    async def disconnect(self) -> None:
        """Close the connections, unless the httpx client is the caller's."""
        for close in self._close:
            await close()
