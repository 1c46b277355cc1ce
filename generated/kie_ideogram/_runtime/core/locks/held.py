"""Locks that Ctrl-C cannot leave locked in a program that survives it.

Python handles Ctrl-C between two of its instructions, also between the return of `acquire` and the
assignment of its result, and at the beginning of a function that releases. So a lock is acquired and noted
by one call, which Ctrl-C cannot divide, and what was not released is released with the object.
"""

import operator
import threading
from collections.abc import Callable
from itertools import compress


class Held:
    """What one caller has acquired. The functions that acquire and release must be written in C."""

    __slots__ = ("_releases",)

    def __init__(self) -> None:
        self._releases: list[Callable[[], object]] = []

    def acquire(
        self,
        acquire: Callable[[bool, float], bool],
        release: Callable[[], object],
        seconds: float = threading.TIMEOUT_MAX,
    ) -> bool:
        """Call `acquire(True, seconds)`. If it returns true, `release` will be called once."""
        self._releases.extend(compress((release,), map(acquire, (True,), (seconds,))))
        return bool(self._releases)

    def __bool__(self) -> bool:
        return bool(self._releases)

    def release(self) -> None:
        """Release all. A second call does nothing."""
        for_each = [self._releases] * len(self._releases)
        list(map(operator.call, map(list.pop, for_each)))

    def __del__(self) -> None:
        self.release()
