"""Follows runtime expressions and pointers through schemas, into JSON text where one is declared."""

import re

from generator.contract.lint.reader.node import Node, Spec, accepted
from generator.runtime.contract.suggest import did_you_mean

RESPONSE = re.compile(r"\$response\.body#(?P<pointer>(/[A-Za-z_][A-Za-z0-9_]*)+)")


def body_place(spec: Spec, operation: Node, expression: str) -> tuple[Node, str]:
    """The schema that `$response.body#/…` names in an accepted reply, and what is wrong if it names none."""
    match = RESPONSE.fullmatch(expression)
    nowhere = Node(operation.document, operation.pointer, None)
    if not match:
        return nowhere, f"'{expression}' is not of the form $response.body#/member/member"
    for reply in accepted(spec, operation):
        return walk(reply, match["pointer"])
    return nowhere, ""


def walk(schema: Node, pointer: str) -> tuple[Node, str]:
    """The schema that a pointer names below a schema, and what is wrong if it names none."""
    node = schema
    for name in pointer.split("/")[1:]:
        inner = (node["contentSchema"] if node["contentSchema"] else node).resolved()
        if not inner:
            return inner, ""  # a dangling reference, which has its own complaint
        known = [member for member, _ in inner["properties"].members()]
        if name not in known:
            return inner["properties"][name], f"'{pointer}': there is no '{name}'{did_you_mean(name, known)}"
        node = inner["properties"][name].resolved()
    return node, ""
