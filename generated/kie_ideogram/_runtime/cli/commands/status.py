"""The command `status`: one look at a task."""

from collections.abc import Callable

from ..context import CommandContext, TaskId, command
from ..format import task_facts, task_lines
from ..package import Package


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def status(context: CommandContext, task_id: TaskId) -> None:
        """Show how a task stands. Costs nothing; a failed task is shown, not an error."""
        with context.client() as kie:
            task = kie.tasks.get(task_id)
        context.terminal.result(task_facts(task), lambda: task_lines(task))

    return command(package, status)
