"""Finds the operation of an exchange, and what the spec declares for its reply."""

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from generator.contract.openapi import METHODS, declared_operations
from generator.contract.pointer import resolve


class Operation(NamedTuple):
    """An operation of the document. The `url` of a callback is empty."""

    name: str
    method: str
    url: str
    declared: dict[str, Any]


def operations(document: dict[str, Any]) -> dict[str, Operation]:
    """Return every operation and callback of the document by name."""
    found: dict[str, Operation] = {}
    for path, method, declared, item in declared_operations(document):
        server = declared.get("servers", item.get("servers", document["servers"]))[0]["url"]
        name = declared["operationId"]
        found[name] = Operation(name, method.upper(), server.rstrip("/") + path, declared)
        for callback in declared.get("callbacks", {}).values():
            for inbound in callback.values():
                for inner, called in inbound.items():
                    if inner in METHODS:
                        name = called["operationId"]
                        found[name] = Operation(name, inner.upper(), "", called)
    return found


def match(known: dict[str, Operation], folder: str, method: str, url: str) -> Operation | None:
    """Return the operation of a request.

    For a callback it is that of the folder, else it is found by method and URL.
    """
    own = known.get(folder)
    if own and not own.url:
        return own if own.method == method else None
    plain = urlsplit(url)._replace(query="", fragment="").geturl()
    return next((op for op in known.values() if op.url == plain and op.method == method), None)


def reply(document: dict[str, Any], operation: Operation, status: int) -> dict[str, Any] | None:
    """Return the declared response for a status, or for its range, such as 4XX."""
    declared = operation.declared["responses"]
    found = declared.get(str(status), declared.get(f"{status // 100}XX"))
    answer: dict[str, Any] | None = resolve(document, found)
    return answer
