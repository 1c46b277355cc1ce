"""Describes a value in an error message."""

from typing import Any


def describe(value: Any) -> str:
    """Describe a value in a few words, so that no large or binary value ends up in a message."""
    names = {bool: "", int: "the integer ", float: "the number ", str: "the string "}
    if value is None:
        return "null"
    if type(value) not in names:
        return f"a value of type {type(value).__name__}"
    if isinstance(value, int) and value.bit_length() > 200:
        # Python refuses to format integers of several thousand digits.
        return f"an integer of {value.bit_length()} bits"
    text = repr(value)
    if isinstance(value, str) and len(text) > 60:
        text = f"{text[:50]}… ({len(value)} characters)"
    return names[type(value)] + text
