"""Reads the YAML of a page the way pages write it, keeping the line of every value.

Pages use integer keys, bare dates and words YAML takes for booleans. All keys become strings
and every scalar that JSON does not know stays the text it is. Aliases that multiply themselves
are refused.
"""

from pathlib import Path
from typing import Any

import yaml

from generator.contract.load import Document, Pointer
from generator.diagnostics import Diagnostic, InputError, Location

# Ten times the largest page of the service.
MAX_NODES = 50_000
MAX_DEPTH = 100

_TAG = "tag:yaml.org,2002:"


def parse(text: str, path: Path, first_line: int) -> Document:
    """The YAML `text` that begins on line `first_line` of the page at `path`; raises `InputError`."""
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = (
            Location(path, first_line + mark.line, mark.column + 1) if mark else Location(path, first_line, 1)
        )
        problem = " ".join(filter(None, (error.context, error.problem)))
        raise InputError(
            [Diagnostic(where, f"the OpenAPI block is not valid YAML: {problem}", "page-yaml")]
        ) from None
    except (yaml.YAMLError, RecursionError) as error:
        message = f"the OpenAPI block is not valid YAML: {type(error).__name__}"
        raise InputError([Diagnostic(Location(path, first_line, 1), message, "page-yaml")]) from None
    reader = _Reader(path, first_line)
    data = reader.build(root, ()) if root is not None else None
    return Document(path, text, data, reader.marks)


class _Reader:
    """Turns YAML nodes into plain data and marks."""

    def __init__(self, path: Path, first_line: int) -> None:
        self.path = path
        self.first = first_line
        self.marks: dict[Pointer, tuple[int, int]] = {}
        self.nodes = 0
        self.loader = yaml.SafeLoader("")

    def build(self, node: yaml.Node, pointer: Pointer) -> Any:
        self.nodes += 1
        line, col = self.first + node.start_mark.line, node.start_mark.column + 1
        if self.nodes > MAX_NODES or len(pointer) > MAX_DEPTH:
            message = "the OpenAPI block is too large or too deeply nested: an alias repeats itself"
            raise InputError([Diagnostic(Location(self.path, line, col), message, "page-bomb")])
        self.marks.setdefault(pointer, (line, col))
        if isinstance(node, yaml.MappingNode):
            built: dict[str, Any] = {}
            for key_node, value in node.value:
                key = str(key_node.value)
                place = self.first + key_node.start_mark.line, key_node.start_mark.column + 1
                self.marks.setdefault((*pointer, key), place)
                built[key] = self.build(value, (*pointer, key))
            return built
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*pointer, index)) for index, item in enumerate(node.value)]
        return self.scalar(node)

    def scalar(self, node: yaml.Node) -> Any:
        kind, text = node.tag.removeprefix(_TAG), str(node.value)
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true" if text.lower() in ("true", "false") else text
        if kind in ("int", "float"):
            try:
                return self.loader.construct_object(node)
            except ValueError:
                return text
        return text
