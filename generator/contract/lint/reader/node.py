"""Places in the two documents, and the report that collects faults.

A rule may ask for a place that is missing or of the wrong type, because it runs on broken documents.
A `Node` then has no value instead of raising, so every rule runs on every document and all faults
are reported at once.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from generator.contract.load import Document, Pointer
from generator.contract.openapi import accepted_status
from generator.contract.pointer import reference_pointer
from generator.diagnostics import Diagnostic


class Node:
    """A place in a document and its value, or None if there is no value."""

    __slots__ = ("document", "pointer", "value")

    def __init__(self, document: Document, pointer: Pointer, value: Any) -> None:
        self.document = document
        self.pointer = pointer
        self.value = value

    def __bool__(self) -> bool:
        return self.value is not None

    def __getitem__(self, key: str | int) -> "Node":
        value = None
        if isinstance(self.value, dict):
            value = self.value.get(key)
        elif isinstance(self.value, list) and isinstance(key, int) and key < len(self.value):
            value = self.value[key]
        return Node(self.document, (*self.pointer, key), value)

    def __contains__(self, key: object) -> bool:
        return isinstance(self.value, dict | list) and key in self.value

    @property
    def name(self) -> str:
        """Return the last part of the pointer."""
        return str(self.pointer[-1]) if self.pointer else ""

    @property
    def text(self) -> str:
        """Return the value if it is a string, else ""."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def number(self) -> float | None:
        """Return the value if it is a number, else None."""
        return self.value if isinstance(self.value, int | float) and self.value is not True else None

    @property
    def parent(self) -> "Node":
        """Return the place that contains this one."""
        return follow(Node(self.document, (), self.document.data), self.pointer[:-1])

    def members(self) -> Iterator[tuple[str, "Node"]]:
        """Yield the members of a mapping by name; nothing for another value."""
        if isinstance(self.value, dict):
            for key in self.value:
                yield key, self[key]

    def items(self) -> Iterator["Node"]:
        """Yield the items of a list; nothing for another value."""
        if isinstance(self.value, list):
            for index in range(len(self.value)):
                yield self[index]

    def texts(self) -> list[str]:
        """Return the items that are strings."""
        return [item.text for item in self.items() if item.text]

    def resolved(self) -> "Node":
        """Follow `$ref`.

        Returns a place without value if the reference is circular or leads nowhere.
        """
        node, seen = self, {self.pointer}
        while node["$ref"].text:
            node = target(node)
            if node.pointer in seen:
                return Node(self.document, self.pointer, None)
            seen.add(node.pointer)
        return node


class Report:
    """Collects the faults of both documents."""

    def __init__(self) -> None:
        self.faults: list[Diagnostic] = []

    def fault(self, node: Node, message: str, rule: str) -> None:
        """Add a fault at a place, under the id of a rule."""
        self.faults.append(Diagnostic(node.document.locate(*node.pointer), message, rule))


