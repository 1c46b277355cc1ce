"""The command `status`: reads a task once."""

from collections.abc import Callable

from ...tasks.results.facts import task_facts
from ..context import CommandContext, command
from ..format import task_lines
from ..package import Package


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def status(context: CommandContext, task_id: str) -> None:
        """Print the state of a task. This costs nothing. A failed task is printed, and is not an error."""
        with context.client() as client:
            task = context.tasks(client).get(task_id)
        context.terminal.result(task_facts(task), lambda: task_lines(task))

    return command(package, status)
