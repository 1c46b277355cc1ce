"""Where a command writes: results to stdout, everything else to stderr."""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ...core.clock import Clock
from ...core.reporting.telemetry import RETRY, waits
from ...core.text.printable import json_escaped, printable
from .streams import UnbreakableStream, can_write, discard

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live

    from .display import Display

# Seconds after a retry in which the same one is not shown again, unless it waits for `LONG` seconds.
QUIET = 10.0
LONG = 5.0


def document(value: Any) -> str:
    """Return a value as indented JSON, with escapes where stdout cannot encode it."""
    text = json_escaped(json.dumps(value, indent=2, ensure_ascii=False))
    return text if can_write(text, sys.stdout) else json.dumps(value, indent=2)


class Terminal:
    """The output of one command. With `as_json`, its result is one JSON document."""

    def __init__(self, clock: Clock, *, as_json: bool) -> None:
        from rich.console import Console  # not needed for help

        self.as_json = as_json
        self.clock = clock
        self._stream = UnbreakableStream(sys.stderr)
        # rich takes any object with the methods of a text file.
        self._console = Console(file=self._stream)  # type: ignore[arg-type] # IO[str] has no structural type

    def result(self, data: Any, lines: Callable[[], list[str]]) -> None:
        """Print what the command was asked for. Raises `OSError` if stdout cannot be written."""
        try:
            for line in [document(data)] if self.as_json else lines():
                print(line, flush=True)  # noqa: T201 # a result belongs on stdout
        except OSError:
            discard(sys.stdout)
            raise

    @staticmethod
    def painted(*parts: tuple[str, str]) -> str:
        """Return texts as one, each in its colour if stdout is a terminal with colours.

        Args:
            parts: Each a text and a colour of rich, or "" for none. `NO_COLOR` is respected.
        """
        from rich.console import Console
        from rich.text import Text

        console = Console(file=sys.stdout)
        with console.capture() as captured:
            console.print(Text.assemble(*parts), soft_wrap=True, end="")
        return captured.get()

    def say(self, text: str) -> None:
        """Print a line to stderr. Never raises."""
        self._console.print(
            printable(text, keep="\n\t"), soft_wrap=True, markup=False, highlight=False, emoji=False
        )

    @contextmanager
    def capture_logs(self) -> Iterator[None]:
        """Print the library's warnings about waits and retries."""
        handler = _Warnings(self.say, self.clock)
        waits.logger.addHandler(handler)
        try:
            yield
        finally:
            waits.logger.removeHandler(handler)

    def live(self, render: "Callable[[], RenderableType]") -> "Live | None":
        """Return rows that are drawn again and again; None for a terminal that cannot move the cursor."""
        if not self._moves_cursor:
            return None
        from .live import live

        return live(self._console, render, refresh_per_second=4)

    def display(self) -> "Display":
        """Return rows that move for a terminal that can move the cursor, otherwise lines."""
        from .display import LiveDisplay, PlainDisplay

        if self._moves_cursor:
            return LiveDisplay(self._console, self.say, self.clock)
        return PlainDisplay(self.say)

    @property
    def _moves_cursor(self) -> bool:
        return self._console.is_terminal and not self._console.is_dumb_terminal


class _Warnings(logging.Handler):
    """Passes on warnings from the log. Of the retries that follow each other, it shows the first."""

    def __init__(self, say: Callable[[str], None], clock: Clock) -> None:
        super().__init__(logging.WARNING)
        self._say = say
        self._clock = clock
        self._shown: dict[tuple[str, str], float] = {}
        """Until when (monotonic) the retries of an operation after a cause are not shown again."""

    def emit(self, record: logging.LogRecord) -> None:
        if not self._is_repeated(record):
            self._say(record.getMessage())

    def _is_repeated(self, record: logging.LogRecord) -> bool:
        if record.msg != RETRY or not isinstance(record.args, tuple):
            return False
        operation, cause, seconds = record.args
        # The uploads of a run fail together. A picture's name is the only difference.
        retries = str(operation).partition(" of ")[0], str(cause)
        now = self._clock.monotonic()
        if now < self._shown.get(retries, now) and float(str(seconds)) < LONG:
            return True
        self._shown[retries] = now + QUIET
        return False
