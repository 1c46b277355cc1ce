"""Performs effects in an asyncio event loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx

from ...core.clock import Clock
from ...core.effects import (
    Await,
    Effect,
    Flow,
    Gather,
    NextEvent,
    Poller,
    RunBlocking,
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


class AsyncTransport:
    """Performs flows in the running asyncio event loop."""

    def __init__(self, timeouts: Timeouts, client: httpx.AsyncClient | None, clock: Clock) -> None:
        import asyncio  # not imported for blocking clients

        self._asyncio = asyncio
        self._clock = clock
        self._loop: AbstractEventLoop | None = None
        self._connections = AsyncConnections(timeouts, client)

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

    async def next_event(self, poller: Poller, subscription: Subscription) -> Any:
        """Wait for the next event of a subscription, and poll meanwhile if no other caller does."""
        self._check_loop()
        while not poller.ready(subscription):
            work = poller.next_work(subscription)
            if work:
                await self.run(work)
                continue
            future = self._asyncio.get_running_loop().create_future()
            subscription.on_wake = partial(_resolve, future)
            try:
                # Nothing else is held meanwhile: thousands of callers may wait here.
                await future
            finally:
                subscription.on_wake = None
                subscription.woken = False
                poller.release(subscription)
        return poller.take(subscription)

    async def _perform(self, effect: Effect) -> Any:
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
        return await self._connections.send(effect)

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
        await self._connections.close()


def _resolve(future: Future[None]) -> None:
    if not future.done():
        future.set_result(None)
