"""Checks references and that each component is used."""

from typing import Any

from generator.contract.lint.reader.node import Node, Report, Spec, target
from generator.contract.load import Document, Pointer
from generator.runtime.contract.suggest import did_you_mean

# Members that hold values, in which a mapping is neither a reference nor a schema.
VALUES = {"default", "examples", "example", "const", "enum", "value"}


def check_references(spec: Spec, report: Report) -> None:
    """Report dangling or circular references, and unused components."""
    references = [node for node in mappings(spec.openapi) if node["$ref"].text]
    inner: dict[Pointer, list[Node]] = {}
    for node in references:
        _check_reference(node, inner, report)
    used = {target(node).pointer for node in references}
    for kind in ("responses", "schemas"):
        for name, component in spec.openapi["components"][kind].members():
            if component.pointer not in used:
                message = f"nothing refers to '{name}', so the package would not have it; remove it"
                report.fault(component, message, "component-unused")


def mappings(node: Node) -> list[Node]:
    """Return every mapping at and below a place, except in examples and other values."""
    found: list[Node] = []
    _add_mappings(node.document, node.pointer, node.value, found)
    return found


def _add_mappings(document: Document, pointer: Pointer, value: Any, found: list[Node]) -> None:
    """Add the mappings at and below a value. Most values are texts, so these get no `Node`."""
    if isinstance(value, dict):
        found.append(Node(document, pointer, value))
        has_names = bool(pointer) and pointer[-1] in ("properties", "schemas")
        for key, member in value.items():
            if isinstance(member, dict | list) and (has_names or key not in VALUES):
                _add_mappings(document, (*pointer, key), member, found)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, dict | list):
                _add_mappings(document, (*pointer, index), item, found)


def _check_reference(node: Node, inner: dict[Pointer, list[Node]], report: Report) -> None:
    reference = node["$ref"]
    found = target(node)
    if not found:
        known = [name for name, _ in found.parent.members()]
        message = f"'{reference.text}' does not exist{did_you_mean(found.name, known)}"
        report.fault(reference, message, "ref-dangling")
    elif _is_circular(node, inner):
        message = f"'{reference.text}' leads back to itself, so no value could satisfy it"
        report.fault(reference, message, "ref-cycle")
    for name, member in node.members():
        if name != "$ref":
            message = f"OpenAPI tools ignore '{name}' next to $ref; write it at the schema referred to"
            report.fault(member, message, "ref-siblings")


def _is_circular(start: Node, inner: dict[Pointer, list[Node]]) -> bool:
    """Return whether what a reference names contains that reference again.

    `inner` keeps the references within each place that was looked through.
    """
    pending = [target(start)]
    seen = {pending[0].pointer}
    while pending:
        place = pending.pop()
        if place.pointer not in inner:
            inner[place.pointer] = [node for node in mappings(place) if node["$ref"].text]
        for node in inner[place.pointer]:
            if node.pointer == start.pointer:
                return True
            if (found := target(node)).pointer not in seen:
                seen.add(found.pointer)
                pending.append(found)
    return False
