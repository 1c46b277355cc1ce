"""The command `batch run`: the rows of a file, checked, run and saved."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ....contract.pricing import unit
from ....core.errors import PackageError
from ...context import CommandContext, command
from ...exit_codes import (
    FAILED,
    INTERRUPTED,
    LIMIT_REACHED,
    NO_JOURNAL,
    NOT_SAVED,
    REFUSED,
    UNFINISHED,
    UNKNOWN,
    UNREACHABLE,
)
from ...format import cost
from ...options.connection import has_key
from ...package import Package
from .common import facts, summary

if TYPE_CHECKING:
    from ....batch.output.outcome import Outcome
    from ....batch.plan import BatchEstimate
    from ....batch.running.state import BatchStatus

_STOPPED = {
    "budget": LIMIT_REACHED,
    "failures": LIMIT_REACHED,
    "credits": REFUSED,
    "refused": REFUSED,
    "unreachable": UNREACHABLE,
    "journal": NO_JOURNAL,
    "results": NOT_SAVED,
    "asked": INTERRUPTED,
}


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
            Literal["failed"] | None,
            typer.Option(
                metavar="failed", help="Run failed rows again; each is charged again.", show_default=False
            ),
        ] = None,
        dry_run: Annotated[
            bool,
            typer.Option(
                "--dry-run",
                help="Check all rows and files, print the cost, and send nothing. No API key is needed.",
            ),
        ] = False,
    ) -> None:
        options = {"save_to": save_to, "defaults": _defaults(set_ or []), "limit": limit, "retry": retry}
        if dry_run:
            with context.offline_client(journal=False) as client:
                found = client.batch.estimate(file, **options)
            _print_estimate(context, found, _balance(context))
            return
        from ...terminal.batch_line import BatchLine

        context.creates = True
        with context.client() as client:
            batch = client.batch.run(file, max_cost=max_cost, max_failures=max_failures, **options)
            ended: list[Outcome] = []
            line = BatchLine(context.terminal, batch.status, package, max_cost)
            with _draining(batch.stop, context), line:
                for outcome in batch:
                    ended.append(outcome)
                    line.show(outcome)
        _finish(context, ended, batch.status(), save_to)

    options = " and ".join(f"`{name}`" for name in package.commands)
    run.__doc__ = f"""Run the rows of a file, each as one task. A row that succeeded is not run again.

    The columns are the options of {options}, `key`, which identifies a row in later runs, and `model`.
    Paths are relative to the file. Ctrl-C stops submitting and finishes what runs; a second one leaves.
    """
    priced = any(model.price for model in package.contract.models.values())
    return command(package, run, journal=True, without=() if priced else {"max_cost"})


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
    """Let the first Ctrl-C stop submitting. The second one raises `KeyboardInterrupt`."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python sends signals to the main thread only
        return

    def drain(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        stop()
        context.terminal.say("stopping: no more rows are submitted; Ctrl-C again leaves at once")

    former = signal.signal(signal.SIGINT, drain)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)


def _balance(context: CommandContext) -> float | None:
    """Return the account's balance if there is an API key; None if it cannot be read."""
    if not has_key(context.package):
        return None
    try:
        with context.client() as client:
            balance: float = client.credits.get()
            return balance
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
        lines.append(f"cost: {cost(found.credits, context.package)}")
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


def _finish(context: CommandContext, ended: "list[Outcome]", status: "BatchStatus", folder: str) -> None:
    """Print how the batch ended, write the report, and exit with the code that says so."""
    from ....batch.output.report import write_report
    from ....batch.output.results import Results

    package, outcomes = context.package, Results(Path(folder)).read()
    report = str(write_report(folder, package.title, outcomes.values(), package.contract.credit_price))
    number = {name: getattr(status, name) for name in ("succeeded", "failed", "unknown", "unfinished")}
    lines = [summary(number, status.credits, package)]
    lines += [f"{status.earlier} rows ended before"] if status.earlier else []
    lines += [f"{status.left} rows are left"] if status.left else []
    data = {**status._asdict(), "report": report, "outcomes": [facts(outcome) for outcome in ended]}
    context.terminal.result(data, lambda: [*lines, report])
    if status.stopped:
        context.terminal.say(f"stopped: {context.with_options(status.reason or 'you asked for it')}")
    if status.left or status.unfinished:
        context.terminal.say(f"to continue: {context.continuation()}")
    if status.unknown:
        context.terminal.say(f"to list unknown submissions: {context.line('unknown')}")
    failed = status.failed or any(outcome.status == "failed" for outcome in ended)
    code = (
        UNKNOWN
        if status.unknown
        else _STOPPED.get(status.stopped) or (FAILED if failed else UNFINISHED if status.unfinished else 0)
    )
    if code:
        raise typer.Exit(code)
