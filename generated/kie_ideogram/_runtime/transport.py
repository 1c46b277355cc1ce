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
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from io import BytesIO
from math import inf
from operator import itemgetter
from typing import IO, TYPE_CHECKING, Any
from urllib.request import getproxies

import httpx

from .errors import (
    ConfigurationError,
    DownloadError,
    KieError,
    ReplyLostError,
    ResponseFormatError,
    ServiceUnreachableError,
)
from .flow import CONCURRENCY, Do, Effect, Flow, News, Park, Reply, Send, Sleep, T, Together
from .fork import ABANDONED
from .raw import note
from .shapes import Timeouts

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future, TimerHandle

    from .schedule import Schedule, Seat

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

# Raised before the first byte of a request is on its way; UnicodeError by a host that has no address.
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.InvalidURL,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    UnicodeError,
)
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


def _made(make: Callable[[], T]) -> T:
    """Set up a part of httpx. Raises `ConfigurationError` for what the environment asks for and cannot be."""
    try:
        return make()
    except (ImportError, OSError, ValueError) as error:
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


def _park(seat: "Seat", seconds: float) -> None:
    event = threading.Event()
    seat.alarm = event.set
    try:
        if not seat.woken:
            doze(event, seconds)
    finally:
        seat.alarm = None
        seat.woken = False


def doze(event: threading.Event, seconds: float) -> None:
    """Block until the event, at most so long."""
    event.wait(min(seconds, threading.TIMEOUT_MAX))


class SyncTransport:
    """Performs flows in the calling thread. May be shared by threads."""

    def __init__(self, timeouts: Timeouts, client: httpx.Client | None) -> None:
        _check_kind(client, httpx.Client)
        self._timeouts = timeouts
        self._own = client
        self._gate = threading.BoundedSemaphore(CONCURRENCY)
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

    def news(self, schedule: "Schedule", seat: "Seat") -> Any:
        """Wait for the next news of a seat, doing its share of the looking."""
        while not schedule.ready(seat):
            duty = schedule.duty(seat)
            if duty:
                self.run(duty)
                continue
            try:
                _park(seat, inf)
            finally:
                schedule.unpark(seat)
        return schedule.take(seat)

    def _perform(self, effect: Effect) -> Any:
        if isinstance(effect, Sleep):
            return time.sleep(effect.seconds)
        if isinstance(effect, Do):
            return effect.call()
        if isinstance(effect, Park):
            return _park(effect.seat, effect.seconds)
        if isinstance(effect, News):
            return self.news(effect.schedule, effect.seat)
        if isinstance(effect, Together):
            return self._together(effect.flows)
        return self._send(effect)

    def _send(self, effect: Send) -> Reply:
        if self._closed:
            raise ConfigurationError("this client is closed; make a new one")
        request, total = _request(effect, self._timeouts)
        end = time.monotonic() + total
        if not self._gate.acquire(timeout=total):
            raise _queued(request, total)
        lane = self._lanes.pop()
        try:
            response = lane(request)
            try:
                body = _Body(effect, response.status_code)
                late = False
                for chunk in response.iter_bytes() if body.wanted else ():
                    # A blocking read ends by its own time limit, so this is late by that at most.
                    if late:
                        raise _slow(request, total)
                    body.write(chunk)
                    late = time.monotonic() > end
            finally:
                response.close()
        except _FAULTS as error:
            raise _translated(request, error) from error
        finally:
            self._lanes.append(lane)
            self._gate.release()
        return body.reply(response)

    def _together(self, flows: Sequence[Flow[Any]]) -> list[Any]:
        if len(flows) < 2:
            return [self.run(flow) for flow in flows]
        from queue import SimpleQueue  # not loaded where nothing is done side by side

        waiting = deque(enumerate(flows))
        ended: SimpleQueue[tuple[int, Any, BaseException | None]] = SimpleQueue()

        def work() -> None:
            while waiting:
                with suppress(IndexError):  # another thread took the last one
                    number, flow = waiting.popleft()
                    try:
                        ended.put((number, self.run(flow), None))
                    except BaseException as error:
                        ended.put((number, None, error))

        # Not a pool: that one waits for its threads, and so would Ctrl-C, for as long as a request may take.
        for _ in range(min(len(flows), CONCURRENCY)):
            threading.Thread(target=work, daemon=True).start()
        try:
            outcomes = sorted((ended.get() for _ in flows), key=itemgetter(0))
        except BaseException:
            waiting.clear()
            raise
        for _, _, error in outcomes:
            if error:
                raise error
        return [outcome for _, outcome, _ in outcomes]

    def renewed(self) -> "SyncTransport":
        """The same for a forked child. The caller's own httpx client is the caller's to renew."""
        ABANDONED.append(self)
        return SyncTransport(self._timeouts, self._own)

    def close(self) -> None:
        """Close the connections, unless the httpx client is the caller's own. Nothing is sent afterwards."""
        self._closed = True
        for close in self._close:
            close()


