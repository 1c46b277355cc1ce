"""Checks that the client can check every keyword of a request before sending."""

from collections.abc import Iterable, Iterator

from generator.contract.lint.reader.node import Node, Report, Spec, free_parameters
from generator.contract.lint.reader.shape import known_members
from generator.contract.lint.rules.schemas import all_schemas, types
from generator.contract.load import Pointer
from generator.contract.openapi import BINARY
from generator.runtime.contract.json_schema import KEYWORDS

# Keywords that a request's schema may have in addition to those that the client checks.
ANNOTATIONS = {
    "type",
    "description",
    "default",
    "examples",
    "externalDocs",
    "contentMediaType",
    "x-enum-varnames",
    "x-client-default",
    "x-command",
    "x-file",
    "x-former-names",
    "x-holds",
    "x-image",
    "x-media",
    "x-pixels",
    "x-price",
    "x-python-name",
    "x-removed-names",
}
SCALARS = {"string", "integer", "number", "boolean"}


def check_requests(spec: Spec, report: Report) -> None:
    """Report faults of parameters, of request bodies and of replies that cannot grow."""
    for operation in spec.operations.values():
        _check_places(spec, operation, report)
        for parameter in operation["parameters"].items():
            _check_argument(parameter["schema"], report)
            _check_scalar(parameter["schema"], report)
        body = spec.body(operation)
        if operation["requestBody"] and not body["discriminator"]:
            _check_body(body, report)
        if operation["requestBody"]["content"]["multipart/form-data"]:
            _check_multipart(body, report)
    for body in spec.bodies.values():
        _check_body(body, report)
    _check_files(spec, report)
    _check_former_names(spec, report)
    for schema in reply_schemas(spec):
        if schema["additionalProperties"].value is False:
            message = (
                f"remove it: a reply may get new members, and the client must still read '{schema.name}'"
            )
            report.fault(schema["additionalProperties"], message, "reply-closed")


def request_schemas(spec: Spec) -> list[Node]:
    """Return every schema within a request, each of them once."""
    return _all_within((*map(spec.body, spec.calls()), *spec.bodies.values()))


def reply_schemas(spec: Spec) -> list[Node]:
    """Return every schema within a reply or a callback, each of them once."""
    bodies = [spec.callback()["requestBody"]["content"]]
    for operation in spec.calls():
        bodies += [response.resolved()["content"] for _, response in operation["responses"].members()]
    return _all_within(content["schema"] for body in bodies for _, content in body.members())


def schemas_within(schema: Node, above: frozenset[Pointer] = frozenset()) -> Iterator[Node]:
    """Yield a schema and every schema within it, with references resolved.

    A schema that two members refer to is yielded for each of them.
    """
    node = schema.resolved()
    if node and node.pointer not in above:
        yield node
        for part in _parts(node):
            yield from schemas_within(part, above | {node.pointer})


def _all_within(schemas: Iterable[Node]) -> list[Node]:
    """Return the schemas and every schema within them, each of them once."""
    found: dict[Pointer, Node] = {}
    pending = [schema.resolved() for schema in schemas]
    while pending:
        node = pending.pop()
        if node and node.pointer not in found:
            found[node.pointer] = node
            pending += [part.resolved() for part in _parts(node)]
    return list(found.values())


def _parts(schema: Node) -> Iterator[Node]:
    """Yield the schemas directly within a schema."""
    for keyword in ("properties", "dependentSchemas"):
        for _, member in schema[keyword].members():
            yield member
    for keyword in ("items", "not", "additionalProperties", "propertyNames", "contentSchema"):
        if isinstance(schema[keyword].value, dict):
            yield schema[keyword]
    yield from schema["anyOf"].items()


def _check_places(spec: Spec, operation: Node, report: Report) -> None:
    """Check that the client can send the body and the parameters of an operation."""
    body, method = operation["requestBody"], operation.name
    free = free_parameters(operation)
    if body and method in ("get", "delete"):
        report.fault(body, f"a {method.upper()} must not have a request body", "request-place")
    if free and (spec.is_create(operation) or body["content"]["multipart/form-data"]):
        message = (
            "a submission or upload must not have parameters other than headers with a `const`; move them to "
            "the body"
        )
        report.fault(operation["parameters"], message, "request-place")


