"""Functions of the caller, which cannot interrupt the work of the client."""

from __future__ import annotations

import inspect
import sys
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from ..effects import Await, Flow
from . import telemetry

if TYPE_CHECKING:
    from asyncio import Task

ByteProgress = Callable[[int, int], object]
"""Called with the bytes that are done, and the bytes in all."""


class FailureReport:
    """Reports the first exception of a function of the caller."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._reported = False

    def report(self, error: Exception) -> None:
        """Report an exception, unless one was reported before."""
        if not self._reported:
            self._reported = True
            telemetry.callback_failed(self._name, error)


class Callback:
    """A function of the caller. Threads may share it; it is called by one of them at a time.

    An exception that it raises is reported once, and the client continues: a task may be paid for already.
    What interrupts a program, such as KeyboardInterrupt, is not caught. If the function is a coroutine
    function, an asyncio client awaits its calls in order.
    """

    def __init__(self, function: Callable[..., object], name: str) -> None:
        self._function = function
        self._report = FailureReport(name).report
        self._lock = threading.Lock()
        self._waiting: deque[Awaitable[Any]] = deque()
        self._task: Task[None] | None = None

    def __call__(self, *args: Any) -> None:
        """Call the function."""
        with self._lock:
            try:
                outcome = self._function(*args)
            except Exception as error:
                self._report(error)
                return
            if inspect.isawaitable(outcome):
                self._waiting.append(outcome)
                self._start()

    def flush(self) -> Flow[None]:
        """Wait until all calls have been awaited."""
        if not self._waiting and self._task is None:
            return
        try:
            yield Await(self._finish)
        except TypeError as error:  # a blocking client
            self._report(error)
            self.close()

    def close(self) -> None:
        """Drop the calls that were not awaited."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
        self._task = None
        while self._waiting:
            dropped = self._waiting.popleft()
            if inspect.iscoroutine(dropped):
                dropped.close()

    def _start(self) -> None:
        """Await calls while the client works, if this is the thread of an event loop."""
        asyncio = sys.modules.get("asyncio")  # blocking clients do not import it
        try:
            loop = asyncio.get_running_loop() if asyncio else None
        except RuntimeError:  # a blocking client, or a helper thread of an asyncio client
            loop = None
        if loop and (self._task is None or self._task.done()):
            self._task = loop.create_task(self._await_all())

    async def _finish(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            await task
        await self._await_all()

    async def _await_all(self) -> None:
        while self._waiting:
            try:
                await self._waiting.popleft()
            except Exception as error:
                self._report(error)
