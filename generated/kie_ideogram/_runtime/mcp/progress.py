"""Reports to the agent how long a call has waited and for what, if the agent asked for that."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from ..core.clock import Clock

Report = Callable[[float, float, str], Awaitable[None]]
"""Takes the seconds that have passed, the most seconds that the call waits, and a text."""

INTERVAL = 5.0
"""Seconds between two reports. Some agents give up on a call that is silent for longer than a minute."""


class WaitProgress:
    """The progress of one call. `message` says what it waits for."""

    def __init__(self, clock: Clock, seconds: float, report: Report, message: str) -> None:
        self.message = message
        self._clock = clock
        self._begun = clock.monotonic()
        self._seconds = seconds
        self._report = report
        self._last = -1.0

    async def send(self) -> None:
        """Report now. MCP demands that the number increases with each report, so an equal one is left out."""
        passed = round(self._clock.monotonic() - self._begun, 3)
        if passed > self._last:
            self._last = passed
            await self._report(passed, self._seconds, self.message)

    @asynccontextmanager
    async def repeated(self) -> AsyncIterator[None]:
        """Report every few seconds until the end of the block."""
        repeating = asyncio.create_task(self._repeat())
        try:
            yield
        finally:
            repeating.cancel()
            await asyncio.wait([repeating])

    async def _repeat(self) -> None:
        while True:
            await self._clock.async_sleep(INTERVAL)
            await self.send()
