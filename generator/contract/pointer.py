"""References and runtime expressions, both of which contain a JSON pointer."""

import re
from typing import Any

from generator.runtime.contract.pointer import parse_pointer

# Runtime expressions of OpenAPI and Arazzo, in the forms that the client can evaluate.
RESPONSE_BODY = re.compile(r"\$response\.body#(?P<pointer>(/[A-Za-z_][A-Za-z0-9_]*)+)")
REQUEST_BODY = re.compile(r"\{\$request\.body#/(?P<member>.*)\}")
STEP_OUTPUT = re.compile(r"\$steps\.(?P<step>\w+)\.outputs\.(?P<name>\w+)")

# Several conditions are joined with ` || `.
CONDITION = re.compile(r"\$response\.body#(?P<pointer>/\S+) == '(?P<value>[^']*)'")


def reference_pointer(reference: str) -> tuple[str, ...] | None:
    """Return the pointer of a `$ref`; None if it leads to another document."""
    return parse_pointer(reference) if reference.startswith("#/") else None


def resolve(document: dict[str, Any], node: Any) -> Any:
    """Follow the `$ref` of a node within the document, also through other references."""
    while isinstance(node, dict) and "$ref" in node:
        target: Any = document
        for part in parse_pointer(node["$ref"]):
            target = target[part]
        node = target
    return node


def reference_name(node: Any) -> str:
    """Return the name of the component that a node refers to, or ""."""
    return parse_pointer(node["$ref"])[-1] if isinstance(node, dict) and "$ref" in node else ""


def expression_pointer(expression: str) -> tuple[str, ...]:
    """Return the pointer of an expression: `$response.body#/data/id` → data, id.

    An expression embedded in braces, such as a callback's `{$request.body#/url}`, is read as well.
    """
    return parse_pointer(expression.removesuffix("}").partition("#")[2])
