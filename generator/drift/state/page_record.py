"""Reads and writes spec/docs-facts/, the facts of the last reconciled page of each model.

A file has the shape of `facts --json`, and what a later comparison needs in addition: the address,
date and hash of the page, and the members of its samples.
"""

from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, cast

import yaml

from generator.contract import load
from generator.diagnostics import Diagnostic, InputError, Location
from generator.drift.read.facts import Facts
from generator.drift.read.facts_json import facts_to_json
from generator.drift.read.statements import LIST_KEYS, Part, Statement

PAGE_RECORDS = "docs-facts"

HEADER = """\
# The documentation page that this model was last reconciled with, as facts. Written by
# `python -m generator reconcile PAGE`; `make drift` compares it with the spec, offline.
"""
_REQUIRED = (
    *("url", "date", "sha256", "form", "language", "operation", "model", "fields", "response", "codes"),
    "notes",
)
# Members of a field that are not read as statements by their own name.
_SPECIAL_MEMBERS = {"line", "type", "format", "items", "enum", "excludes", "prose", "contradicts"}


class PageRecord(NamedTuple):
    """The recorded page. `location` is where the file has the page's sentences."""

    url: str
    sha256: str
    etag: str | None
    facts: Facts
    location: Location
    text: str


class _NoAliasDumper(yaml.SafeDumper):
    """Writes equal lists in full, because aliases are hard to read."""

    def ignore_aliases(self, data: Any) -> bool:
        """Return true, which means that `data` is never written as an alias."""
        return True


def hash_page(text: str) -> str:
    """Return the hash under which a page's text is recorded."""
    return sha256(text.encode()).hexdigest()


def format_page_record(facts: Facts, url: str, text: str, etag: str | None, today: date) -> str:
    """Return the file that records `facts`, which were read from `text`."""
    shape = facts_to_json(facts)
    del shape["source"]
    shape["operation"] |= _other_operation_facts(facts)
    samples = {
        side: _sample_members(facts.of("sample", key=side))
        for side in ("request", "response")
        if facts.of("sample", key=side)
    }
    head = {
        "url": url,
        "date": today.isoformat(),
        "sha256": hash_page(text),
        **({"etag": etag} if etag else {}),
    }
    headings = [_format_heading(s) for s in facts.of("text", key="heading")]
    content = {**head, **shape, "samples": samples, "headings": headings}
    return HEADER + yaml.dump(content, Dumper=_NoAliasDumper, sort_keys=False, allow_unicode=True, width=200)


def _other_operation_facts(facts: Facts) -> dict[str, Any]:
    """Return the operation facts that `facts --json` leaves out."""
    first = {s.path: s.value for s in reversed(facts.of("operation"))}
    added = {path: first[path] for path in ("server", "content-type") if path in first}
    others = {(s.path, s.value): s for s in facts.of("operation") if s.value != first[s.path]}
    contradictions = [{"key": s.path, "value": s.value, "line": s.line} for s in others.values()]
    return {**added, "contradicts": contradictions} if contradictions else added


def _sample_members(samples: list[Statement]) -> dict[str, list[Any]]:
    """Return the members of the samples of one side, each with its distinct values."""
    members: dict[str, list[Any]] = {}
    for statement in samples:
        distinct = members.setdefault(statement.path, [])
        if statement.value not in distinct:
            distinct.append(statement.value)
    return members


def _format_heading(statement: Statement) -> dict[str, Any]:
    path = {"path": statement.path} if statement.path else {}
    return {"line": statement.line, **path, "text": statement.value}


def record_file(model: str) -> str:
    """Return the file that has the record of a model's page, relative to the spec."""
    return f"{PAGE_RECORDS}/{model}.yaml"


def read_page_records(spec: Path) -> dict[str, PageRecord]:
    """Read the records in the folder of a spec, by model. Raises `InputError`."""
    records: dict[str, PageRecord] = {}
    for path in sorted((spec / PAGE_RECORDS).rglob("*.yaml")):
        record = read_page_record(path)
        model = str(record.facts.model)
        if path != spec / record_file(model):
            message = f"the page of {model} is recorded here; move this file to {record_file(model)}"
            raise InputError([Diagnostic(Location(path), message, "docs-facts-place")])
        records[model] = record
    return records


