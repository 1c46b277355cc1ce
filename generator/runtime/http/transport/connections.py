"""Sends requests through httpx, a few at a time. All calls of the API are sent here.

Requests are sent unchanged: redirects are not followed, and no auth or headers of a client are
merged in. So the API key is sent only where `http/request.py` puts it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import httpx

from ...core.clock import Clock
from ...core.effects import CONCURRENCY, Reply, SendRequest, T
from ...core.errors import (
    CallTimeoutError,
    ConfigurationError,
    PackageError,
    ReplyLostError,
    ServiceUnreachableError,
)
from ...core.identity import CLIENT
from ...core.text.printable import error_text
from ..request import RequestBody
from .body import ResponseBody
from .concurrency import Admission, ConcurrencyLimiter
from .proxies import AsyncProxyTransport, Proxies, SyncProxyTransport, environment_proxies
from .routes import AsyncClientRoute, AsyncRoute, SyncClientRoute, SyncRoute

if TYPE_CHECKING:
    from ...contract.model import Timeouts
    from .deadline import Deadline

# httpx's pool checks each of its connections for each request, and more often when requests queue in it
# (0.8 ms of CPU per call for one caller, 1.9 ms for 64). So callers queue in front of it, and `CONCURRENCY`
# of them are admitted, each to a separate transport, which holds its connections (`held.py`). The transport
# that was used last is used first, so that few connections are open.

# A server may close an idle connection at any moment. If a submission is sent at that moment, its outcome is
# unknown. So connections are not reused after this many idle seconds.
KEEPALIVE_EXPIRY = 2.0

# One connection to the API, and one to the server of uploads or results.
TWO_CONNECTIONS = httpx.Limits(
    max_connections=2, max_keepalive_connections=2, keepalive_expiry=KEEPALIVE_EXPIRY
)

# Raised only before the first byte of a request is sent.
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)

# The errors of this package that say the same, or that the request was not even built.
_SAYS_NOT_SENT = (ServiceUnreachableError, ConfigurationError, CallTimeoutError)

# `httpx.Client` parses the address of a redirect that it does not follow; event hooks may parse anything.
_HTTPX_ERRORS = (httpx.HTTPError, httpx.InvalidURL, UnicodeError)


# The time limits of an httpx client whose caller has not set any.
_HTTPX_DEFAULT = httpx.Timeout(5.0)


def _build_request(
    effect: SendRequest, timeouts: Timeouts, client: httpx.Client | httpx.AsyncClient | None
) -> tuple[httpx.Request, float]:
    """Return the request, and how many seconds it may take in all."""
    request = effect.build()
    limits = timeouts._asdict()
    if client is not None and client.timeout != _HTTPX_DEFAULT:
        own = client.timeout.as_dict()
        limits |= {name: min(value, limits[name]) for name, value in own.items() if value is not None}
    if effect.limit is not None:
        limits = {name: min(value, max(effect.limit, 0.001)) for name, value in limits.items()}
    total: float = limits.pop("total")
    request.extensions = {"timeout": limits}
    return request, total


def _describe_request(request: httpx.Request, proxies: Proxies | None) -> str:
    # The hosts and ports only: a path, a query or the user of a proxy may contain secrets.
    proxy = proxies.proxy_for(request.url) if proxies else None
    through = f" through the proxy {_netloc(httpx.URL(proxy))}" if proxy else ""
    return f"{request.method} {request.url.scheme}://{_netloc(request.url)}{through}"


def _netloc(url: httpx.URL) -> str:
    return url.netloc.decode("ascii", "replace")


class _Attempt:
    """One request on its way, and whether the server may have received it."""

    def __init__(self, request: httpx.Request) -> None:
        # Looked up now, because a hook may give the request another body.
        self._body = request.stream if isinstance(request.stream, RequestBody) else None
        self.is_answered = False

    @property
    def is_begun(self) -> bool:
        """Whether a transport has begun to send the body, or there is a response.

        Then no error proves that nothing was sent. A transport of the caller may send a request several
        times, and raise the error of its last attempt.
        """
        return self.is_answered or (self._body is not None and self._body.is_begun)


def _client_error(
    request: httpx.Request, error: Exception, proxies: Proxies | None, *, is_begun: bool
) -> PackageError:
    """Return the error to raise for an error of a transport: it says whether the request was sent."""
    # httpx's error contains the request, and a header of the request contains the API key.
    request.headers = httpx.Headers()
    _clear_locals(error)
    detail = f"{_describe_request(request, proxies)}: {error_text(error)}"
    if isinstance(error, _NEVER_SENT) and not is_begun:
        return ServiceUnreachableError(f"nothing was sent: no connection ({detail})")
    return ReplyLostError(f"the request was sent, but no complete response arrived ({detail})")


def _clear_locals(error: BaseException | None) -> None:
    """Delete the local variables of tracebacks: those of httpcore and below contain the head of a request."""
    from traceback import clear_frames  # needed for errors only

    while error is not None:
        clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def _queued_too_long(
    request: httpx.Request, total: float, proxies: Proxies | None
) -> ServiceUnreachableError:
    return ServiceUnreachableError(
        f"nothing was sent: timed out after {total:g} s waiting for a free connection ({CONCURRENCY} in use) "
        f"({_describe_request(request, proxies)})"
    )


def _reply_too_slow(request: httpx.Request, total: float, proxies: Proxies | None) -> ReplyLostError:
    return ReplyLostError(f"no complete response within {total:g} s ({_describe_request(request, proxies)})")


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
    except httpx.InvalidURL:
        # Its message may contain the password of the proxy.
        problem, cause = "the URL of a proxy is invalid", None
    except (ImportError, OSError, ValueError) as error:
        problem, cause = str(error), error
    raise ConfigurationError(
        f"the connection cannot be set up: {problem}; check the environment's proxy and certificate "
        "settings (HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE), or pass http_client="
    ) from cause


def _sync_transports() -> tuple[Proxies | None, list[tuple[httpx.BaseTransport, Deadline]]]:
    from .deadline import Deadline, apply_deadline  # imports httpcore, as httpx does to make a transport
    from .held import hold_connections

    proxies, context = environment_proxies(), httpx.create_ssl_context()

    def make(deadline: Deadline, proxy: str | None = None) -> httpx.BaseTransport:
        transport = httpx.HTTPTransport(verify=context, limits=TWO_CONNECTIONS, proxy=proxy)
        hold_connections(transport, context, KEEPALIVE_EXPIRY)
        apply_deadline(transport, deadline)
        return transport

    deadlines = [Deadline() for _ in range(CONCURRENCY)]
    if proxies is None:
        return None, [(make(deadline), deadline) for deadline in deadlines]
    return proxies, [
        (SyncProxyTransport(proxies, partial(make, deadline)), deadline) for deadline in deadlines
    ]


def _async_transports() -> tuple[Proxies | None, list[httpx.AsyncBaseTransport]]:
    from .held import hold_connections  # imports httpcore, as httpx does to make a transport

    proxies, context = environment_proxies(), httpx.create_ssl_context()

    def make(proxy: str | None) -> httpx.AsyncBaseTransport:
        transport = httpx.AsyncHTTPTransport(verify=context, limits=TWO_CONNECTIONS, proxy=proxy)
        hold_connections(transport, context, KEEPALIVE_EXPIRY)
        return transport

    if proxies is None:
        return None, [make(None) for _ in range(CONCURRENCY)]
    return proxies, [AsyncProxyTransport(proxies, make) for _ in range(CONCURRENCY)]


def _check_client_type(client: object, kind: type) -> None:
    if client is not None and not isinstance(client, kind):
        raise ConfigurationError(
            f"http_client: expected an httpx.{kind.__name__}, got {type(client).__name__}; "
            f"{CLIENT} takes an httpx.Client, Async{CLIENT} an httpx.AsyncClient"
        )


class SyncConnections:
    """Sends requests from the calling thread. Threads may share it."""

    def __init__(self, timeouts: Timeouts, client: httpx.Client | None, clock: Clock) -> None:
        _check_client_type(client, httpx.Client)
        self._timeouts = timeouts
        self._client = client
        self._clock = clock
        self._concurrency = ConcurrencyLimiter(clock)
        self._closed = False
        self._proxies: Proxies | None = None
        self._transports: list[
            tuple[httpx.BaseTransport, Deadline]
        ] = []  # empty if the client is the caller's
        self._routes: list[SyncRoute | SyncClientRoute]
        if client is None:
            self._proxies, self._transports = _set_up(_sync_transports)
            self._routes = [SyncRoute(*transport) for transport in self._transports]
        else:
            self._routes = [SyncClientRoute(client)] * CONCURRENCY
        self.end_in_time = all(route.ends_in_time for route in self._routes)
        """Whether each request ends at its deadline."""

    def send(self, effect: SendRequest) -> Reply:
        """Send a request. Raises what `ResponseBody` raises, `ServiceUnreachableError`, `ReplyLostError`."""
        request, total = _build_request(effect, self._timeouts, self._client)
        attempt = _Attempt(request)
        begun = self._clock.monotonic()
        admission = Admission(self._concurrency)
        taken: list[SyncRoute | SyncClientRoute] = []
        try:
            if not admission.enter(total):
                raise _queued_too_long(request, total, self._proxies)
            _check_not_closed(self._closed)
            taken.extend(map(list.pop, [self._routes]))  # in one step; see `Held`
            now = self._clock.monotonic()
            end = deadline_of(effect, begun, now, total)
            response = taken[0].send(request, end - now)
            attempt.is_answered = True
            try:
                body = ResponseBody(effect, response)
                late = False
                for chunk in response.iter_raw() if body.wanted and not body.complete else ():
                    if late:
                        raise _reply_too_slow(request, total, self._proxies)
                    body.write(chunk)
                    late = self._clock.monotonic() > end
                return body.reply()
            finally:
                response.close()
        except _SAYS_NOT_SENT as error:
            if not attempt.is_begun:
                raise
            raise _client_error(request, error, self._proxies, is_begun=True) from error
        except _HTTPX_ERRORS as error:
            failure = _client_error(request, error, self._proxies, is_begun=attempt.is_begun)
            # The read time-out of a caller's httpx client may end at the same moment as the limit.
            out_of_time = effect.limit is not None and self._clock.monotonic() >= begun + total
            is_late = out_of_time or any(route.is_late() for route in taken)
            if isinstance(failure, ReplyLostError) and is_late:
                failure = _reply_too_slow(request, total, self._proxies)
            raise failure from error
        finally:
            self._routes.extend(taken)
            admission.leave()

    def close(self) -> None:
        """Close the connections, unless the httpx client is the caller's. Nothing is sent afterwards."""
        self._closed = True
        for transport, _ in self._transports:
            transport.close()


