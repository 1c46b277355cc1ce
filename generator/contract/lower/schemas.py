"""Reduces schemas to what the client checks."""

from typing import Any

from generator.contract.openapi import BINARY
from generator.contract.pointer import resolve
from generator.runtime.contract import model as runtime_model
from generator.runtime.contract.json_schema import KEYWORDS


def request_schema(root: dict[str, Any], node: Any) -> runtime_model.Schema:
    """Reduce a schema to the keywords that the client checks."""
    schema = resolve(root, node)
    if not isinstance(schema, dict):
        return bool(schema)
    if schema.get("contentMediaType") == BINARY:
        return True
    result: dict[str, Any] = {"type": schema["type"]} if "type" in schema else {}
    for keyword in KEYWORDS:
        if keyword not in schema:
            continue
        value = schema[keyword]
        if keyword in ("properties", "dependentSchemas"):
            value = {name: request_schema(root, member) for name, member in value.items()}
        elif keyword in ("anyOf", "allOf"):
            value = [request_schema(root, member) for member in value]
        elif keyword in ("items", "not", "additionalProperties", "propertyNames"):
            value = request_schema(root, value)
        result[keyword] = value
    return result


def response_schema(root: dict[str, Any], node: Any) -> runtime_model.Schema:
    """Reduce a schema to types and required members, which the client needs."""
    schema = resolve(root, node)
    if not isinstance(schema, dict):
        return True
    if "anyOf" in schema:
        return {"anyOf": [response_schema(root, choice) for choice in schema["anyOf"]]}
    result = {name: schema[name] for name in ("type", "minLength") if name in schema}
    required = schema.get("required", [])
    if required:
        result["required"] = required
        result["properties"] = {name: response_schema(root, schema["properties"][name]) for name in required}
    return result or True


def is_nullable(root: dict[str, Any], node: Any) -> bool:
    """Whether a value may be null."""
    schema = resolve(root, node)
    choices = (is_nullable(root, choice) for choice in schema.get("anyOf", ()))
    return "null" in schema.get("type", []) or any(choices)


def sample(root: dict[str, Any], node: Any) -> Any:
    """Return a value of a schema of replies with its required members only."""
    schema = resolve(root, node)
    if "anyOf" in schema:
        return sample(root, schema["anyOf"][0])
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind = schema.get("type", "string")
    if kind == "object":
        return {name: sample(root, schema["properties"][name]) for name in schema.get("required", ())}
    if kind == "string":
        return "x" * schema.get("minLength", 0)
    least = schema.get("minimum", 0)
    plain: dict[str, Any] = {"integer": least, "number": least, "boolean": False, "array": []}
    return plain.get(kind if isinstance(kind, str) else "")
