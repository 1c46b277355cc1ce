"""The command `edit`: from pictures to pictures."""

import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import uuid4

import typer

from ...contract.model import Model
from ...core.errors import PackageError
from ...media.validate import Repaint
from ...tasks.results.progress import Progress
from ...tasks.run import DryRun, Result
from ..context import CommandContext, Overwrite, SaveTo, command
from ..format import cost, cost_of, plain, seen, task_facts
from ..options.fields import parameters
from ..options.renamed import former_option
from ..package import Package
from ..terminal.display import Display
from ..terminal.output import document


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
                metavar="black|white",
                help="Mask colour to repaint. By default the mask is sent unchanged.",
                show_default=False,
                case_sensitive=False,
            ),
        ] = None,
        save_to: SaveTo = ".",
        overwrite: Overwrite = False,
        contact_sheet: Annotated[
            bool,
            typer.Option(
                "--contact-sheet",
                help="Also save one picture that shows the inputs and the results next to each other.",
            ),
        ] = False,
        dry_run: Annotated[
            bool,
            typer.Option(
                "--dry-run",
                help="Check everything, print the request, and send nothing. No API key is needed.",
            ),
        ] = False,
        timeout: float | None = None,
        idempotency_key: Annotated[
            str | None,
            typer.Option(
                metavar="KEY",
                help="Your name for this edit, such as an order number. However often the command is run "
                "with the same key, one task is created and charged.",
                show_default=False,
            ),
        ] = None,
        job: Annotated[str | None, former_option("--job", "--idempotency-key")] = None,
        key: Annotated[str | None, former_option("--key", "--idempotency-key")] = None,
        **given: Any,
    ) -> None:
        """Edit a picture: check, upload, submit, wait, save. Prints the saved files' paths."""
        given = {name: value for name, value in given.items() if value not in (None, [])}
        for image in models[model].images:
            if image.argument in given:
                given[image.argument] = _single(given[image.argument])
        more = {"repaint": repaint} if repaint else {}
        resource = models[model].resource
        if dry_run:
            with context.offline_client(journal=False) as client:
                model_resource = getattr(client, resource)
                found = model_resource.run(dry_run=True, save_to=save_to, timeout=timeout, **given, **more)
                _print_dry_run(context, found)
            return
        # With a key from the start, the printed command continues this edit wherever it is interrupted.
        idempotency_key = idempotency_key or f"edit-{uuid4().hex}"
        context.creates = True
        context.changes["idempotency_key"] = idempotency_key
        started = context.clock.monotonic()
        with context.client() as client, context.terminal.display() as display:
            result = getattr(client, resource).run(
                save_to=save_to,
                overwrite=overwrite,
                timeout=timeout,
                idempotency_key=idempotency_key,
                progress=partial(_watch, context, display),
                **given,
                **more,
            )
        sheet, problem = None, None
        if contact_sheet:
            try:
                sheet = _sheet(models[model], result, given, save_to, repaint, overwrite=overwrite)
            except PackageError as error:  # the paths of the saved results are printed all the same
                problem = error
        seconds = context.clock.monotonic() - started
        context.terminal.say(f"finished in {seconds:.0f} s{cost_of(result.task, package)}")
        _print_result(context, result, sheet)
        if problem:
            raise problem

    choice = typer.Option(
        help="The model that runs the task.", case_sensitive=False, metavar="|".join(models)
    )
    own = [
        p for p in inspect.signature(edit).parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD
    ]
    own = [
        p.replace(annotation=Annotated[Literal[tuple(models)], choice]) if p.name == "model" else p
        for p in own
    ]
    edit.__signature__ = inspect.Signature([own[0], *parameters(package), *own[1:]])  # type: ignore[attr-defined]  # what inspect reads first
    return command(package, edit, journal=True)


def _watch(context: CommandContext, display: Display, step: Progress) -> None:
    # The task's id first: an interruption may come while the step is shown.
    context.watch(step)
    display.show(step._replace(note=context.with_options(step.note)))


def _single(value: Any) -> Any:
    """Return the value of an option that may be repeated and was given once."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _print_dry_run(context: CommandContext, found: DryRun) -> None:
    data = {
        "request": found.request,
        "pictures": [plain(picture) for picture in found.pictures],
        "credits": found.credits,
    }
    if not context.terminal.as_json:
        for picture in found.pictures:
            for line in seen(picture):
                context.terminal.say(context.with_options(line))
        if found.credits is not None:
            context.terminal.say(f"cost: {cost(found.credits, context.package)}; nothing was sent")
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
        target,
        model.images,
        given,
        result.pictures,
        result.paths,
        repaint,
        prompt=str(given.get("prompt", "")),
        overwrite=overwrite,
    )


def _print_result(context: CommandContext, result: Result[Any], sheet: Path | None) -> None:
    paths = [str(path) for path in (*result.paths, *([sheet] if sheet else []))]
    data = {
        "task": task_facts(result.task),
        "paths": [str(path) for path in result.paths],
        "contact_sheet": str(sheet) if sheet else None,
        "request": result.request,
        "pictures": [plain(picture) for picture in result.pictures],
    }
    context.terminal.result(data, lambda: paths)
