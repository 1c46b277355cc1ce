"""Checks both documents against the JSON Schemas in `document_shapes/`."""

from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from generator.contract.lint.reader.node import Node, Report, Spec, follow
from generator.contract.load import load
from generator.runtime.contract.describe import describe
from generator.runtime.contract.suggest import did_you_mean

SHAPES = Path(__file__).parent / "document_shapes"

_TYPES = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}


def check_shape(spec: Spec, report: Report) -> None:
    """Report members that are unknown, missing or of the wrong type."""
    for root, name in ((spec.openapi, "openapi"), (spec.arazzo, "arazzo")):
        for error in validator(name).iter_errors(root.value):
            _report(error, follow(root, tuple(error.absolute_path)), report)


@cache
def validator(name: str) -> Draft202012Validator:
    """Return the validator of one kind of document. It is made once."""
    schema = load(SHAPES / f"{name}.yaml").data
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def known_members(kind: str) -> set[str]:
    """Return the members that one kind of object of an OpenAPI document may have."""
    schema: Any = validator("openapi").schema
    return set(schema["$defs"][kind]["properties"])


def _report(error: ValidationError, node: Node, report: Report) -> None:
    schema: Any = error.schema
    instance: Any = error.instance
    if error.validator == "additionalProperties":
        known = schema["properties"]
        for key in instance:
            if key not in known:
                _report_unknown(node[key], key, schema["title"], list(known), report)
    elif error.validator == "required":
        for key in schema["required"]:
            if key not in instance:
                report.fault(node, f"{schema['title']} needs '{key}'", "missing-member")
    else:
        report.fault(node, f"expected {_expected(error)}, got {_describe(instance)}", "wrong-value")


def _report_unknown(node: Node, key: str, title: str, known: list[str], report: Report) -> None:
    hint = did_you_mean(key, known) or f"; the generator reads {', '.join(known)}"
    if key.startswith("x-"):
        report.fault(node, f"{title} has no extension '{key}'{hint}", "unknown-extension")
    else:
        report.fault(node, f"{title} has no member '{key}'{hint}", "unknown-member")


def _expected(error: ValidationError) -> str:
    schema: Any = error.schema
    if "description" in schema:
        return str(schema["description"])
    limit = error.validator_value
    words = {
        "type": _TYPES.get(str(limit), str(limit)),
        "const": repr(limit),
        "enum": f"one of {', '.join(map(repr, limit))}" if isinstance(limit, list) else "",
        "uniqueItems": "no item twice",
        "minItems": f"at least {limit} of them",
        "maxItems": f"at most {limit} of them",
        "minProperties": f"at least {limit} of them",
        "maxProperties": f"at most {limit} of them",
    }
    return words[str(error.validator)]


def _describe(value: Any) -> str:
    """Describe a value, a collection by its size and anything else by its content."""
    if isinstance(value, dict | list):
        kind = "mapping" if isinstance(value, dict) else "list"
        return f"a {kind} of {len(value)}" if value else f"an empty {kind}"
    return describe(value)
