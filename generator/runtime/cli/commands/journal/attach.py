"""The command `attach`: settles an unknown submission with its task."""

from collections.abc import Callable

from ....tasks.results.facts import task_facts
from ...context import CommandContext, command
from ...format import task_lines
from ...package import Package


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def attach(context: CommandContext, unknown_key: str, task_id: str) -> None:
        """Settle an unknown submission with its task. Find the task's id in the account's task log."""
        with context.submissions() as client:
            task = client.attach(unknown_key, task_id)
        context.terminal.result(task_facts(task), lambda: task_lines(task))

    return command(package, attach, journal=True, database=True)
