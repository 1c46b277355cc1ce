"""The command `unknown`: the creates of which nobody knows whether they were accepted."""

from collections.abc import Callable

import typer

from ...context import CommandContext, command
from ...exit_codes import UNKNOWN
from ...package import Package


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def unknown(link: CommandContext) -> None:
        """List creates whose answer was lost, with what is at stake. Exit code 5 when there are any.

        Look for each in the account's task log: `adopt` its task, or `resend` it when there is none.
        """
        with link.client() as kie:
            found = kie.unknown()
            alarms = kie.alarms()
        for alarm in alarms:
            link.terminal.say(f"paid twice: job {alarm.key} also has task {alarm.task_id}")
        facts = [one._asdict() | {"sent_at": one.sent_at.isoformat(timespec="seconds")} for one in found]
        link.terminal.result(
            facts,
            lambda: [
                f"{one.key}  sent {one.sent_at.isoformat(timespec='seconds')}  {one.model}"
                + (f"  {one.currency} {one.price:.2f} at stake" if one.price is not None else "")
                + (
                    f"  the answer named a task: {link.line('adopt', one.key, one.task_id)}"
                    if one.task_id
                    else ""
                )
                for one in found
            ],
        )
        if not found:
            link.terminal.say(f"no create is in doubt {link.looked_at()}")
        else:
            raise typer.Exit(UNKNOWN)

    return command(package, unknown, journal=True)
