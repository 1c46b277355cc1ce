"""Reads the samples of a prose page: cURL calls and JSON bodies, member by member."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from generator.contract import load
from generator.diagnostics import InputError
from generator.drift.read.markdown import Fence
from generator.drift.read.statements import Statement
from generator.drift.read.words import values

_URL = re.compile(r"(?P<host>https?://[^/\s?]+)(?P<path>/[^\s?]*)(?:\?\S*)?")
_SCHEME = re.compile(r"authorization:\s*(\w+)\s+\S+", re.I)
_DATA = {"-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json"}


class Sample(NamedTuple):
    """The statements of a code block, and a message if a part of it could not be read."""

    statements: list[Statement]
    problem: str | None = None


def read_curl_sample(block: Fence) -> Sample:
    """Read a cURL call: the operation, the authorization scheme and the body."""
    try:
        words = shlex.split(block.content.replace("\\\n", " "))
    except ValueError:
        return Sample([], "this cURL call cannot be read as a shell command")
    statements: list[Statement] = []
    problem = None
    for word, value in zip(words, [*words[1:], ""], strict=True):
        if word in ("--request", "-X"):
            statements.append(_operation(block, "method", value.upper(), f"{word} {value}"))
        elif word in ("-H", "--header"):
            name, _, content = value.partition(":")
            if name.lower() == "content-type":
                statements.append(_operation(block, "content-type", content.strip(), value))
            statements += read_auth_scheme(block, value)
        elif word in _DATA:
            try:
                statements += _body_members(value, block, "request")
            except ValueError:
                problem = "the body of this cURL call is not a JSON object and was ignored"
        elif match := _URL.fullmatch(word):
            statements.append(_operation(block, "server", match["host"], word))
            statements.append(_operation(block, "path", match["path"], word))
    return Sample(statements, problem)


def read_body_sample(block: Fence, value: Any) -> Sample | None:
    """Read a JSON block, whose value is `value`, as a request or response body.

    Returns None if it is neither: a request has a `model`, a response has a `code`.
    """
    keys = value.keys() if isinstance(value, dict) else set()
    side = "request" if "model" in keys else "response" if "code" in keys else None
    return Sample(list(_body_members(block.content, block, side))) if side else None


def read_auth_scheme(block: Fence, words: str) -> list[Statement]:
    """Read the scheme of `Authorization: Bearer …`. Other words give no statement."""
    match = _SCHEME.match(words.strip())
    if not match:
        return []
    return [Statement("header", "Authorization", "scheme", match[1].lower(), *_place(block, words.strip()))]


def _operation(block: Fence, path: str, value: str, words: str) -> Statement:
    return Statement("operation", path, "name", value, *_place(block, words))


def _place(block: Fence, words: str) -> tuple[int, str]:
    """Return the number and text of the line of the block that contains `words`."""
    rows = block.content.splitlines()
    index = next((index for index, row in enumerate(rows) if words in row), 0)
    return block.number + index, rows[index].strip(" \\")


def _body_members(body: str, block: Fence, side: str) -> Iterator[Statement]:
    """State each member of the JSON text `body` in `block`.

    Raises `ValueError` if it is not an object.
    """
    data = values.parse_json(body)
    if not isinstance(data, dict):
        raise ValueError("not an object")
    before = block.content.index(body) if body in block.content else 0
    first = block.content[:before].count("\n")
    try:
        document = load.parse(body, Path("sample"))
    except InputError:
        # The YAML reader rejects some valid JSON. Its members all get the line where it begins.
        document = None
    rows = block.content.splitlines()
    for pointer, value in _leaves(data, ()):
        index = first + (document.locate(*pointer).line - 1 if document else 0)
        yield Statement("sample", ".".join(pointer), side, value, block.number + index, rows[index].strip())


def _leaves(value: dict[str, Any], pointer: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, member in value.items():
        if isinstance(member, dict) and member:
            yield from _leaves(member, (*pointer, key))
        else:
            yield (*pointer, key), member
