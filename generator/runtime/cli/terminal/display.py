"""Shows the progress of a command: rows that move on a terminal, otherwise one line per step."""

import threading
from collections.abc import Callable
from typing import NamedTuple, Protocol, Self

from rich.console import Console, Group
from rich.filesize import decimal
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from ...core.clock import Clock
from ...tasks.results.progress import Progress
from .live import live

# A terminal with fewer columns gets a narrower bar, so that no row wraps: a wrapped row is not erased.
_BAR_WIDTH = 24
_TRANSFERS = ("upload", "download")


class Display(Protocol):
    """Shows the steps of a run."""

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(self, kind: type[BaseException] | None, *exc_info: object) -> None:
        """Remove the rows and show the cursor again."""
        ...

    def show(self, step: Progress) -> None:
        """Show a step."""
        ...

    def end_task(self, task_id: str) -> None:
        """Note that a task has reached its last state."""
        ...


class PlainDisplay:
    """Prints each step once, a line each, without byte counts."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._shown: set[str] = set()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *exc_info: object) -> None:
        pass

    def show(self, step: Progress) -> None:
        """Show a step."""
        text = _text(step)
        with self._lock:
            if text and text not in self._shown:
                self._shown.add(text)
                self._say(text)

    def end_task(self, task_id: str) -> None:
        """Do nothing: the state was printed."""


class _Row(NamedTuple):
    text: str
    done: int = 0
    total: int = 0
    started: float = 0.0


class LiveDisplay:
    """Shows rows for what is under way, and prints a line above them for what has ended."""

    def __init__(self, console: Console, say: Callable[[str], None], clock: Clock) -> None:
        self._console = console
        self._say = say
        self._clock = clock
        self._transfers: dict[str, _Row] = {}
        self._tasks: dict[str, _Row] = {}
        self._rows: tuple[tuple[_Row, ...], tuple[_Row, ...]] = ((), ())
        """What is drawn. Replaced as a whole: the thread that draws must not wait for a lock."""
        self._live: Live | None = None
        self._closed = False
        self._lock = threading.Lock()
        self._spinner = Spinner("line" if console.options.ascii_only else "dots")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *exc_info: object) -> None:
        with self._lock:
            if kind is None:
                self._end_transfers()
                for task_id in list(self._tasks):
                    self._end_task(task_id)
            self._erase()
            # After Ctrl-C a download may continue for a moment; rows drawn then would stay.
            self._closed = True

    def show(self, step: Progress) -> None:
        """Show a step."""
        with self._lock:
            if not self._closed:
                self._show(step)

    def end_task(self, task_id: str) -> None:
        """Print a task's last state, and remove its row."""
        with self._lock:
            self._end_task(task_id)
            self._draw()

    def _show(self, step: Progress) -> None:
        if step.stage in _TRANSFERS:
            for task_id in list(self._tasks):
                self._end_task(task_id)
            text = f"{step.stage} {step.name}"
            self._transfers[text] = _Row(text, step.done, step.total)
        elif step.stage == "task":
            self._end_transfers()
            known = self._tasks.get(step.task_id)
            started = known.started if known else self._clock.monotonic()
            self._tasks[step.task_id] = _Row(_text(step), started=started)
        elif step.stage == "create":
            self._end_transfers()
            self._tasks[""] = _Row(_text(step), started=self._clock.monotonic())
        elif step.note:
            self._say(_text(step))
        if step.stage == "task":
            self._tasks.pop("", None)
        self._draw()

    def _end_transfers(self) -> None:
        """Remove the rows of transfers. Uploads are summed up in a line; files are listed as the result."""
        names = sorted(text.partition(" ")[2] for text in self._transfers if text.startswith("upload "))
        size = sum(row.done for text, row in self._transfers.items() if text.startswith("upload "))
        self._transfers.clear()
        if names:
            self._say(f"uploaded {', '.join(names)} ({decimal(size)})")

    def _end_task(self, task_id: str) -> None:
        row = self._tasks.pop(task_id, None)
        if row and task_id:
            self._say(f"{row.text} ({_duration(self._clock.monotonic() - row.started)})")

    def _draw(self) -> None:
        rows = tuple(self._transfers.values()), tuple(self._tasks.values())
        if not any(rows):
            self._erase()  # the last rows: older versions of rich leave an empty line where they erase none
            return
        self._rows = rows
        if self._live is None:
            # A new one each time: rich erases the rows of the last time when it is started again.
            self._live = live(self._console, self._render, refresh_per_second=8)
            self._live.start()
        elif not self._transfers:
            self._live.refresh()  # a new state is rare, and is shown at once

    def _erase(self) -> None:
        if self._live:
            self._live.stop()
            self._live = None

    def _render(self) -> Group:
        transfers, tasks = self._rows
        return Group(*([self._transfer_rows(transfers)] if transfers else []), *self._task_rows(tasks))

    def _transfer_rows(self, rows: tuple[_Row, ...]) -> Table:
        width = min(_BAR_WIDTH, self._console.width // 4)
        table = _table()
        table.add_column(width=width)
        table.add_column(no_wrap=True, justify="right")
        for row in rows:
            known = bool(row.total)
            bar = ProgressBar(total=row.total or 1, completed=row.done if known else 1, width=width)
            size = f"{decimal(row.done)} of {decimal(row.total)}" if known else decimal(row.done)
            table.add_row(self._spinner, Text(row.text), bar, size)
        return table

    def _task_rows(self, rows: tuple[_Row, ...]) -> list[Table]:
        if not rows:
            return []
        table = _table()
        table.add_column(no_wrap=True, justify="right")
        now = self._clock.monotonic()
        for row in rows:
            table.add_row(self._spinner, Text(row.text), _duration(now - row.started))
        return [table]


def _table() -> Table:
    """Return a table with a spinner and a text that is shortened where it does not fit."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(width=1)
    table.add_column(no_wrap=True, overflow="ellipsis")
    return table


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(int(seconds), 60)
    return f"{minutes}:{seconds:02}"


def _text(step: Progress) -> str:
    match step.stage:
        case "check":
            return f"{step.name}: {step.note}" if step.note else ""
        case "create":
            return "creating the task"
        case "task":
            return f"task {step.task_id}: {step.state}"
    return f"{step.stage}ing {step.name}"
