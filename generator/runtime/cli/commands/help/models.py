"""The command `models`: the models with their prices and inputs."""

from collections.abc import Callable
from typing import Any

from ....contract.catalog import fields, price_facts
from ....contract.model import Model
from ...context import CommandContext, command
from ...format import price_line
from ...package import Package


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def models(context: CommandContext) -> None:
        """List the models with prices and inputs. No API key is needed."""
        found = [_facts(package, model) for model in package.contract.models.values()]
        context.terminal.result(found, lambda: [line for facts in found for line in _lines(facts)])

    return command(package, models, servers=False)


def _facts(package: Package, model: Model) -> dict[str, Any]:
    inputs = fields(model, package.help[model.name])
    return {
        "model": model.name,
        "price": price_facts(package.contract, model),
        "required": [field.name for field in inputs if field.required],
        "optional": [field.name for field in inputs if not field.required],
    }


def _lines(facts: dict[str, Any]) -> list[str]:
    lines = [facts["model"], f"  price:    {price_line(facts['price'])}"]
    lines += [
        f"  {kind + ':':<9} {', '.join(facts[kind])}" for kind in ("required", "optional") if facts[kind]
    ]
    return lines
