"""One deadline for a whole call: queueing, rate limits, retries, requests."""

from __future__ import annotations

from typing import Any

from .clock import Clock
from .effects import Effect, Flow, Gather, SendRequest, Sleep, T, WaitForWakeup
from .errors import CallTimeoutError

# Seconds. A request whose caller has less time left is not sent.
SHORTEST_REQUEST = 0.001

# Seconds for a request that only reads, when there is no time left: a timeout of 0 means to look once.
LAST_READ = 1.0


def with_deadline(flow: Flow[T], clock: Clock, timeout: float) -> Flow[T]:
    """Perform a flow within `timeout` seconds.

    At the deadline, `CallTimeoutError` is raised inside the flow in place of its next wait or request, so
    that a request is either sent within its time or not at all. What the flow records about it is still
    recorded: functions that it runs are always called. With a timeout of 0, each request that only reads
    has `LAST_READ` seconds, and nothing else is sent.
    """
    return (yield from _until(flow, clock, clock.monotonic() + timeout, timeout))


def _until(flow: Flow[T], clock: Clock, end: float, timeout: float) -> Flow[T]:
    try:
        effect = next(flow)
        while True:
            try:
                bounded = _bounded(effect, clock, end, timeout)
                outcome: Any = yield bounded
            except BaseException as error:
                effect = flow.throw(error)
            else:
                effect = flow.send(outcome)
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
    return effect


def _timeout_error(timeout: float) -> CallTimeoutError:
    return CallTimeoutError(f"timed out after {timeout:g} s, before the next request could be sent")
