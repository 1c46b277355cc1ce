"""What the contract says of one argument of a model."""

from typing import Any

from .model import Argument, Model


def schema_of(model: Model, argument: Argument) -> tuple[dict[str, Any], bool]:
    """Return the JSON Schema of an argument, and whether it is required."""
    schema: Any = model.schema
    required = True
    for name in argument.path:
        required = required and name in schema.get("required", ())
        schema = schema["properties"][name]
    return schema, required
