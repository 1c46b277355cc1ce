"""Where a command speaks: results on stdout, everything else on stderr."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from ..core.telemetry import waits
from ..tasks.results.progress import Progress


def document(value: Any) -> str:
    """A value as JSON that people can read."""
    return json.dumps(value, indent=2, ensure_ascii=False)


class Display(Protocol):
    """Shows the steps of a run."""

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(self, *exc_info: object) -> None:
        """Leave the terminal as it was."""
        ...

    def show(self, step: Progress) -> None:
        """Show a step."""
        ...


class Terminal:
    """The output of one command. With `as_json`, its result is one JSON document."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self._errors = Console(stderr=True)

    def result(self, data: Any, lines: Callable[[], list[str]]) -> None:
        """Print what the command was asked for."""
        for line in [document(data)] if self.as_json else lines():
            print(line, flush=True)  # noqa: T201 # this is stdout's place

    def say(self, text: str) -> None:
        """Tell people something beside the result."""
        self._errors.print(text, soft_wrap=True, markup=False, highlight=False)

    @contextmanager
    def capture_logs(self) -> Iterator[None]:
        """Tell people, too, when a task cannot be looked at."""
        handler = _Heard(self.say)
        waits.addHandler(handler)
        try:
            yield
        finally:
            waits.removeHandler(handler)

    def display(self) -> Display:
        """Bars for a terminal, a line a step for everything else."""
        return _Bars(self._errors) if self._errors.is_terminal else _Lines(self.say)


class _Heard(logging.Handler):
    """Takes warnings from the log."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        self._say(record.getMessage())


class _Lines:
    """Only what has changed, a line each; no bytes counted."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._last = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        pass

    def show(self, step: Progress) -> None:
        text = _text(step)
        if text and text != self._last:
            self._last = text
            self._say(text)


class _Bars:
    """A bar for each upload and download, and a clock beside the task's state."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Bars(
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            DownloadColumn(),
            console=console,
        )
        self._clock = Bars(
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=console,
        )
        self._known: dict[str, TaskID] = {}
        self._following: TaskID | None = None
        self._live: Bars | None = None
        self._left = False
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        with self._lock:
            self._only(None)
            self._left = True

    def show(self, step: Progress) -> None:
        with self._lock:
            # After Ctrl-C a download may go on for a moment; a bar begun now would never end.
            if not self._left:
                self._show(step)

    def _show(self, step: Progress) -> None:
        if step.stage in ("upload", "download"):
            self._only(self._bars)
            name = f"{step.stage} {step.name}"
            if name not in self._known:
                self._known[name] = self._bars.add_task(name, total=step.total or None)
            self._bars.update(self._known[name], completed=step.done)
        elif step.stage == "task":
            self._only(self._clock)
            if self._following is None:
                self._following = self._clock.add_task(_text(step), total=None)
            self._clock.update(self._following, description=_text(step))
        elif step.note:
            self._console.print(_text(step), soft_wrap=True, markup=False, highlight=False)

    def _only(self, wanted: Bars | None) -> None:
        """Two live displays cannot share a terminal: one ends, with what it shows left standing."""
        if self._live is wanted:
            return
        if self._live:
            for task in self._live.tasks:
                self._live.update(task.id, total=task.completed or 1, completed=task.completed or 1)
            self._live.stop()
        self._live = wanted
        if wanted:
            wanted.start()


def _text(step: Progress) -> str:
    match step.stage:
        case "check":
            return f"{step.name}: {step.note}" if step.note else ""
        case "create":
            return "creating the task"
        case "task":
            return f"task {step.task_id}: {step.state}"
    return f"{step.stage}ing {step.name}"
