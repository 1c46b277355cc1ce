"""One deadline for a whole call: queueing, rate limits, retries, requests."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from math import inf
from typing import Any

from .clock import Clock
from .effects import Effect, Flow, Gather, RunBlocking, SendRequest, Sleep, T, WaitForWakeup
from .errors import CallTimeoutError, JournalBusyError

# Seconds. A request whose caller has less time left is not sent.
SHORTEST_REQUEST = 0.001

# When the function that is running must not wait any longer, by the monotonic clock of its client.
_END: ContextVar[float] = ContextVar("_END", default=inf)


def call_until(end: float, function: Callable[[], T]) -> T:
    """Call a function, whose waits for other threads and processes end at a time; see `time_left`."""
    token = _END.set(min(end, _END.get()))
    try:
        return function()
    finally:
        _END.reset(token)


def time_left(clock: Clock) -> float:
    """Return how many seconds the running function may wait for other threads and processes."""
    return max(0.0, _END.get() - clock.monotonic())


def with_deadline(flow: Flow[T], clock: Clock, timeout: float) -> Flow[T]:
    """Perform a flow within `timeout` seconds.

    At the deadline, `CallTimeoutError` is raised inside the flow in place of its next wait or request, so
    that a request is either sent within its time or not at all. What the flow records about it is still
    recorded: functions that it runs are always called. Their waits for other processes end at the deadline.
    """
    end = clock.monotonic() + timeout
    try:
        return (yield from _until(flow, clock, end, timeout))
    except JournalBusyError as error:
        if clock.monotonic() < end:
            raise
        late = CallTimeoutError(f"timed out after {timeout:g} s: {error}")
        late.task_id = error.task_id
        raise late from error


def _until(flow: Flow[T], clock: Clock, end: float, timeout: float) -> Flow[T]:
    # The flow itself may wait, too: what it does when it ends is not an effect.
    try:
        effect = call_until(end, partial(next, flow))
        while True:
            try:
                bounded = _bounded(effect, clock, end, timeout)
                outcome: Any = yield bounded
            except BaseException as error:
                effect = call_until(end, partial(flow.throw, error))
            else:
                effect = call_until(end, partial(flow.send, outcome))
    except StopIteration as stop:
        result: T = stop.value
        return result


def _bounded(effect: Effect, clock: Clock, end: float, timeout: float) -> Effect:
    """Return the effect with the time that is left. Raises `CallTimeoutError`."""
    left = end - clock.monotonic()
    # A pause that is longer than the time left cannot help, so the error is raised at once.
    if isinstance(effect, Sleep) and effect.seconds > left:
        raise _timeout_error(timeout)
    if isinstance(effect, SendRequest):
        if left < SHORTEST_REQUEST:
            raise _timeout_error(timeout)
        return effect._replace(limit=left if effect.limit is None else min(left, effect.limit))
    if isinstance(effect, WaitForWakeup):
        return effect._replace(seconds=min(effect.seconds, max(left, 0.0)))
    if isinstance(effect, Gather):
        return Gather([_until(flow, clock, end, timeout) for flow in effect.flows])
    if isinstance(effect, RunBlocking):
        return RunBlocking(partial(call_until, end, effect.call))
    return effect


def _timeout_error(timeout: float) -> CallTimeoutError:
    return CallTimeoutError(f"timed out after {timeout:g} s, before the next request could be sent")
