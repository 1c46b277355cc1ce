"""The command `resume`: finishes every task that is paid for and not saved."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ....core.errors import PackageError
from ....tasks.results.facts import task_facts
from ....tasks.results.progress import Progress
from ...context import CommandContext, Overwrite, command
from ...format import cost
from ...messages import error_lines
from ...package import Package
from ...sheet import draw_sheet

if TYPE_CHECKING:
    from ....tasks.plan import PlannedRun

_HERE = "."


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def resume(
        context: CommandContext,
        *,
        save_to: Annotated[
            str,
            typer.Option(
                "--save-to",
                "-o",
                metavar="PATH",
                help="Folder for all results. By default, each task is saved where its command would have "
                "saved it, and in the current folder if the journal does not have that.",
                show_default=False,
            ),
        ] = "",
        overwrite: Overwrite = False,
        timeout: float | None = None,
    ) -> None:
        """Wait for all unfinished tasks and save them. Prints the saved files' paths.

        The journal lists these tasks. Each is continued as its command was asked to: with its folder, its
        contact sheet, and its inputs in the JSON record. If there are none, no API key is needed.
        """
        if save_to:
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
                    try:
                        saved = _save(client, task, save_to, overwrite, errors) if task.succeeded else {}
                    except PackageError as error:
                        errors.append(error)
                        continue
                    context.task_ids.remove(task.id)
                    done.append(task_facts(task) | {"paths": []} | saved)
        if saved_files := sum(len(task["paths"]) for task in done):
            noun = "file" if saved_files == 1 else "files"
            spent = sum(task.get("credits", 0) for task in done)
            price = f"; cost: {cost(spent, package)}" if spent else ""
            context.terminal.say(f"saved {saved_files} {noun}{price}")
        for other in errors[1:]:
            for line in error_lines(other, context.names):
                context.terminal.say(f"error: {line}")
        if doubts:
            context.terminal.say(
                f"unknown whether created: {', '.join(doubts)}; to list them: {context.line('unknown')}"
            )
        elif not done and not errors:
            context.terminal.say(f"no unfinished task {context.searched()}")
        context.terminal.result(done, lambda: [path for task in done for path in _paths(task)])
        if errors:
            raise errors[0]

    return command(package, resume, journal=True)


def _save(
    client: Any, task: Any, save_to: str, overwrite: bool, errors: list[PackageError]
) -> dict[str, Any]:
    """Save a task as its run was asked to, and return the paths. Raises `PackageError`.

    The task is done without its contact sheet; why there is none is added to `errors`.
    """
    from ....tasks.plan import planned_run

    context = client._context
    run: PlannedRun | None = context.run(planned_run(context.session, task.id))
    planned = run is not None and run.plan.save_to is not None
    paths: list[Path] = task.save(save_to or (None if planned else _HERE), overwrite=overwrite)
    saved: dict[str, Any] = {"paths": [str(path) for path in paths]}
    model = context.session.contract.models.get(run.model) if run else None
    if run and run.plan.sheet and model:
        overwrite = overwrite or run.plan.overwrite
        try:
            sheet = draw_sheet(
                model, run.request, run.plan.sheet, run.plan.pictures, paths, overwrite=overwrite
            )
            saved["contact_sheet"] = str(sheet)
        except PackageError as error:
            error.task_id = task.id
            errors.append(error)
    return saved


def _paths(task: dict[str, Any]) -> list[str]:
    return [*task["paths"], *([task["contact_sheet"]] if "contact_sheet" in task else [])]


def _ended(tasks: Any, errors: list[PackageError]) -> Iterator[Any]:
    """Yield the tasks as they end, and collect the errors of the others."""
    try:
        yield from tasks
    except PackageError as error:
        errors.append(error)
    except ExceptionGroup as group:
        errors += [error for error in group.exceptions if isinstance(error, PackageError)]
