"""Records scenarios: makes the calls of `spec/record.yaml` and writes HAR files."""

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import httpx

from generator.contract.identity import identity
from generator.contract.load import Document, parse
from generator.contract.model import PackageIdentity
from generator.contract.openapi import fixed_headers, key_header
from generator.diagnostics import Diagnostic, InputError, Location
from generator.replay.operations import Operation, operations
from generator.replay.pictures import PICTURES
from generator.replay.recordings import MARK
from generator.replay.redact import leaks, redacted
from generator.replay.schema import schema_faults
from generator.runtime.contract.pointer import get_pointer, parse_pointer

SCENARIOS = "record.yaml"

# A task that is not settled after this many polls is recorded in the state that it has reached.
POLLS = 300
PAUSE = 3.0

# A server on this machine is a sandbox; its recordings must not claim to come from the service.
LOCAL_HOST = re.compile(r"localhost|127(\.\d+){3}|::1")

_STEP = {
    "type": "object",
    "required": ["call"],
    "additionalProperties": False,
    "properties": {
        "call": {"type": "string"},
        "key": {"type": "string"},
        "path": {"type": "object", "additionalProperties": {"type": "string"}},
        "query": {"type": "object", "additionalProperties": {"type": "string"}},
        "body": {"type": "object"},
        "parts": {"type": "object", "additionalProperties": {"type": "string"}},
        "keep": {"type": "object", "additionalProperties": {"type": "string"}},
        "until": {"type": "object", "additionalProperties": {"type": "array"}},
    },
}
_SHAPE = {
    "type": "object",
    "required": ["name", "steps"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "pattern": "^[A-Za-z0-9]+/[a-z0-9-]+$"},
        "paid": {"type": "boolean"},
        "steps": {"type": "array", "minItems": 1, "items": _STEP},
    },
}


class Scenario(NamedTuple):
    """One recording to make."""

    name: str
    paid: bool
    steps: list[dict[str, Any]]


class Server(NamedTuple):
    """The server to call.

    `base` replaces every server of the spec, unless it is one of them.
    """

    base: str
    key: str
    sleep: Callable[[float], object] = time.sleep

    def url(self, operation: Operation, document: dict[str, Any]) -> str:
        """Return the URL to call for an operation."""
        declared = {server["url"] for server in document["servers"]}
        if self.base in declared:
            return operation.url
        path = operation.url.partition("://")[2].partition("/")[2]
        return f"{self.base}/{path}"


def scenarios(spec: Path, openapi: Document) -> list[Scenario]:
    """Read the scenarios to record.

    Raises `InputError` for a scenario that cannot be played.
    """
    source = load_list(spec / SCENARIOS)
    known = operations(openapi.data)
    found = []
    if not isinstance(source.data["scenarios"], list):
        message = "expected a list of scenarios, each with a `name` and `steps`"
        raise InputError([Diagnostic(Location(spec / SCENARIOS), message, "record-scenario")])
    for number, entry in enumerate(source.data["scenarios"]):
        at = source.locate("scenarios", number)
        for where, message in schema_faults({}, _SHAPE, entry):
            raise InputError([Diagnostic(at, f"{where or 'the scenario'}: {message}", "record-scenario")])
        for step in entry["steps"]:
            if step["call"] not in known or not known[step["call"]].url:
                message = f"there is no operation '{step['call']}'; the operations are {', '.join(known)}"
                raise InputError([Diagnostic(at, message, "record-scenario")])
        found.append(Scenario(entry["name"], entry.get("paid", False), entry["steps"]))
    return found


