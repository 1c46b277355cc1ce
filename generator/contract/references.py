"""References and pointers within a document, and which of a path's members are operations."""

from typing import Any

from generator.runtime.contract import model as runtime_model

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def resolve(document: dict[str, Any], node: Any) -> Any:
    """Follow a node's `$ref` within the document, as often as it takes."""
    while isinstance(node, dict) and "$ref" in node:
        target: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def reference_name(node: Any) -> str:
    """Name the component that a node refers to; empty when it refers to none."""
    return node["$ref"].rpartition("/")[2] if isinstance(node, dict) and "$ref" in node else ""


def pointer(expression: str) -> runtime_model.Pointer:
    """Split the JSON pointer of a runtime expression: `$response.body#/data/taskId` → data, taskId."""
    return tuple(expression.partition("#/")[2].split("/"))
