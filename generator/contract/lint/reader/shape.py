"""Checks both documents against the JSON Schemas in `document_shapes/`."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator, ValidationError

from generator.contract.lint.reader.node import Node, Report, Spec
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
        for error in _validator(name).iter_errors(root.value):
            _report(error, _shape(name), _place(root, error), report)


def known_members(kind: str) -> set[str]:
    """Return the members that one kind of object of an OpenAPI document may have."""
    return set(_shape("openapi")["$defs"][kind]["properties"])


@cache
def _shape(name: str) -> dict[str, Any]:
    shape: dict[str, Any] = load(SHAPES / f"{name}.yaml").data
    return shape


@cache
def _validator(name: str) -> Draft202012Validator:
    """Return the validator of one kind of document. It is made once."""
    return Draft202012Validator(_shape(name), validate_formats=True, formats={"regex": _is_regex})


def _is_regex(text: str) -> bool:
    """Return whether Python, which runs the client, can compile a regular expression."""
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def _place(root: Node, error: ValidationError) -> Node:
    """Return the place that an error is about."""
    node = root
    for part in error.instance_path:
        key = part
        if isinstance(node.value, dict) and isinstance(part, int):
            # The library takes a key of digits, such as a code, for the index of a list.
            key = next((name for name in node.value if name.isdecimal() and int(name) == part), str(part))
        node = node[key]
    return node


def _report(error: ValidationError, shape: dict[str, Any], node: Node, report: Report) -> None:
    *path, keyword = error.schema_path
    schema: Any = shape
    for part in path:
        schema = schema[part]
    instance: Any = error.instance
    if keyword == "additionalProperties":
        known = schema["properties"]
        for key in instance:
            if key not in known:
                _report_unknown(node[key], key, schema["title"], list(known), report)
    elif keyword == "required":
        for key in schema["required"]:
            if key not in instance:
                report.fault(node, f"{schema['title']} needs '{key}'", "missing-member")
    else:
        report.fault(
            node, f"expected {_expected(schema, str(keyword))}, got {_describe(instance)}", "wrong-value"
        )


def _report_unknown(node: Node, key: str, title: str, known: list[str], report: Report) -> None:
    hint = did_you_mean(key, known) or f"; the generator reads {', '.join(known)}"
    if key.startswith("x-"):
        report.fault(node, f"{title} has no extension '{key}'{hint}", "unknown-extension")
    else:
        report.fault(node, f"{title} has no member '{key}'{hint}", "unknown-member")


def _expected(schema: dict[str, Any], keyword: str) -> str:
    if "description" in schema:
        return str(schema["description"])
    limit = schema[keyword]
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
    return words[keyword]


def _describe(value: Any) -> str:
    """Describe a value, a collection by its size and anything else by its content."""
    if isinstance(value, dict | list):
        kind = "mapping" if isinstance(value, dict) else "list"
        return f"a {kind} of {len(value)}" if value else f"an empty {kind}"
    return describe(value)
