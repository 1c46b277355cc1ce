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
from math import inf
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Never
from urllib.request import getproxies

import httpx

from .errors import ConfigurationError, DownloadError, KieError, ReplyLostError, ServiceUnreachableError
from .flow import CONCURRENCY, Do, Effect, Flow, News, Park, Reply, Send, Sleep, T, Together
from .fork import ABANDONED
from .raw import note
from .shapes import Timeouts

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future, TimerHandle

    from .schedule import Schedule, Seat

# httpx's pool spends ever more time on itself as requests queue inside it (0.8 ms of CPU a call
# for one caller, 1.9 ms for 64), so callers queue in front of it, `CONCURRENCY` at a time, and it
# never has to.

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
        self._timeouts = timeouts
        self._own = client
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
        request = _request(effect, self._timeouts)
        with self._gate:
            try:
                response = self._open(request)
                try:
                    if effect.sink is None:
                        return note(Reply(response.status_code, response.headers, response.read()))
                    written = 0
                    for chunk in response.iter_bytes() if response.status_code == 200 else ():
                        written += effect.sink.write(chunk)
                        _check_size(effect, written)
                finally:
                    response.close()
            except httpx.HTTPError as error:
                raise _translated(request, error) from error
        return Reply(response.status_code, response.headers, b"")

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
        self._open = _closed
        if self._close:
            self._close()


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

        self._asyncio = asyncio
        self._timeouts = timeouts
        self._gate = asyncio.Semaphore(CONCURRENCY)
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
        request = _request(effect, self._timeouts)
        async with self._gate:
            try:
                response = await self._open(request)
                try:
                    if effect.sink is None:
                        return note(Reply(response.status_code, response.headers, await response.aread()))
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
        self._open = _closed
        if self._close:
            await self._close()
