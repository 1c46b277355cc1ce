"""The samples of a page: a cURL call and JSON bodies, member by member, with their lines."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from generator.contract import load
from generator.diagnostics import InputError
from generator.drift.facts import Statement

_URL = re.compile(r"(?P<host>https?://[^/\s?]+)(?P<path>/[^\s?]*)(?:\?\S*)?")


class Call(NamedTuple):
    """A cURL command, read: what it says of the operation, with the word that says it, and the body."""

    operation: dict[str, tuple[str, str]]
    bearer: str | None
    body: str | None


def read_call(command: str) -> Call | None:
    """The call that the shell text `command` makes, or None when it is not readable as one."""
    try:
        words = shlex.split(command.replace("\\\n", " "))
    except ValueError:
        return None
    operation: dict[str, tuple[str, str]] = {}
    bearer, body = None, None
    for word, value in zip(words, [*words[1:], ""], strict=True):
        if word in ("--request", "-X"):
            operation["method"] = value.upper(), f"{word} {value}"
        elif word in ("-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json"):
            body = value
        elif word in ("-H", "--header"):
            name, _, content = value.partition(":")
            if name.lower() == "content-type":
                operation["content-type"] = content.strip(), value
            elif value.lower().startswith("authorization: bearer "):
                bearer = value
        elif match := _URL.fullmatch(word):
            operation["server"], operation["path"] = (match["host"], word), (match["path"], word)
    return Call(operation, bearer, body)


def sample_statements(body: str, line: int, whole: str, side: str) -> Iterator[Statement]:
    """Each member of the JSON text `body` as a statement; `line` is where `whole`, around it, begins,
    and `side` whether it is a `request` or a `response`.

    Raises `ValueError` when it is not a JSON object.
    """
    data = json.loads(body)
    if not isinstance(data, dict):
        raise ValueError("not an object")
    first = line + whole[: whole.index(body)].count("\n")
    try:
        document = load.parse(body, Path("sample"))
    except InputError:
        document = None
    rows = whole.splitlines()
    for pointer, value in _members(data, ()):
        number = first + (document.locate(*pointer).line - 1 if document else 0)
        quote = rows[number - line].strip() if document else json.dumps(value, ensure_ascii=False)
        yield Statement("sample", ".".join(pointer), side, value, number, quote)


def _members(value: Any, pointer: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, member in value.items():
        if isinstance(member, dict) and member:
            yield from _members(member, (*pointer, key))
        else:
            yield (*pointer, key), member
