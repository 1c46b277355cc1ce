"""Replays recordings (HAR 1.2): the app answers the recorded requests, in their order."""

import json
import threading
from base64 import b64decode
from collections.abc import Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..contract.json_schema import compile_schema
from ..contract.suggest import did_you_mean
from ..core.errors import ConfigurationError, Fault

_PAIRS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "value"],
        "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
    },
}

# The members of a HAR that a replay needs.
_HAR: dict[str, Any] = {
    "type": "object",
    "required": ["log"],
    "properties": {
        "log": {
            "type": "object",
            "required": ["entries"],
            "properties": {
                "entries": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["request", "response"],
                        "properties": {
                            "request": {
                                "type": "object",
                                "required": ["method", "url"],
                                "properties": {
                                    "method": {"type": "string"},
                                    "url": {"type": "string", "format": "uri"},
                                    "postData": {
                                        "type": "object",
                                        "properties": {"text": {"type": "string"}},
                                    },
                                },
                            },
                            "response": {
                                "type": "object",
                                "required": ["status", "headers", "content"],
                                "properties": {
                                    "status": {"type": "integer", "minimum": 0, "maximum": 599},
                                    "headers": _PAIRS,
                                    "content": {
                                        "type": "object",
                                        "properties": {
                                            "text": {"type": "string"},
                                            "encoding": {"type": "string", "enum": ["base64", ""]},
                                        },
                                    },
                                },
                            },
                        },
                    },
                }
            },
        }
    },
}


class RecordedExchange(NamedTuple):
    """One recorded request and its response."""

    method: str
    url: str
    path: str
    query: dict[str, str]
    body: str
    status: int
    headers: list[tuple[str, str]]
    content: bytes

    def difference(self, method: str, path: str, query: dict[str, str], body: bytes) -> str:
        """Return how a request differs from the recorded one; empty if it does not."""
        for what, sent, recorded in (
            ("method", method, self.method),
            ("path", path, self.path),
            ("query", query, self.query),
        ):
            if sent != recorded:
                return f"the {what} is {sent}, recorded is {recorded}"
        if self.body and _decode_body(body) != _decode_body(self.body):
            return f"the body is {body[:200].decode(errors='replace')}, recorded is {self.body[:200]}"
        return ""


def read_har(path: str | PathLike[str], hosts: Sequence[str] = ()) -> list[RecordedExchange]:
    """Read a recording. Raises `ConfigurationError` that says what is wrong, and where.

    Browsers save more than the calls of the code under test. Requests without a response and preflight
    requests are left out. With `hosts`, requests to other hosts are left out too, unless an earlier
    response names their URL.
    """
    file = Path(path)
    try:
        data = json.loads(file.read_text(encoding="utf-8-sig"))  # some tools begin with a BOM
    except FileNotFoundError:
        raise ConfigurationError(f"{file}: the recording does not exist{_suggestion(file)}") from None
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{file}: is not a HAR: {error}") from None
    faults: list[Fault] = []
    compile_schema(_HAR)(data, "", faults)
    if faults:
        raise ConfigurationError(
            "; ".join(
                f"{file}: is not a HAR: {fault.path or 'the file'}: {fault.message}" for fault in faults
            )
        )
    exchanges = []
    for number, entry in enumerate(data["log"]["entries"]):
        if entry["response"]["status"] == 0 or entry["request"]["method"] == "OPTIONS":
            continue
        try:
            exchanges.append(_exchange(entry))
        except ValueError as error:
            at = f"log.entries[{number}].response.content"
            raise ConfigurationError(f"{file}: cannot be replayed: {at}: {error}") from None
    return list(_of_hosts(exchanges, hosts)) or exchanges


def recording_names(folder: Path) -> list[str]:
    """Return the names of the recordings in a folder, such as `<operation>/<scenario>`."""
    return sorted(file.relative_to(folder).with_suffix("").as_posix() for file in folder.rglob("*.har"))


def _of_hosts(exchanges: list[RecordedExchange], hosts: Sequence[str]) -> Iterator[RecordedExchange]:
    """Yield the exchanges with some hosts, and those with a URL that an earlier response names."""
    earlier = b""
    for exchange in exchanges:
        if not hosts or urlsplit(exchange.url).hostname in hosts or exchange.url.encode() in earlier:
            earlier += exchange.content
            yield exchange


def _suggestion(file: Path) -> str:
    """Return which recording, or which folder, was probably meant."""
    if file.parent.is_dir():
        return did_you_mean(file.name, [other.name for other in file.parent.glob("*.har")])
    folder = file.parent.parent
    return did_you_mean(
        file.parent.name, [other.name for other in folder.iterdir()] if folder.is_dir() else []
    )


def _exchange(entry: dict[str, Any]) -> RecordedExchange:
    """Return an entry of a HAR. Raises `ValueError` if it has no response body."""
    request, response = entry["request"], entry["response"]
    url = urlsplit(request["url"])
    return RecordedExchange(
        request["method"],
        request["url"],
        url.path,
        dict(parse_qsl(url.query, keep_blank_values=True)),
        request.get("postData", {}).get("text", ""),
        response["status"],
        [
            (pair["name"], value)
            for pair in response["headers"]
            if not pair["name"].startswith(":")  # a pseudo-header of HTTP/2
            for value in pair["value"].split("\n")  # browsers join the values of set-cookie
        ],
        _response_body(response["content"]),
    )


def _response_body(content: dict[str, Any]) -> bytes:
    """Return the body of a response. Raises `ValueError` if the HAR does not have it."""
    text = content.get("text")
    if text is None:
        if content.get("size"):
            raise ValueError("text is missing; save the HAR with content")
        return b""
    if content.get("encoding"):
        return b64decode("".join(text.split()), validate=True)
    return str(text).encode()


def _decode_body(body: bytes | str) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body if isinstance(body, str) else body.decode(errors="replace")


class Replay:
    """An app that answers recorded requests. `complaints` says which requests differ."""

    def __init__(self) -> None:
        self.remaining: list[RecordedExchange] = []
        self.complaints: list[str] = []
        self._lock = threading.Lock()
        self.app = Starlette(
            routes=[Route("/{path:path}", self._answer, methods=["GET", "POST", "PUT", "DELETE"])]
        )

    async def _answer(self, request: Request) -> Response:
        call = f"{request.method} {request.url.path}"
        body = await request.body()
        with self._lock:
            if not self.remaining:
                return self._refuse(f"{call}: no recorded request is left")
            exchange = self.remaining[0]
            difference = exchange.difference(
                request.method, request.url.path, dict(request.query_params), body
            )
            if difference:
                return self._refuse(f"{call}: {difference}")
            self.remaining.pop(0)
        response = Response(exchange.content, exchange.status)
        for name, value in exchange.headers:
            if name.lower() not in ("content-length", "content-encoding", "transfer-encoding"):
                response.headers.append(name, value)
        return response

    def _refuse(self, complaint: str) -> Response:
        self.complaints.append(complaint)
        return Response(f"{complaint}\n", 400, media_type="text/plain")