def _rouse(future: "Future[None]") -> None:
    if not future.done():
        future.set_result(None)


def later(loop: "AbstractEventLoop", seconds: float, call: Callable[[], object]) -> "TimerHandle | None":
    """Call it so many seconds from now."""
    return loop.call_later(seconds, call)


class AsyncTransport:
    """Performs flows in the running asyncio event loop."""

    def __init__(self, timeouts: Timeouts, client: httpx.AsyncClient | None) -> None:
        import asyncio  # not loaded for those who only use the blocking client

        _check_kind(client, httpx.AsyncClient)
        self._asyncio = asyncio
        self._timeouts = timeouts
        self._loop: AbstractEventLoop | None = None
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

    def _check_loop(self) -> None:
        loop = self._asyncio.get_running_loop()
        self._loop = self._loop or loop
        if loop is not self._loop:
            raise ConfigurationError(
                "this client's connections belong to another event loop; make a client in each asyncio.run"
            )

    async def run(self, flow: Flow[T]) -> T:
        """Perform a flow to its end."""
        self._check_loop()
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

    async def news(self, schedule: "Schedule", seat: "Seat") -> Any:
        """Wait for the next news of a seat, doing its share of the looking."""
        while not schedule.ready(seat):
            duty = schedule.duty(seat)
            if duty:
                await self.run(duty)
                continue
            future = self._asyncio.get_running_loop().create_future()
            seat.alarm = partial(_rouse, future)
            try:
                # Nothing else is held meanwhile: thousands may wait here.
                await future
            finally:
                seat.alarm = None
                seat.woken = False
                schedule.unpark(seat)
        return schedule.take(seat)

    async def _perform(self, effect: Effect) -> Any:
        if isinstance(effect, Sleep):
            return await self._asyncio.sleep(effect.seconds)
        if isinstance(effect, Do):
            return await self._do(effect.call)
        if isinstance(effect, Park):
            return await self._park(effect.seat, effect.seconds)
        if isinstance(effect, News):
            return await self.news(effect.schedule, effect.seat)
        if isinstance(effect, Together):
            return await self._together(effect.flows)
        return await self._send(effect)

    async def _send(self, effect: Send) -> Reply:
        if self._closed:
            raise ConfigurationError("this client is closed; make a new one")
        request, total = _request(effect, self._timeouts)
        begun = False
        try:
            async with self._asyncio.timeout(total), self._gate:
                begun = True
                lane = self._lanes.pop()
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
            raise (_slow if begun else _queued)(request, total) from None
        except _FAULTS as error:
            raise _translated(request, error) from error
        return body.reply(response)

    async def _park(self, seat: "Seat", seconds: float) -> None:
        loop = self._asyncio.get_running_loop()
        future = loop.create_future()
        seat.alarm = rouse = partial(_rouse, future)
        timer = None
        try:
            if not seat.woken:
                timer = later(loop, seconds, rouse)
                await future
        finally:
            seat.alarm = None
            seat.woken = False
            if timer:
                timer.cancel()

    async def _do(self, call: Callable[[], Any]) -> Any:
        """Call in a thread; when cancelled, only after it has ended, so that its effect is known."""
        future = self._asyncio.get_running_loop().run_in_executor(None, call)
        try:
            return await self._asyncio.shield(future)
        except self._asyncio.CancelledError:
            while not future.done():
                await self._asyncio.wait([future])
            raise

    async def _together(self, flows: Sequence[Flow[Any]]) -> list[Any]:
        outcomes = await self._asyncio.gather(*map(self.run, flows), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        return outcomes

    async def close(self) -> None:
        """Close the connections, unless the httpx client is the caller's own. Nothing is sent afterwards."""
        self._closed = True
        for close in self._close:
            await close()
