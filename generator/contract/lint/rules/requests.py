"""Whatever a request's schema says is checked by the client before anything is sent."""

from collections.abc import Iterator

from generator.contract.lint.reader.node import Node, Report, Spec
from generator.contract.lint.reader.shape import known_members
from generator.contract.lint.rules.schemas import schemas, types
from generator.contract.lower_runtime import BINARY
from generator.runtime.contract.json_schema import KEYWORDS

# What stands in a request's schema besides the keywords that the client checks.
ANNOTATIONS = {
    "type",
    "description",
    "default",
    "examples",
    "externalDocs",
    "contentMediaType",
    "x-enum-varnames",
    "x-client-default",
    "x-holds",
    "x-image",
    "x-price",
}
SCALARS = {"string", "integer", "number", "boolean"}


def check(spec: Spec, report: Report) -> None:
    """Add faults of requests: operations' parameters and bodies, and the models' bodies."""
    for operation in spec.operations.values():
        _places(operation, report)
        for parameter in operation["parameters"].items():
            _member(parameter["schema"], report)
            _scalar(parameter["schema"], report)
        body = spec.body(operation)
        if operation["requestBody"] and not body["discriminator"]:
            _body(body, report)
        if operation["requestBody"]["content"]["multipart/form-data"]:
            _multipart(body, report)
    for body in spec.bodies.values():
        _body(body, report)
    _files(spec, report)
    for schema in received(spec):
        if schema["additionalProperties"].value is False:
            message = f"replies may grow, and then '{schema.name}' could not be read; leave it out"
            report.fault(schema["additionalProperties"], message, "reply-closed")


def sent(spec: Spec) -> Iterator[Node]:
    """Every schema that a request is made of."""
    for body in (*map(spec.body, spec.calls()), *spec.bodies.values()):
        yield from parts(body)


def received(spec: Spec) -> Iterator[Node]:
    """Every schema that a reply or a callback is made of."""
    bodies = [spec.callback()["requestBody"]["content"]]
    for operation in spec.calls():
        bodies += [response.resolved()["content"] for _, response in operation["responses"].members()]
    for body in bodies:
        for _, content in body.members():
            yield from parts(content["schema"])


def parts(schema: Node, seen: frozenset[tuple[str | int, ...]] = frozenset()) -> Iterator[Node]:
    """A schema and every schema within it, references resolved."""
    node = schema.resolved()
    if not node or node.pointer in seen:
        return
    yield node
    seen |= {node.pointer}
    for keyword in ("properties", "dependentSchemas"):
        for _, member in node[keyword].members():
            yield from parts(member, seen)
    for keyword in ("items", "not", "additionalProperties", "propertyNames", "contentSchema"):
        if isinstance(node[keyword].value, dict):
            yield from parts(node[keyword], seen)
    for choice in node["anyOf"].items():
        yield from parts(choice, seen)


def _places(operation: Node, report: Report) -> None:
    """Parameters and body share one list of arguments, so an operation has one or the other."""
    body, method = operation["requestBody"], operation.name
    if body and method in ("get", "delete"):
        report.fault(body, f"a {method.upper()} carries no body", "request-place")
    if body and operation["parameters"]:
        message = "an operation with a body takes all its arguments there"
        report.fault(operation["parameters"], message, "request-place")


def _body(body: Node, report: Report) -> None:
    if not body:
        return
    members = known_members("schema")
    if types(body) != ["object"] or not body["properties"]:
        report.fault(body, "a request's body must be an object with properties", "request-type")
    for part in parts(body):
        if part["properties"] and part["additionalProperties"].value is not False:
            message = "a request needs `additionalProperties: false`, so that a misspelt member is found"
            report.fault(part, message, "request-open")
        for name, _ in part.members():
            if name in members and name not in KEYWORDS and name not in ANNOTATIONS:
                message = f"'{name}' in a request is not checked by the client"
                report.fault(part[name], message, "request-keyword")
        for _, member in part["properties"].members():
            _member(member, report)


def _member(schema: Node, report: Report) -> None:
    """One argument: a type that Python can hint, and not null, which means left out."""
    node = schema.resolved()
    kinds = types(node)
    if node["enum"] and schema["$ref"]:
        message = "write the enum at the member itself; its class is named after it"
        report.fault(schema["$ref"], message, "request-type")
    if "null" in kinds:
        report.fault(node["type"], "null cannot be sent: in the client, None means left out", "request-null")
    elif node and len(kinds) != 1:
        report.fault(
            node, f"'{schema.name}' needs one `type`, so that its argument can be typed", "request-type"
        )
    if kinds == ["array"]:
        if node["items"]:
            _member(node["items"], report)
        else:
            report.fault(
                node, f"'{schema.name}' needs `items`, so that its argument can be typed", "request-type"
            )


def _scalar(schema: Node, report: Report) -> None:
    node = schema.resolved()
    if node and not SCALARS.issuperset(types(node)):
        report.fault(node["type"], "a query parameter holds one plain value", "request-type")


def _files(spec: Spec, report: Report) -> None:
    """A file is a member of a multipart body."""
    bodies = (operation["requestBody"]["content"]["multipart/form-data"] for operation in spec.calls())
    members = [member for body in bodies for _, member in body["schema"].resolved()["properties"].members()]
    allowed = {member.resolved().pointer for member in members}
    for schema in schemas(spec.openapi):
        if schema["contentMediaType"].text == BINARY and schema.pointer not in allowed:
            message = "a file is a member of a multipart/form-data body, and stands nowhere else"
            report.fault(schema["contentMediaType"], message, "media-type")


def _multipart(body: Node, report: Report) -> None:
    for name, member in body["properties"].members():
        node = member.resolved()
        if types(node) != ["string"]:
            message = f"'{name}' must be a string: multipart carries text and files"
            report.fault(node["type"], message, "media-type")
