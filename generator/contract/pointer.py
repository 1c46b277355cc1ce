"""References and runtime expressions of a document, both of which end in a JSON pointer."""

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
    """Return where a `$ref` leads in its own document; None for one that leads elsewhere."""
    return parse_pointer(reference) if reference.startswith("#/") else None


def resolve(document: dict[str, Any], node: Any) -> Any:
    """Follow the `$ref` of a node within the document until it leads to something else."""
    while isinstance(node, dict) and "$ref" in node:
        target: Any = document
        for part in parse_pointer(node["$ref"]):
            target = target[part]
        node = target
    return node


def reference_name(node: Any) -> str:
    """Return the name of the component that a node refers to, or "" if it has no `$ref`."""
    return parse_pointer(node["$ref"])[-1] if isinstance(node, dict) and "$ref" in node else ""


def expression_pointer(expression: str) -> tuple[str, ...]:
    """Return the pointer of a runtime expression: `$response.body#/data/taskId` → data, taskId.

    An expression embedded in braces, such as a callback's `{$request.body#/url}`, is read as well.
    """
    return parse_pointer(expression.removesuffix("}").partition("#")[2])
