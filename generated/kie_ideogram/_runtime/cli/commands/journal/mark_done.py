"""The command `mark-done`: `resume` leaves a task out."""

from collections.abc import Callable

from ...context import CommandContext, command
from ...package import Package


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def mark_done(context: CommandContext, task_id: str) -> None:
        """Record that a task needs nothing more. `resume` then leaves it out. No API key is needed."""
        with context.offline_client() as client:
            client.mark_done(task_id)
        context.terminal.say(f"task {task_id}: marked as done")
        context.terminal.result({"id": task_id, "done": True}, list)

    return command(package, mark_done, journal=True)
