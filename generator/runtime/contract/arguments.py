"""Finds what the contract declares of one argument of a model."""

from typing import Any, NamedTuple

from .model import Argument, Model


class Declared(NamedTuple):
    """The schema of an argument, and whether it must be given."""

    schema: dict[str, Any]
    required: bool


def declared(model: Model, argument: Argument) -> Declared:
    """Return what the model's schema declares of an argument."""
    schema: Any = model.schema
    required = True
    for name in argument.path:
        required = required and name in schema.get("required", ())
        schema = schema["properties"][name]
    return Declared(schema, required)
