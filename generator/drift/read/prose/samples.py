"""The samples of a prose page: a cURL call and JSON bodies, member by member, with their lines."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from generator.contract import load
from generator.diagnostics import InputError
from generator.drift.facts import Statement
from generator.drift.read.prose.markdown import Fence
from generator.drift.read.words import values

_URL = re.compile(r"(?P<host>https?://[^/\s?]+)(?P<path>/[^\s?]*)(?:\?\S*)?")
_SCHEME = re.compile(r"authorization:\s*(\w+)\s+\S+", re.I)
_DATA = {"-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json"}


class Sample(NamedTuple):
    """What a block of code states, and what of it could not be read."""

    statements: list[Statement]
    problem: str | None = None


def read_call(block: Fence) -> Sample:
    """A cURL command: what it says of the operation and the key, and its body."""
    try:
        words = shlex.split(block.content.replace("\\\n", " "))
    except ValueError:
        return Sample([], "this cURL call cannot be read as a shell command")
    said: list[Statement] = []
    problem = None
    for word, value in zip(words, [*words[1:], ""], strict=True):
        if word in ("--request", "-X"):
            said.append(_operation(block, "method", value.upper(), f"{word} {value}"))
        elif word in ("-H", "--header"):
            name, _, content = value.partition(":")
            if name.lower() == "content-type":
                said.append(_operation(block, "content-type", content.strip(), value))
            said += scheme_in(block, value)
        elif word in _DATA:
            try:
                said += _members_of(value, block, "request")
            except ValueError:
                problem = "the body of this cURL call is not a JSON object; it is not read"
        elif match := _URL.fullmatch(word):
            said.append(_operation(block, "server", match["host"], word))
            said.append(_operation(block, "path", match["path"], word))
    return Sample(said, problem)


def read_body(block: Fence, value: Any) -> Sample | None:
    """The JSON object `value` of a block as a request or a reply; None when it is neither."""
    keys = value.keys() if isinstance(value, dict) else set()
    side = "request" if "model" in keys else "response" if "code" in keys else None
    return Sample(list(_members_of(block.content, block, side))) if side else None


def scheme_in(block: Fence, words: str) -> list[Statement]:
    """The scheme of `Authorization: Bearer …`."""
    match = _SCHEME.match(words.strip())
    if not match:
        return []
    return [Statement("header", "Authorization", "scheme", match[1].lower(), *_place(block, words.strip()))]


def _operation(block: Fence, path: str, value: str, words: str) -> Statement:
    return Statement("operation", path, "name", value, *_place(block, words))


def _place(block: Fence, words: str) -> tuple[int, str]:
    """The line of the block that holds `words`, and the line's text."""
    rows = block.content.splitlines()
    at = next((index for index, row in enumerate(rows) if words in row), 0)
    return block.number + at, rows[at].strip(" \\")


def _members_of(body: str, block: Fence, side: str) -> Iterator[Statement]:
    """Each member of the JSON text `body` inside `block`. Raises `ValueError` when it is no object."""
    data = values.from_json(body)
    if not isinstance(data, dict):
        raise ValueError("not an object")
    before = block.content.index(body) if body in block.content else 0
    first = block.content[:before].count("\n")
    try:
        document = load.parse(body, Path("sample"))
    except InputError:
        document = None  # JSON that this YAML reader refuses; its members stand where it begins
    rows = block.content.splitlines()
    for pointer, value in _members(data, ()):
        at = first + (document.locate(*pointer).line - 1 if document else 0)
        yield Statement("sample", ".".join(pointer), side, value, block.number + at, rows[at].strip())


def _members(value: dict[str, Any], pointer: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, member in value.items():
        if isinstance(member, dict) and member:
            yield from _members(member, (*pointer, key))
        else:
            yield (*pointer, key), member
