"""What of the contract is shown, by which recordings and tests, and what is not.

Each row is one thing that the spec declares. A recording shows an operation, a code, a state or a
field by having it; a test shows a constraint of a request by being refused for it.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from generator.contract.load import Document, load
from generator.contract.references import resolve
from generator.contract.source import Source
from generator.diagnostics import Diagnostic, InputError, Location
from generator.replay.operations import Operation, match, operations
from generator.replay.recordings import Recording
from generator.runtime.contract.json_schema import KEYWORDS

HOLES = "coverage-holes.yaml"

JSON = "application/json"


class Row(NamedTuple):
    """One thing that the spec declares: of what kind, and which."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Shown(NamedTuple):
    """What shows a row."""

    recordings: tuple[Recording, ...]
    tests: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.recordings or self.tests)


Coverage = dict[Row, Shown]


def cover(source: Source, recordings: list[Recording], tests: Mapping[str, list[str]]) -> Coverage:
    """What shows each row. `tests` is the names of tests by the constraint that they were refused for."""
    document = source.openapi.data
    state = source.contract.api.workflow.outputs["state"].pointer
    known = operations(document)
    found: defaultdict[Row, list[Recording]] = defaultdict(list)
    for recording in recordings:
        for row in set(_recorded(recording, known, document, state)):
            found[row].append(recording)
    return {
        row: Shown(tuple(found[row]), tuple(tests.get(row.name, ()) if row.kind == "constraint" else ()))
        for row in _rows(source, known, state)
    }


def _rows(source: Source, known: dict[str, Operation], state: tuple[str, ...]) -> list[Row]:
    """Everything that the spec declares, in the order of its kinds."""
    document, workflow = source.openapi.data, source.contract.api.workflow
    rows = [Row("operation", name) for name in known]
    for name in (workflow.create, workflow.poll):
        rows += [Row("code", f"{name} {code}") for code in source.contract.api.codes]
    record = document["components"]["schemas"][source.contract.state_class]
    rows += [Row("state", value) for value in record["enum"]]
    for name, operation in known.items():
        kind, schemas = _side(operation, document)
        for schema in schemas:
            rows += [Row(kind, f"{name} {field}") for field in _fields(document, schema)]
        rows += [Row(kind, f"{name} {parameter['name']}") for parameter in _headers(operation, document)]
        if operation.url:
            rows += [Row("constraint", constraint) for constraint in _constraints(operation, document)]
    return list(dict.fromkeys(rows))


def _side(operation: Operation, document: dict[str, Any]) -> tuple[str, list[Any]]:
    """Which message the service writes: a reply, or a callback's request."""
    messages = [operation.declared["responses"]["200"]]
    if not operation.url:
        messages = [operation.declared["requestBody"]]
    contents = (resolve(document, message).get("content", {}) for message in messages)
    return (
        "response field" if operation.url else "callback field",
        [media["schema"] for content in contents for media in content.values()],
    )


def _headers(operation: Operation, document: dict[str, Any]) -> list[dict[str, Any]]:
    parameters = [resolve(document, parameter) for parameter in operation.declared.get("parameters", ())]
    return [parameter for parameter in parameters if parameter["in"] == "header" and not operation.url]


def _fields(document: dict[str, Any], schema: Any, at: str = "") -> Iterator[str]:
    """The members of a message, those inside JSON text too: `data/resultJson/resultUrls`."""
    for choice in _choices(document, schema):
        for name, member in choice.get("properties", {}).items():
            yield f"{at}{name}"
            yield from _fields(document, member, f"{at}{name}/")
        if "contentSchema" in choice:
            yield from _fields(document, choice["contentSchema"], at)


def _choices(document: dict[str, Any], schema: Any) -> Iterator[dict[str, Any]]:
    """A schema and what it may be."""
    resolved = resolve(document, schema)
    if isinstance(resolved, dict):
        yield resolved
        for keyword in ("anyOf", "oneOf", "allOf"):
            for choice in resolved.get(keyword, ()):
                yield from _choices(document, choice)


def _constraints(operation: Operation, document: dict[str, Any]) -> Iterator[str]:
    """What can be wrong with a request, named as the client's faults are: `input.prompt maxLength`."""
    for parameter in (resolve(document, each) for each in operation.declared.get("parameters", ())):
        if parameter.get("required"):
            yield f"{parameter['name']} required"
        yield from _limits(document, parameter["schema"], parameter["name"])
    body = resolve(document, operation.declared.get("requestBody", {"content": {}}))
    for media in body["content"].values():
        for choice in _choices(document, media["schema"]):
            if "properties" in choice:
                yield from _limits(document, choice, "")


def _limits(document: dict[str, Any], schema: Any, path: str) -> Iterator[str]:
    """The constraints of a value, and of what is in it."""
    declared = resolve(document, schema)
    if "contentMediaType" in declared:
        return
    if path:
        yield f"{path} type"
    for keyword in KEYWORDS:
        if keyword == "required":
            yield from (f"{_join(path, name)} required" for name in declared.get(keyword, ()))
        elif keyword == "additionalProperties" and declared.get(keyword) is False:
            yield f"{_join(path, '*')} additionalProperties"
        elif keyword == "dependentSchemas":
            yield from (f"{_join(path, '*')} dependentSchemas" for _ in declared.get(keyword, ()))
        elif keyword in declared and keyword not in ("properties", "items"):
            yield f"{path} {keyword}"
    for name, member in declared.get("properties", {}).items():
        yield from _limits(document, member, _join(path, name))
    if "items" in declared:
        yield from _limits(document, declared["items"], f"{path}[]")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def constraint(path: str, rule: str) -> str:
    """Name the constraint that a fault of the client is about."""
    place = re.sub(r"\[\d+\]", "[]", path)
    if rule in ("additionalProperties", "dependentSchemas"):
        place = _join(place.rpartition(".")[0], "*")
    return f"{place} {rule}"


