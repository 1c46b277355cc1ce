"""Chooses the names of a new model: valid in Python, and free in the spec."""

import itertools
import keyword
from collections.abc import Iterator
from typing import Any, NamedTuple

from generator.contract.names import pascal, resource, snake
from generator.contract.reserved import CLIENT_CLASSES, MODULE_CLASSES, client_attributes
from generator.drift.compare.claims import ModelEntry, value_at


class ModelNames(NamedTuple):
    """The name of the resource, and the start of the names of its schemas."""

    python_name: str
    schema_prefix: str


def choose_names(model: str, document: dict[str, Any], entries: dict[str, ModelEntry]) -> ModelNames:
    """Return the last part of the model's name, or with its vendor if that is invalid or taken."""
    bodies = {name: value_at(document, entry.schema) for name, entry in entries.items()}
    taken = {resource(name, body.get("x-python-name", "")) for name, body in bodies.items()}
    taken |= {snake(tag["name"]) for tag in document["tags"]}
    classes = set(document["components"]["schemas"]) | MODULE_CLASSES | CLIENT_CLASSES
    classes |= {prefix + pascal(name) for name in taken for prefix in ("", "Async")}
    for name in _candidates(model):
        prefix = class_name(name)
        new = {prefix, f"Async{prefix}", f"{prefix}Request", f"{prefix}Input"}
        is_free = name not in taken | client_attributes() and not new & classes
        if name.isidentifier() and not keyword.iskeyword(name) and is_free:
            return ModelNames(name, prefix)
    raise LookupError("the candidates do not end")


def class_name(name: str) -> str:
    """Return a name of a class that the lint accepts: naming it again does not change it."""
    while name != (name := pascal(name)):
        pass
    return name


def _candidates(model: str) -> Iterator[str]:
    whole = "_".join(word for word in snake(model).split("_") if word.isascii())
    yield resource(model)
    yield whole
    start = whole if whole[:1].isalpha() else f"model_{whole}"
    yield start
    yield from (f"{start}_{number}" for number in itertools.count(2))
