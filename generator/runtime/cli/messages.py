"""Words the library's errors for the command line: options instead of Python arguments."""

import re
from collections.abc import Mapping
from typing import Any

from ..core.errors import InvalidInputError, PackageError

# Library arguments that an option has under another name.
_ALIASES = {
    "directory": "save_to",
    "file": "files",
    "keys": "key",
    "allowed_hosts": "allowed_host",
    "dsn": "database",
    "idempotency_key": "unknown_key",
    "defaults": "set_",
}


def option_names(command: Any) -> dict[str, str]:
    """Return what a command calls each argument of the library, such as `--save-to` for `save_to`."""
    names = {
        parameter.name: (
            max(parameter.opts, key=len)
            if parameter.param_type_name == "option"
            else (parameter.metavar or parameter.name.upper()).partition("|")[0]
        )
        for parameter in command.params
    }
    return names | {alias: names[name] for alias, name in _ALIASES.items() if name in names}


def error_lines(error: Exception, names: Mapping[str, str]) -> list[str]:
    """Return what is wrong, one line for each fault."""
    if isinstance(error, InvalidInputError):
        lines = [f"{_fault_path(fault.path, names)}: {fault.message}" for fault in error.faults]
    elif isinstance(error, OSError) and not isinstance(error, PackageError):
        lines = [f"{error.filename or 'the output'}: {error.strerror or error}"]
    else:
        lines = [_leading_name(str(error), names)]
    return [" ".join(with_options(line, names).split()) for line in lines]


def with_options(text: str, names: Mapping[str, str]) -> str:
    """Return a text of the library with `save_to` and `overwrite=True` as options.

    An argument of one word is replaced only before `=`: `image` may also be meant as a word.
    """
    if not names:
        return text
    one_of = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    text = re.sub(
        rf"(?<![\w/.-])({one_of})=(?:True\b)?(?=([^\s).,;:])?)",
        lambda found: names[found[1]] + (" " if found[2] else ""),
        text,
    )
    compound = "|".join(sorted((name for name in names if "_" in name), key=len, reverse=True))
    return re.sub(rf"(?<![\w/.-])({compound})(?![\w/.-])", lambda found: names[found[1]], text)


def _fault_path(path: str, names: Mapping[str, str]) -> str:
    """Return the option of a fault's path; `reference[1]` is the second value of `--reference`.

    The rest of a longer path is a place within JSON.
    """
    found = re.match(r"(\w+)(?:\[(\d+)\])?(.*)", path)
    if not found or found[1] not in names:
        return path
    if found[3]:
        return names[found[1]] + path[len(found[1]) :]
    return names[found[1]] + (f" (value {int(found[2]) + 1})" if found[2] else "")


def _leading_name(text: str, names: Mapping[str, str]) -> str:
    """Return a message that begins with an argument's name, with the option in its place."""
    name, colon, rest = text.partition(":")
    return f"{names[name]}:{rest}" if colon and name in names else text
