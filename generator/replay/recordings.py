"""Reads recordings: HAR 1.2 files with one scenario and its provenance each."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from generator.contract.load import Pointer, parse
from generator.diagnostics import Diagnostic, InputError, Location

SUFFIX = ".har"

# What replaces an API key in a recording.
MARK = "[redacted]"

_SCHEMA = Path(__file__).with_name("har.schema.json")
_KEY_HEADER = re.compile(r"authorization|(.*-)?(key|token|secret)")
_SECRET_HEADERS = ("cookie", "set-cookie", "proxy-authorization")


class Departure(NamedTuple):
    """An accepted difference from the spec: its place and the reason."""

    at: str
    reason: str


class Provenance(NamedTuple):
    """Where a recording comes from, and which parts of it were filled in."""

    kind: str
    source: str
    date: str
    note: str
    departs: tuple[Departure, ...]


class Part(NamedTuple):
    """One part of a multipart body."""

    name: str
    value: str
    file_name: str
    content_type: str


class Request(NamedTuple):
    """A recorded request. Header names are in lower case; `url` includes the query."""

    method: str
    url: str
    headers: dict[str, str]
    query: dict[str, str]
    content_type: str
    text: str
    parts: tuple[Part, ...]


class Response(NamedTuple):
    """A recorded reply. Header names are in lower case."""

    status: int
    headers: dict[str, str]
    content_type: str
    text: str


class Exchange(NamedTuple):
    """One request and its reply."""

    request: Request
    response: Response


class Recording(NamedTuple):
    """One scenario: its exchanges in order."""

    path: Path
    source: str
    provenance: Provenance
    exchanges: tuple[Exchange, ...]

    @property
    def operation(self) -> str:
        """Return the operation whose folder contains the recording."""
        return self.path.parent.name

    @property
    def name(self) -> str:
        """Return the unique name, such as `createTask/page-example`."""
        return f"{self.operation}/{self.path.stem}"

    def locate(self, *pointer: str | int) -> Location:
        """Return the position of a place in the file."""
        return _locate(self.source, self.path, pointer)


def load_recordings(folder: Path) -> list[Recording]:
    """Read every recording below `folder`, sorted by name.

    Raises `InputError` with every fault.
    """
    found: list[Recording] = []
    faults: list[Diagnostic] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.suffix != SUFFIX or len(path.relative_to(folder).parts) != 2:
            message = "not a recording; recordings are named <operation>/<scenario>.har"
            faults.append(Diagnostic(Location(path), message, "recording-place"))
            continue
        try:
            found.append(read_recording(path))
        except InputError as error:
            faults += error.diagnostics
    if faults:
        raise InputError(faults)
    return found


def read_recording(path: Path) -> Recording:
    """Read one recording. Raises `InputError` with every fault."""
    try:
        text = path.read_text(encoding="utf-8")
        data = json.loads(text, object_pairs_hook=_unique_members)
    except json.JSONDecodeError as error:
        where = Location(path, error.lineno, error.colno)
        raise InputError([Diagnostic(where, f"not JSON: {error.msg}", "recording-json")]) from None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError([Diagnostic(Location(path), f"not JSON: {error}", "recording-json")]) from None
    faults = [*_shape_faults(data)] or [*_secret_faults(data["log"]["entries"])]
    if faults:
        raise InputError([Diagnostic(_locate(text, path, at), message, rule) for at, message, rule in faults])
    log = data["log"]
    departs = tuple(Departure(**entry) for entry in log["_provenance"]["departs"])
    provenance = Provenance(**{**log["_provenance"], "departs": departs})
    return Recording(path, text, provenance, tuple(map(_exchange, log["entries"])))


def _exchange(entry: dict[str, Any]) -> Exchange:
    request, response = entry["request"], entry["response"]
    post = request.get("postData", {})
    parts = (
        Part(part["name"], part["value"], part.get("fileName", ""), part.get("contentType", ""))
        for part in post.get("params", ())
    )
    return Exchange(
        Request(
            method=request["method"],
            url=request["url"],
            headers=_headers(request),
            query=_pairs(request["queryString"]),
            content_type=post.get("mimeType", ""),
            text=post.get("text", ""),
            parts=tuple(parts),
        ),
        Response(
            status=response["status"],
            headers=_headers(response),
            content_type=response["content"]["mimeType"],
            text=response["content"]["text"],
        ),
    )


def _headers(message: dict[str, Any]) -> dict[str, str]:
    return {name.lower(): value for name, value in _pairs(message["headers"]).items()}


def _pairs(entries: list[dict[str, str]]) -> dict[str, str]:
    return {entry["name"]: entry["value"] for entry in entries}


def _unique_members(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) < len(members):
        names = [name for name, _ in members]
        raise ValueError(f"the member '{next(n for n in names if names.count(n) > 1)}' is there twice")
    return found


def _locate(text: str, path: Path, pointer: Pointer) -> Location:
    """Return the position of a place in JSON text, which is read as YAML.

    The few JSON texts that are not YAML give the position of the file.
    """
    try:
        return parse(text, path).locate(*pointer)
    except InputError:
        return Location(path)


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(_SCHEMA.read_text(encoding="utf-8")))


def _shape_faults(data: Any) -> Iterator[tuple[Pointer, str, str]]:
    for error in _validator().iter_errors(data):
        found = best_match([error]) or error
        at: Pointer = tuple(found.absolute_path)
        where = "/" + "/".join(map(str, at))
        if found.validator == "required" and "_provenance" in found.message:
            message = (
                "_provenance is missing, so this HAR comes from another tool; add where the exchange "
                "comes from (kind, source, date, note, departs)"
            )
            yield at, message, "recording-provenance"
        elif "_provenance" in at:
            yield at, f"{where}: {found.message}", "recording-provenance"
        elif found.validator is None:  # the schema forbids the member `encoding`
            yield at, f"{where}/encoding: remove it and write the text itself, not Base64", "recording-shape"
        else:
            yield (
                at,
                f"not HAR 1.2 with the members of a recording, {where}: {found.message}",
                "recording-shape",
            )


def _secret_faults(entries: list[dict[str, Any]]) -> Iterator[tuple[Pointer, str, str]]:
    for number, entry in enumerate(entries):
        for side in ("request", "response"):
            at: Pointer = ("log", "entries", number, side)
            if entry[side]["cookies"]:
                yield (
                    (*at, "cookies"),
                    "a recording must not contain cookies; remove them",
                    "recording-secret",
                )
            for index, header in enumerate(entry[side]["headers"]):
                name = header["name"].lower()
                if _KEY_HEADER.fullmatch(name) and header["value"] not in (MARK, f"Bearer {MARK}"):
                    expected = f"Bearer {MARK}" if name == "authorization" else MARK
                    message = f"this may be an API key; write '{expected}'"
                elif name in _SECRET_HEADERS:
                    message = f"a recording must not contain the header {header['name']}; remove it"
                else:
                    continue
                yield (*at, "headers", index), message, "recording-secret"
