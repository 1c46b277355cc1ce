"""A clock for tests: it advances only when a client sleeps."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from math import inf

from kie_ideogram._runtime.core.clock import Environment


class FakeClock:
    """Time that passes only when a client sleeps. `slept` lists for how long, each time."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now
        self._epoch = time.time() - now
        self._lock = threading.Lock()
        self.slept: list[float] = []
        self.environment = Environment(self, lambda: 0.5)
        """For clients that use this clock; random numbers are their mean."""

    def monotonic(self) -> float:
        return self.now

    def unix(self) -> float:
        return self._epoch + self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.now += seconds

    async def async_sleep(self, seconds: float) -> None:
        self.sleep(seconds)

    def wait(self, event: threading.Event, seconds: float) -> None:
        if seconds == inf:
            event.wait()
        else:
            self.sleep(seconds)

    def call_later(self, loop: object, seconds: float, callback: Callable[[], object]) -> None:
        self.sleep(seconds)
        callback()

    def work(self) -> AbstractContextManager[None]:
        return nullcontext()
