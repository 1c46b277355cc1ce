"""Coverage of the contract: which recordings and tests show each part of it.

A row is one thing that the spec declares. A recording shows the operations, codes, states and fields
that it contains. A test shows a constraint of a request if the client rejects a request for it.
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
from generator.contract.openapi import accepted_status
from generator.contract.pointer import resolve
from generator.contract.source import Source
from generator.diagnostics import Diagnostic, InputError, Location
from generator.replay.operations import Operation, match, operations
from generator.replay.recordings import Recording
from generator.runtime.contract.json_schema import KEYWORDS

HOLES = "coverage-holes.yaml"

JSON = "application/json"


class Row(NamedTuple):
    """One thing that the spec declares: its kind and its name."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Evidence(NamedTuple):
    """The recordings and tests that show a row."""

    recordings: tuple[Recording, ...]
    tests: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.recordings or self.tests)


Coverage = dict[Row, Evidence]


def cover(source: Source, recordings: list[Recording], tests: Mapping[str, list[str]]) -> Coverage:
    """Return what shows each row.

    `tests` maps a constraint to the tests in which it was violated.
    """
    known = operations(source.openapi.data)
    found: defaultdict[Row, list[Recording]] = defaultdict(list)
    for recording in recordings:
        for row in set(_rows_shown(recording, known, source)):
            found[row].append(recording)
    return {
        row: Evidence(tuple(found[row]), tuple(tests.get(row.name, ()) if row.kind == "constraint" else ()))
        for row in _rows(source, known)
    }


def _rows(source: Source, known: dict[str, Operation]) -> list[Row]:
    """Return everything that the spec declares, kind by kind."""
    document, workflow = source.openapi.data, source.contract.api.workflow
    resources = {model.model: model.name for model in source.contract.models}
    rows = [Row("operation", name) for name in known]
    for name in (*workflow.creates, workflow.poll):
        rows += [Row("code", f"{name} {code}") for code in source.contract.api.codes]
    record = document["components"]["schemas"][source.contract.state_class]
    rows += [Row("state", value) for value in record["enum"]]
    for name, operation in known.items():
        kind, schemas = _received_message(operation, document)
        for schema in schemas:
            rows += [Row(kind, f"{name} {field}") for field in _fields(document, schema)]
        rows += [Row(kind, f"{name} {parameter['name']}") for parameter in _headers(operation, document)]
        if operation.url:
            rows += [Row("constraint", one) for one in _constraints(operation, document, resources)]
    return list(dict.fromkeys(rows))


def _received_message(operation: Operation, document: dict[str, Any]) -> tuple[str, list[Any]]:
    """Return the kind and schemas of what the service writes: a reply or a callback."""
    responses = operation.declared["responses"]
    messages = [responses[accepted_status(responses) or "200"]]
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
    """Yield the members of a message: `data/resultJson/resultUrls`.

    Members of JSON inside a string are included.
    """
    for choice in _choices(document, schema):
        for name, member in choice.get("properties", {}).items():
            yield f"{at}{name}"
            yield from _fields(document, member, f"{at}{name}/")
        if "contentSchema" in choice:
            yield from _fields(document, choice["contentSchema"], at)


def _choices(document: dict[str, Any], schema: Any) -> Iterator[dict[str, Any]]:
    """Yield a schema and the branches of its anyOf, oneOf and allOf."""
    resolved = resolve(document, schema)
    if isinstance(resolved, dict):
        yield resolved
        for keyword in ("anyOf", "oneOf", "allOf"):
            for choice in resolved.get(keyword, ()):
                yield from _choices(document, choice)


def _constraints(operation: Operation, document: dict[str, Any], resources: dict[str, str]) -> Iterator[str]:
    """Yield the constraints of a request: `uploadPath type`; of a model `v3_edit input.prompt maxLength`."""
    for parameter in (resolve(document, each) for each in operation.declared.get("parameters", ())):
        if parameter.get("required"):
            yield f"{parameter['name']} required"
        yield from _limits(document, parameter["schema"], parameter["name"])
    body = resolve(document, operation.declared.get("requestBody", {"content": {}}))
    for media in body["content"].values():
        schema = resolve(document, media["schema"])
        chosen = schema.get("discriminator", {"propertyName": "", "mapping": {}})
        for model, reference in chosen["mapping"].items():
            for limit in _limits(document, {"$ref": reference}, ""):
                # The member that selects the model is checked before the model is known.
                is_shared = limit.split()[0] == chosen["propertyName"]
                yield limit if is_shared else f"{resources[model]} {limit}"
        for choice in _choices(document, schema) if not chosen["mapping"] else ():
            if "properties" in choice:
                yield from _limits(document, choice, "")


def _limits(document: dict[str, Any], schema: Any, path: str) -> Iterator[str]:
    """Yield the constraints of a value and of the values within it."""
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


def constraint(path: str, rule: str, resource: str = "") -> str:
    """Return the name of the constraint that a fault of the client is about.

    `resource` is that of the model whose request it is, if any.
    """
    place = re.sub(r"\[\d+\]", "[]", path)
    if rule in ("additionalProperties", "dependentSchemas"):
        place = _join(place.rpartition(".")[0], "*")
    return f"{resource} {place} {rule}".strip()


