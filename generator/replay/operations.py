"""Finds the operation of an exchange, and what the spec declares for its reply."""

import re
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from generator.contract.openapi import METHODS, declared_operations
from generator.contract.pointer import resolve


class Operation(NamedTuple):
    """An operation of the document. The `url` of a callback is empty."""

    name: str
    method: str
    url: str
    """May have parameters in braces."""
    declared: dict[str, Any]

    def path_parameters(self, url: str) -> dict[str, str] | None:
        """Return the parameters in a URL without its query; None if it is not a URL of this operation."""
        names = re.findall(r"\{(.*?)\}", self.url)
        found = re.fullmatch(re.sub(r"\\\{.*?\\\}", "([^/]+)", re.escape(self.url)), url)
        return dict(zip(names, map(unquote, found.groups()), strict=True)) if found else None


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
    found = [op for op in known.values() if op.method == method and op.path_parameters(plain) is not None]
    return min(found, key=lambda op: op.url.count("{"), default=None)


def reply(document: dict[str, Any], operation: Operation, status: int) -> dict[str, Any] | None:
    """Return the declared response for a status, or for its range, such as 4XX."""
    declared = operation.declared["responses"]
    found = declared.get(str(status), declared.get(f"{status // 100}XX"))
    answer: dict[str, Any] | None = resolve(document, found)
    return answer
