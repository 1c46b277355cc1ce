"""Time and chance, as arguments: the only module of the runtime that reads a clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from random import random as system_random
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop


class Timer(Protocol):
    """A call that is due later."""

    def cancel(self) -> None:
        """Do not make the call."""
        ...


class Clock(Protocol):
    """Reads the time and lets it pass."""

    def monotonic(self) -> float:
        """Return seconds since some fixed moment; never goes back."""
        ...

    def unix(self) -> float:
        """Return Unix time, seconds."""
        ...

    def sleep(self, seconds: float) -> None:
        """Block for some seconds."""
        ...

    async def async_sleep(self, seconds: float) -> None:
        """Suspend the running asyncio task for some seconds."""
        ...

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Block until the event is set, for at most some seconds."""
        ...

    def call_later(
        self, loop: AbstractEventLoop, seconds: float, callback: Callable[[], object]
    ) -> Timer | None:
        """Call a function of the event loop after some seconds; the handle cancels it."""
        ...

    def work(self) -> AbstractContextManager[None]:
        """Return a context in which the calling thread works. Virtual time waits until it ends or waits."""
        ...


_NOTHING = nullcontext()


class SystemClock:
    """The clock of this machine."""

    def work(self) -> AbstractContextManager[None]:
        """See `Clock`."""
        return _NOTHING

    def monotonic(self) -> float:
        """See `Clock`."""
        return time.monotonic()

    def unix(self) -> float:
        """See `Clock`."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """See `Clock`."""
        time.sleep(seconds)

    async def async_sleep(self, seconds: float) -> None:
        """See `Clock`."""
        import asyncio  # not imported for blocking clients

        await asyncio.sleep(seconds)

    def wait(self, event: threading.Event, seconds: float) -> None:
        """See `Clock`."""
        event.wait(min(seconds, threading.TIMEOUT_MAX))

    def call_later(
        self, loop: AbstractEventLoop, seconds: float, callback: Callable[[], object]
    ) -> Timer | None:
        """See `Clock`."""
        return loop.call_later(seconds, callback)


SYSTEM_CLOCK = SystemClock()


class Environment(NamedTuple):
    """What a client takes from its surroundings: the time, random numbers in [0, 1), and its contract."""

    clock: Clock = SYSTEM_CLOCK
    random: Callable[[], float] = system_random
    contract: Any = None
    """A `Contract` in place of the package's, such as one with shorter waits."""


SYSTEM = Environment()


def utc(clock: Clock) -> datetime:
    """Return the current time with its time zone, UTC."""
    return datetime.fromtimestamp(clock.unix(), UTC)
