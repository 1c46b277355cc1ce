"""Edits YAML text in place and leaves every other byte unchanged.

ruamel.yaml attaches a comment to the value before it, but a comment is about what follows. So a new
value takes over the comment of the value that it is inserted after.
"""

import math
from copy import deepcopy
from functools import cached_property, lru_cache
from io import StringIO
from typing import Any

import yaml
from ruamel.yaml import YAML, ScalarNode
from ruamel.yaml.comments import CommentedBase, CommentedMap, CommentedSeq
from ruamel.yaml.error import CommentMark
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.scalarstring import SingleQuotedScalarString
from ruamel.yaml.tokens import CommentToken

from generator.contract.load import Pointer

_PREFIX = "tag:yaml.org,2002:"


@lru_cache(maxsize=4096)
def scalar_text(value: str | float) -> tuple[str, str | None]:
    """Return how YAML writes a text or a number, and its quotes: None, `'` or `"`.

    ruamel.yaml writes YAML 1.2. Readers of YAML 1.1 take `no`, `1:1`, `012` and dates for something
    else, and `1e-07` for a text. So each form is read back, and the first that gives the value is used.
    """
    if not isinstance(value, str):
        text = repr(value)
        mantissa, exponent, power = text.partition("e")
        text = f"{mantissa}{'.0' * ('.' not in mantissa)}{exponent}{power}" if exponent else text
        if yaml.safe_load(text) != value:
            raise ValueError(f"YAML cannot write {text}")
        return text, None
    if not value.isprintable():  # a line break or an invisible character needs an escape
        return value, '"'
    return value, None if _reads_as(value) else "'"


def _reads_as(text: str) -> bool:
    """Return whether readers of YAML take `text`, without quotes, for a text."""
    try:
        return bool(yaml.safe_load(text) == text)
    except yaml.YAMLError:
        return False


class _Representer(RoundTripRepresenter):
    """Writes each scalar so that every reader of YAML takes it for the same value."""

    def represent_text(self, value: str) -> ScalarNode:
        """Represent a text that has no style yet."""
        text, quote = scalar_text(value)
        return self.represent_scalar(f"{_PREFIX}str", text, style=quote)

    def represent_number(self, value: float) -> ScalarNode:
        """Represent a number with a fraction."""
        text = ".nan" if math.isnan(value) else scalar_text(value)[0]
        return self.represent_scalar(f"{_PREFIX}float", text)


_Representer.add_representer(str, _Representer.represent_text)
_Representer.add_representer(float, _Representer.represent_number)


def _yaml() -> YAML:
    made = YAML()
    made.Representer = _Representer
    made.width = 4096  # so that ruamel.yaml never breaks a line
    made.preserve_quotes = True
    made.indent(mapping=2, sequence=4, offset=2)
    return made


# The edits of several fields begin with the same text, and copying a tree takes a seventh of reading it.
@lru_cache(maxsize=4)
def _read(text: str) -> CommentedMap:
    tree: CommentedMap = _yaml().load(text)
    return tree


class EditableYaml:
    """A YAML text as a tree with its formatting."""

    def __init__(self, text: str) -> None:
        self._source = text

    @cached_property
    def root(self) -> CommentedMap:
        """The tree. It is read when first used, because most findings lead to no edit."""
        return deepcopy(_read(self._source))

    def text(self) -> str:
        """Return the edited text."""
        stream = StringIO()
        _yaml().dump(self.root, stream)
        return stream.getvalue()

    def at(self, pointer: Pointer) -> Any:
        """Return the node at `pointer`."""
        node: Any = self.root
        for key in pointer:
            node = node[key]
        return node


def put_after(mapping: CommentedMap, before: str | int | None, key: str | int, value: Any) -> None:
    """Set `key`. A new key goes after the key `before`, or first if that is None."""
    if key in mapping:
        mapping[key] = value
        return
    index = list(mapping).index(before) + 1 if before else 0
    mapping.insert(index, key, value)
    if before:
        _move_comment(mapping, before, key)


def rename_key(mapping: CommentedMap, old: str, new: str) -> None:
    """Give a member another key. Its place and its comment stay."""
    index, value, comment = list(mapping).index(old), mapping[old], mapping.ca.items.pop(old, None)
    del mapping[old]
    mapping.insert(index, new, value)
    if comment:
        mapping.ca.items[new] = comment


def remove_key(mapping: CommentedMap, key: str) -> None:
    """Remove a member with the comment about it, which is attached to the member before it."""
    index = list(mapping).index(key)
    if index:
        before = list(mapping)[index - 1]
        holder, place = _last_leaf(mapping, before)
        holder.ca.items.pop(place, None)
        _move_comment(mapping, key, before)
    del mapping[key]


def blank_line_after(mapping: CommentedMap, key: str) -> None:
    """Write a blank line after the member `key`, which has no comment after it."""
    holder, place = _last_leaf(mapping, key)
    token = CommentToken("\n\n", CommentMark(0), None)
    holder.ca.items[place] = [token, None] if isinstance(holder, CommentedSeq) else [None, None, token, None]


def put_item(items: CommentedSeq, index: int, value: Any) -> None:
    """Insert an item. A new last item takes over the comment after the list."""
    last = index == len(items)
    comment = items.ca.items.pop(index - 1, None) if last else None
    items.insert(index, _in_flow(value) if items.fa.flow_style() else value)
    if comment:
        items.ca.items[index] = comment


def flow_list(values: list[Any]) -> CommentedSeq:
    """Return a list that is written in one line."""
    items = CommentedSeq(map(_in_flow, values))
    items.fa.set_flow_style()
    return items


def flow_map(members: dict[str, Any]) -> CommentedMap:
    """Return a mapping that is written in one line."""
    made = CommentedMap({_in_flow(key): _in_flow(member) for key, member in members.items()})
    made.fa.set_flow_style()
    return made


def _in_flow(value: Any) -> Any:
    """Return a value for a list in one line, where PyYAML does not read `?` without quotes."""
    if isinstance(value, list):
        return flow_list(value)
    if isinstance(value, dict):
        return flow_map(value)
    quoted = isinstance(value, str) and value.isprintable() and ("?" in value or value[:1] == ":")
    return SingleQuotedScalarString(value) if quoted else value


def _move_comment(mapping: CommentedMap, before: str | int, key: str | int) -> None:
    """Move the comment after the member `before` to after the member `key`."""
    holder, place = _last_leaf(mapping, before)
    comment = holder.ca.items.pop(place, None)
    if not comment:
        return
    token = comment[0] if isinstance(holder, CommentedSeq) else comment[2]
    if token is None:
        holder.ca.items[place] = comment
        return
    target, end = _last_leaf(mapping, key)
    target.ca.items[end] = [token, None] if isinstance(target, CommentedSeq) else [None, None, token, None]


def _last_leaf(holder: CommentedBase, place: Any) -> tuple[Any, Any]:
    """Return the innermost collection that ends a member, and its last key or index."""
    value = holder[place]  # type: ignore[index] # CommentedBase has no item type; its two kinds have
    while isinstance(value, CommentedMap | CommentedSeq) and value and not value.fa.flow_style():
        holder, place = value, next(reversed(value)) if isinstance(value, CommentedMap) else len(value) - 1
        value = holder[place]
    return holder, place
