"""Keeps calls within the declared rate limits, before they are sent.

Calls are spread evenly: `limit` calls in `window + margin` seconds means one call per
`(window + margin) / limit` seconds. So no window of that length can hold more than `limit` calls, and
a process that exits leaves few requests unanswered. Callers are admitted in the order of asking.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from functools import partial
from hashlib import sha256
from math import inf
from typing import TYPE_CHECKING, Protocol
from weakref import WeakValueDictionary

from ...core.clock import Clock
from ...core.effects import Flow, RunBlocking, Sleep
from ...core.errors import PackageError, ServiceUnreachableError
from ...core.locks.fork import renew_after_fork
from ...core.text.printable import error_text
from ...core.text.secret import Secret

if TYPE_CHECKING:
    from ...contract.model import RateLimit


class SharedRateLimiter(Protocol):
    """Counts calls across processes. The journal is one; the module `limits` makes others."""

    def acquire(self, min_intervals: Mapping[str, float], within: float = inf) -> float:
        """Acquire every limit and return 0; or return the seconds to wait, and acquire none if possible.

        `min_intervals` are the seconds between two calls, by the name of each limit. The caller has no
        use for a result after `within` seconds.
        """
        ...


class IntervalLimiter:
    """One rate limit within one process, shared by its clients and their threads."""

    __slots__ = ("__weakref__", "_clock", "_lock", "_next_free", "min_interval", "scope")

    def __init__(self, scope: str, min_interval: float, clock: Clock) -> None:
        self.scope = scope
        self.min_interval = min_interval
        self._clock = clock
        self._next_free = float("-inf")
        self._renew()
        renew_after_fork(self, IntervalLimiter._renew)

    def _renew(self) -> None:
        # A thread of the parent may have held the lock at the moment of a fork.
        self._lock = threading.Lock()

    def reserve(self) -> float:
        """Reserve the next call; return in how many seconds it may be sent."""
        with self._lock:
            now = self._clock.monotonic()
            at = max(now, self._next_free)
            self._next_free = at + self.min_interval
            return at - now

    def time_until_next(self) -> float:
        """Return in how many seconds the next call may be sent."""
        return max(0.0, self._next_free - self._clock.monotonic())


# All clients of one API key share the same limiters: while one of them exists, and one after the other.
_LIMITERS: WeakValueDictionary[tuple[object, ...], IntervalLimiter] = WeakValueDictionary()
_RETAINED: dict[tuple[object, ...], IntervalLimiter] = {}
_LOCK = threading.Lock()

# With more retained limiters than this, those that admit a call at once are released.
_MAX_RETAINED = 1000
_release_above = _MAX_RETAINED
"""The same, or twice the number that is in use. Otherwise each new client would look at all of them."""


def interval_limiters(
    limits: Iterable[RateLimit], server: str, api_key: Secret, clock: Clock
) -> dict[str, tuple[IntervalLimiter, ...]]:
    """Return the limiters of each operation, for one API key at one server."""
    global _release_above
    digest = sha256(api_key.reveal().encode()).hexdigest()[:16]
    found: dict[str, tuple[IntervalLimiter, ...]] = {}
    with _LOCK:
        if len(_RETAINED) > _release_above:
            for key in [key for key, limiter in _RETAINED.items() if limiter.time_until_next() <= 0]:
                del _RETAINED[key]
            _release_above = max(_MAX_RETAINED, 2 * len(_RETAINED))
        for limit in limits:
            key = clock, server, digest, limit
            limiter = _LIMITERS.get(key)
            if limiter is None:
                min_interval = (limit.window + limit.margin) / limit.limit
                # Processes that share a count share the account; they may use different API keys of it.
                scope = " ".join([limit.name, server, *([digest] if limit.scope == "key" else [])])
                limiter = _LIMITERS[key] = IntervalLimiter(scope, min_interval, clock)
            _RETAINED[key] = limiter
            for operation in limit.operations:
                found[operation] = (*found.get(operation, ()), limiter)
    return found


class RateLimiter:
    """Admits one client's calls: first by the count of this process, then by the shared one."""

    def __init__(
        self,
        limiters: dict[str, tuple[IntervalLimiter, ...]],
        shared: SharedRateLimiter | None,
        clock: Clock,
    ) -> None:
        self._limiters = limiters
        self._shared = shared
        self._clock = clock

    def acquire(
        self, operation: str, counted_by: SharedRateLimiter | None = None, within: float = inf
    ) -> Flow[None]:
        """Wait until the operation may be called.

        `counted_by` is skipped: it counts the call itself. Raises `ServiceUnreachableError` if the shared
        limiter does not admit the call within some seconds.
        """
        if operation not in self._limiters:
            return
        end = self._clock.monotonic() + within
        wait = max(limiter.reserve() for limiter in self._limiters[operation])
        if wait > 0:
            yield Sleep(wait)
        shared, min_intervals = self._shared, self.min_intervals(operation)
        if shared is None or shared is counted_by:
            return
        while True:
            left = max(0.0, end - self._clock.monotonic())
            try:
                wait = yield RunBlocking(partial(shared.acquire, min_intervals, left))
            except PackageError:
                raise
            except Exception as error:  # the caller's limiter may raise anything
                raise ServiceUnreachableError(
                    f"nothing was sent: the shared limiter raised {error_text(error)}"
                ) from error
            if wait <= 0:
                return
            if wait > left:
                raise ServiceUnreachableError(
                    "nothing was sent: the shared rate limits did not admit it in time"
                )
            yield Sleep(wait)

    def min_intervals(self, operation: str) -> dict[str, float]:
        """Return the seconds between two calls of an operation, by the name of each limit."""
        return {limiter.scope: limiter.min_interval for limiter in self._limiters.get(operation, ())}

    def time_until_next(self, operation: str) -> float:
        """Return in how many seconds this process may send the next call."""
        return max((limiter.time_until_next() for limiter in self._limiters.get(operation, ())), default=0.0)
