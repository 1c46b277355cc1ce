"""The command `attach`: names the task of a create whose answer was lost."""

from collections.abc import Callable
from typing import Annotated

import typer

from ...context import CommandContext, TaskId, command
from ...format import task_facts, task_lines
from ...package import Package

Key = Annotated[str, typer.Argument(help="The job's key, as `unknown` lists it.", show_default=False)]


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def attach(context: CommandContext, key: Key, task_id: TaskId) -> None:
        """Settle an unknown create by the task that you found in the account's task log."""
        with context.client() as kie:
            task = kie.attach(key, task_id)
        context.terminal.result(task_facts(task), lambda: task_lines(task))

    return command(package, attach, journal=True)
