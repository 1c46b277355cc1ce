"""What a label's or a sentence's words mean as a value: a type, a limit, a size, an example.

Every function takes the words and gives None for words it cannot read.
"""

import json
import re
from typing import Any

from generator.drift.read.words import labels

Schema = dict[str, Any]

_GENERIC = re.compile(r"(?P<outer>[\w-]+)\s*[<(](?P<inner>[^<>()]*)[>)]$")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMG])(i?)B", re.I)
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
# Larger numbers are no limit of anything, and floats do not count that far.
_TOO_LARGE = 1e15
_POWERS = {"k": 1, "m": 2, "g": 3}


def type_of(words: str) -> tuple[Schema, bool]:
    """`string<uri>[]` as schema, and whether it says that values are listed (`enum<string>`).

    A type that JSON Schema does not know is kept as it is written.
    """
    words = words.strip().strip("`").strip()
    if words.endswith("[]"):
        items, listed = type_of(words[:-2])
        return {"type": "array", "items": items}, listed
    if match := _GENERIC.match(words):
        outer, inner = match["outer"].lower(), match["inner"].strip()
        if outer == "enum":
            return type_of(inner)[0], True
        if outer in ("array", "list"):
            return {"type": "array", "items": type_of(inner)[0]}, False
        if outer in labels.TYPES:
            return {"type": labels.TYPES[outer], "format": labels.FORMATS.get(inner.lower(), inner)}, False
    if words.lower() == "enum":
        return {"type": "string"}, True
    if words.lower() in labels.FORMATS:
        return {"type": "string", "format": labels.FORMATS[words.lower()]}, False
    return {"type": labels.TYPES.get(words.lower(), words)}, False


def yes_or_no(words: str) -> bool | None:
    """Whether `words` say yes."""
    words = re.split(r"[\s,.，。(（]", words.strip().strip("`").lower())[0]
    return True if words in labels.YES else False if words in labels.NO else None


def count(words: str) -> int | None:
    """The whole number in `words`: `10,000 characters`, `5000 字符`, `one`."""
    if words.strip().lower() == "one":
        return 1
    value = number(words)
    return value if isinstance(value, int) else None


def number(words: str) -> int | float | None:
    """The number in `words`, an integer where it is whole."""
    match = _NUMBER.search(words)
    return _plain(match[0].replace(",", "")) if match else None


def bounds(words: str) -> tuple[int | float, int | float] | None:
    """The two ends of `0.1 <= x <= 1`, `1–6` or `0 - 1 (step: 0.5)`."""
    low, high = ([*map(_plain, re.findall(r"(?<![\d.])-?\d+(?:\.\d+)?", words)), None, None])[:2]
    if low is None or high is None:
        return None
    return low, abs(high) if high < low else high  # `1 -6` has a dash, no sign


def size(words: str) -> int | None:
    """Bytes: `10.0MB` is ten million; `MiB` counts in powers of 1024."""
    match = _SIZE.search(words)
    if not match:
        return None
    value, unit = _plain(match[1]), (1024 if match[3] else 1000) ** _POWERS[match[2].lower()]
    return None if value is None else round(value * unit)


def media_types(words: str) -> list[str] | None:
    """The media types that `words` name, once each, in order."""
    found = (match[0].lower() for match in labels.MEDIA_TYPE.finditer(words))
    return list(dict.fromkeys(labels.MEDIA_TYPES.get(name, name) for name in found)) or None


def typed(words: Any, schema: Schema) -> Any:
    """`words` as a value of `schema`'s type: pages write `1`, `"1"`, `true` and `AUTO` alike.

    A string stays what it is; quotes around it are dropped.
    """
    if not isinstance(words, str):
        return words
    kind = schema.get("type")
    if kind == "string" and not words.startswith('"'):
        return words
    value = decoded(words)
    return words if kind == "string" and not isinstance(value, str) else value


def decoded(words: str) -> Any:
    """`words` as JSON where it is JSON, else as they are."""
    try:
        return from_json(words)
    except ValueError:
        return words


def from_json(words: str) -> Any:
    """The value of the JSON text `words`; raises `ValueError` for all that is none, `NaN` too."""
    try:
        return json.loads(words, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _plain(digits: str) -> int | float | None:
    value = float(digits)
    if abs(value) > _TOO_LARGE:
        return None
    return int(value) if value.is_integer() else value
