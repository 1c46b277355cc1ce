"""What the checks are written with: a place in a document, and the report they add to.

A check asks for places that may be missing or of the wrong type, because a broken document is
what it is for. A `Node` answers nothing instead of failing, so every check can run on every
document and all faults come out at once.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from generator.contract.load import Document, Pointer
from generator.diagnostics import Diagnostic


class Node:
    """A place in a document, with its value; `value` is None where there is none."""

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
        """The last part of its pointer."""
        return str(self.pointer[-1]) if self.pointer else ""

    @property
    def text(self) -> str:
        """Its value, if that is a string, else nothing."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def number(self) -> float | None:
        """Its value, if that is a number."""
        return self.value if isinstance(self.value, int | float) and self.value is not True else None

    @property
    def parent(self) -> "Node":
        """The place around it."""
        return follow(Node(self.document, (), self.document.data), self.pointer[:-1])

    def members(self) -> Iterator[tuple[str, "Node"]]:
        """Its members by name, if it is a mapping."""
        if isinstance(self.value, dict):
            for key in self.value:
                yield key, self[key]

    def items(self) -> Iterator["Node"]:
        """Its items, if it is a list."""
        if isinstance(self.value, list):
            for index in range(len(self.value)):
                yield self[index]

    def texts(self) -> list[str]:
        """Its items that are strings."""
        return [item.text for item in self.items() if item.text]

    def resolved(self) -> "Node":
        """What it refers to, or itself. A place without value where the reference leads nowhere."""
        node, seen = self, {self.pointer}
        while node["$ref"].text:
            node = target(node)
            if node.pointer in seen:
                return Node(self.document, self.pointer, None)
            seen.add(node.pointer)
        return node


class Report:
    """The faults found so far."""

    def __init__(self) -> None:
        self.faults: list[Diagnostic] = []

    def fault(self, node: Node, message: str, rule: str) -> None:
        """Add a fault at a place."""
        self.faults.append(Diagnostic(node.document.locate(*node.pointer), message, rule))


class Spec:
    """The two documents, and the places of them that several checks start from."""

    def __init__(self, openapi: Document, arazzo: Document) -> None:
        self.openapi = Node(openapi, (), openapi.data)
        self.arazzo = Node(arazzo, (), arazzo.data)
        self.schemas = self.openapi["components"]["schemas"]
        steps = self.arazzo["workflows"][0]["steps"]
        self.create, self.poll = steps[0], steps[1]
        self.operations: dict[str, Node] = {}
        for operation in self.calls():
            self.operations.setdefault(operation["operationId"].text, operation)

    def calls(self) -> Iterator[Node]:
        """Every operation of the paths."""
        for _, item in self.openapi["paths"].members():
            for method, operation in item.members():
                if method != "servers":
                    yield operation

    def callback(self) -> Node:
        """The callback of the create call."""
        node = self.operation(self.create)["callbacks"]
        for _ in range(2):
            node = next((member for _, member in node.members()), Node(node.document, node.pointer, None))
        return node["post"]

    def operation(self, step: Node) -> Node:
        """The operation of a step."""
        name = step["operationId"].text
        return self.operations.get(name, Node(self.openapi.document, (), None))

    @cached_property
    def bodies(self) -> dict[str, Node]:
        """Model name → request schema."""
        request = self.schemas["CreateTaskRequest"]
        choices = {choice["$ref"].text: choice for choice in request["oneOf"].items()}
        return {
            name: choices[entry.text].resolved()
            for name, entry in request["discriminator"]["mapping"].members()
            if entry.text in choices
        }

    def body(self, operation: Node) -> Node:
        """The schema of an operation's request body, resolved."""
        for _, content in operation["requestBody"]["content"].members():
            return content["schema"].resolved()
        return operation["requestBody"]

    def data(self, operation: Node) -> Node:
        """The schema of an accepted reply's data."""
        for choice in accepted(self, operation):
            return choice["properties"][self.openapi["x-envelope"]["data"].text]
        return Node(operation.document, operation.pointer, None)


def accepted(spec: Spec, operation: Node) -> list[Node]:
    """The choices of an operation's 200 response whose code says that it was accepted."""
    envelope = spec.openapi["x-envelope"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    return [
        choice
        for choice in (item.resolved() for item in schema["anyOf"].items())
        if choice["properties"][envelope["code"].text].resolved()["const"].value
        in [code.value for code in envelope["accepted"].items()]
    ]


def follow(node: Node, pointer: Pointer) -> Node:
    """Walk down from a place."""
    for part in pointer:
        node = node[part]
    return node


def target(node: Node) -> Node:
    """What a reference names, one step."""
    parts = node["$ref"].text.removeprefix("#/").split("/")
    root = Node(node.document, (), node.document.data)
    return follow(root, tuple(part.replace("~1", "/").replace("~0", "~") for part in parts))
