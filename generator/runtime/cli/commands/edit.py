"""The command `edit`: from pictures to pictures."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ...contract.model import Model
from ...media.validate import Repaint
from ...tasks.run import DryRun, Result
from ..context import CommandContext, Overwrite, SaveTo, Timeout, command, watcher
from ..format import plain, seen, task_facts
from ..options import parameters
from ..output import document
from ..package import Package


def build(package: Package) -> Callable[..., None]:
    """Make the command of the package's models."""
    models = package.contract.models

    def edit(
        context: CommandContext,
        *,
        model: Annotated[str, typer.Option(help="The model that runs the task.")] = next(iter(models)),
        repaint: Annotated[
            Repaint | None,
            typer.Option(
                help="Which colour of your mask is to be repainted; sent as it is unless said.",
                show_default=False,
            ),
        ] = None,
        save_to: SaveTo = ".",
        overwrite: Overwrite = False,
        contact_sheet: Annotated[
            bool,
            typer.Option(
                "--contact-sheet",
                help="Also save picture, mask, reference and results side by side; for that the edit's own "
                "files are needed, so repeat an interrupted edit with its --idempotency-key.",
            ),
        ] = False,
        dry_run: Annotated[
            bool,
            typer.Option(
                "--dry-run", help="Check everything, print the request, send nothing; no key is needed."
            ),
        ] = False,
        timeout: Timeout = None,
        idempotency_key: Annotated[
            str | None,
            typer.Option(
                help="Your name for this edit, such as an order's number: however often the command is "
                "repeated with it, one task is paid for.",
                show_default=False,
            ),
        ] = None,
        **given: Any,
    ) -> None:
        """Edit a picture: check, upload, create the task, wait, save. Prints the saved files' paths."""
        context.save_to = save_to
        given = {name: _alone(value) for name, value in given.items() if value not in (None, [])}
        with (
            context.offline_client() if dry_run else context.client() as kie,
            context.terminal.display() as display,
        ):
            run = getattr(kie, models[model].resource).run
            more = {"repaint": repaint} if repaint else {}
            if dry_run:
                _rehearsed(context, run(dry_run=True, **given, **more))
                return
            result = run(
                save_to=save_to,
                overwrite=overwrite,
                timeout=timeout,
                idempotency_key=idempotency_key,
                progress=watcher(context, display.show),
                **given,
                **more,
            )
        sheet = None
        if contact_sheet:
            sheet = _sheet(models[model], result, given, save_to, repaint, overwrite=overwrite)
        _done(context, result, sheet)

    choice = Annotated[Literal[tuple(models)], typer.Option(help="The model that runs the task.")]  # type: ignore[valid-type]  # known at run time only
    own = [
        p for p in inspect.signature(edit).parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD
    ]
    own = [p.replace(annotation=choice) if p.name == "model" else p for p in own]
    edit.__signature__ = inspect.Signature([own[0], *parameters(package), *own[1:]])  # type: ignore[attr-defined]  # what inspect reads first
    return command(package, edit, journal=True)


def _alone(value: Any) -> Any:
    """What was said once is one, though it could be said again."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _rehearsed(context: CommandContext, found: DryRun) -> None:
    data = {
        "request": found.request,
        "pictures": [plain(picture) for picture in found.pictures],
        "credits": found.credits,
    }
    if not context.terminal.as_json:
        for picture in found.pictures:
            for line in seen(picture):
                context.terminal.say(line)
        if found.credits is not None:
            price, currency = context.package.contract.credit_price
            about = f"{currency} {found.credits * price:.2f}"
            context.terminal.say(f"cost: {found.credits:g} credits, about {about}; nothing was sent")
    context.terminal.result(data, lambda: [document(found.request)])


def _sheet(
    model: Model,
    result: Result[Any],
    given: dict[str, Any],
    folder: str,
    repaint: Repaint | None,
    *,
    overwrite: bool,
) -> Path:
    from ...media.contact_sheet import contact_sheet

    target = Path(folder) / f"{result.paths[0].name.rpartition('-')[0]}-sheet.png"
    return contact_sheet(
        target, model.images, given, result.pictures, result.paths, repaint, overwrite=overwrite
    )


def _done(context: CommandContext, result: Result[Any], sheet: Path | None) -> None:
    paths = [str(path) for path in (*result.paths, *([sheet] if sheet else []))]
    data = {
        "task": task_facts(result.task),
        "paths": [str(path) for path in result.paths],
        "contact_sheet": str(sheet) if sheet else None,
        "request": result.request,
        "pictures": [plain(picture) for picture in result.pictures],
    }
    context.terminal.result(data, lambda: paths)
