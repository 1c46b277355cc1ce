"""The command `resend`: sends an unknown submission again."""

from collections.abc import Callable

from ....tasks.results.facts import task_facts
from ...context import CommandContext, command
from ...format import task_lines
from ...package import Package


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def resend(context: CommandContext, unknown_key: str) -> None:
        """Send an unknown submission again. If the first attempt was accepted, both are charged."""
        with context.submissions() as client:
            context.creates = context.creating = True
            task = client.resend(unknown_key)
        context.terminal.result(task_facts(task), lambda: task_lines(task))

    return command(package, resend, journal=True, database=True)
