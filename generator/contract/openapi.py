"""What OpenAPI itself fixes: which members of a path are operations, and the media type of a file."""

from collections.abc import Iterator
from typing import Any

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

BINARY = "application/octet-stream"


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Yield each operation as its path, its method, the operation and the path item around it."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, operation, item
