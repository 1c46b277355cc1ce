"""Edits YAML text in place: comments, order and style stay, and so does every untouched byte.

ruamel.yaml keeps a comment at the value before it. What is put in behind a value therefore takes
over the comment that follows, because that comment is about what comes next.
"""

from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedBase, CommentedMap, CommentedSeq
from ruamel.yaml.error import CommentMark
from ruamel.yaml.tokens import CommentToken

from generator.contract.load import Pointer


class YamlText:
    """A YAML text as a tree that remembers how it was written."""

    def __init__(self, text: str) -> None:
        self._yaml = YAML()
        self._yaml.width = 4096  # lines are broken by hand, never here
        self._yaml.preserve_quotes = True
        self._yaml.indent(mapping=2, sequence=4, offset=2)
        self.root: CommentedMap = self._yaml.load(text)

    def text(self) -> str:
        """The whole text again."""
        stream = StringIO()
        self._yaml.dump(self.root, stream)
        return stream.getvalue()

    def at(self, pointer: Pointer) -> Any:
        """The node at `pointer`."""
        node: Any = self.root
        for key in pointer:
            node = node[key]
        return node


def put_after(mapping: CommentedMap, before: str | None, key: str, value: Any) -> None:
    """Set `key`; when it is new, behind the member `before` (None: in front)."""
    if key in mapping:
        mapping[key] = value
        return
    index = list(mapping).index(before) + 1 if before else 0
    mapping.insert(index, key, value)
    if before:
        _hand_over(mapping, before, key)


def blank_line_after(mapping: CommentedMap, key: str) -> None:
    """Part the member `key`, behind which nothing is noted, from the next one."""
    holder, place = _last_leaf(mapping, key)
    token = CommentToken("\n\n", CommentMark(0), None)
    holder.ca.items[place] = [token, None] if isinstance(holder, CommentedSeq) else [None, None, token, None]


def put_item(items: CommentedSeq, index: int, value: Any) -> None:
    """Insert an item; behind the last one it takes over the comment that follows the list."""
    last = index == len(items)
    comment = items.ca.items.pop(index - 1, None) if last else None
    items.insert(index, value)
    if comment:
        items.ca.items[index] = comment


def flow(values: list[Any]) -> CommentedSeq:
    """A list written in one line."""
    items = CommentedSeq(values)
    items.fa.set_flow_style()
    return items


def _hand_over(mapping: CommentedMap, before: str, key: str) -> None:
    """Move the comment behind `before` to behind `key`."""
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
    """The innermost block collection that ends the member at `place`, and its last place."""
    value = holder[place]  # type: ignore[index] # CommentedBase has no item type; its two kinds have
    while isinstance(value, CommentedMap | CommentedSeq) and value and not value.fa.flow_style():
        holder, place = value, next(reversed(value)) if isinstance(value, CommentedMap) else len(value) - 1
        value = holder[place]
    return holder, place
