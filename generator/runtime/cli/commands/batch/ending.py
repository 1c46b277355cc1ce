"""How a batch has ended: its summary and the exit code."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from ....core.errors import DownloadError
from ...context import CommandContext
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
from .common import ORDER, facts, summary

if TYPE_CHECKING:
    from ....batch.output.outcome import Outcome
    from ....batch.running.state import BatchStatus

_WITHOUT_RESULT = ("failed", "lost")

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


def finish(
    context: CommandContext,
    ended: "list[Outcome]",
    status: "BatchStatus",
    write_report: Callable[[], object],
    failures: object,
) -> None:
    """Print how the batch ended and where its report is, and exit with the code that says so.

    Args:
        ended: The rows that ended now.
        write_report: Writes the report, and returns its path.
        failures: The file of the rows that failed; None if no row failed.
    """
    package = context.package
    report = ""
    try:
        report = str(write_report())
    except DownloadError as error:
        if not status.stopped:
            status = status._replace(stopped="results", reason=str(error))
    number = {name: getattr(status, name) for name in ORDER}
    lines = [summary(number, status.credits, package)]
    lines += [f"{status.earlier} rows ended before"] if status.earlier else []
    lines += [f"{status.left} rows are left"] if status.left else []
    lines += [f"failures: {failures}"] if failures else []
    data = {
        **status._asdict(),
        "report": report or None,
        "failures": str(failures) if failures else None,
        "outcomes": [facts(outcome) for outcome in ended],
    }
    context.terminal.result(data, lambda: [*lines, *([report] if report else [])])
    if status.stopped:
        context.terminal.say(f"stopped: {context.with_options(status.reason or 'you asked for it')}")
    if status.left or status.unfinished or status.running:
        context.terminal.say(f"to continue: {context.continuation()}")
    if status.unknown:
        context.terminal.say(f"to list unknown submissions: {context.line('unknown')}")
    failed = status.failed or status.lost or any(outcome.status in _WITHOUT_RESULT for outcome in ended)
    code = (
        UNKNOWN
        if status.unknown
        else _STOPPED.get(status.stopped) or (FAILED if failed else UNFINISHED if status.unfinished else 0)
    )
    if code:
        raise typer.Exit(code)
