"""Find the part of the contract that a place of the spec belongs to: an operation or the service."""

from collections.abc import Callable, Iterator
from typing import Any

from generator.contract.load import Pointer
from generator.contract.openapi import METHODS
from generator.contract.pointer import reference_name

SERVICE = "service"


def parts(openapi: dict[str, Any], arazzo: dict[str, Any], of_arazzo: bool) -> Callable[[Pointer], str]:
    """Return a function from a place to its part. A component belongs to the first user."""
    return _arazzo_part(arazzo) if of_arazzo else _openapi_part(openapi)


def _arazzo_part(arazzo: dict[str, Any]) -> Callable[[Pointer], str]:
    def part(at: Pointer) -> str:
        if len(at) < 4 or at[2] != "steps":
            return SERVICE
        step = arazzo["workflows"][at[1]]["steps"][at[3]]
        return str(step["operationId"])

    return part


def _openapi_part(openapi: dict[str, Any]) -> Callable[[Pointer], str]:
    owners: dict[str, str] = {}
    for item in openapi["paths"].values():
        for method, operation in item.items():
            if method in METHODS:
                _assign(openapi, operation, operation["operationId"], owners)

    def part(at: Pointer) -> str:
        section, name, method_or_schema = (*at[:3], None, None, None)[:3]
        if section == "components" and method_or_schema is not None:
            return owners.get(str(method_or_schema), SERVICE)
        if section != "paths" or name is None:
            return SERVICE
        found = next(
            operation["operationId"]
            for method, operation in openapi["paths"][name].items()
            if method in METHODS
        )
        if "callbacks" in at:
            callbacks = openapi["paths"][name][method_or_schema]["callbacks"]
            return str(next(iter(callbacks)))
        return str(found)

    return part


def _assign(openapi: dict[str, Any], node: Any, owner: str, owners: dict[str, str]) -> None:
    for name, callback in node.get("callbacks", {}).items():
        for reference in _references(callback):
            _assign_component(openapi, reference, name, owners)
    plain = {key: value for key, value in node.items() if key != "callbacks"}
    for reference in _references(plain):
        _assign_component(openapi, reference, owner, owners)


def _assign_component(openapi: dict[str, Any], name: str, owner: str, owners: dict[str, str]) -> None:
    if name in owners:
        return
    owners[name] = owner
    for kind in ("schemas", "responses"):
        for reference in _references(openapi["components"][kind].get(name, {})):
            _assign_component(openapi, reference, owner, owners)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield reference_name(node)
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
