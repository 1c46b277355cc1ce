"""Declares the tool of a model from the contract: its name, its description and the schema of its input."""

from collections.abc import Mapping
from typing import Any

from ..contract.catalog import fields
from ..contract.model import Contract, Image, Model
from ..contract.pricing import in_money
from ..media.sniff import type_names

DRY_RUN = "dry_run_"

# Not the name of a field of any service, as far as one can choose.
NUMBER = "submission_number"


def tool_name(model: Model) -> str:
    """Return the name of a model's tool."""
    return DRY_RUN + model.resource


def description(contract: Contract, model: Model, summary: str) -> str:
    """Return what an agent reads about a model's tool."""
    return (
        f"{summary} This tool is a dry run of the model {model.name}: it checks everything, sends nothing, "
        "and returns the price and a token. Show the price to the person that you work for. Then call "
        f"submit with the token, which creates the task and is charged. {_price(contract, model)}"
    )


def input_schema(contract: Contract, model: Model, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the JSON Schema of a model's arguments.

    The callback URL is left out: an agent must not choose where the service sends results.

    Args:
        texts: The description of each argument.
    """
    properties: dict[str, Any] = {}
    required = []
    for argument, field in zip(model.arguments, fields(model, texts), strict=True):
        if argument.path == contract.callback_url:
            continue
        image = field.image
        schema = _image(image, field.schema, field.text) if image else _field(field.schema, field.text)
        properties[field.name] = schema
        if argument.default is not None:
            schema["default"] = argument.default
        if field.required:
            required.append(field.name)
    if any(image.repaints for image in model.images):
        text = "The colour of your mask that is to be repainted. Without it, the mask is sent unchanged."
        properties["repaint"] = {"type": "string", "enum": ["black", "white"], "description": text}
    properties[NUMBER] = {
        "type": "integer",
        "minimum": 1,
        "default": 1,
        "description": "The same arguments with the same number are one task, however often they are "
        "submitted. Use 2 for a second task with the same arguments, and so on.",
    }
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _field(schema: dict[str, Any], text: str) -> dict[str, Any]:
    return {**schema, "description": text}


def _image(image: Image, schema: dict[str, Any], text: str) -> dict[str, Any]:
    kind = f"{type_names(image.types)}, at most {image.max_bytes / 1e6:g} MB"
    path = {
        "type": "string",
        "minLength": 1,
        "description": f"Path of a file in the allowed folder, not a URL: {kind}. What it is for: {text}",
    }
    if not image.listed:
        return path
    limits: dict[str, Any] = {name: schema[name] for name in ("minItems", "maxItems") if name in schema}
    if image.used:
        limits["maxItems"] = image.used
    return {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "description": path["description"],
        **limits,
    }


def _price(contract: Contract, model: Model) -> str:
    if model.price is None:
        return "Its price is not declared, so this server cannot submit it."
    names = {argument.path: argument.name for argument in model.arguments}
    declared = model.price.credits
    if isinstance(declared, dict):
        each = "; ".join(
            f"{value}: {in_money(one, contract.credit_price)}" for value, one in declared.items()
        )
    else:
        each = in_money(declared, contract.credit_price)
    times = f", times {names[model.price.times]}" if model.price.times in names else ""
    by = f" by {names[model.price.by]}" if model.price.by in names else ""
    return f"Price{by}{times}: {each}."
