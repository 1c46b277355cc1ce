"""The options that are fields of the API: names, types, choices and help from the contract."""

import inspect
from typing import Annotated, Any, Literal

import typer

from ...contract.catalog import Field
from ...contract.catalog import fields as fields_of
from ..package import Package
from .json_values import METAVAR, parse_json


def fields(package: Package) -> list[Field]:
    """The arguments of all models, each once; its choices are those of all that have it."""
    found: dict[str, Field] = {}
    models = package.contract.models
    for model in models.values():
        for field in fields_of(model, package.help[model.name]):
            known = found.setdefault(field.name, field)
            if known is not field and "enum" in known.schema:
                enum = list(dict.fromkeys([*known.schema["enum"], *field.schema.get("enum", ())]))
                found[field.name] = known._replace(schema=known.schema | {"enum": enum})  # the same, widened
    return [_for_all(field, package) for field in found.values()]


def _for_all(field: Field, package: Package) -> Field:
    """The same, with what is true of some models only."""
    of = {
        name: {own.name: own for own in fields_of(model, package.help[name])}
        for name, model in package.contract.models.items()
    }
    having = [name for name, own in of.items() if field.name in own]
    needing = [name for name in having if of[name][field.name].required]
    text = field.text
    if len(having) < len(of):
        text += f" Only for {', '.join(having)}."
    if 0 < len(needing) < len(of):
        text += f" Required for {', '.join(needing)}."
    return field._replace(required=len(needing) == len(of), text=text)


def parameters(package: Package) -> list[inspect.Parameter]:
    """The same as parameters of a command, the required ones first."""
    made = [_parameter(field) for field in fields(package)]
    return sorted(made, key=lambda parameter: parameter.default is not inspect.Parameter.empty)


def _parameter(field: Field) -> inspect.Parameter:
    kind = _type(field)
    metavar = "PATH|URL" if field.image else None
    if "enum" in field.schema:
        metavar = "|".join(map(str, field.schema["enum"]))  # typer would print them in lower case
    parser = parse_json if is_json(field.schema) else None
    if parser:
        metavar = METAVAR
    option = typer.Option(
        help=field.text, show_default=False, case_sensitive=False, metavar=metavar, parser=parser
    )
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


def _type(field: Field) -> Any:
    schema = field.schema
    if is_json(schema):
        return object
    if "enum" in schema:
        return Literal[tuple(schema["enum"])]
    if schema["type"] == "array":
        return list[str]
    return {"integer": int, "number": float, "boolean": bool}.get(schema["type"], str)
