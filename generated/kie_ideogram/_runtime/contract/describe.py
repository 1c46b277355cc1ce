"""Describes a value in an error message."""

from typing import Any

_NAMES = {bool: "", int: "the integer ", float: "the number ", str: "the string "}


def describe(value: Any) -> str:
    """Describe a value and its type: `the string 'x'`, `null`, `a value of type list`."""
    if value is None or type(value) not in _NAMES or _is_huge(value):
        return show(value)
    return _NAMES[type(value)] + show(value)


def show(value: Any) -> str:
    """Show a value as short text, so that no large or binary value ends up in a message."""
    if value is None:
        return "null"
    if type(value) not in _NAMES:
        return f"a value of type {type(value).__name__}"
    if _is_huge(value):
        # Python refuses to format integers of several thousand digits.
        return f"an integer of {value.bit_length()} bits"
    text = repr(value[:60] if isinstance(value, str) else value)
    if isinstance(value, str) and len(text) > 60:
        text = f"{text[:50]}… ({len(value):,} characters)"
    return text


def _is_huge(value: Any) -> bool:
    return isinstance(value, int) and value.bit_length() > 200
