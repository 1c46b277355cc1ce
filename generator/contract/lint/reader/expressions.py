"""Follows runtime expressions and JSON pointers through schemas.

A pointer may lead into the JSON inside a string, if `contentSchema` describes it.
"""

from generator.contract.lint.reader.node import Node, Spec, accepted_replies
from generator.contract.pointer import RESPONSE_BODY
from generator.runtime.contract.pointer import parse_pointer
from generator.runtime.contract.suggest import did_you_mean


def response_schema_at(spec: Spec, operation: Node, expression: str) -> tuple[Node, str]:
    """Return the schema that `$response.body#/…` names, and what is wrong."""
    match = RESPONSE_BODY.fullmatch(expression)
    nowhere = Node(operation.document, operation.pointer, None)
    if not match:
        return (
            nowhere,
            f"'{expression}' is not of the form $response.body#/member/member: only the body is read",
        )
    for reply in accepted_replies(spec, operation):
        return schema_at(reply, match["pointer"])
    return nowhere, ""


def object_of(schema: Node) -> Node:
    """Return the object of a choice between an object and null, or the schema itself."""
    choices = (choice.resolved() for choice in schema["anyOf"].items())
    return next((choice for choice in choices if choice["properties"]), schema)


def schema_at(schema: Node, pointer: str) -> tuple[Node, str]:
    """Return the schema that a pointer names below a schema, and what is wrong."""
    node = schema
    for name in parse_pointer(pointer):
        inner = object_of((node["contentSchema"] if node["contentSchema"] else node).resolved())
        if not inner:
            return inner, ""  # a dangling reference, which the rule `ref-dangling` reports
        known = [member for member, _ in inner["properties"].members()]
        if name not in known:
            message = f"'{pointer}': there is no member '{name}'{did_you_mean(name, known)}"
            return inner["properties"][name], message
        node = inner["properties"][name].resolved()
    return node, ""
