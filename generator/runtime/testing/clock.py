"""The sandbox's time: the machine's own, or one that moves only when told to."""

import time
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    """What tells the sandbox the time."""

    def now(self) -> float:
        """Unix time, seconds."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        ...


class RealClock:
    """The machine's time."""

    def now(self) -> float:
        """Unix time, seconds."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        time.sleep(seconds)


class VirtualClock:
    """Stands still until it is moved, so that a test of minutes takes no time."""

    def __init__(self, start: float = 1_765_179_908.0) -> None:
        self._now = start
        self.listeners: list[Callable[[], object]] = []

    def now(self) -> float:
        """Unix time, seconds."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let time pass without telling anyone."""
        self._now += seconds

    def advance(self, seconds: float) -> None:
        """Move on; what falls due on the way has happened when this returns, callbacks included."""
        self._now += seconds
        for listener in self.listeners:
            listener()
