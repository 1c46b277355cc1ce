"""The command `batch run`: the rows of a file, checked, run and saved."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ....contract.facts import balance_of, returning
from ....contract.pricing import unit
from ....core.errors import PackageError
from ...context import CommandContext, command
from ...format import cost
from ...options.connection import has_key
from ...package import Package
from . import on_cluster
from .common import BatchName
from .ending import finish

if TYPE_CHECKING:
    from ....batch.output.outcome import Outcome
    from ....batch.plan import BatchEstimate


def build(package: Package) -> Callable[..., None]:
    """Make the command."""
    _, currency = unit(package.contract.credit_price)

    def run(
        context: CommandContext,
        *,
        file: Annotated[
            str,
            typer.Argument(
                metavar="FILE",
                help="CSV or JSON Lines file with a row for each task; - reads standard input.",
                show_default=False,
            ),
        ],
        save_to: Annotated[
            str,
            typer.Option(
                "--save-to", "-o", metavar="PATH", help="Folder for the results, the record and the report."
            ),
        ] = "out",
        set_: Annotated[
            list[str] | None,
            typer.Option(
                "--set",
                metavar="NAME=VALUE",
                help="Value for all rows that have none in that column. May be repeated.",
                show_default=False,
            ),
        ] = None,
        max_cost: Annotated[
            float | None,
            typer.Option(
                min=0,
                metavar="AMOUNT",
                help=f"Most that the batch may cost in all its runs, in {currency}.",
                show_default=False,
            ),
        ] = None,
        limit: Annotated[
            int | None,
            typer.Option(min=1, metavar="N", help="Run at most N rows.", show_default=False),
        ] = None,
        max_failures: Annotated[
            str | None,
            typer.Option(
                metavar="N|N%",
                help="Stop submitting after more failures than this, a number or a share of the rows.",
                show_default=False,
            ),
        ] = None,
        retry: Annotated[
            Literal["failed", "lost"] | None,
            typer.Option(
                metavar="failed|lost",
                help="Run rows again that failed, or whose results are lost; each is charged again.",
                show_default=False,
            ),
        ] = None,
        dry_run: Annotated[
            bool,
            typer.Option(
                "--dry-run",
                help="Check all rows and files, print the cost, and send nothing. No API key is needed.",
            ),
        ] = False,
        batch: BatchName = None,
    ) -> None:
        options: dict[str, Any] = {
            "save_to": save_to,
            "defaults": _defaults(set_ or []),
            "limit": limit,
            "retry": retry,
        }
        if dry_run:
            with context.offline_client(journal=False) as client:
                found = client.batch.estimate(file, **options)
            _print_estimate(context, found, _balance(context))
            return
        context.creates = True
        if context.has_database:
            options |= {"max_cost": max_cost, "max_failures": max_failures}
            on_cluster.run(context, file, batch, **options)
            return
        if batch is not None:
            raise typer.BadParameter("--batch: is the name of a batch in a database; add --database")
        from ....batch.output.report import write_report
        from ....batch.output.results import Results
        from ...terminal.batch_line import BatchLine

        with context.client() as client:
            running = client.batch.run(file, max_cost=max_cost, max_failures=max_failures, **options)
            ended: list[Outcome] = []
            line = BatchLine(context.terminal, running.status, package, max_cost)
            with _draining(running.stop, context), line:
                for outcome in running:
                    ended.append(outcome)
                    line.show(outcome)

        def write() -> Path:
            outcomes = Results(Path(save_to)).read().values()
            return write_report(save_to, package.title, outcomes, package.contract.credit_price)

        finish(context, ended, running.status(), write, running.failures)

    options = " and ".join(f"`{name}`" for name in package.commands)
    run.__doc__ = f"""Run the rows of a file, each as one task. A row that succeeded is not run again.

    The columns are the options of {options}, `key`, which identifies a row in later runs, and `model`.
    Paths are relative to the file. Ctrl-C stops submitting and finishes what runs; a second one leaves.

    With --database, other machines take part with `batch work`. The batch has the name of the file.
    """
    priced = any(model.price for model in package.contract.models.values())
    without = () if priced else {"max_cost"}
    return command(package, run, journal=True, database=True, without=without)


def _defaults(given: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise typer.BadParameter(f"--set: expected NAME=VALUE, got {text!r}")
        found[name.strip().lstrip("-")] = value
    return found


@contextmanager
def _draining(stop: Callable[[], None], context: CommandContext) -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM stop submitting. The second one raises `KeyboardInterrupt`."""
    from ....batch.running.state import DRAINING

    if threading.current_thread() is not threading.main_thread():
        yield  # Python sends signals to the main thread only
        return

    def drain(number: int, frame: FrameType | None) -> None:
        for signal_ in former:
            signal.signal(signal_, signal.default_int_handler)
        stop()
        context.terminal.say(DRAINING)

    former = {signal_: signal.signal(signal_, drain) for signal_ in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for signal_, handler in former.items():
            signal.signal(signal_, handler)


def _balance(context: CommandContext) -> float | None:
    """Return the account's balance if there is an API key; None if it cannot be read."""
    operation = returning(context.package.contract, "account.credits")
    if operation is None or not has_key(context.package):
        return None
    try:
        with context.client() as client:
            return balance_of(operation, attrgetter(operation.call)(client)())
    except PackageError as error:
        context.terminal.say(f"the balance is not known: {error}")
        return None


def _print_estimate(context: CommandContext, found: "BatchEstimate", balance: float | None) -> None:
    for fault in found.faults:
        context.terminal.say(f"{fault.path}: {fault.message}")
    count = found.rows - found.finished
    lines = [f"{count} rows to run" + (f", {found.finished} ended before" if found.finished else "")]
    if found.credits is None:
        lines.append("cost: not known, because no price is declared for a model")
    else:
        # A row that cannot be read has no price yet.
        least = "at least " if found.faults else ""
        lines.append(f"cost: {least}{cost(found.credits, context.package)}")
    lines.append(f"time: at least {_duration(found.seconds)} at the account's rate limit")
    if balance is not None:
        lines.append(f"balance: {balance:g} credits")
        if found.credits is not None and found.credits > balance:
            lines.append(f"the balance is {found.credits - balance:g} credits too low")
    count = len(found.faults)
    faults = f"{count} fault{'s' * (count != 1)}; " if count else ""
    lines.append(f"{faults}nothing was sent")
    data: dict[str, Any] = found._asdict() | {
        "faults": [fault._asdict() for fault in found.faults],
        "balance": balance,
    }
    context.terminal.result(data, lambda: lines)
    if found.faults:
        raise typer.Exit(2)


def _duration(seconds: float) -> str:
    minutes, left = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else "", f"{left} s"]
    return " ".join(part for part in parts if part)
