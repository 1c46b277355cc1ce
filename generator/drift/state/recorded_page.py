"""The facts of the page last reconciled, kept in spec/docs-facts.yaml.

The shape is that of `facts --json` with what a later comparison needs beside it: the page's
address, its date and hash, and the members of its samples.
"""

from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, cast

import yaml

from generator.contract import load
from generator.diagnostics import Diagnostic, InputError, Location
from generator.drift.facts import LISTS, Facts, Part, Statement

HEADER = """\
# The documentation page that the spec was last reconciled with, as facts. Written by
# `python -m generator reconcile PAGE`; `make drift` compares it with the spec, offline.
"""
_KEYS = (
    "url",
    "date",
    "sha256",
    "form",
    "language",
    "operation",
    "model",
    "fields",
    "response",
    "codes",
    "notes",
)
_NO_FACTS = {"line", "type", "format", "items", "enum", "excludes", "prose", "contradicts"}


class Record(NamedTuple):
    """The recorded page."""

    url: str
    sha256: str
    etag: str | None
    facts: Facts
    at: Location
    text: str


class _Dumper(yaml.SafeDumper):
    """Writes equal lists out instead of referring to each other."""

    def ignore_aliases(self, data: Any) -> bool:
        """Whether `data` is never written as an alias."""
        return True


def digest(text: str) -> str:
    """The hash under which a page's text is recorded."""
    return sha256(text.encode()).hexdigest()


def record_text(facts: Facts, url: str, text: str, etag: str | None, today: date) -> str:
    """The file that records `facts`, read from `text`."""
    shape = facts.to_json()
    del shape["source"]
    shape["operation"] |= _operation(facts)
    samples = {
        side: _members(facts.of("sample", key=side))
        for side in ("request", "response")
        if facts.of("sample", key=side)
    }
    head = {"url": url, "date": today.isoformat(), "sha256": digest(text), **({"etag": etag} if etag else {})}
    headings = [_heading(s) for s in facts.of("text", key="heading")]
    whole = {**head, **shape, "samples": samples, "headings": headings}
    return HEADER + yaml.dump(whole, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=200)


def _operation(facts: Facts) -> dict[str, Any]:
    """What the published shape leaves out: the host, the body's form, and second addresses."""
    said = {s.path: s.value for s in reversed(facts.of("operation"))}
    more = {path: said[path] for path in ("server", "content-type") if path in said}
    others = {(s.path, s.value): s for s in facts.of("operation") if s.value != said[s.path]}
    listed = [{"key": s.path, "value": s.value, "line": s.line} for s in others.values()]
    return {**more, "contradicts": listed} if listed else more


def _members(samples: list[Statement]) -> dict[str, list[Any]]:
    """The members of all samples of one side, each with the different values it has in them."""
    members: dict[str, list[Any]] = {}
    for statement in samples:
        values = members.setdefault(statement.path, [])
        values += [statement.value] * (statement.value not in values)
    return members


def _heading(statement: Statement) -> dict[str, Any]:
    path = {"path": statement.path} if statement.path else {}
    return {"line": statement.line, **path, "text": statement.value}


def read_record(path: Path) -> Record | None:
    """The record at `path`, or None when there is none yet. Raises `InputError`."""
    if not path.exists():
        return None
    document = load.load(path)
    data = document.data
    missing = [key for key in _KEYS if key not in data]
    if missing:
        message = (
            f"expected the keys {', '.join(missing)}; `python -m generator reconcile PAGE` writes this file"
        )
        raise InputError([Diagnostic(document.locate(), message, "docs-facts-shape")])
    facts = Facts(data["url"], data["form"], data["language"], _statements(data))
    return Record(
        data["url"], data["sha256"], data.get("etag"), facts, document.locate("notes"), document.text
    )


def _statements(data: dict[str, Any]) -> list[Statement]:
    operation = dict(data["operation"])
    others = operation.pop("contradicts", [])
    told = [(path, value, 1) for path, value in operation.items() if value is not None]
    told += [(other["key"], other["value"], other["line"]) for other in others]
    said = [Statement("operation", path, "name", value, line, str(value)) for path, value, line in told]
    for part, name in (("request", "fields"), ("response", "response")):
        for path, field in data[name].items():
            rules = [
                n for n in data["notes"] if n.get("path") == path and "model" not in n.get("says", ["model"])
            ]
            said += _field(cast("Part", part), path, field, rules)
    for code, meaning in data["codes"].items():
        said.append(Statement("code", code, "code", code, 1, code))
        said += [Statement("code", code, "meaning", meaning, 1, meaning)] * bool(meaning)
    for note in data["notes"]:
        said += _note(note, {*data["fields"], *data["response"]})
    for heading in data.get("headings", []):
        line, text = heading["line"], heading["text"]
        said.append(Statement("text", heading.get("path", ""), "heading", text, line, text))
    for side, members in data.get("samples", {}).items():
        for path, values in members.items():
            said += [Statement("sample", path, side, value, 1, path) for value in values]
    return said


def _field(part: Part, path: str, field: dict[str, Any], rules: list[dict[str, Any]]) -> list[Statement]:
    """What is recorded of a field; what only sentences say of it stands in the notes `rules`."""
    line = field["line"]

    def one(key: str, value: Any) -> Statement:
        return Statement(part, path, key, value, line, f"{key}: {value}")

    spoken = [
        Statement(part, path, key, value, rule["line"], rule["text"], True)
        for rule in rules
        for key, value in _said(rule)
    ]
    prose = set(field.get("prose", []))

    said = [one("name", path)]
    if "type" in field:
        said.append(one("type", {key: field[key] for key in ("type", "format", "items") if key in field}))
    if (part, path) != ("response", "code") and "enum" not in prose:
        said += [one("option", option) for option in field.get("enum", [])]
    said += [one("excludes", other) for other in field.get("excludes", []) if "excludes" not in prose]
    said += [one(key, value) for key, value in field.items() if key not in _NO_FACTS | LISTS | prose]
    said += spoken
    for other in field.get("contradicts", []):
        if not any((s.key, s.value) == (other["key"], other["value"]) for s in spoken):
            said.append(_other(one(other["key"], other["value"])._replace(line=other["line"]), field))
    return said


def _said(rule: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in rule["says"].items():
        yield from (("option", option) for option in value) if key == "enum" else ((key, value),)


def _other(said: Statement, field: dict[str, Any]) -> Statement:
    """The second of two statements that contradict each other; of a type, one member is recorded."""
    if said.key not in ("type", "format", "items"):
        return said
    kind = {key: field[key] for key in ("type", "format", "items") if key in field}
    return said._replace(key="type", value={**kind, said.key: said.value})


def _note(note: dict[str, Any], fields: set[str]) -> list[Statement]:
    path, line, text = note.get("path", ""), note["line"], note["text"]
    if "says" not in note:
        return [Statement("text", path, "text", text, line, text)]
    if model := note["says"].get("model"):
        return [Statement("model", "model", "name", model, line, text)]
    if path in fields:
        return []  # a rule, which stands with its field
    return [
        Statement("header", path, key, {"type": value} if key == "type" else value, line, text)
        for key, value in note["says"].items()
    ]
