"""Prints a command so that it can be run again."""

import json
import shlex
from collections.abc import Collection, Mapping
from typing import Any

import typer

from .options.json_values import METAVAR

# Where a value comes from that a repeated command needs; a variable may be set for one command only.
_SOURCES = ("COMMANDLINE", "ENVIRONMENT")


def repeated(
    program: str,
    context: typer.Context,
    changes: Mapping[str, str] | None = None,
    leave_out: Collection[str] = (),
) -> str:
    """Return the running command with all its options, for a shell.

    Args:
        program: The program's name.
        context: The context of the running command.
        changes: Values by parameter, in place of those that were given.
        leave_out: Parameters to leave out.
    """
    given = {**context.params, **(changes or {})}
    words = [program, *_names(context)]
    for parameter in sorted(context.command.params, key=lambda one: one.param_type_name == "option"):
        name = str(parameter.name)
        source = context.get_parameter_source(name)
        if name in leave_out or name not in given:
            continue
        if name in (changes or {}) or (source and source.name in _SOURCES):
            words += _words(parameter, given[name])
    return shlex.join(words)


def other(program: str, context: typer.Context, name: str, *arguments: str, shared: Collection[str]) -> str:
    """Return another command with the options of the running one that both have."""
    words = [program, name, *arguments]
    for parameter in context.command.params:
        source = context.get_parameter_source(str(parameter.name))
        if parameter.name in shared and source and source.name in _SOURCES:
            words += _words(parameter, context.params[str(parameter.name)])
    return shlex.join(words)


def _names(context: typer.Context) -> list[str]:
    """Return the name of a command, after those of its groups."""
    names: list[str] = []
    while context.parent is not None:
        names.insert(0, str(context.info_name))
        context = context.parent  # type: ignore[assignment] # click's type, of which this is one
    return names


def _words(parameter: Any, value: Any) -> list[str]:
    if parameter.metavar == METAVAR:
        return [max(parameter.opts, key=len), json.dumps(value, ensure_ascii=False)]
    values = value if isinstance(value, list | tuple) else [value]
    if parameter.param_type_name == "argument":
        return [str(one) for one in values]
    option = max(parameter.opts, key=len)
    if isinstance(value, bool):
        return [option] if value else list(parameter.secondary_opts)
    return [word for one in values for word in (option, _number(one))]


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
