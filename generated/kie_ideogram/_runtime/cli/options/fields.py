"""The options that are fields of a model: names, types, choices and help from the contract."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import typer

from ...contract.catalog import Field, fields
from ...contract.model import Model
from ...contract.suggest import did_you_mean
from .json_values import METAVAR, parse_json


def parameters(model: Model, texts: Mapping[str, str]) -> list[inspect.Parameter]:
    """Return the arguments of a model as parameters of a command, the required ones first."""
    made = [_parameter(field) for field in fields(model, texts)]
    return sorted(made, key=lambda parameter: parameter.default is not inspect.Parameter.empty)


def _parameter(field: Field) -> inspect.Parameter:
    kind = _type(field.schema)
    metavar = "PATH|URL" if field.image else None
    parser: Callable[[str], Any] | None = None
    offer: Callable[[str], list[str]] | None = None
    if is_json(field.schema):
        parser, metavar = parse_json, METAVAR
    elif "enum" in field.schema:
        choice = OneOf(field.schema["enum"])
        parser, offer, metavar = choice, choice.complete, "|".join(choice.words)
    elif field.schema.get("type") == "number":
        parser, metavar = _number, "NUMBER"
    text = f"A file to upload, or a URL. {field.text}" if field.image else field.text
    option = typer.Option(help=text, show_default=False, metavar=metavar, parser=parser, autocompletion=offer)
    return inspect.Parameter(
        field.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if field.required else None,
        annotation=Annotated[kind if field.required else kind | None, option],
    )


def is_json(schema: dict[str, Any]) -> bool:
    """Whether an option takes JSON: an object, a list of objects, or a list of lists."""
    inner = schema["items"] if schema["type"] == "array" else schema
    return inner["type"] == "object" or (inner is not schema and inner["type"] == "array")


def _type(schema: dict[str, Any]) -> Any:
    if is_json(schema):
        return object
    if "enum" in schema:
        return str
    if schema["type"] == "array":
        return {"integer": list[int], "number": list[float]}.get(schema["items"].get("type"), list[str])
    return {"integer": int, "number": float, "boolean": bool}.get(schema["type"], str)


class OneOf:
    """Parses one of some values, in any case. typer's own suggests none, and prints them in lower case."""

    def __init__(self, values: Sequence[Any]) -> None:
        self.__name__ = "one_of"  # typer reads it
        self.words = [str(value) for value in values]
        self._by_word = {str(value).lower(): value for value in values}

    def __call__(self, text: str) -> Any:
        """Return the value. Raises `BadParameter`."""
        if text.lower() not in self._by_word:
            hint = did_you_mean(text.upper(), self.words) or did_you_mean(text, self.words)
            raise typer.BadParameter(f"{text!r} is not one of {', '.join(self.words)}{hint}")
        return self._by_word[text.lower()]

    def complete(self, incomplete: str) -> list[str]:
        """Return what a shell offers."""
        return [word for word in self.words if word.lower().startswith(incomplete.lower())]


def _number(text: str) -> float:
    """Return a number as it was written: 42 is not sent as 42.0."""
    try:
        return int(text)
    except ValueError:
        return float(text)
