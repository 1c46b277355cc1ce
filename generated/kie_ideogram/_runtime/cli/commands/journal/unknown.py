"""The command `unknown`: the submissions whose outcome is unknown."""

from collections.abc import Callable
from typing import Any

import typer

from ...context import CommandContext, command
from ...exit_codes import UNKNOWN
from ...format import cost
from ...package import Package


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def unknown(context: CommandContext) -> None:
        """List submissions whose outcome is unknown. Exits with 5 if there are any.

        Look for each in the account's task log. If its task is there, `attach` it. If not, `resend` the
        submission. No API key is needed.
        """
        with context.submissions(offline=True) as client:
            found = client.unknown()
            duplicates = client.duplicate_charges()
        for one in duplicates:
            context.terminal.say(f"charged twice: {one.idempotency_key} also has task {one.task_id}")
        facts = [one._asdict() | {"sent_at": one.sent_at.isoformat(timespec="seconds")} for one in found]
        context.terminal.result(facts, lambda: [_line(context, one) for one in found])
        if not found:
            context.terminal.say(f"no unknown submission {context.searched()}")
        else:
            raise typer.Exit(UNKNOWN)

    return command(package, unknown, journal=True, database=True)


def _line(context: CommandContext, one: Any) -> str:
    line = f"{one.idempotency_key}  sent {one.sent_at.isoformat(timespec='seconds')}  {one.model}"
    if one.credits is not None:
        line += f"  may have cost {cost(one.credits, context.package)}"
    if one.task_id:
        line += f"  the response named a task: {context.line('attach', one.idempotency_key, one.task_id)}"
    return line
