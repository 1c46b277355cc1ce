"""Make mutants of recordings: each changes one value that the spec constrains."""

import copy
import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from generator.contract.load import Document, Pointer
from generator.contract.pointer import resolve
from generator.replay.operations import Operation, match, operations, reply
from generator.replay.recordings import Exchange, Recording

# A value of each type, used where another type is declared.
OF_TYPE: dict[str, Any] = {
    "string": "seven",
    "integer": 7,
    "boolean": True,
    "object": {},
    "array": [],
    "null": None,
}

JSON = "application/json"


class RecordedMutant(NamedTuple):
    """A recording with one change in it."""

    recording: str
    what: str
    kind: str
    part: str
    text: str

    @property
    def name(self) -> str:
        """Return the name: `createTask/page-example.har 0/response/data/taskId changed to 7`."""
        return f"{self.recording}.har {self.what}"


def mutants(recordings: list[Recording], openapi: Document) -> Iterator[RecordedMutant]:
    """Yield every mutant of the recordings."""
    known = operations(openapi.data)
    for recording in recordings:
        for number, exchange in enumerate(recording.exchanges):
            operation = match(known, recording.operation, exchange.request.method, exchange.request.url)
            assert operation is not None, "the recordings were checked"
            for what, kind, har in _changes(recording, number, exchange, operation, openapi.data):
                text = json.dumps(har, ensure_ascii=False)
                yield RecordedMutant(recording.name, f"{number}/{what}", kind, operation.name, text)


Changed = tuple[str, str, dict[str, Any]]


def _changes(
    recording: Recording, number: int, exchange: Exchange, operation: Operation, document: dict[str, Any]
) -> Iterator[Changed]:
    """Yield each change: its description, its kind and the whole changed HAR."""

    def put(value: Any, *pointer: str) -> dict[str, Any]:
        har: dict[str, Any] = json.loads(recording.source)
        holder = har["log"]["entries"][number]
        for name in pointer[:-1]:
            holder = holder[name]
        holder[pointer[-1]] = value
        return har

    request, response = exchange.request, exchange.response
    entry = json.loads(recording.source)["log"]["entries"][number]
    yield "request/method changed", "method", put("PATCH", "request", "method")
    if operation.url:
        path = urlsplit(request.url).path
        yield "request/url changed", "path", put(request.url.replace(path, path + "X"), "request", "url")
        headers = [header for header in entry["request"]["headers"] if header["name"] != "Authorization"]
        yield "request/headers without key", "header name", put(headers, "request", "headers")
    for name in request.query:
        pairs = [pair for pair in entry["request"]["queryString"] if pair["name"] != name]
        yield f"request/queryString without {name}", "drop", put(pairs, "request", "queryString")
    if request.content_type:
        at = "request", "postData"
        yield "request/mimeType changed", "media type", put("text/x", *at, "mimeType")
        if request.content_type.startswith(JSON):
            schema = resolve(document, operation.declared["requestBody"])["content"][JSON]["schema"]
            for what, kind, body in _bodies(document, schema, request.text):
                yield f"request{what}", kind, put(body, *at, "text")
    yield "response/status changed", "code", put(301 if response.status == 200 else 200, "response", "status")
    content = (reply(document, operation, response.status) or {}).get("content")
    if content:
        at = "response", "content"
        yield "response/mimeType changed", "media type", put("text/x", *at, "mimeType")
        if response.content_type.startswith(JSON):
            for what, kind, body in _bodies(document, content[JSON]["schema"], response.text):
                yield f"response{what}", kind, put(body, *at, "text")


def _bodies(document: dict[str, Any], schema: Any, text: str) -> Iterator[tuple[str, str, str]]:
    """Yield a JSON body with each of its constrained values changed."""
    try:
        body = json.loads(text)
    except ValueError:
        return
    for at, kind, what, changed in _values(document, [schema], body, ()):
        yield "".join(f"/{part}" for part in at) + " " + what, kind, json.dumps(changed, ensure_ascii=False)


def _values(
    document: dict[str, Any], schemas: list[Any], value: Any, at: Pointer
) -> Iterator[tuple[Pointer, str, str, Any]]:
    """Yield each change: its place, kind, description and the whole changed value."""
    found = [choice for schema in schemas for choice in _choices(document, schema)]
    allowed = [kind for schema in found for kind in _types(schema)]
    if allowed and all(_types(schema) for schema in found):
        kind = next(
            kind
            for kind in OF_TYPE
            if kind not in allowed and not (kind == "integer" and "number" in allowed)
        )
        yield at, "retype", f"changed to {json.dumps(OF_TYPE[kind])}", copy.copy(OF_TYPE[kind])
    named = [option for schema in found for option in [*schema.get("enum", ()), *(_const(schema))]]
    other = next((option for option in named if option != value), None)
    if other is not None and value in named and not isinstance(value, dict | list):
        yield at, "value", f"changed to {json.dumps(other)}", other
    if isinstance(value, dict):
        required = {name for schema in found for name in schema.get("required", ())}
        for name, member in value.items():
            if name in required:
                rest = {other: held for other, held in value.items() if other != name}
                yield (*at, name), "drop", "dropped", rest
            inner = [schema["properties"][name] for schema in found if name in schema.get("properties", {})]
            for place, kind, what, changed in _values(document, inner, member, (*at, name)):
                yield place, kind, what, {**value, name: changed}
    elif isinstance(value, list):
        inner = [schema["items"] for schema in found if "items" in schema]
        for index, item in enumerate(value):
            for place, kind, what, changed in _values(document, inner, item, (*at, index)):
                yield place, kind, what, [*value[:index], changed, *value[index + 1 :]]
    elif isinstance(value, str) and value:
        inner = [schema["contentSchema"] for schema in found if "contentSchema" in schema]
        if inner:
            for place, kind, what, changed in _values(document, inner, json.loads(value), at):
                yield (*place[: len(at)], "text", *place[len(at) :]), kind, what, json.dumps(changed)


def _choices(document: dict[str, Any], schema: Any) -> Iterator[dict[str, Any]]:
    """Yield a schema and its alternatives, without references."""
    resolved = resolve(document, schema)
    if not isinstance(resolved, dict):
        return
    yield resolved
    for keyword in ("anyOf", "oneOf", "allOf"):
        for choice in resolved.get(keyword, ()):
            yield from _choices(document, choice)


def _types(schema: dict[str, Any]) -> list[str]:
    if any(keyword in schema for keyword in ("anyOf", "oneOf", "allOf")):
        return ["…"]  # the alternatives have the types
    declared = schema.get("type", [])
    return [declared] if isinstance(declared, str) else list(declared)


def _const(schema: dict[str, Any]) -> list[Any]:
    return [schema["const"]] if "const" in schema else []
