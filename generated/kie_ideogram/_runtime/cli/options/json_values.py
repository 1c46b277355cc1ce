"""Options whose values are JSON: objects, and lists of objects."""

import json
from pathlib import Path
from typing import Any

import typer

METAVAR = "JSON|@FILE"


def parse_json(given: Any) -> Any:
    """Return the value of JSON text, or of the file in `@FILE`. Raises `typer.BadParameter`."""
    if not isinstance(given, str):  # a default
        return given
    name, text = "", given
    if given.startswith("@"):
        name = given[1:]
        try:
            text = Path(name).read_text(encoding="utf-8-sig")
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise typer.BadParameter(f"{name or given}: {reason}") from None
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        place = f"{name}:{error.lineno}:{error.colno}" if name else f"column {error.colno}"
        message = f'{place}: {error.msg}; expected JSON such as \'[{{"name": "value"}}]\', or @FILE with it'
        raise typer.BadParameter(message) from None
    except RecursionError:
        raise typer.BadParameter(f"{name or 'the JSON'} is nested too deeply") from None


def _refuse_constant(name: str) -> Any:
    raise json.JSONDecodeError(f"{name} is not a JSON value", name, 0)
