"""The command `resume`: finishes every task that is paid for and not saved."""

from collections.abc import Callable, Iterator
from typing import Any

from ....core.errors import PackageError
from ....tasks.results.facts import task_facts
from ....tasks.results.progress import Progress
from ...context import CommandContext, Overwrite, SaveTo, command
from ...messages import error_lines
from ...package import Package


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def resume(
        context: CommandContext,
        *,
        save_to: SaveTo = ".",
        overwrite: Overwrite = False,
        timeout: float | None = None,
    ) -> None:
        """Wait for all unfinished tasks and save them. Prints the saved files' paths.

        The journal lists these tasks. If there are none, no API key is needed.
        """
        context.check_save_to(save_to)
        with context.offline_client() as client:
            context.task_ids = [task.id for task in client.resume()]
            doubts = [one.idempotency_key for one in client.unknown()]
        done: list[dict[str, Any]] = []
        errors: list[PackageError] = []
        if context.task_ids:
            with context.client() as client, context.terminal.display() as display:
                tasks = client.resume()
                for task in tasks:
                    display.show(Progress("task", task_id=task.id, state=str(task.state)))
                for task in _ended(context.tasks(client).settled(tasks, timeout), errors):
                    display.show(Progress("task", task_id=task.id, state=str(task.state)))
                    display.end_task(task.id)
                    paths: list[str] = []
                    if task.succeeded:
                        try:
                            paths = [str(path) for path in task.save(save_to, overwrite=overwrite)]
                        except PackageError as error:
                            errors.append(error)
                            continue
                    context.task_ids.remove(task.id)
                    done.append(task_facts(task) | {"paths": paths})
        for other in errors[1:]:
            for line in error_lines(other, context.names):
                context.terminal.say(f"error: {line}")
        if doubts:
            context.terminal.say(
                f"unknown whether created: {', '.join(doubts)}; to list them: {context.line('unknown')}"
            )
        elif not done and not errors:
            context.terminal.say(f"no unfinished task {context.searched()}")
        context.terminal.result(done, lambda: [path for task in done for path in task["paths"]])
        if errors:
            raise errors[0]

    return command(package, resume, journal=True)


def _ended(tasks: Any, errors: list[PackageError]) -> Iterator[Any]:
    """Yield the tasks as they end, and collect the errors of the others."""
    try:
        yield from tasks
    except PackageError as error:
        errors.append(error)
    except ExceptionGroup as group:
        errors += [error for error in group.exceptions if isinstance(error, PackageError)]