class Spec:
    """The two documents, and the places in them that several rules need."""

    def __init__(self, openapi: Document, arazzo: Document) -> None:
        self.openapi = Node(openapi, (), openapi.data)
        self.arazzo = Node(arazzo, (), arazzo.data)
        self.schemas = self.openapi["components"]["schemas"]
        flows = [*self.arazzo["workflows"].items()] or [self.arazzo["workflows"][0]]
        self.creates = [flow["steps"][0] for flow in flows]
        self.create, self.poll = flows[0]["steps"][0], flows[0]["steps"][1]
        self.by_status = not self.openapi["x-envelope"]["code"]
        self.operations: dict[str, Node] = {}
        for operation in self.calls():
            self.operations.setdefault(operation["operationId"].text, operation)

    def calls(self) -> Iterator[Node]:
        """Yield every operation of the paths, also those whose operationId is not unique."""
        for _, item in self.openapi["paths"].members():
            for method, operation in item.members():
                if method != "servers":
                    yield operation

    def servers(self) -> Iterator[Node]:
        """Yield every server of the document, the paths and the operations."""
        yield from self.openapi["servers"].items()
        for _, item in self.openapi["paths"].members():
            yield from item["servers"].items()
        for operation in self.calls():
            yield from operation["servers"].items()

    def callback(self) -> Node:
        """Return the callback of the operation that the create step calls."""
        owners = [operation for step in self.creates if (operation := self.operation(step))["callbacks"]]
        node = (owners[0] if owners else self.operation(self.create))["callbacks"]
        for _ in range(2):
            node = next((member for _, member in node.members()), Node(node.document, node.pointer, None))
        return node["post"]

    def operation(self, step: Node) -> Node:
        """Return the operation that a step calls."""
        name = step["operationId"].text
        return self.operations.get(name, Node(self.openapi.document, (), None))

    @cached_property
    def bodies(self) -> dict[str, Node]:
        """Map each model's name to the schema of its request."""
        found: dict[str, Node] = {}
        for step, request in zip(self.creates, self.submissions, strict=True):
            choices = {choice["$ref"].text: choice for choice in request["oneOf"].items()}
            if not choices and not request["discriminator"] and request:
                found.setdefault(step["operationId"].text, request)
            for name, entry in request["discriminator"]["mapping"].members():
                if entry.text in choices:
                    found.setdefault(name, choices[entry.text].resolved())
        return found

    def discriminator(self, model: str) -> str:
        """Return the member of a submission that names its model; "" if there is none."""
        for request in self.submissions:
            if model in request["discriminator"]["mapping"]:
                return request["discriminator"]["propertyName"].text
        return ""

    def is_create(self, operation: Node) -> bool:
        """Return whether a workflow begins with an operation."""
        return any(self.operation(step).pointer == operation.pointer for step in self.creates)

    @cached_property
    def submissions(self) -> list[Node]:
        """Return the schema of the body of each create step's operation."""
        return [self.body(self.operation(step)) for step in self.creates]

    @cached_property
    def failure(self) -> Node:
        """Return the schema with the role of a refusal's body."""
        return self._schema_with("x-role")

    @cached_property
    def codes(self) -> Node:
        """Return the schema of the codes, which says what each of them means."""
        return self._schema_with("x-codes")

    def _schema_with(self, extension: str) -> Node:
        found = (schema for _, schema in self.schemas.members() if schema[extension])
        return next(found, Node(self.schemas.document, self.schemas.pointer, None))

    def body(self, operation: Node) -> Node:
        """Return the schema of an operation's request body, with its reference resolved."""
        for _, content in operation["requestBody"]["content"].members():
            return content["schema"].resolved()
        return operation["requestBody"]

    def data(self, operation: Node) -> Node:
        """Return the schema of the data of an accepted reply, not resolved."""
        for reply in accepted_replies(self, operation):
            data = self.wrapped(reply)
            # The place of the reply itself may be a reference, which names the class.
            whole = accepted_response(operation)["content"]["application/json"]["schema"]
            return data if data or not self.by_status else whole
        return Node(operation.document, operation.pointer, None)

    def wrapped(self, body: Node) -> Node:
        """Return the member of a reply or a callback that has the data; none if all of it is the data."""
        return body["properties"][self.openapi["x-envelope"]["data"].text]


def free_parameters(operation: Node) -> list[Node]:
    """Return the parameters whose values the caller gives: all but headers with a `const`."""
    return [
        one
        for one in operation["parameters"].items()
        if one["in"].text != "header" or not one["schema"].resolved()["const"]
    ]


def accepted_response(operation: Node) -> Node:
    """Return the response of success, with its reference resolved."""
    responses = operation["responses"]
    status = accepted_status(status for status, _ in responses.members())
    return responses[status or "200"].resolved()


def accepted_replies(spec: Spec, operation: Node) -> list[Node]:
    """Return the choices of a 200 response whose code `x-envelope` accepts.

    Where the HTTP status is the verdict, it is the schema of the response of success.
    """
    if spec.by_status:
        found = accepted_response(operation)["content"]["application/json"]["schema"].resolved()
        return [found] if found else []
    envelope = spec.openapi["x-envelope"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    return [
        choice
        for choice in (item.resolved() for item in schema["anyOf"].items())
        if choice["properties"][envelope["code"].text].resolved()["const"].value
        in [code.value for code in envelope["accepted"].items()]
    ]


def follow(node: Node, pointer: Pointer) -> Node:
    """Return the place that a pointer names below a place."""
    for part in pointer:
        node = node[part]
    return node


def target(node: Node) -> Node:
    """Return the place that a reference names, which may be another reference."""
    reference = node["$ref"].text
    pointer = reference_pointer(reference)
    if pointer is None:
        return Node(node.document, (reference,), None)
    return follow(Node(node.document, (), node.document.data), pointer)
