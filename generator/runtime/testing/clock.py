"""The time of the sandbox: the machine's, or one that advances only on request."""

import asyncio
import threading
from collections.abc import Callable
from math import inf
from typing import Protocol

from ..core.clock import SYSTEM_CLOCK


class Clock(Protocol):
    """The time of a sandbox."""

    def now(self) -> float:
        """Return Unix time, seconds."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        ...


class RealClock:
    """The machine's time."""

    def now(self) -> float:
        """Return Unix time, seconds."""
        return SYSTEM_CLOCK.unix()

    def sleep(self, seconds: float) -> None:
        """Block for some seconds."""
        SYSTEM_CLOCK.sleep(seconds)


class VirtualClock:
    """A time that advances only on request, so that a test of minutes takes milliseconds."""

    def __init__(self, start: float = 1_765_179_908.0) -> None:
        self._now = start
        self.listeners: list[Callable[[], object]] = []
        self.for_clients = VirtualClientClock(self)
        """The same time for clients: whenever one waits, it advances."""

    def now(self) -> float:
        """Return Unix time, seconds."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let time pass, without calling the listeners."""
        self._now += seconds

    def advance(self, seconds: float) -> None:
        """Let time pass. When this returns, everything due has happened, callbacks included."""
        self._now += seconds
        for listener in self.listeners:
            listener()


class VirtualClientClock:
    """The clock of clients that live in virtual time; see `core.clock.Clock`."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock

    def monotonic(self) -> float:
        """Return virtual time, seconds."""
        return self._clock.now()

    def unix(self) -> float:
        """Return virtual Unix time, seconds."""
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        """Advance the time."""
        self._clock.advance(seconds)

    async def async_sleep(self, seconds: float) -> None:
        """Advance the time."""
        self._clock.advance(seconds)
        await asyncio.sleep(0)

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Advance the time unless the event is set; without a limit, wait for another thread."""
        if seconds == inf:
            event.wait(threading.TIMEOUT_MAX)
        elif not event.is_set():
            self._clock.advance(seconds)

    def call_later(
        self, loop: asyncio.AbstractEventLoop, seconds: float, callback: Callable[[], object]
    ) -> None:
        """Advance the time and call the function."""
        self._clock.advance(seconds)
        callback()