def _rows_shown(recording: Recording, known: dict[str, Operation], source: Source) -> Iterator[Row]:
    """Yield the rows that one recording shows."""
    document, contract = source.openapi.data, source.contract.api
    verdict, state = contract.envelope.code, contract.workflow.outputs["state"].pointer
    for exchange in recording.exchanges:
        operation = match(known, recording.operation, exchange.request.method, exchange.request.url)
        assert operation is not None, "check_recordings requires an operation"
        yield Row("operation", operation.name)
        kind, schemas = _received_message(operation, document)
        text = exchange.response.text if operation.url else exchange.request.text
        if not operation.url:
            yield from (Row(kind, f"{operation.name} {p['name']}") for p in _headers(operation, document))
        try:
            body = json.loads(text)
        except ValueError:
            body = None
        code = body.get(verdict) if isinstance(body, dict) and verdict else None
        yield Row("code", f"{operation.name} {exchange.response.status if code is None else code}")
        for schema in schemas:
            for field, value in _present(document, schema, body):
                yield Row(kind, f"{operation.name} {field}")
                if tuple(field.split("/"))[-len(state) :] == state and isinstance(value, str):
                    yield Row("state", value)


def _present(document: dict[str, Any], schema: Any, value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the declared members that a value has, and their values."""
    for choice in _choices(document, schema):
        if isinstance(value, dict):
            for name, member in choice.get("properties", {}).items():
                if name in value:
                    yield f"{at}{name}", value[name]
                    yield from _present(document, member, value[name], f"{at}{name}/")
        elif isinstance(value, str) and value and "contentSchema" in choice:
            yield from _present(document, choice["contentSchema"], json.loads(value), at)


# ---- What is missing ------------------------------------------------------------------------------


def holes(coverage: Coverage, spec: Path) -> list[Diagnostic]:
    """Report rows without evidence or explanation, and unneeded explanations."""
    path = spec / HOLES
    explained = load(path) if path.exists() else Document(path, "", {}, {})
    entries: dict[str, Any] = explained.data
    faults = [
        Diagnostic(
            Location(path),
            f"nothing shows '{row}'; record or test it, or give the reason here",
            "coverage-hole",
        )
        for row, shown in coverage.items()
        if not shown and str(row) not in entries
    ]
    rows = {str(row): shown for row, shown in coverage.items()}
    for name, why in entries.items():
        if name not in rows:
            message = f"the spec does not declare '{name}'; remove the entry"
        elif rows[name]:
            message = f"'{name}' is shown; remove the entry"
        elif not isinstance(why, str) or not why.strip():
            message = f"'{name}' needs a reason"
        else:
            continue
        faults.append(Diagnostic(explained.locate(name), message, "coverage-entry"))
    return faults


def reasons(spec: Path) -> dict[str, str]:
    """Return the reason of each explained hole."""
    path = spec / HOLES
    return dict(load(path).data) if path.exists() else {}


def digest(*folders: Path) -> str:
    """Return a hash of the files in some folders, to detect an outdated test run."""
    found = sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"):
            found.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def write_shown(path: Path, of: str, shown: Mapping[str, list[str]]) -> None:
    """Store what a complete test run showed: tests by constraint.

    `of` is the digest of its sources.
    """
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"of": of, "tests": shown}, indent=1), encoding="utf-8")


def read_shown(path: Path, of: str) -> dict[str, list[str]]:
    """Return what the last complete test run showed.

    Raises `InputError` if its sources have changed.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        known, tests = record["of"], record["tests"]
    except FileNotFoundError:
        message = "there is no recorded test run; run `make test` first"
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"cannot read the recorded test run: {error}; run `make test`"
    else:
        if known == of:
            return dict(tests)
        message = "the recorded test run used another spec or other tests; run `make test`"
    raise InputError([Diagnostic(Location(path), message, "coverage-run")])


# ---- The table -----------------------------------------------------------------------------------


def table(coverage: Coverage, explained: Mapping[str, str], today: date) -> Iterator[str]:
    """Yield one line per row: its name, its evidence, and its provenance and age."""
    width = max(len(row.name) for row in coverage)
    kind = ""
    for row, shown in coverage.items():
        if row.kind != kind:
            kind = row.kind
            yield f"\n{kind}"
        yield f"  {row.name:{width}}  {_describe_evidence(shown, today) or _missing(row, explained)}"


def summary(coverage: Coverage) -> Iterator[str]:
    """Yield one line per kind: how many of its rows are shown."""
    for kind in dict.fromkeys(row.kind for row in coverage):
        shown = [bool(what) for row, what in coverage.items() if row.kind == kind]
        yield f"{kind:16} {sum(shown):4} of {len(shown):4}"


def _describe_evidence(shown: Evidence, today: date) -> str:
    parts = []
    if shown.recordings:
        kinds = ", ".join(sorted({recording.provenance.kind for recording in shown.recordings}))
        newest = max(recording.provenance.date for recording in shown.recordings)
        count = len(shown.recordings)
        parts.append(f"{count} recording{'s' * (count > 1)} ({kinds}; {newest}, {age(newest, today)})")
    if shown.tests:
        count = len(shown.tests)
        parts.append(f"{count} test{'s' * (count > 1)} ({min(shown.tests, key=len)})")
    return "; ".join(parts)


def _missing(row: Row, explained: Mapping[str, str]) -> str:
    return f"nothing: {explained[str(row)]}" if str(row) in explained else "NOTHING"


def age(written: str, today: date) -> str:
    """Return the age, in whole months, of a date given as a year, a month or a day."""
    year, month, *_ = (*map(int, written.split("-")), 1, 1)
    months = (today.year - year) * 12 + today.month - month
    return f"{months} month{'s' * (months != 1)} old" if months else "this month"
