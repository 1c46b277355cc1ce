"""Keeps calls below the declared rate limits, before they are sent.

Calls are spread evenly: `limit` calls in `window + margin` seconds means one call every
`(window + margin) / limit` seconds. So no window of that length can hold more than `limit`, and
a process that dies leaves few requests on their way. Turns are given in the order of asking.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from hashlib import sha256
from math import inf
from typing import TYPE_CHECKING, Protocol

from ...core.effects import Do, Flow, Sleep
from ...core.errors import ServiceUnreachableError
from ...core.fork import renew_after_fork

if TYPE_CHECKING:
    from ...contract.model import RateLimit


class Turns(Protocol):
    """What counts calls beyond this process. The journal is one; `kie_ideogram.limits` makes others."""

    def take(self, gaps: Mapping[str, float], within: float = inf) -> float:
        """Take a turn of every limit; or return how many seconds to wait, and take none that can be left.

        An answer is of no use to the caller later than `within`, seconds.
        """
        ...


class Pace:
    """One limit within one process; shared by its clients and their threads."""

    __slots__ = ("__weakref__", "_clock", "_free", "_lock", "gap", "scope")

    def __init__(self, scope: str, gap: float, clock: Callable[[], float]) -> None:
        self.scope = scope
        self.gap = gap
        self._clock = clock
        self._free = float("-inf")
        self._renew()
        renew_after_fork(self, Pace._renew)

    def _renew(self) -> None:
        # The parent's lock may have been held in the moment of a fork.
        self._lock = threading.Lock()

    def take(self) -> float:
        """Take the next turn; returns in how many seconds it comes."""
        with self._lock:
            now = self._clock()
            turn = max(now, self._free)
            self._free = turn + self.gap
            return turn - now

    def wait(self) -> float:
        """In how many seconds the next turn comes."""
        return max(0.0, self._free - self._clock())

    def idle(self) -> bool:
        """Whether nobody has to wait."""
        return self._free <= self._clock()


# Every client of one key keeps the same limits, one after the other too.
_PACES: dict[tuple[object, ...], Pace] = {}
_LOCK = threading.Lock()

# Beyond so many, those that nobody has to wait for are forgotten.
_MANY = 1000


def paces(
    limits: Iterable[RateLimit], server: str, key: str, clock: Callable[[], float]
) -> dict[str, tuple[Pace, ...]]:
    """The limits of each operation, for the holder of a key at a server."""
    digest = sha256(key.encode()).hexdigest()[:16]
    found: dict[str, tuple[Pace, ...]] = {}
    with _LOCK:
        if len(_PACES) > _MANY:
            for known in [known for known, pace in _PACES.items() if pace.idle()]:
                del _PACES[known]
        for limit in limits:
            gap = (limit.window + limit.margin) / limit.limit
            # Whoever shares a count beyond this process shares the account; other keys may be its.
            scope = " ".join([limit.name, server, *([digest] if limit.scope == "key" else [])])
            known = clock, server, digest, limit
            pace = _PACES.setdefault(known, Pace(scope, gap, clock))
            for operation in limit.operations:
                found[operation] = (*found.get(operation, ()), pace)
    return found


class Turnstile:
    """Where one client's calls wait for their turn: by this process's count, then by the shared one."""

    def __init__(
        self, found: dict[str, tuple[Pace, ...]], shared: Turns | None, clock: Callable[[], float]
    ) -> None:
        self._paces = found
        self._shared = shared
        self._clock = clock

    def turn(self, operation: str, counted_by: Turns | None = None, within: float = inf) -> Flow[None]:
        """Wait until the operation may be called: within this process, then among all who share a count.

        `counted_by` is left out: it counts the call itself. Raises `ServiceUnreachableError` when the
        shared count has no turn within so many seconds.
        """
        if operation not in self._paces:
            return
        end = self._clock() + within
        wait = max(pace.take() for pace in self._paces[operation])
        if wait > 0:
            yield Sleep(wait)
        shared, gaps = self._shared, self.gaps(operation)
        if shared is None or shared is counted_by:
            return
        while True:
            left = max(0.0, end - self._clock())
            wait = yield Do(partial(shared.take, gaps, left))
            if wait <= 0:
                return
            if wait > left:
                raise ServiceUnreachableError("nothing was sent: the shared rate limits gave no turn in time")
            yield Sleep(wait)

    def gaps(self, operation: str) -> dict[str, float]:
        """How far apart calls of the operation must be, seconds, by the name of each count."""
        return {pace.scope: pace.gap for pace in self._paces.get(operation, ())}

    def rest(self, operation: str) -> float:
        """In how many seconds the next turn within this process comes."""
        return max((pace.wait() for pace in self._paces.get(operation, ())), default=0.0)
