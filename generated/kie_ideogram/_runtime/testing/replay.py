"""Replays recordings (HAR 1.2): answers exactly the recorded requests, in their order."""

import json
from base64 import b64decode
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

# What a replay needs of a HAR; all else is for people and other tools.
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
                                    "status": {"type": "integer", "minimum": 100, "maximum": 599},
                                    "headers": _PAIRS,
                                    "content": {
                                        "type": "object",
                                        "properties": {
                                            "text": {"type": "string"},
                                            "encoding": {"type": "string", "enum": ["base64"]},
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


class Recorded(NamedTuple):
    """One recorded exchange."""

    method: str
    path: str
    query: dict[str, str]
    body: str
    status: int
    headers: dict[str, str]
    content: bytes

    def differs(self, method: str, path: str, query: dict[str, str], body: bytes) -> str:
        """How a request is not the recorded one; empty where it is."""
        for what, said, meant in (
            ("method", method, self.method),
            ("path", path, self.path),
            ("query", query, self.query),
        ):
            if said != meant:
                return f"the {what} is {said}, recorded is {meant}"
        if self.body and _decoded(body) != _decoded(self.body):
            return f"the body is {body[:200].decode(errors='replace')}, recorded is {self.body[:200]}"
        return ""


def read(path: str | PathLike[str]) -> list[Recorded]:
    """Read a recording. Raises `ConfigurationError` saying what is wrong with it and where."""
    file = Path(path)
    try:
        data = json.loads(file.read_text(encoding="utf-8-sig"))  # some tools begin with a BOM
    except FileNotFoundError:
        raise ConfigurationError(f"{file}: no such recording{_near(file)}") from None
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{file}: no HAR: {error}") from None
    faults: list[Fault] = []
    compile_schema(_HAR)(data, "", faults)
    if faults:
        raise ConfigurationError(
            "; ".join(f"{file}: no HAR: {fault.path or 'the file'}: {fault.message}" for fault in faults)
        )
    found = []
    for number, entry in enumerate(data["log"]["entries"]):
        try:
            found.append(_recorded(entry))
        except ValueError as error:
            at = f"log.entries[{number}].response.content"
            raise ConfigurationError(f"{file}: nothing to replay: {at}: {error}") from None
    return found


def _near(file: Path) -> str:
    """The recording beside it, or the folder, that was probably meant."""
    if file.parent.is_dir():
        return did_you_mean(file.name, [other.name for other in file.parent.glob("*.har")])
    beside = file.parent.parent
    return did_you_mean(
        file.parent.name, [other.name for other in beside.iterdir()] if beside.is_dir() else []
    )


def _recorded(entry: dict[str, Any]) -> Recorded:
    """An entry. Raises `ValueError` when its answer is not in it."""
    request, response = entry["request"], entry["response"]
    url = urlsplit(request["url"])
    return Recorded(
        request["method"],
        url.path,
        dict(parse_qsl(url.query, keep_blank_values=True)),
        request.get("postData", {}).get("text", ""),
        response["status"],
        {pair["name"]: pair["value"] for pair in response["headers"]},
        _content(response["content"]),
    )


def _content(content: dict[str, Any]) -> bytes:
    """What was answered. Raises `ValueError` when the tool did not save that."""
    text = content.get("text")
    if text is None:
        if content.get("size"):
            raise ValueError("text is missing: the tool saved no answers; have it save them with content")
        return b""
    return b64decode(text, validate=True) if content.get("encoding") else str(text).encode()


def _decoded(body: bytes | str) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body if isinstance(body, str) else body.decode(errors="replace")


class Replay:
    """Recorded exchanges that are still to come, as an app. `complaints` says what was not as recorded."""

    def __init__(self) -> None:
        self.left: list[Recorded] = []
        self.complaints: list[str] = []
        self.app = Starlette(
            routes=[Route("/{path:path}", self._answer, methods=["GET", "POST", "PUT", "DELETE"])]
        )

    async def _answer(self, request: Request) -> Response:
        asked = f"{request.method} {request.url.path}"
        if not self.left:
            return self._refuse(f"{asked}: nothing more is recorded")
        recorded = self.left[0]
        difference = recorded.differs(
            request.method, request.url.path, dict(request.query_params), await request.body()
        )
        if difference:
            return self._refuse(f"{asked}: {difference}")
        self.left.pop(0)
        dropped = ("content-length", "content-encoding", "transfer-encoding")
        headers = {name: value for name, value in recorded.headers.items() if name.lower() not in dropped}
        return Response(recorded.content, recorded.status, headers)

    def _refuse(self, complaint: str) -> Response:
        self.complaints.append(complaint)
        return Response(f"{complaint}\n", 400, media_type="text/plain")
