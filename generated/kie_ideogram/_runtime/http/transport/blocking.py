"""Performs flows, blocking or awaiting. Every effect has its two ways of being done here."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from math import inf
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import httpx

from ...core.effects import CONCURRENCY, Do, Effect, Flow, News, Park, Sleep, T, Together
from ...core.errors import ConfigurationError, ReplyLostError
from ...core.fork import ABANDONED
from .connections import AsyncLanes, SyncLanes

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future, TimerHandle

    from ...contract.model import Timeouts
    from ...tasks.polling.poller import Schedule, Seat


def _park(seat: Seat, seconds: float) -> None:
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


def _ended_within(limit: float, call: Callable[[], T]) -> T:
    """Call in a thread and leave that to itself at the limit: a blocking read ends when it likes."""
    from concurrent import futures  # not loaded where nobody waits

    future: futures.Future[T] = futures.Future()

    def work() -> None:
        try:
            future.set_result(call())
        except BaseException as error:
            future.set_exception(error)

    # The context says who wants to see the replies.
    threading.Thread(target=copy_context().run, args=[work], daemon=True).start()
    try:
        return future.result(min(max(limit, 0.0), threading.TIMEOUT_MAX))
    except TimeoutError:
        raise ReplyLostError(f"no whole reply came back within {limit:g} s") from None


class SyncTransport:
    """Performs flows in the calling thread. May be shared by threads."""

    def __init__(self, timeouts: Timeouts, client: httpx.Client | None) -> None:
        self._timeouts = timeouts
        self._own = client
        self._lanes = SyncLanes(timeouts, client)

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

    def news(self, schedule: Schedule, seat: Seat) -> Any:
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
        if effect.limit is None:
            return self._lanes.send(effect)
        return _ended_within(effect.limit, partial(self._lanes.send, effect))

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

    def renewed(self) -> SyncTransport:
        """The same for a forked child. The caller's own httpx client is the caller's to renew."""
        ABANDONED.append(self)
        return SyncTransport(self._timeouts, self._own)

    def close(self) -> None:
        """Close the connections, unless the httpx client is the caller's own. Nothing is sent afterwards."""
        self._lanes.close()


def _rouse(future: Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def later(loop: AbstractEventLoop, seconds: float, call: Callable[[], object]) -> TimerHandle | None:
    """Call it so many seconds from now."""
    return loop.call_later(seconds, call)


class AsyncTransport:
    """Performs flows in the running asyncio event loop."""

    def __init__(self, timeouts: Timeouts, client: httpx.AsyncClient | None) -> None:
        import asyncio  # not loaded for those who only use the blocking client

        self._asyncio = asyncio
        self._loop: AbstractEventLoop | None = None
        self._lanes = AsyncLanes(timeouts, client)

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

    async def news(self, schedule: Schedule, seat: Seat) -> Any:
        """Wait for the next news of a seat, doing its share of the looking."""
        self._check_loop()
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
        return await self._lanes.send(effect)

    async def _park(self, seat: Seat, seconds: float) -> None:
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
        await self._lanes.close()
