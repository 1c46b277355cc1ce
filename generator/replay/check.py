"""Checks recordings against the spec.

`_provenance.departs` lists accepted differences with reasons.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from generator.contract.load import Document, Pointer
from generator.contract.openapi import FAILURE_TYPES, key_header
from generator.contract.pointer import resolve
from generator.diagnostics import Diagnostic, InputError
from generator.replay.former_names import current_names
from generator.replay.operations import Operation, match, operations, reply
from generator.replay.recordings import Exchange, Recording, Request, Response, load_recordings
from generator.replay.schema import schema_faults

STATUS, CONTENT = "/status", "/content"


class ReplyDifference(NamedTuple):
    """A difference of a reply from the spec; `at` is written as in `departs`."""

    at: str
    message: str
    rule: str


def check_recordings(folder: Path, openapi: Document) -> list[Recording]:
    """Read and check every recording below a folder.

    Raises `InputError` with every fault.
    """
    recordings = load_recordings(folder)
    known = operations(openapi.data)
    found = [fault for recording in recordings for fault in _check_recording(recording, openapi.data, known)]
    if found:
        raise InputError(found)
    return recordings


def _check_recording(
    recording: Recording, document: dict[str, Any], known: dict[str, Operation]
) -> Iterator[Diagnostic]:
    if recording.operation not in known:
        message = f"there is no operation '{recording.operation}'; use a folder of {', '.join(known)}"
        yield Diagnostic(recording.locate(), message, "recording-place")
        return
    accepted = {departure.at for departure in recording.provenance.departs}
    used: set[str] = set()
    names: set[str] = set()
    for number, exchange in enumerate(recording.exchanges):
        at: Pointer = ("log", "entries", number)
        operation = match(known, recording.operation, exchange.request.method, exchange.request.url)
        if operation is None:
            call = f"{exchange.request.method} {exchange.request.url.partition('?')[0]}"
            message = f"the spec has no operation {call}"
            yield Diagnostic(recording.locate(*at, "request", "url"), message, "recording-request")
            continue
        names.add(operation.name)
        for where, message in _request(exchange, operation, document):
            yield Diagnostic(recording.locate(*at, "request", *where), message, "recording-request")
        for difference in _response(exchange.response, operation, document):
            if difference.at in accepted:
                used.add(difference.at)
                continue
            where = ("status",) if difference.at == STATUS else ("content",)
            message = (
                f"{difference.at or 'the whole body'}: {difference.message}; fix it, or give the reason in "
                f'_provenance.departs at "{difference.at}"'
            )
            yield Diagnostic(recording.locate(*at, "response", *where), message, difference.rule)
    if names and recording.operation not in names:
        message = f"no exchange is a call of '{recording.operation}', the operation of this folder"
        yield Diagnostic(recording.locate("log", "entries"), message, "recording-place")
    for index, departure in enumerate(recording.provenance.departs):
        if departure.at not in used:
            message = f'there is no difference from the spec at "{departure.at}"; remove the entry'
            yield Diagnostic(
                recording.locate("log", "_provenance", "departs", index), message, "recording-departs"
            )


def _request(
    exchange: Exchange, operation: Operation, document: dict[str, Any]
) -> Iterator[tuple[Pointer, str]]:
    """Yield the faults of a request.

    None is acceptable, since the client would not send it.
    """
    request = exchange.request
    if (
        operation.url
        and dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True)) != request.query
    ):
        yield ("queryString",), "url and queryString differ"
    parameters = [resolve(document, parameter) for parameter in operation.declared.get("parameters", ())]
    plain = urlsplit(request.url)._replace(query="", fragment="").geturl()
    for kind, given, place in (
        ("path", operation.path_parameters(plain) or {}, "url"),
        ("query", request.query, "queryString"),
        ("header", request.headers, "headers"),
    ):
        declared = {p["name"]: p for p in parameters if p["in"] == kind}
        for name, parameter in declared.items():
            value = given.get(name.lower() if kind == "header" else name)
            if value is None:
                if parameter.get("required"):
                    yield (place,), f"the {kind} parameter '{name}' is missing"
                continue
            for _, message in schema_faults(document, parameter["schema"], value):
                yield (place,), f"the {kind} parameter '{name}': {message}"
        if kind == "query":
            for name in given.keys() - declared.keys():
                yield (place,), f"there is no query parameter '{name}'"
    header, _ = key_header(document)
    # Calls need the key unless they say otherwise; callbacks do not.
    secured = bool(operation.declared.get("security", operation.url))
    if secured != (header.lower() in request.headers):
        yield (
            ("headers",),
            f"the header {header} is missing" if secured else f"this call must not send {header}",
        )
    yield from ((("postData",), message) for message in _request_body(request, operation, document))


def _request_body(request: Request, operation: Operation, document: dict[str, Any]) -> Iterator[str]:
    content = resolve(document, operation.declared.get("requestBody", {})).get("content", {})
    media_type = _media_type(request.content_type)
    if media_type not in content and (content or media_type):
        yield f"the body has the type {media_type or 'none'}, expected {' or '.join(content) or 'none'}"
        return
    if not content:
        return
    body: Any = {part.name: part.value for part in request.parts}
    if media_type == "application/json":
        try:
            body = json.loads(request.text)
        except ValueError as error:
            yield f"the body is not JSON: {error}"
            return
    schema = content[media_type]["schema"]
    for at, message in schema_faults(document, schema, current_names(document, schema, body)):
        yield f"the body at '{at}': {message}"


def _response(
    response: Response, operation: Operation, document: dict[str, Any]
) -> Iterator[ReplyDifference]:
    declared = reply(document, operation, response.status)
    if declared is None:
        known = ", ".join(operation.declared["responses"])
        yield ReplyDifference(
            STATUS, f"HTTP {response.status} is not declared; declared are {known}", "recording-status"
        )
        return
    content = declared.get("content")
    if content is None:
        return
    media_type = _media_type(response.content_type)
    if media_type not in content:
        message = f"the type '{media_type}' is not declared; declared are {', '.join(content)}"
        yield ReplyDifference(CONTENT, message, "recording-content")
        return
    body: Any = response.text
    if media_type in FAILURE_TYPES:
        try:
            body = json.loads(response.text)
        except ValueError as error:
            yield ReplyDifference(CONTENT, f"the body is not JSON: {error}", "recording-content")
            return
    for at, message in schema_faults(document, content[media_type]["schema"], body):
        yield ReplyDifference(at, message, "recording-body")


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
