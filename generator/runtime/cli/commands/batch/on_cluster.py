"""A batch whose rows are in a database: submitted, worked on by this machine and others, and reported."""

import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ....core.clock import Clock
from ....core.errors import Fault, InvalidInputError
from ...context import CommandContext
from .common import ORDER, print_status, summary
from .ending import finish

if TYPE_CHECKING:
    from ....batch.output.outcome import Outcome
    from ....batch.running.state import BatchStatus

# Seconds between two looks at the rows that have ended.
_LOOK = 1.0


def name_of(file: str, given: str | None) -> str:
    """Return the name of a batch: as given, or that of its file."""
    if given is None and file == "-":
        message = "name the batch, because standard input has no name"
        raise InvalidInputError([Fault("batch", "required", message)])
    return Path(file).stem if given is None else given


def _write_report(context: CommandContext, outcomes: "list[Outcome]", save_to: str, batch: str) -> str:
    """Write the report next to the results of a batch, and return its path or URL."""
    from ....batch.output import report
    from ....cluster.running.remote import RemoteFolder, is_remote
    from ....tasks.results.store import file_stem

    title, price, name = context.package.title, context.package.contract.credit_price, file_stem(batch)
    if is_remote(save_to):
        page = report.report(Path(name), title, outcomes, price)
        RemoteFolder(save_to).write(f"{name}/{report.REPORT}", page.encode("utf-8", "backslashreplace"))
        return f"{save_to.rstrip('/')}/{name}/{report.REPORT}"
    folder = Path(save_to) / name
    folder.mkdir(parents=True, exist_ok=True)  # no row may have succeeded
    return str(report.write_report(folder, title, outcomes, price))


class Progress:
    """Shows the rows of a batch as they end, on whatever machine."""

    def __init__(self, cluster: Any, batch: str, save_to: str, clock: Clock) -> None:
        self._clock = clock
        self._cluster = cluster
        self._batch = batch
        self._save_to = save_to
        before = list(cluster.results(batch)) if batch in cluster.batches() else []
        self._begun = self._since = max((one.ended_at for one in before), default=0.0)
        self._end = threading.Event()
        self._ended: list[Outcome] = []
        self._left_out = 0
        self.status: BatchStatus

    def submitted(self, left_out: int) -> None:
        """Begin, with a number of rows that were not queued."""
        self._left_out = left_out
        self.status = self._of_this_run()

    def look(self, line: Any) -> None:
        """Show what has ended since the call before."""
        found = list(self._cluster.results(self._batch, save_to=self._save_to, since=self._since))
        self._ended += found
        self.status = self._of_this_run()
        for outcome in found:
            self._since = outcome.ended_at
            line.show(outcome)

    def end(self, line: Any) -> "list[Outcome]":
        """Look a last time, and return all rows that have ended, with those that ended before."""
        self.look(line)
        outcomes = [
            one._replace(earlier=one.ended_at <= self._begun)
            for one in self._cluster.results(self._batch, save_to=self._save_to)
        ]
        self._ended = [one for one in outcomes if not one.earlier]
        self.status = self._of_this_run()
        return outcomes

    def _of_this_run(self) -> "BatchStatus":
        """Return how far the batch is, with the rows that ended since it was submitted."""
        status: BatchStatus = self._cluster.status(self._batch)
        # A row may end twice: an unknown one that is settled, and one whose result was not saved at first.
        ended = {one.key: one for one in self._ended}.values()
        number = Counter[str](one.status for one in ended)
        earlier = status.rows - status.running - status.left - len(ended)
        counted: dict[str, Any] = {name: number[name] for name in ORDER}
        return status._replace(
            **counted,
            rows=status.rows + self._left_out,
            earlier=max(0, earlier),
            left=status.left + self._left_out,
            credits=sum(one.credits or 0.0 for one in ended),
        )

    def watch(self, line: Any) -> None:
        """Look now and then, until `stop`."""
        from ....core.errors import JournalError

        pause = _LOOK
        while not self._end.wait(pause):
            begun = self._clock.monotonic()
            with suppress(JournalError):  # the worker reports it
                self.look(line)
            # The rows of a large batch take a second to count.
            pause = max(_LOOK, 20 * (self._clock.monotonic() - begun))

    def stop(self) -> None:
        """End `watch`."""
        self._end.set()


def run(context: CommandContext, file: str, batch: str | None, save_to: str, **options: Any) -> None:
    """Submit the rows of a file, and work on them until the batch has ended."""
    from ...terminal.batch_line import BatchLine

    name = name_of(file, batch)
    with context.cluster() as cluster:
        cluster.install()
        progress = Progress(cluster, name, save_to, context.clock)
        submitted = cluster.submit(file, batch=name, **options)
        context.terminal.say(
            f"batch {name}: {submitted.queued} rows queued, {submitted.earlier} ended before"
            + (f", {submitted.left} left out" if submitted.left else "")
        )
        progress.submitted(submitted.left)
        line = BatchLine(context.terminal, lambda: progress.status, context.package, options["max_cost"])
        watching = threading.Thread(target=progress.watch, args=[line], daemon=True)
        with line:
            watching.start()
            try:
                reason = cluster.work(save_to=save_to, batch=name)
            finally:
                progress.stop()
                watching.join()
            outcomes = progress.end(line)
        status = progress.status
        if reason:
            status = status._replace(stopped="credits", reason=reason)
        elif status.left + status.running > submitted.left and not status.stopped:
            status = status._replace(stopped="asked")
        failures = cluster.write_failures(name, save_to=save_to)
    finish(context, outcomes, status, lambda: _write_report(context, outcomes, save_to, name), failures)


def status_of(context: CommandContext, batch: str | None, save_to: str) -> None:
    """Print how far a batch is, or all batches."""
    from ....batch.output.failures import find_failures
    from ....cluster.running.remote import is_remote
    from ....tasks.results.store import file_stem

    with context.cluster(offline=True) as cluster:
        if batch is None:
            found = {name: cluster.status(name) for name in cluster.batches()}
            data: Any = {name: one._asdict() for name, one in found.items()}
            lines = [f"{name}: {_line(context, one)}" for name, one in found.items()]
            context.terminal.result(data, lambda: lines or ["no batch"])
            return
        status = cluster.status(batch)
        outcomes = list(cluster.results(batch, save_to=save_to))
    lines = [_line(context, status)]
    lines += [f"stopped: {status.reason}"] if status.stopped else []
    failures = None if is_remote(save_to) else find_failures(Path(save_to) / file_stem(batch))
    print_status(context, lines, status._asdict(), outcomes, failures)


def report_of(context: CommandContext, batch: str | None, save_to: str) -> str:
    """Write the report of a batch, and return its path or URL."""
    if batch is None:
        raise InvalidInputError([Fault("batch", "required", "name the batch; `batch status` lists them")])
    with context.cluster(offline=True) as cluster:
        outcomes = list(cluster.results(batch, save_to=save_to))
        cluster.write_failures(batch, save_to=save_to)
    return _write_report(context, outcomes, save_to, batch)


def _line(context: CommandContext, status: "BatchStatus") -> str:
    number = {name: getattr(status, name) for name in (*ORDER, "running")}
    left = f"; {status.left} rows are left" if status.left else ""
    return summary(number, status.credits, context.package) + left
