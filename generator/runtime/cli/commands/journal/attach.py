"""The command `attach`: settles an unknown submission with its task."""

from collections.abc import Callable
from typing import Annotated

import typer

from ....tasks.results.facts import task_facts
from ...context import CommandContext, command
from ...format import task_lines
from ...package import Package

Key = Annotated[
    str,
    typer.Argument(
        metavar="KEY", help="Idempotency key of the submission; `unknown` lists it.", show_default=False
    ),
]


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def attach(context: CommandContext, idempotency_key: Key, task_id: str) -> None:
        """Settle an unknown submission with its task. Find the task's id in the account's task log."""
        with context.client() as kie:
            task = kie.attach(idempotency_key, task_id)
        context.terminal.result(task_facts(task), lambda: task_lines(task))

    return command(package, attach, journal=True)
