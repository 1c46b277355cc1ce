"""The command `adopt`: names the task of a create whose answer was lost."""

from collections.abc import Callable
from typing import Annotated

import typer

from ...context import Link, TaskId, linked
from ...format import task_facts, task_lines
from ...package import Package

Key = Annotated[str, typer.Argument(help="The job's key, as `unknown` lists it.", show_default=False)]


def command(package: Package) -> Callable[..., None]:
    """Make the command."""

    def adopt(link: Link, key: Key, task_id: TaskId) -> None:
        """Settle an unknown create by the task that you found in the account's task log."""
        with link.client() as kie:
            task = kie.adopt(key, task_id)
        link.terminal.result(task_facts(task), lambda: task_lines(task))

    return linked(package, adopt, journal=True)
