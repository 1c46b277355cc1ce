"""The option that names a model, and the command of each model."""

from collections.abc import Iterable, Mapping
from typing import Any

import typer

from ...contract.suggest import did_you_mean
from ..package import CommandModel, Package

OPTION = "--model"


def find_model(name: str, models: Mapping[str, CommandModel]) -> str | None:
    """Return the model that a user names: by its whole name, its last part, or its resource."""
    written = name.lower().replace("_", "-")
    for model, entry in models.items():
        if written in (
            entry.name,
            *(part.lower().replace("_", "-") for part in (model, model.rpartition("/")[2])),
        ):
            return model
    return None


def named_model(package: Package, command: str, name: str) -> str:
    """Return the model of a command that a user names. Raises `BadParameter` for any other."""
    if found := find_model(name, package.commands[command]):
        return found
    for other, models in package.commands.items():
        if model := find_model(name, models):
            raise typer.BadParameter(f"{model} is a model of the command `{other}`")
    known = [entry.name for entry in package.commands[command].values()]
    raise typer.BadParameter(f"{name!r} is not one of {', '.join(known)}{did_you_mean(name, known)}")


def last_model(words: Iterable[str]) -> str | None:
    """Return the model that the words of a command name; None if they name none."""
    found, previous = None, ""
    for word in words:
        if word == "--":
            break
        if previous == OPTION:
            found = word
        elif word.startswith(f"{OPTION}="):
            found = word.partition("=")[2]
        previous = word
    return found


def model_option(package: Package, command: str) -> Any:
    """Return the option that names one of a command's models."""
    names = [entry.name for entry in package.commands[command].values()]
    return typer.Option(
        OPTION,
        help=f"The model that runs the task, {names[0]} unless given. Each has its own options: add --help.",
        show_default=False,
        metavar="|".join(names) if len(names) <= 10 else "MODEL",  # more are not readable
        parser=lambda name: named_model(package, command, name),
        is_eager=True,
        autocompletion=lambda incomplete: [name for name in names if name.startswith(incomplete)],
    )
