"""The command `resume`: goes on with everything that is paid for and not done."""

from collections.abc import Callable
from typing import Any

from ....core.errors import KieError
from ....tasks.results.progress import Progress
from ...context import CommandContext, Overwrite, SaveTo, Timeout, command
from ...format import task_facts
from ...package import Package


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def resume(
        context: CommandContext,
        *,
        save_to: SaveTo = ".",
        overwrite: Overwrite = False,
        timeout: Timeout = None,
    ) -> None:
        """Wait for every unfinished task of the journal and save its pictures. Prints the files' paths."""
        context.save_to = save_to
        done: list[dict[str, Any]] = []
        errors: list[KieError] = []
        with context.client() as kie, context.terminal.display() as display:
            for task in _ended(kie.tasks.settled(kie.resume(), timeout), errors):
                display.show(Progress("task", task_id=task.id, state=str(task.state)))
                paths: list[str] = []
                if task.succeeded:
                    try:
                        paths = [str(path) for path in task.save(save_to, overwrite=overwrite)]
                    except KieError as error:
                        errors.append(error)
                done.append(task_facts(task) | {"paths": paths})
            doubts = [one.idempotency_key for one in kie.unknown()]
        for other in errors[1:]:
            context.terminal.say(f"error: {other}")
        if doubts:
            context.terminal.say(
                f"unknown whether created: {', '.join(doubts)}; see: {context.line('unknown')}"
            )
        elif not done and not errors:
            context.terminal.say(f"nothing is unfinished {context.looked_at()}")
        context.terminal.result(done, lambda: [path for task in done for path in task["paths"]])
        if errors:
            raise errors[0]

    return command(package, resume, journal=True)


def _ended(tasks: Any, errors: list[KieError]) -> Any:
    """The tasks as they end; what goes wrong with others is kept for the end."""
    try:
        yield from tasks
    except KieError as error:
        errors.append(error)
    except ExceptionGroup as group:
        errors += [error for error in group.exceptions if isinstance(error, KieError)]
