"""Performs effects in the calling thread."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from math import inf
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import httpx

from ...core.clock import Clock
from ...core.effects import (
    CONCURRENCY,
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
from ...core.errors import ReplyLostError
from ...core.identity import CLIENT
from ...core.locks.fork import ABANDONED
from ...core.subscription import Subscription
from .connections import SyncConnections

if TYPE_CHECKING:
    from ...contract.model import Timeouts


class SyncTransport:
    """Performs flows in the calling thread. Threads may share it."""

    def __init__(self, timeouts: Timeouts, client: httpx.Client | None, clock: Clock) -> None:
        self._timeouts = timeouts
        self._client = client
        self._clock = clock
        self._connections = SyncConnections(timeouts, client, clock)

    def run(self, flow: Flow[T]) -> T:
        """Perform a flow to its end."""
        with self._clock.work():
            return self._run(flow)

    def _run(self, flow: Flow[T], is_abandoned: Callable[[], bool] = lambda: False) -> T:
        try:
            effect = next(flow)
            while True:
                try:
                    outcome = self._perform(effect)
                except BaseException as error:
                    if is_abandoned():
                        flow.close()
                        raise
                    effect = flow.throw(error)
                else:
                    effect = flow.send(outcome)
        except StopIteration as stop:
            result: T = stop.value
            return result

    def next_event(self, poller: Poller, subscription: Subscription) -> Any:
        """Wait for the next event of a subscription, and poll meanwhile if no other caller does."""
        with self._clock.work():
            while not poller.ready(subscription):
                work = poller.next_work(subscription)
                if work:
                    self.run(work)
                    continue
                try:
                    self._wait_for_wakeup(subscription, inf)
                finally:
                    poller.release(subscription)
            return poller.take(subscription)

    def _perform(self, effect: Effect) -> Any:
        if isinstance(effect, Sleep):
            return self._clock.sleep(effect.seconds)
        if isinstance(effect, RunBlocking):
            return effect.call()
        if isinstance(effect, Await):
            raise TypeError(
                f"a blocking client cannot await a coroutine; pass a plain function, or use Async{CLIENT}"
            )
        if isinstance(effect, WaitForWakeup):
            return self._wait_for_wakeup(effect.subscription, effect.seconds)
        if isinstance(effect, NextEvent):
            return self.next_event(effect.poller, effect.subscription)
        if isinstance(effect, Gather):
            return self._gather(effect.flows)
        if effect.limit is None or self._connections.end_in_time:
            return self._connections.send(effect)
        return _result_within(effect.limit, partial(self._connections.send, effect))

    def _wait_for_wakeup(self, subscription: Subscription, seconds: float) -> None:
        event = threading.Event()
        subscription.on_wake = event.set
        try:
            if not subscription.woken:
                self._clock.wait(event, seconds)
        finally:
            subscription.on_wake = None
            subscription.woken = False

    def _gather(self, flows: Sequence[Flow[Any]]) -> list[Any]:
        if len(flows) < 2:
            return [self.run(flow) for flow in flows]
        waiting = deque(enumerate(flows))
        ended: list[tuple[int, Any, BaseException | None]] = []
        all_ended = threading.Event()
        abandoned = threading.Event()

        def work() -> None:
            while waiting:
                with suppress(IndexError):  # another thread took the last one
                    number, flow = waiting.popleft()
                    try:
                        with self._clock.work():
                            ended.append((number, self._run(flow, abandoned.is_set), None))
                    except BaseException as error:
                        ended.append((number, None, error))
                    if len(ended) == len(flows):
                        all_ended.set()

        try:  # Ctrl-C may come while the threads are started
            # Not a pool: it waits for its threads, and so would Ctrl-C, for as long as a request may take.
            for _ in range(min(len(flows), CONCURRENCY)):
                threading.Thread(target=work, daemon=True).start()
            # A wait of the clock, because the flows may wait for time to pass.
            self._clock.wait(all_ended, inf)
        except BaseException:
            # A flow whose connection closes now must not announce a retry.
            abandoned.set()
            waiting.clear()
            raise
        outcomes = sorted(ended, key=itemgetter(0))
        for _, _, error in outcomes:
            if error:
                raise error
        return [outcome for _, outcome, _ in outcomes]

    def renewed(self) -> SyncTransport:
        """Return a transport for a forked child. The caller renews an httpx client that it passed in."""
        ABANDONED.append(self)
        return SyncTransport(self._timeouts, self._client, self._clock)

    def close(self) -> None:
        """Close the connections, unless the httpx client is the caller's. Nothing is sent afterwards."""
        self._connections.close()


def _result_within(limit: float, call: Callable[[], T]) -> T:
    """Call in a thread and abandon it at the limit: a blocking read cannot be interrupted."""
    from concurrent import futures  # imported only where a caller waits

    future: futures.Future[T] = futures.Future()

    def work() -> None:
        try:
            future.set_result(call())
        except BaseException as error:
            future.set_exception(error)

    # The context holds the list that raw responses are added to.
    threading.Thread(target=copy_context().run, args=[work], daemon=True).start()
    try:
        return future.result(min(max(limit, 0.0), threading.TIMEOUT_MAX))
    except TimeoutError:
        raise ReplyLostError(f"no complete response within {limit:g} s") from None
