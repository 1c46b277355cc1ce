"""The commands `edit` and `generate`: from a model's fields to results."""

import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer
from typer.core import TyperCommand

from ...contract.facts import taking
from ...contract.model import Model, Repaint
from ...core.errors import PackageError
from ...media.media_types import nouns
from ...tasks.results.facts import plain, task_facts
from ..context import CommandContext, Overwrite, SaveTo, command
from ..format import cost, cost_of, seen
from ..options.fields import parameters
from ..options.missing import NamesMissingOptions
from ..options.models import OPTION, find_model, last_model, model_option
from ..package import Package
from ..sheet import draw_sheet
from ..terminal.output import document

if TYPE_CHECKING:
    from ...tasks.results.progress import Progress
    from ...tasks.run import DryRun, Result
    from ..terminal.display import Display

_PURPOSE = {"edit": "Edit a picture", "generate": "Generate {results}"}


def add_model_commands(app: typer.Typer, package: Package) -> None:
    """Add a command for each kind of model that the package has. `--model` selects the options."""
    for name, models in package.commands.items():
        own = _command_class(package, name)
        app.command(name, cls=own)(_function(package, name, next(iter(models)), _help(package, name)))


def _help(package: Package, name: str, description: str = "") -> str:
    contract = package.contract
    purpose = _PURPOSE[name].format(results=nouns(contract.media.types))
    upload = "upload, " if taking(contract, "file.content") else ""
    steps = f"{purpose}: check, {upload}submit, wait, save. Prints the saved files' paths."
    return f"{steps} {description}".strip()


def _command_class(package: Package, name: str) -> type[TyperCommand]:
    """Return the class of a command that takes the options of the model that its words name."""

    class ModelCommand(NamesMissingOptions):
        def make_context(
            self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
        ) -> Any:
            models = package.commands[name]
            model = find_model(last_model(args) or "", models)
            # Usage errors refer to the help of this model.
            named = f"{info_name} {OPTION} {models[model].name}" if model else info_name
            if model is None or model == next(iter(models)):
                return super().make_context(named, args, parent, **extra)
            app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
            text = _help(package, name, models[model].text)
            app.command(name, cls=NamesMissingOptions)(_function(package, name, model, text))
            return typer.main.get_command(app).make_context(named, args, parent, **extra)

    return ModelCommand


def _function(package: Package, name: str, default: str, text: str) -> Callable[..., None]:
    """Make the function of a command with the options of one model."""
    chosen = package.contract.models[default]

    def run(
        context: CommandContext,
        *,
        model: Annotated[str, typer.Option()] = default,
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
                help="Your name for this task, such as an order number. However often the command is run "
                "with the same key, one task is created and charged.",
                show_default=False,
            ),
        ] = None,
        **given: Any,
    ) -> None:
        if model != default:  # the words of another option look like a model
            raise typer.BadParameter(f"pass --model {model} before the other options")
        lists = {image.argument for image in chosen.images}
        given = {
            field: _single(value) if field in lists else value
            for field, value in given.items()
            if value not in (None, [])
        }
        more = {"repaint": repaint} if repaint else {}
        resource = chosen.resource
        if dry_run:
            with context.offline_client(journal=False) as client:
                model_resource = getattr(client, resource)
                found = model_resource.run(dry_run=True, save_to=save_to, timeout=timeout, **given, **more)
                _print_dry_run(context, found)
            return
        # With a key from the start, the printed command continues this task wherever it is interrupted.
        idempotency_key = idempotency_key or f"{name}-{uuid4().hex}"
        context.creates = True
        context.changes["idempotency_key"] = idempotency_key
        from ...tasks.run import TaskRun

        started = context.clock.monotonic()
        with context.client() as client, context.terminal.display() as display:
            running = client._context
            watcher = partial(_watch, context, display)
            task_run: TaskRun[Any] = TaskRun(
                running.session, running.poller, chosen, given, {}, run, repaint, watcher
            )
            flow = task_run.execute(
                running.make_task, idempotency_key, save_to, overwrite, timeout, contact_sheet=contact_sheet
            )
            result = running.run(flow, timeout)
        sheet, problem = None, None
        if contact_sheet:
            try:
                sheet = draw_sheet(
                    chosen,
                    result.request,
                    task_run.sheet_inputs(),
                    result.pictures,
                    result.paths,
                    overwrite=overwrite,
                )
            except PackageError as error:  # the paths of the saved results are printed all the same
                problem = error
        seconds = context.clock.monotonic() - started
        context.terminal.say(f"finished in {seconds:.0f} s{cost_of(result.task, package)}")
        _print_result(context, result, sheet)
        if problem:
            raise problem

    run.__doc__ = text
    run.__signature__ = inspect.Signature(_parameters(package, name, chosen, run))  # type: ignore[attr-defined]  # what inspect reads first
    return command(package, run, journal=True)


def _parameters(
    package: Package, name: str, model: Model, function: Callable[..., None]
) -> list[inspect.Parameter]:
    """Return the parameters of a model's command: the model's fields, then those of every model."""
    first, *own = inspect.signature(function).parameters.values()
    own = [one for one in own if one.kind is not inspect.Parameter.VAR_KEYWORD]
    if not any(image.repaints for image in model.images):
        own = [one for one in own if one.name != "repaint"]
    option = Annotated[str, model_option(package, name)]
    short = package.commands[name][model.name].name
    own = [one.replace(annotation=option, default=short) if one.name == "model" else one for one in own]
    return [first, *parameters(model, package.help[model.name]), *own]


def _watch(context: CommandContext, display: "Display", step: "Progress") -> None:
    # The task's id first: an interruption may come while the step is shown.
    context.watch(step)
    display.show(step._replace(note=context.with_options(step.note)))


def _single(value: Any) -> Any:
    """Return the value of an option that may be repeated and was given once."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _print_dry_run(context: CommandContext, found: "DryRun") -> None:
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


def _print_result(context: CommandContext, result: "Result[Any]", sheet: Path | None) -> None:
    paths = [str(path) for path in (*result.paths, *([sheet] if sheet else []))]
    data = {
        "task": task_facts(result.task),
        "paths": [str(path) for path in result.paths],
        "contact_sheet": str(sheet) if sheet else None,
        "request": result.request,
        "pictures": [plain(picture) for picture in result.pictures],
    }
    context.terminal.result(data, lambda: paths)
