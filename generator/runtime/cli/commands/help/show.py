"""The command `show`: the fields of a model."""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any

import typer

from ....contract.catalog import model_facts
from ....contract.model import Model
from ....contract.suggest import did_you_mean
from ...context import CommandContext, command
from ...format import price_line
from ...options.models import find_model
from ...package import CommandModel, Package


def build(package: Package) -> Callable[..., None]:
    """Make the command."""
    models = {name: entry for some in package.commands.values() for name, entry in some.items()}
    names = [*(entry.name for entry in models.values()), *models]

    def show(
        context: CommandContext,
        model: Annotated[
            str,
            typer.Argument(
                metavar="MODEL",
                help="Name of a model, with or without the part before the slash.",
                show_default=False,
                autocompletion=lambda incomplete: [
                    name
                    for name in names
                    if name.startswith(incomplete) and ("/" in incomplete or "/" not in name)
                ],
            ),
        ],
    ) -> None:
        """Print the fields and the price of a model. No API key is needed."""
        found = _find(package, models, model)
        facts = model_facts(package.contract, found, package.help[found.name])
        context.terminal.result(facts, lambda: list(_lines(facts)))

    return command(package, show, servers=False)


def _find(package: Package, models: Mapping[str, CommandModel], name: str) -> Model:
    if found := find_model(name, models):
        return package.contract.models[found]
    raise typer.BadParameter(
        f"MODEL: {name!r} is not one of {', '.join(models)}{did_you_mean(name, list(models))}"
    )


def _lines(facts: dict[str, Any]) -> Iterator[str]:
    yield facts["model"]
    yield f"price: {price_line(facts['price'])}"
    for field in facts["fields"]:
        yield ""
        kind = "required" if field["required"] else "optional"
        yield f"--{field['name'].replace('_', '-')} ({field['type']}, {kind})"
        yield f"  {field['text']}"
        if field["choices"]:
            yield f"  choices: {', '.join(map(str, field['choices']))}"
        if field["limits"]:
            yield f"  limits: {'; '.join(field['limits'])}"
        if field["default"] is not None:
            yield f"  default: {field['default']}"
    yield from ["", *facts["rules"]] if facts["rules"] else []
