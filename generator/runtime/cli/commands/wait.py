"""The command `wait`: picks a task up again by its id."""

from collections.abc import Callable
from typing import Annotated

import typer

from ...tasks.results.progress import Progress
from ..context import CommandContext, Overwrite, TaskId, Timeout, command, watcher
from ..format import task_facts, task_lines
from ..package import Package


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def wait(
        context: CommandContext,
        task_id: TaskId,
        *,
        save_to: Annotated[
            str,
            typer.Option(
                "--save-to", "-o", help="Save the pictures and their record there.", show_default=False
            ),
        ] = "",
        overwrite: Overwrite = False,
        timeout: Timeout = None,
    ) -> None:
        """Wait for a task, however it was created. Prints the saved files' paths, or the task."""
        context.task_id, context.save_to = task_id, save_to
        with context.client() as kie, context.terminal.display() as display:
            tell = watcher(context, display.show)
            for update in kie.tasks.get(task_id).updates(timeout):
                tell(Progress("task", task_id=task_id, state=str(update.state)))
            task = kie.tasks.wait(task_id)
            paths = [str(path) for path in task.save(save_to, overwrite=overwrite)] if save_to else []
        context.terminal.result(task_facts(task) | {"paths": paths}, lambda: paths or task_lines(task))

    return command(package, wait, journal=True)
