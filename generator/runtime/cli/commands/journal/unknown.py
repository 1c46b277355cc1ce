"""The command `unknown`: the creates of which nobody knows whether they were accepted."""

from collections.abc import Callable

import typer

from ...context import CommandContext, command
from ...exit_codes import UNKNOWN
from ...package import Package


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def unknown(context: CommandContext) -> None:
        """List creates whose answer was lost, with what is at stake. Exit code 5 when there are any.

        Look for each in the account's task log: `attach` its task, or `resend` it when there is none.
        """
        with context.client() as kie:
            found = kie.unknown()
            duplicates = kie.duplicate_charges()
        for duplicate in duplicates:
            context.terminal.say(
                f"paid twice: job {duplicate.idempotency_key} also has task {duplicate.task_id}"
            )
        facts = [one._asdict() | {"sent_at": one.sent_at.isoformat(timespec="seconds")} for one in found]
        context.terminal.result(
            facts,
            lambda: [
                f"{one.idempotency_key}  sent {one.sent_at.isoformat(timespec='seconds')}  {one.model}"
                + (f"  {one.currency} {one.price:.2f} at stake" if one.price is not None else "")
                + (
                    f"  the answer named a task: {context.line('adopt', one.idempotency_key, one.task_id)}"
                    if one.task_id
                    else ""
                )
                for one in found
            ],
        )
        if not found:
            context.terminal.say(f"no create is in doubt {context.looked_at()}")
        else:
            raise typer.Exit(UNKNOWN)

    return command(package, unknown, journal=True)
