"""Parses the YAML of a page leniently, with the line of every value.

Pages use integer keys, bare dates, and words that YAML reads as booleans. Here every key becomes a
string, and every scalar that JSON does not have remains text. Excessive nesting and aliases that
expand exponentially are rejected.
"""

import math
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from generator.contract.load import Document, Pointer, too_deep
from generator.diagnostics import Diagnostic, InputError, Location

# Ten times the size of the largest known page.
MAX_NODES = 50_000
MAX_DEPTH = 100

_TAG = "tag:yaml.org,2002:"


class LenientYaml(NamedTuple):
    """A parsed block.

    `duplicates` has the second value of each duplicate key, with its line.
    """

    document: Document
    problems: list[Diagnostic]
    duplicates: dict[Pointer, tuple[Any, int]]


def parse_lenient_yaml(text: str, path: Path, first_line: int) -> LenientYaml:
    """Parse the YAML `text` that begins on line `first_line` of the page at `path`.

    Raises `InputError` if it is not YAML, too large, or too deeply nested.
    """
    try:
        if deep := too_deep(text, MAX_DEPTH):
            raise InputError([_bomb(Location(path, first_line + deep.line, deep.column + 1))])
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
    builder = _DataBuilder(path, first_line)
    data = builder.build(root, ()) if root is not None else None
    return LenientYaml(Document(path, text, data, builder.marks), builder.problems, builder.duplicates)


def _bomb(where: Location) -> Diagnostic:
    message = "the OpenAPI block is too large or too deeply nested, or an alias expands without limit"
    return Diagnostic(where, message, "page-bomb")


class _DataBuilder:
    """Converts YAML nodes into plain data, with marks and problems."""

    def __init__(self, path: Path, first_line: int) -> None:
        self.path = path
        self.first_line = first_line
        self.marks: dict[Pointer, tuple[int, int]] = {}
        self.problems: list[Diagnostic] = []
        self.duplicates: dict[Pointer, tuple[Any, int]] = {}
        self.nodes = 0
        self.loader = yaml.SafeLoader("")

    def build(self, node: yaml.Node, pointer: Pointer) -> Any:
        self.nodes += 1
        line, col = self.first_line + node.start_mark.line, node.start_mark.column + 1
        if self.nodes > MAX_NODES or len(pointer) > MAX_DEPTH:
            raise InputError([_bomb(Location(self.path, line, col))])
        self.marks.setdefault(pointer, (line, col))
        if isinstance(node, yaml.MappingNode):
            return self.build_mapping(node, pointer)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*pointer, index)) for index, item in enumerate(node.value)]
        return self.build_scalar(node)

    def build_mapping(self, node: yaml.MappingNode, pointer: Pointer) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key_node, value in node.value:
            key = str(key_node.value)
            place = self.first_line + key_node.start_mark.line, key_node.start_mark.column + 1
            if key in built:
                message = f"duplicate key '{key}'; only its first value was read"
                self.problems.append(Diagnostic(Location(self.path, *place), message, "page-part", "warning"))
                if isinstance(value, yaml.ScalarNode) and (second := self.build_scalar(value)) != built[key]:
                    self.duplicates.setdefault((*pointer, key), (second, place[0]))
                continue
            self.marks.setdefault((*pointer, key), place)
            built[key] = self.build(value, (*pointer, key))
        return built

    def build_scalar(self, node: yaml.Node) -> Any:
        kind, text = node.tag.removeprefix(_TAG), str(node.value)
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true" if text.lower() in ("true", "false") else text
        if kind in ("int", "float"):
            try:
                value = self.loader.construct_object(node)
            except ValueError:
                return text
            return value if math.isfinite(value) else text
        return text
