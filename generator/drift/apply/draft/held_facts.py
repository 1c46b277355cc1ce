"""Writes which fact a member of a drafted model holds: that of a member with its name in another model."""

from collections.abc import Iterator
from typing import Any

from ruamel.yaml.comments import CommentedMap

from generator.contract.load import Document
from generator.contract.pointer import resolve
from generator.drift.compare.claims import ModelEntry, value_at


def hold_known_facts(properties: CommentedMap, document: Document, entries: dict[str, ModelEntry]) -> None:
    """Add `x-holds` to the members that hold a fact in the models of the spec."""
    known = {
        name: member["x-holds"]
        for entry in entries.values()
        for name, member in _members(document.data, value_at(document.data, entry.schema))
        if "x-holds" in member
    }
    for name, schema in properties.items():
        if name in known and "$ref" not in schema:
            schema.insert(1, "x-holds", known[name])


def _members(data: dict[str, Any], schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the members of an object and of the objects in it. `lint` refuses circular references."""
    for name, declared in resolve(data, schema).get("properties", {}).items():
        member = resolve(data, declared)
        yield name, member
        yield from _members(data, member)
