"""JSON pointers: parsed, written, and followed through decoded JSON."""

import json
from collections.abc import Iterable
from typing import Any


def parse_pointer(text: str) -> tuple[str, ...]:
    """Split a JSON pointer (RFC 6901), with or without a leading `#`, into member names."""
    parts = text.removeprefix("#").split("/")[1:]
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)


def format_pointer(parts: Iterable[str | int]) -> str:
    """Write member names as a JSON pointer (RFC 6901): `/data/items`."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def get_pointer(value: Any, pointer: tuple[str, ...]) -> Any:
    """Follow member names, decoding JSON text on the way. Returns None if the path ends early.

    Text that was encoded twice is decoded twice: a service was seen to do so.
    """
    for name in pointer:
        value = decode_json(decode_json(value))
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def with_pointer(value: dict[str, Any], pointer: tuple[str, ...], item: Any) -> dict[str, Any]:
    """Return a copy of an object with an item at a place, making the objects that lead there."""
    name, *below = pointer
    if not below:
        return {**value, name: item}
    inner = value.get(name)
    return {**value, name: with_pointer(inner if isinstance(inner, dict) else {}, tuple(below), item)}


def decode_json(text: Any) -> Any:
    """Decode JSON text. Any other value is returned unchanged."""
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
