"""The command `download`: saves the results of a succeeded task."""

from collections.abc import Callable

from ...tasks.results.facts import task_facts
from ..context import CommandContext, Overwrite, SaveTo, command
from ..package import Package


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def download(
        context: CommandContext, task_id: str, *, save_to: SaveTo = ".", overwrite: Overwrite = False
    ) -> None:
        """Save the results of a succeeded task. Prints the paths of the files.

        If the journal has the task, `resume` then leaves it out, and the JSON record lists its inputs.
        """
        context.check_save_to(save_to)
        with context.client() as client:
            task = context.tasks(client).get(task_id)
            context.task_ids = [task_id]
            paths = [str(path) for path in task.save(save_to, overwrite=overwrite)]
        context.terminal.result(task_facts(task) | {"paths": paths}, lambda: paths)

    return command(package, download, journal=True)
