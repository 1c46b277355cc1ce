"""Runs the command line on a clock on which waits take a twentieth of the time."""

import asyncio
import threading
import time
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

from kie_ideogram import Kie
from kie_ideogram.__main__ import package
from kie_ideogram._runtime.cli.app import run
from kie_ideogram._runtime.core.clock import Environment

FACTOR = 20


class HastyClock:
    """A clock that runs faster than the machine's."""

    def monotonic(self) -> float:
        return time.monotonic() * FACTOR

    def unix(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / FACTOR)

    def wait(self, event: threading.Event, seconds: float) -> None:
        event.wait(min(seconds / FACTOR, threading.TIMEOUT_MAX))

    async def async_sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / FACTOR)

    def call_later(self, loop: Any, seconds: float, callback: Any) -> Any:
        return loop.call_later(seconds / FACTOR, callback)

    def work(self) -> AbstractContextManager[None]:
        return nullcontext()


if __name__ == "__main__":
    run(package()._replace(client=partial(Kie, _environment=Environment(HastyClock()))))