def read_page_record(path: Path) -> PageRecord:
    """Read the record at `path`. Raises `InputError`."""
    document = load.load(path)
    data = document.data
    missing = [key for key in _REQUIRED if key not in data]
    if missing:
        message = (
            f"the keys {', '.join(missing)} are missing; delete this file and "
            "run `python -m generator reconcile PAGE` to write it again"
        )
        raise InputError([Diagnostic(document.locate(), message, "docs-facts-shape")])
    facts = Facts(data["url"], data["form"], data["language"], _read_statements(data))
    location = document.locate("notes")
    return PageRecord(data["url"], data["sha256"], data.get("etag"), facts, location, document.text)


def _read_statements(data: dict[str, Any]) -> list[Statement]:
    statements = _read_operation(data["operation"])
    for part, name in (("request", "fields"), ("response", "response")):
        for path, field in data[name].items():
            notes = [
                n for n in data["notes"] if n.get("path") == path and "model" not in n.get("says", ["model"])
            ]
            statements += _read_field(cast("Part", part), path, field, notes)
    for code, meaning in data["codes"].items():
        statements.append(Statement("code", code, "code", code, 1, code))
        if meaning:
            statements.append(Statement("code", code, "meaning", meaning, 1, meaning))
    for note in data["notes"]:
        statements += _read_note(note, {*data["fields"], *data["response"]})
    for heading in data.get("headings", []):
        line, text = heading["line"], heading["text"]
        statements.append(Statement("text", heading.get("path", ""), "heading", text, line, text))
    for side, members in data.get("samples", {}).items():
        for path, values in members.items():
            statements += [Statement("sample", path, side, value, 1, path) for value in values]
    return statements


def _read_operation(operation: dict[str, Any]) -> list[Statement]:
    members = {path: value for path, value in operation.items() if path != "contradicts"}
    stated = [(path, value, 1) for path, value in members.items() if value is not None]
    stated += [(other["key"], other["value"], other["line"]) for other in operation.get("contradicts", [])]
    return [Statement("operation", path, "name", value, line, str(value)) for path, value, line in stated]


def _read_field(part: Part, path: str, field: dict[str, Any], notes: list[dict[str, Any]]) -> list[Statement]:
    """Read a field. What only sentences state about it is in `notes`."""
    line = field["line"]

    def state(key: str, value: Any) -> Statement:
        return Statement(part, path, key, value, line, f"{key}: {value}")

    in_prose = [
        Statement(part, path, key, value, note["line"], note["text"], True)
        for note in notes
        for key, value in _note_facts(note)
    ]
    prose_keys = set(field.get("prose", []))

    statements = [state("name", path)]
    if "type" in field:
        statements.append(state("type", _type_of(field)))
    if (part, path) != ("response", "code") and "enum" not in prose_keys:
        statements += [state("option", option) for option in field.get("enum", [])]
    if "excludes" not in prose_keys:
        statements += [state("excludes", other) for other in field.get("excludes", [])]
    skipped = _SPECIAL_MEMBERS | LIST_KEYS | prose_keys
    statements += [state(key, value) for key, value in field.items() if key not in skipped]
    statements += in_prose
    for other in field.get("contradicts", []):
        key, value = other["key"], other["value"]
        if any((s.key, s.value) == (key, value) for s in in_prose):
            continue
        if key in ("type", "format", "items"):  # only the member that differs is recorded
            key, value = "type", {**_type_of(field), key: value}
        statements.append(
            Statement(part, path, key, value, other["line"], f"{other['key']}: {other['value']}")
        )
    return statements


def _type_of(field: dict[str, Any]) -> dict[str, Any]:
    return {key: field[key] for key in ("type", "format", "items") if key in field}


def _note_facts(note: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in note["says"].items():
        if key == "enum":
            yield from (("option", option) for option in value)
        else:
            yield key, value


def _read_note(note: dict[str, Any], fields: set[str]) -> list[Statement]:
    path, line, text = note.get("path", ""), note["line"], note["text"]
    if "says" not in note:
        return [Statement("text", path, "text", text, line, text)]
    if model := note["says"].get("model"):
        return [Statement("model", "model", "name", model, line, text)]
    if path in fields:
        return []  # `_read_field` has read the facts of this sentence
    return [
        Statement("header", path, key, {"type": value} if key == "type" else value, line, text)
        for key, value in note["says"].items()
    ]