def _check_body(body: Node, report: Report) -> None:
    if not body:
        return
    members = known_members("schema")
    if types(body) != ["object"] or not body["properties"]:
        report.fault(body, "a request's body must be an object with properties", "request-type")
    for part in schemas_within(body):
        if part["properties"] and part["additionalProperties"].value is not False:
            message = (
                "a request needs `additionalProperties: false`, so that the client finds misspelt members"
            )
            report.fault(part, message, "request-open")
        for name, _ in part.members():
            if name in members and name not in KEYWORDS and name not in ANNOTATIONS:
                message = f"the client does not check '{name}', so a request must not use it"
                report.fault(part[name], message, "request-keyword")
        for _, member in part["properties"].members():
            _check_argument(member, report)


def _check_argument(schema: Node, report: Report) -> None:
    """Check that a member has one type that Python can express, and not null."""
    node = schema.resolved()
    kinds = types(node)
    if node["enum"] and schema["$ref"]:
        message = "write the enum at the member, not behind a $ref: its class is named after the member"
        report.fault(schema["$ref"], message, "request-type")
    if "null" in kinds:
        report.fault(
            node["type"], "a request must not allow null: for the client, None means omitted", "request-null"
        )
    elif node and len(kinds) != 1:
        report.fault(
            node, f"'{schema.name}' needs one `type`, so that its argument can be typed", "request-type"
        )
    if kinds == ["array"]:
        if node["items"]:
            _check_argument(node["items"], report)
        else:
            report.fault(
                node, f"'{schema.name}' needs `items`, so that its argument can be typed", "request-type"
            )


def _check_scalar(schema: Node, report: Report) -> None:
    node = schema.resolved()
    if node and not SCALARS.issuperset(types(node)):
        report.fault(node["type"], "a parameter must be a string, a number or a boolean", "request-type")


def _check_files(spec: Spec, report: Report) -> None:
    """Check that files occur only as members of a multipart body."""
    bodies = (operation["requestBody"]["content"]["multipart/form-data"] for operation in spec.calls())
    members = [member for body in bodies for _, member in body["schema"].resolved()["properties"].members()]
    allowed = {member.resolved().pointer for member in members}
    for schema in all_schemas(spec.openapi):
        if schema["contentMediaType"].text == BINARY and schema.pointer not in allowed:
            message = "a file must be a member of a multipart/form-data body"
            report.fault(schema["contentMediaType"], message, "media-type")


def _check_former_names(spec: Spec, report: Report) -> None:
    """Check that former and removed names belong to a request's body and are free there."""
    allowed, objects = set(), set()
    for schema in request_schemas(spec):
        objects.add(schema.pointer)
        members = dict(schema["properties"].members())
        taken = set(members)
        for removed in schema["x-removed-names"].items():
            if removed.text in taken:
                message = f"'{removed.text}' is a name of a member, or listed twice"
                report.fault(removed, message, "former-names")
            taken.add(removed.text)
        for member in members.values():
            declared = member.resolved()
            allowed.add(declared.pointer)
            for former in declared["x-former-names"].items():
                if former.text in taken:
                    message = f"'{former.text}' is already a name of another member, or listed twice"
                    report.fault(former, message, "former-names")
                taken.add(former.text)
    for schema in all_schemas(spec.openapi):
        if schema["x-former-names"] and schema.pointer not in allowed:
            message = "only a member of a request's body can have former names"
            report.fault(schema["x-former-names"], message, "former-names")
        if schema["x-removed-names"] and (schema.pointer not in objects or not schema["properties"]):
            message = "only an object in a request's body can have removed names"
            report.fault(schema["x-removed-names"], message, "former-names")


def _check_multipart(body: Node, report: Report) -> None:
    for name, member in body["properties"].members():
        node = member.resolved()
        if types(node) != ["string"]:
            message = f"'{name}' must be a string: a multipart body consists of text and files"
            report.fault(node["type"], message, "media-type")
