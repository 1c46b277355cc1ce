"""Lists the members of an OpenAPI block that the reader reads, so that it can report the others."""

from collections.abc import Iterator
from typing import Any

from generator.drift.read.statements import SCHEMA_KEYS

_READ: dict[str, set[str]] = {
    "operation": {"description", "parameters", "requestBody", "responses"},
    "schema": {
        *SCHEMA_KEYS,
        *("$ref", "type", "format", "items", "properties", "required", "enum", "const", "description"),
        *("example", "examples", "deprecated", "allOf", "anyOf", "oneOf"),
    },
}
# Members that say nothing about a request or a response: names, groups and marks of the editor.
_WITHOUT_MEANING = {"summary", "operationId", "tags", "title", "security", "externalDocs", "x-run-in-apidog"}
_EDITOR = "x-apidog"
# The value with which the standard says the same as without the member.
_SAME_AS_ABSENT: dict[str, Any] = {
    **dict.fromkeys(("deprecated", "nullable", "readOnly", "writeOnly", "uniqueItems"), False),
    "additionalProperties": True,
}


def unread_members(kind: str, owner: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the members of an operation, a schema or a `kind` without read members that state something."""
    for name, value in owner.items():
        known = name in _READ.get(kind, ()) or name in _WITHOUT_MEANING or name.startswith(_EDITOR)
        if not known and value is not None and _SAME_AS_ABSENT.get(name, _ABSENT) != value:
            yield name, value


_ABSENT = object()
