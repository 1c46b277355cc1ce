"""Checks references and that each component is used."""

from collections.abc import Iterator

from generator.contract.lint.reader.node import Node, Report, Spec, target
from generator.runtime.contract.suggest import did_you_mean


def check_references(spec: Spec, report: Report) -> None:
    """Report dangling or circular references, and unused components."""
    used: set[tuple[str | int, ...]] = set()
    for node in mappings(spec.openapi):
        if node["$ref"].text:
            _check_reference(node, report)
            used.add(target(node).pointer)
    for kind in ("responses", "schemas"):
        for name, component in spec.openapi["components"][kind].members():
            if component.pointer not in used:
                message = f"nothing refers to '{name}', so the package would not have it; remove it"
                report.fault(component, message, "component-unused")


def mappings(node: Node) -> Iterator[Node]:
    """Yield every mapping at and below a place, except in examples and other values."""
    if isinstance(node.value, dict):
        yield node
    for key, member in node.members():
        if key not in ("default", "examples", "example", "const", "enum", "value") or node.name in (
            "properties",
            "schemas",
        ):
            yield from mappings(member)
    for item in node.items():
        yield from mappings(item)


def _check_reference(node: Node, report: Report) -> None:
    reference = node["$ref"]
    found = target(node)
    if not found:
        known = [name for name, _ in found.parent.members()]
        message = f"'{reference.text}' does not exist{did_you_mean(found.name, known)}"
        report.fault(reference, message, "ref-dangling")
    elif _is_circular(node):
        message = f"'{reference.text}' leads back to itself, so no value could satisfy it"
        report.fault(reference, message, "ref-cycle")
    for name, member in node.members():
        if name != "$ref":
            message = f"OpenAPI tools ignore '{name}' next to $ref; write it at the schema referred to"
            report.fault(member, message, "ref-siblings")


def _is_circular(start: Node) -> bool:
    """Return whether what a place refers to contains that place again."""
    seen: set[tuple[str | int, ...]] = set()
    pending = [target(start)]
    while pending:
        for node in mappings(pending.pop()):
            if node.pointer == start.pointer:
                return True
            if node["$ref"].text and (found := target(node)).pointer not in seen:
                seen.add(found.pointer)
                pending.append(found)
    return False
