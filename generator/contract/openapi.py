"""Constants of OpenAPI, and the operations of a document."""

from collections.abc import Iterator
from typing import Any

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

BINARY = "application/octet-stream"


def declared_operations(
    document: dict[str, Any],
) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Yield the path, method, operation and path item of each operation."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, operation, item


def has_file(schema: Any) -> bool:
    """Whether a member of a request holds the URL of a file that the client may upload."""
    return "x-image" in schema or "x-file" in schema