class AsyncConnections:
    """Sends requests in one asyncio event loop."""

    def __init__(self, timeouts: Timeouts, client: httpx.AsyncClient | None) -> None:
        import asyncio  # not imported for blocking clients

        _check_client_type(client, httpx.AsyncClient)
        self._timeouts = timeouts
        self._client = client
        self._asyncio = asyncio
        self._concurrency = asyncio.Semaphore(CONCURRENCY)
        self._closed = False
        self._proxies: Proxies | None = None
        self._transports: list[httpx.AsyncBaseTransport] = []  # empty if the client is the caller's
        self._routes: list[AsyncRoute | AsyncClientRoute]
        if client is None:
            self._proxies, self._transports = _set_up(_async_transports)
            self._routes = [AsyncRoute(transport) for transport in self._transports]
        else:
            self._routes = [AsyncClientRoute(client)] * CONCURRENCY

    async def send(self, effect: SendRequest) -> Reply:
        """Send a request. Raises what `ResponseBody` raises, `ServiceUnreachableError`, `ReplyLostError`."""
        request, total = _build_request(effect, self._timeouts, self._client)
        attempt = _Attempt(request)
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
                    attempt.is_answered = True
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
            raise (_reply_too_slow if sent else _queued_too_long)(request, total, self._proxies) from None
        except _SAYS_NOT_SENT as error:
            if not attempt.is_begun:
                raise
            raise _client_error(request, error, self._proxies, is_begun=True) from error
        except _HTTPX_ERRORS as error:
            raise _client_error(request, error, self._proxies, is_begun=attempt.is_begun) from error

    def refuse(self) -> None:
        """Refuse all further requests."""
        self._closed = True

    async def disconnect(self) -> None:
        """Close the connections, unless the httpx client is the caller's."""
        for transport in self._transports:
            await transport.aclose()