def _recorded(
    recording: Recording, known: dict[str, Operation], document: dict[str, Any], state: tuple[str, ...]
) -> Iterator[Row]:
    """What one recording shows."""
    for exchange in recording.exchanges:
        operation = match(known, recording.operation, exchange.request.method, exchange.request.url)
        assert operation is not None, "the recordings were checked"
        yield Row("operation", operation.name)
        kind, schemas = _side(operation, document)
        text = exchange.response.text if operation.url else exchange.request.text
        if not operation.url:
            yield from (Row(kind, f"{operation.name} {p['name']}") for p in _headers(operation, document))
        try:
            body = json.loads(text)
        except ValueError:
            body = None
        code = body.get("code") if isinstance(body, dict) else None
        yield Row("code", f"{operation.name} {exchange.response.status if code is None else code}")
        for schema in schemas:
            for field, value in _present(document, schema, body):
                yield Row(kind, f"{operation.name} {field}")
                if field.split("/")[1:] == list(state) and isinstance(value, str):
                    yield Row("state", value)


def _present(document: dict[str, Any], schema: Any, value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """The declared members that a value has, and what they hold."""
    for choice in _choices(document, schema):
        if isinstance(value, dict):
            for name, member in choice.get("properties", {}).items():
                if name in value:
                    yield f"{at}{name}", value[name]
                    yield from _present(document, member, value[name], f"{at}{name}/")
        elif isinstance(value, str) and value and "contentSchema" in choice:
            yield from _present(document, choice["contentSchema"], json.loads(value), at)


# ---- What is not shown ---------------------------------------------------------------------------


def holes(coverage: Coverage, spec: Path) -> list[Diagnostic]:
    """Complain about what nothing shows and nobody explains, and about explanations that nothing needs."""
    path = spec / HOLES
    explained = load(path) if path.exists() else Document(path, "", {}, {})
    entries: dict[str, Any] = explained.data
    faults = [
        Diagnostic(
            Location(path), f"nothing shows '{row}'; record or test it, or say why not", "coverage-hole"
        )
        for row, shown in coverage.items()
        if not shown and str(row) not in entries
    ]
    rows = {str(row): shown for row, shown in coverage.items()}
    for name, why in entries.items():
        if name not in rows:
            message = f"the spec declares no '{name}'; remove the entry"
        elif rows[name]:
            message = f"'{name}' is shown; remove the entry"
        elif not isinstance(why, str) or not why.strip():
            message = f"'{name}' needs a reason"
        else:
            continue
        faults.append(Diagnostic(explained.locate(name), message, "coverage-entry"))
    return faults


def reasons(spec: Path) -> dict[str, str]:
    """The explained holes."""
    path = spec / HOLES
    return dict(load(path).data) if path.exists() else {}


def digest(*folders: Path) -> str:
    """What a test run depends on, as one word: another spec or other tests show something else."""
    found = sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"):
            found.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def write_shown(path: Path, of: str, shown: Mapping[str, list[str]]) -> None:
    """Keep what a whole test run showed: tests by constraint. `of` is the digest of what was run."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"of": of, "tests": shown}, indent=1), encoding="utf-8")


def read_shown(path: Path, of: str) -> dict[str, list[str]]:
    """What the last whole test run showed. Raises `InputError`, also when that was of something else."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        known, tests = record["of"], record["tests"]
    except FileNotFoundError:
        message = "no test run is on record; run `make test` first"
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"unreadable: {error}; run `make test`"
    else:
        if known == of:
            return dict(tests)
        message = "the test run on record is of another spec or of other tests; run `make test`"
    raise InputError([Diagnostic(Location(path), message, "coverage-run")])


# ---- The table -----------------------------------------------------------------------------------


def table(coverage: Coverage, explained: Mapping[str, str], today: date) -> Iterator[str]:
    """One line for each row: what it is, what shows it, of which provenance, and how old."""
    width = max(len(row.name) for row in coverage)
    kind = ""
    for row, shown in coverage.items():
        if row.kind != kind:
            kind = row.kind
            yield f"\n{kind}"
        yield f"  {row.name:{width}}  {_evidence(shown, today) or _missing(row, explained)}"


def summary(coverage: Coverage) -> Iterator[str]:
    """One line for each kind: how much of it is shown."""
    for kind in dict.fromkeys(row.kind for row in coverage):
        shown = [bool(what) for row, what in coverage.items() if row.kind == kind]
        yield f"{kind:16} {sum(shown):4} of {len(shown):4}"


def _evidence(shown: Shown, today: date) -> str:
    said = []
    if shown.recordings:
        kinds = ", ".join(sorted({recording.provenance.kind for recording in shown.recordings}))
        newest = max(recording.provenance.date for recording in shown.recordings)
        count = len(shown.recordings)
        said.append(f"{count} recording{'s' * (count > 1)} ({kinds}; {newest}, {age(newest, today)})")
    if shown.tests:
        count = len(shown.tests)
        said.append(f"{count} test{'s' * (count > 1)} ({min(shown.tests, key=len)})")
    return "; ".join(said)


def _missing(row: Row, explained: Mapping[str, str]) -> str:
    return f"nothing: {explained[str(row)]}" if str(row) in explained else "NOTHING"


def age(written: str, today: date) -> str:
    """How old a date of a year, a month or a day is, in whole months."""
    year, month, *_ = (*map(int, written.split("-")), 1, 1)
    months = (today.year - year) * 12 + today.month - month
    return f"{months} month{'s' * (months != 1)} old" if months else "this month"
