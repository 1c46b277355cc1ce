"""The options that are fields of a model: names, types, choices and help from the contract."""

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import typer

from ...contract.catalog import Field, fields
from ...contract.model import Model
from .json_values import METAVAR, parse_json


def parameters(model: Model, texts: Mapping[str, str]) -> list[inspect.Parameter]:
    """Return the arguments of a model as parameters of a command, the required ones first."""
    made = [_parameter(field) for field in fields(model, texts)]
    return sorted(made, key=lambda parameter: parameter.default is not inspect.Parameter.empty)


def _parameter(field: Field) -> inspect.Parameter:
    kind = _type(field.schema)
    metavar = "PATH|URL" if field.image else None
    if "enum" in field.schema:
        metavar = "|".join(map(str, field.schema["enum"]))  # typer would print them in lower case
    parser: Callable[[str], Any] | None = None
    if is_json(field.schema):
        parser, metavar = parse_json, METAVAR
    elif field.schema.get("type") == "number" and "enum" not in field.schema:
        parser, metavar = _number, "NUMBER"
    text = f"A file to upload, or a URL. {field.text}" if field.image else field.text
    option = typer.Option(help=text, show_default=False, case_sensitive=False, metavar=metavar, parser=parser)
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
        return Literal[tuple(schema["enum"])]
    if schema["type"] == "array":
        return {"integer": list[int], "number": list[float]}.get(schema["items"].get("type"), list[str])
    return {"integer": int, "number": float, "boolean": bool}.get(schema["type"], str)


def _number(text: str) -> float:
    """Return a number as it was written: 42 is not sent as 42.0."""
    try:
        return int(text)
    except ValueError:
        return float(text)
