"""Reads a YAML document and the position of every key and value.

PyYAML alone silently overwrites duplicate keys and reads `no` as false, `2026-01-01` as a date and
`200:` as an integer key. This module rejects all of these, so that the rest of the generator sees
exactly what a person reads in the file.
"""

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import yaml

from generator.diagnostics import Diagnostic, InputError, Location

Pointer = tuple[str | int, ...]

# A document has fewer nodes than characters, also with ordinary aliases. Only aliases that multiply
# each other exceed that.
MIN_NODES = 100
MAX_DEPTH = 200

# YAML rejects these characters, but not their escapes: "\\0".
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

_TAG = "tag:yaml.org,2002:"
_PLAIN = {f"{_TAG}str", f"{_TAG}null"}


class Document:
    """A loaded file: plain data, and the position of each part of it."""

    def __init__(self, path: Path, text: str, data: Any, marks: dict[Pointer, tuple[int, int]]) -> None:
        self.path = path
        self.text = text
        self.data = data
        self._marks = marks

    @property
    def sha256(self) -> str:
        """Return the hash of the file's text, with line endings normalised."""
        return sha256(self.text.encode()).hexdigest()

    def locate(self, *pointer: str | int) -> Location:
        """Return the position of a key or list item, or of its nearest parent that exists."""
        while pointer and pointer not in self._marks:
            pointer = pointer[:-1]
        line, col = self._marks.get(pointer, (1, 1))
        return Location(self.path, line, col)

    def pointer_at(self, location: Location) -> Pointer:
        """Return the pointer of the key or list item at a position, or an empty one."""
        place = location[1:]
        return next((pointer for pointer, mark in self._marks.items() if mark == place), ())


def load(path: Path) -> Document:
    """Read the YAML file at `path`. Raises `InputError` with every fault found in it."""
    return parse(read_text(path), path)


def read_text(path: Path) -> str:
    """Read a UTF-8 text file. Raises `InputError` if that is impossible."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError([Diagnostic(Location(path), "no such file", "file-missing")]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            [Diagnostic(Location(path), f"cannot be read as UTF-8 text: {error}", "file-unreadable")]
        ) from None


def parse(text: str, path: Path) -> Document:
    """Parse YAML text; `path` is used in messages only. Raises `InputError`."""
    try:
        if deep := too_deep(text, MAX_DEPTH):
            where = Location(path, deep.line + 1, deep.column + 1)
            message = f"nested more than {MAX_DEPTH} levels deep; make it flatter"
            raise InputError([Diagnostic(where, message, "yaml-bomb")])
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Location(path, mark.line + 1, mark.column + 1) if mark else Location(path)
        problem = " ".join(filter(None, (error.context, error.problem)))
        raise InputError([Diagnostic(where, f"not valid YAML: {problem}", "yaml-syntax")]) from None
    except yaml.YAMLError as error:
        raise InputError(
            [Diagnostic(Location(path), f"not valid YAML: {error}".splitlines()[0], "yaml-syntax")]
        ) from None
    builder = _Builder(path, max(MIN_NODES, len(text)))
    data = builder.build(root, ()) if root is not None else None
    if not isinstance(data, dict) and not builder.faults:
        builder.fault(root, "the document must be a mapping at its top level", "yaml-root")
    if builder.faults:
        raise InputError(builder.faults)
    return Document(path, text, data, builder.marks)


def too_deep(text: str, limit: int) -> yaml.Mark | None:
    """Return the first position that is nested more than `limit` levels deep, or None.

    Composing such a document would crash the process: libyaml's binding recurses without a limit.
    """
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > limit:
            return cast("yaml.Mark", event.start_mark)
    return None


class _Builder:
    """Turns YAML nodes into data, marks and faults."""

    def __init__(self, path: Path, max_nodes: int) -> None:
        self.path = path
        self.max_nodes = max_nodes
        self.faults: list[Diagnostic] = []
        self.marks: dict[Pointer, tuple[int, int]] = {}
        self.nodes = 0
        self.loader = yaml.SafeLoader("")

    def fault(self, node: yaml.Node | None, message: str, rule: str) -> None:
        where = (
            Location(self.path, node.start_mark.line + 1, node.start_mark.column + 1)
            if node
            else Location(self.path)
        )
        self.faults.append(Diagnostic(where, message, rule))

    def build(self, node: yaml.Node, pointer: Pointer) -> Any:
        self.nodes += 1
        if self.nodes > self.max_nodes or len(pointer) > MAX_DEPTH:
            self.fault(
                node,
                "too large or too deeply nested because of its aliases; write the values out",
                "yaml-bomb",
            )
            raise InputError(self.faults)
        self.marks.setdefault(pointer, (node.start_mark.line + 1, node.start_mark.column + 1))
        if isinstance(node, yaml.MappingNode):
            return {key: self.build(value, (*pointer, key)) for key, value in self.members(node, pointer)}
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*pointer, index)) for index, item in enumerate(node.value)]
        return self.scalar(cast("yaml.ScalarNode", node))

    def members(self, node: yaml.MappingNode, pointer: Pointer) -> Iterator[tuple[str, yaml.Node]]:
        seen: dict[str, int] = {}
        for key_node, value in node.value:
            line, col = key_node.start_mark.line + 1, key_node.start_mark.column + 1
            if key_node.tag == f"{_TAG}merge":
                self.fault(
                    key_node, "OpenAPI does not allow merge keys (<<); write the members out", "yaml-merge"
                )
                continue
            if key_node.tag != f"{_TAG}str":
                text = getattr(key_node, "value", "")
                key = f"the key '{text}'" if isinstance(text, str) else "a collection as a key"
                self.fault(key_node, f"{key} is not a string in YAML; put it in quotes", "yaml-key")
                continue
            key = key_node.value
            if CONTROL.search(key):
                self.control(key_node)
                continue
            if key in seen:
                self.fault(
                    key_node, f"duplicate key '{key}', first on line {seen[key]}", "yaml-duplicate-key"
                )
                continue
            seen[key] = line
            self.marks.setdefault((*pointer, key), (line, col))
            yield key, value

    def control(self, node: yaml.Node) -> None:
        message = "this text has an escaped control character, which Python source cannot contain; remove it"
        self.fault(node, message, "yaml-control")

    def scalar(self, node: yaml.ScalarNode) -> Any:
        if node.tag in _PLAIN:
            if CONTROL.search(node.value):
                self.control(node)
            return None if node.tag.endswith("null") else node.value
        kind, text = node.tag.removeprefix(_TAG), node.value
        is_plain = {
            "bool": text in ("true", "false"),
            "int": text.lstrip("-").isdecimal() and str(int(text)) == text,
            "float": not set(text.lower()) & set("_:n"),
        }
        if not is_plain.get(kind, False):
            names = {"bool": "a boolean", "int": "an integer", "float": "a number", "timestamp": "a date"}
            meaning = names.get(kind, f"'{node.tag}'")
            self.fault(
                node,
                f"YAML reads '{text}' as {meaning}; put it in quotes or write it in the plain form",
                "yaml-implicit",
            )
            return None
        return self.loader.construct_object(node)
