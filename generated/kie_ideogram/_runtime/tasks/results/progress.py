"""How a run tells how far it is."""

import threading
from collections.abc import Callable
from typing import Literal, NamedTuple

from ...media.files import Count


class Progress(NamedTuple):
    """A step of a run.

    `check`: a picture was looked at; `note` tells what was changed or could not be checked.
    `upload`, `download`: `done` bytes of `total`, which is 0 where it is not known.
    `create`: the task is about to be created; until `task`, nobody knows whether it was.
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
    """Tells a watcher, one step at a time: uploads and downloads go on side by side."""

    def __init__(self, watcher: Watcher | None) -> None:
        self._watcher = watcher
        self._lock = threading.Lock()

    def report(self, progress: Progress) -> None:
        """Tell of a step."""
        if self._watcher:
            with self._lock:
                self._watcher(progress)

    def byte_counter(self, stage: Literal["upload", "download"], name: str) -> Count | None:
        """What is to be told how many bytes are done; None where nobody listens."""
        if not self._watcher:
            return None
        return lambda done, total: self.report(Progress(stage, name, done, total))
