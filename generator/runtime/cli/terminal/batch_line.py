"""Shows the progress of a batch: one line that is rewritten on a terminal, otherwise a line now and then."""

from collections.abc import Callable
from typing import Self, get_args

from rich.live import Live
from rich.text import Text

from ...batch.output.outcome import Outcome, Status
from ...batch.running.state import BatchStatus
from ...contract.pricing import unit
from ..format import cost
from ..package import Package
from .output import Terminal

# Seconds between two lines where no line can be rewritten.
INTERVAL = 30.0


class BatchLine:
    """The progress of a batch. A row that does not succeed is printed with its reason."""

    def __init__(
        self, terminal: Terminal, status: Callable[[], BatchStatus], package: Package, max_cost: float | None
    ) -> None:
        self._terminal = terminal
        self._status = status
        self._package = package
        self._max_cost = max_cost
        self._clock = terminal.clock
        self._begun = self._printed = self._clock.monotonic()
        self._live: Live | None = None

    def __enter__(self) -> Self:
        self._live = self._terminal.live(lambda: Text(self.text(), no_wrap=True, overflow="ellipsis"))
        if self._live:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *exc_info: object) -> None:
        if self._live:
            self._live.stop()

    def show(self, outcome: Outcome) -> None:
        """Show that a row has ended."""
        if outcome.status != "succeeded" and not outcome.earlier:
            self._terminal.say(f"{outcome.key}: {outcome.status}: {outcome.reason}")
        now = self._clock.monotonic()
        if self._live is None and now - self._printed >= INTERVAL:
            self._printed = now
            self._terminal.say(self.text())

    def text(self) -> str:
        """Return the line."""
        status = self._status()
        ended = sum(getattr(status, name) for name in get_args(Status))
        counts = [
            f"{ended + status.earlier}/{status.rows} rows",
            *(
                f"{getattr(status, name)} {name}"
                for name in ("failed", "lost", "unknown")
                if getattr(status, name)
            ),
            f"{status.running} running",
            self._cost(status.credits),
        ]
        seconds = self._clock.monotonic() - self._begun
        if ended and not status.stopped:
            left = (status.left + status.running) * seconds / ended
            counts.append(f"about {left / 60:.0f} min left" if left >= 90 else f"about {left:.0f} s left")
        if status.stopped:
            counts.append("stopping")
        return ", ".join(counts)

    def _cost(self, credits_: float) -> str:
        each, currency = unit(self._package.contract.credit_price)
        if self._max_cost is None:
            return cost(credits_, self._package)
        return f"{currency} {credits_ * each:.2f} of {self._max_cost:.2f}"
