"""Reports how far a run is."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from ...core.effects import Flow
from ...core.reporting.callback import ByteProgress, Callback


class Progress(NamedTuple):
    """A step of a run.

    `check`: a picture was checked; `note` says what was changed or could not be checked.
    `upload`, `download`: `done` bytes of `total`, which is 0 if it is not known.
    `create`: the task is about to be created; until `task`, it is not known whether it exists.
    `task`: the task was created, or its `state` has changed. It is paid for from here on.
    """

    stage: Literal["check", "upload", "create", "task", "download"]
    name: str = ""
    done: int = 0
    total: int = 0
    task_id: str = ""
    state: str = ""
    note: str = ""


Watcher = Callable[[Progress], object]


class Reporter:
    """Reports steps to the caller, one at a time, although transfers run concurrently."""

    def __init__(self, watcher: Watcher | None) -> None:
        self._callback = Callback(watcher, "progress=") if watcher else None

    def report(self, progress: Progress) -> None:
        """Report a step."""
        if self._callback:
            self._callback(progress)

    def byte_counter(self, stage: Literal["upload", "download"], name: str) -> ByteProgress | None:
        """Return a function that reports the bytes of a transfer; None if the caller does not watch."""
        if not self._callback:
            return None
        return lambda done, total: self.report(Progress(stage, name, done, total))

    def flush(self) -> Flow[None]:
        """Wait until the caller's coroutines have seen all steps."""
        if self._callback:
            yield from self._callback.flush()

    def close(self) -> None:
        """Drop what the caller's coroutines have not seen."""
        if self._callback:
            self._callback.close()
