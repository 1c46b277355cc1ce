"""Constants of OpenAPI, and the operations of a document."""

from collections.abc import Iterable, Iterator
from typing import Any

from generator.contract.pointer import resolve

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

BINARY = "application/octet-stream"

# The types of a refusal's body, the usual one first. Both are JSON.
FAILURE_TYPES = ("application/json", "application/problem+json")


def declared_operations(
    document: dict[str, Any],
) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Yield the path, method, operation and path item of each operation."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, operation, item


def accepted_status(statuses: Iterable[str]) -> str | None:
    """Return the status of success among the responses of an operation; None without one."""
    return next((status for status in statuses if status.startswith("2")), None)


def security_scheme(document: dict[str, Any]) -> dict[str, Any]:
    """Return how a request is authorized: a spec has one scheme."""
    found: dict[str, Any] = next(iter(document["components"]["securitySchemes"].values()))
    return found


def key_header(document: dict[str, Any]) -> tuple[str, str]:
    """Return the header of the API key, and the text before the key in it."""
    scheme = security_scheme(document)
    return (scheme["name"], "") if scheme["type"] == "apiKey" else ("Authorization", "Bearer ")


def fixed_headers(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, str]:
    """Return the headers of an operation that always have the same value."""
    parameters = [resolve(document, parameter) for parameter in operation.get("parameters", ())]
    schemas = {one["name"]: resolve(document, one["schema"]) for one in parameters if one["in"] == "header"}
    return {name: str(schema["const"]) for name, schema in schemas.items() if "const" in schema}


def url_member(document: dict[str, Any], item: Any) -> str:
    """Return the member of a result in a list of objects that is its URL; "" if it is not an object.

    It is the one that declares so, or else `url`.
    """
    members = resolve(document, item).get("properties", {})
    declared = (name for name, one in members.items() if resolve(document, one).get("x-holds") == "task.url")
    return next(declared, "url" if "url" in members else "")


def has_file(schema: Any) -> bool:
    """Whether a member of a request holds the URL of a file that the client may upload."""
    return "x-image" in schema or "x-file" in schema


def file_extension(schema: Any) -> str:
    """Return the extension that describes the file of a member; `x-image` if it has none yet."""
    return "x-file" if "x-file" in schema else "x-image"
