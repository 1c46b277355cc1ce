"""The command `wait`: waits for a task by its id."""

from collections.abc import Callable
from typing import Annotated

import typer

from ...tasks.results.facts import task_facts
from ...tasks.results.progress import Progress
from ..context import CommandContext, Overwrite, command
from ..format import cost_of, task_lines
from ..package import Package


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def wait(
        context: CommandContext,
        task_id: str,
        *,
        save_to: Annotated[
            str,
            typer.Option(
                "--save-to",
                "-o",
                metavar="PATH",
                help="Save the results and their JSON record in this folder.",
                show_default=False,
            ),
        ] = "",
        overwrite: Overwrite = False,
        timeout: float | None = None,
    ) -> None:
        """Wait for a task, however it was created. Prints the saved files' paths, or the task."""
        if save_to:
            context.check_save_to(save_to)
        with context.client() as client, context.terminal.display() as display:
            task = context.tasks(client).get(task_id)
            context.task_ids = [task_id]
            for update in task.updates(timeout):
                display.show(Progress("task", task_id=task_id, state=str(update.state)))
                task = update
            if not (save_to and task.succeeded):  # saving reports what is wrong with a result
                task = context.tasks(client).wait(task_id)
            paths = [str(path) for path in task.save(save_to, overwrite=overwrite)] if save_to else []
        if paths:
            noun = "file" if len(paths) == 1 else "files"
            context.terminal.say(f"saved {len(paths)} {noun}{cost_of(task, package)}")
        context.terminal.result(task_facts(task) | {"paths": paths}, lambda: paths or task_lines(task))

    return command(package, wait, journal=True)
