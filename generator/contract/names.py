"""Turns names of the API into names of Python.

No other module changes the case of a name.
"""

import keyword
import re
from collections.abc import Mapping
from typing import Any

_WORDS = re.compile(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+")


def words(name: str) -> list[str]:
    """Split a name at case changes and separators: `callBackUrl` → call, back, url."""
    return [word.lower() for word in _WORDS.findall(name)]


def snake(name: str) -> str:
    """Name a module, function or parameter."""
    result = "_".join(words(name))
    return f"{result}_" if keyword.iskeyword(result) else result


def pascal(name: str) -> str:
    """Name a class."""
    return "".join(word[:1].upper() + word[1:] for word in words(name))


def picture(wire: str, declared: str = "") -> str:
    """Name the image whose URL a member holds: as `declared`, or `reference_image_urls` → reference."""
    if declared:
        return declared
    parts = words(wire)
    for ending in (("url", "urls"), ("image", "images")):
        if len(parts) > 1 and parts[-1] in ending:
            parts.pop()
    return snake("_".join(parts))


def method_name(operation: Mapping[str, Any]) -> str:
    """Name the method of an operation: as declared, or after its `operationId`."""
    return str(operation.get("x-python-name", snake(operation["operationId"])))


def resource(model: str, declared: str = "") -> str:
    """Name a model's resource: as `declared`, or after the last part of its name.

    `family/text-to-image` → text_to_image.
    """
    return declared or snake(model.rpartition("/")[2])
