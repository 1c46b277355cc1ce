"""The command `resend`: sends an unknown create once more, by word."""

from collections.abc import Callable

from ...context import CommandContext, command
from ...format import task_facts, task_lines
from ...package import Package
from .attach import Key


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def resend(context: CommandContext, key: Key) -> None:
        """Send an unknown create once more. If the first one was accepted after all, both are paid for."""
        with context.client() as kie:
            task = kie.resend(key)
        context.terminal.result(task_facts(task), lambda: task_lines(task))

    return command(package, resend, journal=True)
