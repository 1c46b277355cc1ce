"""Finds the operation that an exchange belongs to, and what the spec declares for its reply."""

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from generator.contract.references import METHODS, resolve


class Operation(NamedTuple):
    """An operation of the document. A callback has no URL of its own: `url` is empty."""

    name: str
    method: str
    url: str
    declared: dict[str, Any]


def operations(document: dict[str, Any]) -> dict[str, Operation]:
    """Every operation and callback of the document, by name."""
    found: dict[str, Operation] = {}
    for path, item in document["paths"].items():
        for method, declared in item.items():
            if method not in METHODS:
                continue
            server = declared.get("servers", item.get("servers", document["servers"]))[0]["url"]
            name = declared["operationId"]
            found[name] = Operation(name, method.upper(), server.rstrip("/") + path, declared)
            for callback in declared.get("callbacks", {}).values():
                for inbound in callback.values():
                    for inner, called in inbound.items():
                        if inner in METHODS:
                            found[called["operationId"]] = Operation(
                                called["operationId"], inner.upper(), "", called
                            )
    return found


def match(known: dict[str, Operation], folder: str, method: str, url: str) -> Operation | None:
    """The operation of a request: the folder's own for a callback, else by method and URL."""
    own = known.get(folder)
    if own and not own.url:
        return own if own.method == method else None
    plain = urlsplit(url)._replace(query="", fragment="").geturl()
    return next((op for op in known.values() if op.url == plain and op.method == method), None)


def reply(document: dict[str, Any], operation: Operation, status: int) -> dict[str, Any] | None:
    """What is declared for a reply of this status: exactly, or for its hundred."""
    declared = operation.declared["responses"]
    found = declared.get(str(status), declared.get(f"{status // 100}XX"))
    answer: dict[str, Any] | None = resolve(document, found)
    return answer