def load_list(path: Path) -> Document:
    """Read a YAML list as the member `scenarios` of a document."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(
            [Diagnostic(Location(path), f"cannot read: {error.strerror}", "file-missing")]
        ) from None
    indented = "".join(f"  {line}\n" if line.strip() else "\n" for line in text.splitlines())
    return parse(f"scenarios:\n{indented}", path)


def play(scenario: Scenario, server: Server, openapi: Document) -> dict[str, Any]:
    """Play one scenario and return its redacted HAR.

    Raises `InputError` if the server does not answer.
    """
    known = operations(openapi.data)
    package = identity(openapi.data["x-package"])
    variables: dict[str, str] = dict(PICTURES)
    entries = []
    with httpx.Client(
        timeout=60, headers={"User-Agent": f"{package.user_agent}-record/1 (python)"}, trust_env=False
    ) as http:
        for step in scenario.steps:
            reply: Any = None
            for poll in range(POLLS):
                if poll:
                    server.sleep(PAUSE)
                entry, reply = _exchange(http, step, known[step["call"]], server, variables, openapi.data)
                entries.append(entry)
                if all(
                    get_pointer(reply, _member_names(at)) in values
                    for at, values in step.get("until", {}).items()
                ):
                    break
            variables |= {
                name: str(get_pointer(reply, _member_names(at))) for name, at in step.get("keep", {}).items()
            }
    return _har(
        redacted(entries, server.key, server.base, openapi.data["servers"][0]["url"]), server, package
    )


def _exchange(
    http: httpx.Client,
    step: dict[str, Any],
    operation: Operation,
    server: Server,
    variables: dict[str, str],
    document: dict[str, Any],
) -> tuple[dict[str, Any], Any]:
    query = _filled(step.get("query", {}), variables)
    header, prefix = key_header(document)
    fixed = fixed_headers(document, operation.declared)
    headers = {header: f"{prefix}{step.get('key', server.key)}"} | fixed
    path = _filled(step.get("path", {}), variables)
    given: dict[str, Any] = {"params": query, "headers": headers}
    post: dict[str, Any] = {}
    if "body" in step:
        body = _filled(step["body"], variables)
        given["json"] = body
        post = {"mimeType": "application/json", "text": json.dumps(body, ensure_ascii=False)}
    if "parts" in step:
        parts = _filled(step["parts"], variables)
        given["data"] = {name: value for name, value in parts.items() if name != "file"}
        given["files"] = {"file": (parts.get("fileName", "file"), parts["file"].encode(), "text/plain")}
        post = {"mimeType": "multipart/form-data", "params": _params(parts)}
    started = datetime.now(UTC)
    try:
        reply = http.request(operation.method, _in_place(server.url(operation, document), path), **given)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        message = f"{operation.name}: no reply from {server.base}: {type(error).__name__}: {error}"
        raise InputError([Diagnostic(Location(Path(SCENARIOS)), message, "record-server")]) from None
    request = {
        "method": operation.method,
        "url": _in_place(operation.url, path) + (f"?{urlencode(query)}" if query else ""),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [
            {"name": header, "value": f"{prefix}{MARK}"},
            *({"name": name, "value": value} for name, value in fixed.items()),
            *([{"name": "Content-Type", "value": post["mimeType"]}] if post else []),
        ],
        "queryString": [{"name": name, "value": value} for name, value in query.items()],
        **({"postData": post} if post else {}),
        "headersSize": -1,
        "bodySize": -1,
    }
    kind = reply.headers.get("content-type", "")
    response = {
        "status": reply.status_code,
        "statusText": reply.reason_phrase,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": "Content-Type", "value": kind}],
        "content": {"size": len(reply.content), "mimeType": kind, "text": reply.text},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
    }
    took = (datetime.now(UTC) - started).total_seconds() * 1000
    entry = {
        "startedDateTime": started.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "time": round(took),
        "request": request,
        "response": response,
        "cache": {},
        "timings": {"send": 0, "wait": round(took), "receive": 0},
    }
    try:
        return entry, reply.json()
    except ValueError:
        return entry, None


def _params(parts: dict[str, str]) -> list[dict[str, str]]:
    """Return the parts of a multipart body in the form of HAR."""
    return [
        {"name": name, "value": value}
        | ({"fileName": parts.get("fileName", "file"), "contentType": "text/plain"} if name == "file" else {})
        for name, value in parts.items()
    ]


def _in_place(url: str, path: dict[str, str]) -> str:
    """Return a URL with its parameters in place of their names in braces."""
    for name, value in path.items():
        url = url.replace(f"{{{name}}}", quote(value, safe=""))
    return url


def _filled(value: Any, variables: dict[str, str]) -> Any:
    """Replace each `$name` in a step's value with the value that an earlier step stored."""
    if isinstance(value, dict):
        return {name: _filled(member, variables) for name, member in value.items()}
    if isinstance(value, list):
        return [_filled(item, variables) for item in value]
    return variables.get(value[1:], value) if isinstance(value, str) and value.startswith("$") else value


def _member_names(path: str) -> tuple[str, ...]:
    """Split a path of `keep` or `until`: a JSON pointer without its first slash."""
    return parse_pointer(f"/{path}")


def _har(entries: list[dict[str, Any]], server: Server, package: PackageIdentity) -> dict[str, Any]:
    host = httpx.URL(server.base).host
    local = LOCAL_HOST.fullmatch(host)
    provenance: dict[str, object] = {
        "kind": "sandbox" if local else "live",
        "source": "the sandbox of this package" if local else host,
        "date": datetime.now(UTC).date().isoformat(),
        "note": "Recorded by `make record`, without keys, cookies, account numbers and signed queries.",
        "departs": [],
    }
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": package.distribution, "version": "0.1.0"},
            "_provenance": provenance,
            "entries": entries,
        }
    }


def save(har: dict[str, Any], folder: Path, name: str, key: str) -> Path:
    """Write a recording.

    Raises `InputError` and writes nothing if it still has a secret.
    """
    path = folder / f"{name}.har"
    text = json.dumps(har, ensure_ascii=False, indent=2) + "\n"
    # Without the provenance, which we write: its text may contain the key of a sandbox.
    exchanges = json.dumps(har["log"]["entries"], ensure_ascii=False)
    found = [
        Diagnostic(Location(path), f"not written: {what}", "recording-secret")
        for what in leaks(exchanges, key)
    ]
    if found:
        raise InputError(found)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".new")
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise InputError([Diagnostic(Location(path), f"cannot write: {error.strerror}", "write")]) from None
    return path
