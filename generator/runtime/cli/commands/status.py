"""The command `status`: one look at a task."""

from collections.abc import Callable

from ..context import Link, TaskId, linked
from ..format import task_facts, task_lines
from ..package import Package


def command(package: Package) -> Callable[..., None]:
    """Make the command."""

    def status(link: Link, task_id: TaskId) -> None:
        """Show how a task stands. Costs nothing; a failed task is shown, not an error."""
        with link.client() as kie:
            task = kie.tasks.get(task_id)
        link.terminal.result(task_facts(task), lambda: task_lines(task))

    return linked(package, status)
