"""Every reference leads somewhere, stands alone, goes in no circle; every component is referred to."""

from collections.abc import Iterator

from generator.contract.lint.reader.node import Node, Report, Spec, target
from generator.runtime.contract.suggest import did_you_mean


def check(spec: Spec, report: Report) -> None:
    """Add faults of references."""
    used: set[tuple[str | int, ...]] = set()
    for node in walk(spec.openapi):
        if node["$ref"].text:
            _reference(node, report)
            used.add(target(node).pointer)
    for kind in ("responses", "schemas"):
        for name, component in spec.openapi["components"][kind].members():
            if component.pointer not in used:
                report.fault(
                    component, f"nothing refers to '{name}', so it would be dropped", "component-unused"
                )


def walk(node: Node) -> Iterator[Node]:
    """Every mapping below a place, but those inside examples and other values."""
    if isinstance(node.value, dict):
        yield node
    for key, member in node.members():
        if key not in ("default", "examples", "example", "const", "enum", "value") or node.name in (
            "properties",
            "schemas",
        ):
            yield from walk(member)
    for item in node.items():
        yield from walk(item)


def _reference(node: Node, report: Report) -> None:
    reference = node["$ref"]
    found = target(node)
    if not found:
        known = [name for name, _ in found.parent.members()]
        report.fault(
            reference, f"'{reference.text}' leads nowhere{did_you_mean(found.name, known)}", "ref-dangling"
        )
    elif _circular(node):
        report.fault(
            reference, f"'{reference.text}' leads back to itself; a value would have no end", "ref-cycle"
        )
    for name, member in node.members():
        if name != "$ref":
            message = f"'{name}' beside $ref is dropped by the tools; write it at the schema referred to"
            report.fault(member, message, "ref-siblings")


def _circular(start: Node) -> bool:
    """Whether what a place refers to contains that place again."""
    seen: set[tuple[str | int, ...]] = set()
    pending = [target(start)]
    while pending:
        for node in walk(pending.pop()):
            if node.pointer == start.pointer:
                return True
            if node["$ref"].text and (found := target(node)).pointer not in seen:
                seen.add(found.pointer)
                pending.append(found)
    return False
