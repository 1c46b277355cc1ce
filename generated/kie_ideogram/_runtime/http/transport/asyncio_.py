"""Performs effects in an asyncio event loop."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import httpx

from ...core.clock import Clock
from ...core.effects import (
    Await,
    Effect,
    Flow,
    Gather,
    NextEvent,
    Poller,
    Reply,
    RunBlocking,
    SendRequest,
    Sleep,
    T,
    WaitForWakeup,
)
from ...core.errors import ConfigurationError
from ...core.subscription import Subscription
from .connections import AsyncConnections

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future

    from ...contract.model import Timeouts


class _LoopState:
    """The connections of one event loop, and how many calls are under way in it."""

    def __init__(self, loop: AbstractEventLoop, connections: AsyncConnections) -> None:
        self.loop = loop
        self.connections = connections
        self.calls = 0
        self._closer: AsyncGenerator[None, None] | None = None

    async def send(self, effect: SendRequest) -> Reply:
        """Send a request. The connections are closed when the event loop ends, as `asyncio.run` ends it."""
        if self._closer is None:
            self._closer = _close_at_end(self.connections)
            await anext(self._closer)
        return await self.connections.send(effect)

    async def close(self) -> None:
        """Close the connections. Nothing is sent afterwards."""
        self.connections.refuse()
        if self._closer:
            await self._closer.aclose()


async def _close_at_end(connections: AsyncConnections) -> AsyncGenerator[None, None]:
    # An event loop that ends closes the asynchronous generators that were started in it.
    try:
        yield
    finally:
        await connections.disconnect()


class AsyncTransport:
    """Performs flows in the running asyncio event loop.

    Event loops may use it one after the other. Each of them gets new connections.
    """

    def __init__(self, timeouts: Timeouts, client: httpx.AsyncClient | None, clock: Clock) -> None:
        import asyncio  # not imported for blocking clients

        self._asyncio = asyncio
        self._clock = clock
        self._client = client
        self._make_connections = partial(AsyncConnections, timeouts, client)
        self._unused: AsyncConnections | None = self._make_connections()
        self._state: _LoopState | None = None
        self._states: WeakKeyDictionary[AbstractEventLoop, _LoopState] = WeakKeyDictionary()
        self._closed = False
        self._lock = threading.Lock()

    async def _begin(self) -> _LoopState:
        """Count a call in the running event loop. Raises `ConfigurationError` if another one is in use."""
        try:
            loop = self._asyncio.get_running_loop()
        except RuntimeError:
            raise ConfigurationError(
                "there is no running asyncio event loop; with trio or in threads, use the blocking client"
            ) from None
        state = self._state
        if state and state.loop is loop:
            state.calls += 1
            if self._state is state:
                return state
            state.calls -= 1  # another thread has switched to its event loop in this moment
        with self._lock:
            state = self._switch(loop)
            state.calls += 1
        return state

    def _switch(self, loop: AbstractEventLoop) -> _LoopState:
        former, state = self._state, self._states.get(loop)
        if former and former.loop is not loop and self._client:
            raise ConfigurationError(
                "the http_client of this client belongs to another event loop; make both in each event loop"
            )
        if state is None:
            state = self._states[loop] = _LoopState(loop, self._unused or self._make_connections())
            self._unused = None
            if self._closed:
                state.connections.refuse()
        self._state = state
        if former and former.loop is not loop and former.calls and not former.loop.is_closed():
            self._state = former
            raise ConfigurationError(
                "this client has calls under way in another event loop; make a client for each event loop"
            )
        return state

    async def run(self, flow: Flow[T]) -> T:
        """Perform a flow to its end."""
        state = await self._begin()
        try:
            effect = next(flow)
            while True:
                try:
                    outcome = await self._perform(effect, state)
                except BaseException as error:
                    effect = flow.throw(error)
                else:
                    effect = flow.send(outcome)
        except StopIteration as stop:
            result: T = stop.value
            return result
        finally:
            state.calls -= 1

    async def next_event(self, poller: Poller, subscription: Subscription) -> Any:
        """Wait for the next event of a subscription, and poll meanwhile if no other caller does."""
        state = await self._begin()
        try:
            while not poller.ready(subscription):
                work = poller.next_work(subscription)
                if work:
                    await self.run(work)
                    continue
                future = state.loop.create_future()
                subscription.on_wake = partial(_resolve, future)
                try:
                    # Nothing else is held meanwhile: thousands of callers may wait here.
                    await future
                finally:
                    subscription.on_wake = None
                    subscription.woken = False
                    poller.release(subscription)
            return poller.take(subscription)
        finally:
            state.calls -= 1

    async def _perform(self, effect: Effect, state: _LoopState) -> Any:
        if isinstance(effect, Sleep):
            return await self._clock.async_sleep(effect.seconds)
        if isinstance(effect, RunBlocking):
            return await self._run_blocking(effect.call)
        if isinstance(effect, Await):
            return await effect.make()
        if isinstance(effect, WaitForWakeup):
            return await self._wait_for_wakeup(effect.subscription, effect.seconds)
        if isinstance(effect, NextEvent):
            return await self.next_event(effect.poller, effect.subscription)
        if isinstance(effect, Gather):
            return await self._gather(effect.flows)
        return await state.send(effect)

    async def _wait_for_wakeup(self, subscription: Subscription, seconds: float) -> None:
        loop = self._asyncio.get_running_loop()
        future = loop.create_future()
        subscription.on_wake = resolve = partial(_resolve, future)
        timer = None
        try:
            if not subscription.woken:
                timer = self._clock.call_later(loop, seconds, resolve)
                await future
        finally:
            subscription.on_wake = None
            subscription.woken = False
            if timer:
                timer.cancel()

    async def _run_blocking(self, call: Callable[[], Any]) -> Any:
        """Call in a thread. If cancelled, return only after the call has ended: its effect is known then."""
        future = self._asyncio.get_running_loop().run_in_executor(None, call)
        with self._clock.work():
            try:
                return await self._asyncio.shield(future)
            except self._asyncio.CancelledError:
                while not future.done():
                    # anyio, and so every FastAPI application, cancels again and again.
                    with suppress(self._asyncio.CancelledError):
                        await self._asyncio.wait([future])
                raise

    async def _gather(self, flows: Sequence[Flow[Any]]) -> list[Any]:
        outcomes = await self._asyncio.gather(*map(self.run, flows), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        return outcomes

    async def close(self) -> None:
        """Close the connections, unless the httpx client is the caller's. Nothing is sent afterwards."""
        self._closed = True
        loop = self._asyncio.get_running_loop()
        for state in list(self._states.values()):
            if state.loop is loop:
                await state.close()
            else:
                state.connections.refuse()  # only its event loop could close them


def _resolve(future: Future[None]) -> None:
    if not future.done():
        future.set_result(None)
