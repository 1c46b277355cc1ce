"""Merges the statements of a page into the JSON object of `facts --json`."""

from collections.abc import Iterable
from typing import Any

from generator.drift.read.facts import Facts
from generator.drift.read.statements import UNREAD, Statement

# The order of the members of a field.
_MEMBER_ORDER = (
    *("line", "type", "format", "items", "required", "enum", "default", "minLength", "maxLength"),
    *("minimum", "maximum", "multipleOf", "pattern", "minItems", "maxItems", "mediaTypes", "maxBytes"),
    *("maxTotalBytes", "used", "sameSizeAs", "excludes", "in", "scheme", "deprecated", "example"),
    *("prose", "contradicts"),
)


def facts_to_json(facts: Facts) -> dict[str, Any]:
    """Merge the statements by field. The result has only what the page states."""
    return {
        "source": facts.source,
        "form": facts.form,
        "language": facts.language,
        "operation": {
            "method": facts.first("operation", "method", "name"),
            "path": facts.first("operation", "path", "name"),
        },
        "model": facts.model,
        "fields": _fields(facts.of("request")),
        "response": _fields(facts.of("response"), [code.path for code in facts.of("code")]),
        "codes": _code_meanings(facts.of("code")),
        "notes": _notes(facts.statements),
    }


def _fields(statements: list[Statement], codes: Iterable[str] = ()) -> dict[str, dict[str, Any]]:
    fields: dict[str, dict[str, Any]] = {}
    for statement in statements:
        members = fields.setdefault(statement.path, {})
        if statement.key == "name":
            members.setdefault("line", statement.line)
        elif statement.key == "type":
            _add_members(members, statement, statement.value)
        elif statement.key in ("option", "excludes"):
            listed = members.setdefault("enum" if statement.key == "option" else "excludes", [])
            if statement.value not in listed:
                listed.append(statement.value)
        else:
            _add_members(members, statement, {statement.key: statement.value})
    if "code" in fields and codes:
        fields["code"]["enum"] = [int(code) for code in dict.fromkeys(codes)]
    for path, members in fields.items():
        prose = _keys_only_in_prose([s for s in statements if s.path == path])
        if prose:
            members["prose"] = prose
    return {
        path: {key: members[key] for key in _MEMBER_ORDER if key in members}
        for path, members in fields.items()
    }


def _add_members(members: dict[str, Any], statement: Statement, stated: dict[str, Any]) -> None:
    """Add what a statement says.

    The first value of a member wins; others become contradictions.
    """
    for key, value in stated.items():
        if key in members and members[key] != value:
            other = {"key": key, "value": value, "line": statement.line}
            members.setdefault("contradicts", []).append(other)
        members.setdefault(key, value)


def _keys_only_in_prose(statements: list[Statement]) -> list[str]:
    labelled = {s.key for s in statements if not s.prose}
    in_prose = {s.key for s in statements if s.prose} - labelled
    return sorted(("enum" if key == "option" else key for key in in_prose), key=_MEMBER_ORDER.index)


def _code_meanings(statements: list[Statement]) -> dict[str, str]:
    meanings = {s.path: s.value for s in reversed(statements) if s.key == "meaning"}
    return {s.path: meanings.get(s.path, "") for s in statements}


def _notes(statements: list[Statement]) -> list[dict[str, Any]]:
    """Collect the sentences, each with the facts that it states."""
    notes: dict[tuple[int, str, str], dict[str, Any]] = {}
    for statement in statements:
        is_note = statement.prose or statement.part in ("header", "text", "model")
        if not is_note or statement.key == "heading":
            continue
        note = notes.setdefault((statement.line, statement.path, statement.quote), {"line": statement.line})
        if statement.path:
            note["path"] = statement.path
        note["text"] = statement.quote
        if statement.part == "model":
            note["says"] = {"model": statement.value}
        elif statement.key == "option":
            note.setdefault("says", {}).setdefault("enum", []).append(statement.value)
        elif statement.key not in ("text", UNREAD):
            note.setdefault("says", {})[statement.key] = _note_value(statement)
    return list(notes.values())


def _note_value(statement: Statement) -> Any:
    """Return the value of a statement. A type without format or items is one word."""
    if statement.key == "type" and set(statement.value) == {"type"}:
        return statement.value["type"]
    return statement.value
