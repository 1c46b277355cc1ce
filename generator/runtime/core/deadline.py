"""One deadline for a whole call: queueing, rate limits, retries, requests."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from math import inf
from typing import Any

from .clock import Clock
from .effects import Effect, Flow, Gather, RunBlocking, SendRequest, Sleep, T, WaitForWakeup
from .errors import CallTimeoutError, JournalBusyError, PackageError

# Seconds. A request whose caller has less time left is not sent.
SHORTEST_REQUEST = 0.001

# Seconds for a request that only reads, when there is no time left: a timeout of 0 means to look once.
LAST_READ = 1.0

# When the caller of the running function has no more time, and the clock that says so.
_END: ContextVar[tuple[Clock, float] | None] = ContextVar("_END", default=None)


def call_until(clock: Clock, end: float, function: Callable[[], T]) -> T:
    """Call a function whose waits for other threads and processes end at a time; see `time_left`."""
    if end - clock.monotonic() >= time_left(inf):
        return function()
    token = _END.set((clock, end))
    try:
        return function()
    finally:
        _END.reset(token)


def time_left(most: float, least: float = 0.0) -> float:
    """Return the seconds that the running function may wait for other threads and processes.

    Args:
        most: The seconds for a caller with more time.
        least: The seconds for a caller with less time, or none.
    """
    limit = _END.get()
    if limit is None:
        return most
    clock, end = limit
    return min(most, max(least, end - clock.monotonic()))


def with_deadline(flow: Flow[T], clock: Clock, timeout: float) -> Flow[T]:
    """Perform a flow within `timeout` seconds.

    At the deadline, `CallTimeoutError` is raised inside the flow in place of its next wait or request, so
    that a request is either sent within its time or not at all. What the flow records about it is still
    recorded: functions that it runs are always called. Their waits for other processes end at the deadline.
    With a timeout of 0, each request that only reads has `LAST_READ` seconds, and nothing else is sent.
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
        effect = call_until(clock, end, partial(next, flow))
        while True:
            try:
                bounded = _bounded(effect, clock, end, timeout)
                outcome: Any = yield bounded
            except BaseException as error:
                effect = call_until(clock, end, partial(flow.throw, error))
            else:
                effect = call_until(clock, end, partial(flow.send, outcome))
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
        if effect.reads and timeout == 0:
            left = LAST_READ
        if left < SHORTEST_REQUEST:
            raise _timeout_error(timeout)
        return effect._replace(limit=left if effect.limit is None else min(left, effect.limit))
    if isinstance(effect, WaitForWakeup):
        return effect._replace(seconds=min(effect.seconds, max(left, 0.0)))
    if isinstance(effect, Gather):
        return Gather([_until(flow, clock, end, timeout) for flow in effect.flows])
    if isinstance(effect, RunBlocking):
        return RunBlocking(partial(call_until, clock, end, effect.call))
    return effect


def caused_by(late: CallTimeoutError, failure: PackageError) -> CallTimeoutError:
    """Return the error of a call that has no time for another attempt, with the failure of the last one."""
    late.args = (f"{late.args[0]}; the last attempt failed: {failure.args[0]}",)
    return late


def _timeout_error(timeout: float) -> CallTimeoutError:
    return CallTimeoutError(f"timed out after {timeout:g} s, before the next request could be sent")
