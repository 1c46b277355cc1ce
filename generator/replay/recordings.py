"""Reads recordings: HAR 1.2 files, one scenario a file, each saying where it comes from."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from generator.contract.load import Pointer, parse
from generator.diagnostics import Diagnostic, InputError, Location

SUFFIX = ".har"

# What stands in a recording instead of the key.
REDACTED = "Bearer [redacted]"

_SCHEMA = Path(__file__).with_name("har.schema.json")
_SECRET_HEADERS = ("cookie", "set-cookie", "proxy-authorization")


class Departure(NamedTuple):
    """A difference from the spec that is accepted: where, and why."""

    at: str
    reason: str


class Provenance(NamedTuple):
    """Where a recording comes from, and what in it is filled in."""

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
    """A request as recorded. Header names are lower case; `url` has its query."""

    method: str
    url: str
    headers: dict[str, str]
    query: dict[str, str]
    content_type: str
    text: str
    parts: tuple[Part, ...]


class Response(NamedTuple):
    """A reply as recorded. Header names are lower case."""

    status: int
    headers: dict[str, str]
    content_type: str
    text: str


class Exchange(NamedTuple):
    """One request and its reply."""

    request: Request
    response: Response


class Recording(NamedTuple):
    """One scenario: what was said, in order."""

    path: Path
    source: str
    provenance: Provenance
    exchanges: tuple[Exchange, ...]

    @property
    def operation(self) -> str:
        """The operation whose folder it lies in."""
        return self.path.parent.name

    @property
    def name(self) -> str:
        """Its name among all recordings: `createTask/page-example`."""
        return f"{self.operation}/{self.path.stem}"

    def locate(self, *pointer: str | int) -> Location:
        """Where `pointer` stands in the file."""
        return _locate(self.source, self.path, pointer)


def load(folder: Path) -> list[Recording]:
    """Read every recording below `folder`, sorted by name. Raises `InputError` with every fault."""
    found: list[Recording] = []
    faults: list[Diagnostic] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.suffix != SUFFIX or len(path.relative_to(folder).parts) != 2:
            message = "not a recording; those are <operation>/<scenario>.har"
            faults.append(Diagnostic(Location(path), message, "recording-place"))
            continue
        try:
            found.append(read(path))
        except InputError as error:
            faults += error.diagnostics
    if faults:
        raise InputError(faults)
    return found


def read(path: Path) -> Recording:
    """Read one recording. Raises `InputError` with what is wrong and where."""
    try:
        text = path.read_text(encoding="utf-8")
        data = json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        where = Location(path, error.lineno, error.colno)
        raise InputError([Diagnostic(where, f"not JSON: {error.msg}", "recording-json")]) from None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError([Diagnostic(Location(path), f"not JSON: {error}", "recording-json")]) from None
    faults = [*_shape(data)] or [*_secrets(data["log"]["entries"])]
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


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) < len(members):
        names = [name for name, _ in members]
        raise ValueError(f"the member '{next(n for n in names if names.count(n) > 1)}' stands twice")
    return found


def _locate(text: str, path: Path, pointer: Pointer) -> Location:
    """Find a place in JSON text. JSON is YAML, give or take an escape; where it is not, the file must do."""
    try:
        return parse(text, path).locate(*pointer)
    except InputError:
        return Location(path)


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(_SCHEMA.read_text(encoding="utf-8")))


def _shape(data: Any) -> Iterator[tuple[Pointer, str, str]]:
    for error in _validator().iter_errors(data):
        found = best_match([error]) or error
        at: Pointer = tuple(found.absolute_path)
        where = "/" + "/".join(map(str, at))
        if found.validator == "required" and "_provenance" in found.message:
            message = (
                "no _provenance: this HAR comes from another tool; add where the exchange comes from "
                "(kind, source, date, note, departs)"
            )
            yield at, message, "recording-provenance"
        elif "_provenance" in at:
            yield at, f"{where}: {found.message}", "recording-provenance"
        elif found.validator is None:  # the schema refuses one member, whatever it holds
            yield at, f"{where}/encoding: write the text itself, not Base64", "recording-shape"
        else:
            yield at, f"not HAR 1.2 as recordings need it, {where}: {found.message}", "recording-shape"


def _secrets(entries: list[dict[str, Any]]) -> Iterator[tuple[Pointer, str, str]]:
    for number, entry in enumerate(entries):
        for side in ("request", "response"):
            at: Pointer = ("log", "entries", number, side)
            if entry[side]["cookies"]:
                yield (*at, "cookies"), "cookies do not belong into a recording", "recording-secret"
            for index, header in enumerate(entry[side]["headers"]):
                name = header["name"].lower()
                if name == "authorization" and header["value"] != REDACTED:
                    message = f"this may be a key; write '{REDACTED}'"
                elif name in _SECRET_HEADERS:
                    message = f"the header {header['name']} does not belong into a recording"
                else:
                    continue
                yield (*at, "headers", index), message, "recording-secret"
