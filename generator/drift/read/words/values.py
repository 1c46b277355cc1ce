"""Parses words of a page into values: types, limits, sizes and examples.

The parsers return None for words that they cannot read.
"""

import json
import re
from typing import Any

from generator.drift.read.words import vocabulary

Schema = dict[str, Any]

_GENERIC = re.compile(r"(?P<outer>[\w-]+)\s*[<(](?P<inner>[^<>()]*)[>)]$")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMG])(i?)B", re.I)
_NUMBER = re.compile(r"-?(?:\d{1,3}(?: \d{3})+(?!\d)|\d[\d,]*)(?:\.\d+)?")
_CODE_MEANING = re.compile(r"(\d{3})\s*[:：]\s*(.+)")
# No real limit is larger, and floats cannot represent every integer above 2**53, about 9e15.
_TOO_LARGE = 1e15
_POWERS = {"k": 1, "m": 2, "g": 3}


def parse_type(words: str) -> Schema:
    """Parse a type such as `string<uri>[]` into a schema.

    A type that JSON Schema does not have is returned as it is written.
    """
    words = words.strip().strip("`").strip()
    if words.endswith("[]"):
        return {"type": "array", "items": parse_type(words[:-2])}
    if match := _GENERIC.match(words):
        outer, inner = match["outer"].lower(), match["inner"].strip()
        if outer == "enum":
            return parse_type(inner)
        if outer in ("array", "list"):
            return {"type": "array", "items": parse_type(inner)}
        if outer in vocabulary.TYPES:
            return {
                "type": vocabulary.TYPES[outer],
                "format": vocabulary.FORMATS.get(inner.lower(), inner),
            }
    if words.lower() == "enum":
        return {"type": "string"}
    if words.lower() in vocabulary.FORMATS:
        return {"type": "string", "format": vocabulary.FORMATS[words.lower()]}
    return {"type": vocabulary.TYPES.get(words.lower(), words)}


def parse_yes_no(words: str) -> bool | None:
    """Parse the first of `words` as yes or no, in English or Chinese."""
    words = re.split(r"[\s,.，。(（]", words.strip().strip("`").lower())[0]
    return True if words in vocabulary.YES else False if words in vocabulary.NO else None


def parse_count(words: str) -> int | None:
    """Parse the integer in `words`: `10,000 characters`, `5000 字符`, `one`."""
    if words.strip().lower() == "one":
        return 1
    value = parse_number(words)
    return value if isinstance(value, int) else None


def parse_number(words: str) -> int | float | None:
    """Parse the number in `words`. A whole number becomes an `int`."""
    match = _NUMBER.search(words)
    return _to_number(match[0].replace(",", "").replace(" ", "")) if match else None


def parse_range(words: str) -> tuple[int | float, int | float] | None:
    """Parse the two ends of `0.1 <= x <= 1`, `1–6` or `0 - 1 (step: 0.5)`."""
    low, high = ([*map(_to_number, re.findall(r"(?<![\d.])-?\d+(?:\.\d+)?", words)), None, None])[:2]
    if low is None or high is None:
        return None
    return low, abs(high) if high < low else high  # in `1 -6` the hyphen is a dash, not a sign


def parse_size(words: str) -> int | None:
    """Parse a file size into bytes: `10.0MB` is 10,000,000, `1MiB` is 1,048,576."""
    match = _SIZE.search(words)
    if not match:
        return None
    value, unit = _to_number(match[1]), (1024 if match[3] else 1000) ** _POWERS[match[2].lower()]
    return None if value is None else round(value * unit)


def parse_media_types(words: str) -> list[str] | None:
    """Return the media types that `words` name, in order, without duplicates."""
    found = (match[0].lower() for match in vocabulary.MEDIA_TYPE.finditer(words))
    return list(dict.fromkeys(vocabulary.MEDIA_TYPES.get(name, name) for name in found)) or None


def parse_code_meaning(words: str) -> tuple[str, str] | None:
    """Parse `200: success` into code and meaning."""
    match = _CODE_MEANING.match(words)
    return (match[1], match[2].strip()) if match else None


def convert_to_type(words: Any, schema: Schema) -> Any:
    """Convert `words` to the type of `schema`. Pages write `1` and `"1"` alike.

    A string is not converted, but loses its quotes.
    """
    if not isinstance(words, str):
        return words
    type_ = schema.get("type")
    if type_ == "string" and not words.startswith('"'):
        return words
    value = parse_json_or_text(words)
    return words if type_ == "string" and not isinstance(value, str) else value


def parse_json_or_text(words: str) -> Any:
    """Parse `words` as JSON. Words that are not JSON are returned unchanged."""
    try:
        return parse_json(words)
    except ValueError:
        return words


def parse_json(words: str) -> Any:
    """Parse the JSON text `words`.

    Raises `ValueError`, for `NaN` and deep nesting too.
    """
    try:
        return json.loads(words, parse_constant=_reject_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _reject_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _to_number(digits: str) -> int | float | None:
    value = float(digits)
    if abs(value) > _TOO_LARGE:
        return None
    return int(value) if value.is_integer() else value
