"""Plays recordings against a client, and compares requests and outcomes with what was recorded."""

import json
from collections.abc import Iterable
from datetime import datetime
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import Any

import httpx
from pytest_httpx import HTTPXMock

from generator.contract.load import load as load_yaml
from generator.replay.operations import match, operations
from generator.replay.recordings import Part, Recording, Request, load_recordings
from generator.replay.schema import schema_faults
from kie_ideogram import KieError, errors
from tests.client.conftest import KEY, Client
from tests.contract.facts import DATA, endpoint, with_current_names

ROOT = Path(__file__).parents[3]
RECORDINGS = {recording.name: recording for recording in load_recordings(ROOT / "spec" / "recordings")}
OPENAPI = load_yaml(ROOT / "spec" / "openapi.yaml").data
OPERATIONS = operations(OPENAPI)

# Not attributes of what is raised.
ABOUT = {"call", "sends", "rests", "raises", "cause", "says"}


def serve(recording: Recording, httpx_mock: HTTPXMock) -> None:
    """Reply as recorded, and with the last reply as often as needed."""
    for exchange in recording.exchanges:
        httpx_mock.add_response(
            method=exchange.request.method,
            url=exchange.request.url,
            status_code=exchange.response.status,
            headers=exchange.response.headers,
            content=exchange.response.text.encode(),
            is_reusable=exchange is recording.exchanges[-1],
        )


def attempt(client: Client, recording: Recording, call: str, folder: Path) -> Any:
    """Make the call of the recording's first request; return its result or its exception."""
    try:
        return perform(client, recording.exchanges[0].request, call, folder)
    except KieError as error:
        return error


def perform(client: Client, request: Request, call: str, folder: Path) -> Any:
    kie, do = client.kie, client.do
    body = recorded_body(request) if request.text else {}
    placed = {"upload_path": "images/user-uploads", "file_name": "portrait.png"}
    match call:
        case "create":
            return do(kie.tasks.create(body))
        case "create, wait":
            return do(do(kie.tasks.create(body)).wait())
        case "get":
            return do(kie.tasks.get(request.query["taskId"]))
        case "wait":
            return do(kie.tasks.wait(request.query["taskId"]))
        case "updates":
            return do(do(kie.tasks.get(request.query["taskId"])).updates())
        case "upload":
            file = next(part for part in request.parts if part.file_name)
            (folder / file.file_name).write_text(file.value)
            return do(kie.files.upload(folder / file.file_name, **placed))
        case "upload_base64":
            return do(kie.files.upload_base64(body["base64Data"], **placed))
        case "upload_url":
            return do(kie.files.upload_url(body["fileUrl"], **placed))
        case "download_url":
            return do(kie.files.download_url(body["url"]))
        case "credits":
            return do(kie.credits.get())
    raise AssertionError(f"expected.yaml names an unknown call: {call}")


def recorded_body(request: Request) -> Any:
    """Return the body of a recorded request; a submission's fields have their current names."""
    body = json.loads(request.text)
    return with_current_names(body) if request.url == endpoint("createTask") else body


def compare(outcome: Any, run: dict[str, Any]) -> None:
    if "raises" in run:
        assert type(outcome) is getattr(errors, run["raises"]), repr(outcome)
        expected = {name: value for name, value in run.items() if name not in ABOUT}
        assert members(outcome, expected) == expected
        assert run.get("says", "") in str(outcome)
        if "cause" in run:
            assert type(outcome.__cause__) is getattr(errors, run["cause"])
        return
    if isinstance(outcome, Exception):
        raise outcome
    if "states" in run:
        assert [task.state for task in outcome] == run["states"]
    elif "value" in run:
        assert outcome == run["value"]
    else:
        expected = run.get("task") or run["file"]
        assert members(outcome, expected) == expected


def members(outcome: Any, names: Iterable[str]) -> dict[str, Any]:
    """Return the named attributes, with times as text."""
    found = {name: getattr(outcome, name) for name in names}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in found.items()
    }


def compare_request(sent: httpx.Request, recorded: Request) -> None:
    """Assert that a request equals the recorded one and has the key only for the API."""
    assert (sent.method, str(sent.url)) == (recorded.method, recorded.url)
    assert f"https://{sent.url.host}" in DATA["servers"].values()
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.headers["user-agent"].startswith("kie-ideogram/")
    assert sent.headers["host"] == sent.url.host
    assert set(sent.headers) <= {
        "host",
        "accept",
        "accept-encoding",
        "user-agent",
        "authorization",
        "content-type",
        "content-length",
    }
    assert set(sent.extensions["timeout"]) == {"connect", "read", "write", "pool"}
    assert all(0 < limit <= 60 for limit in sent.extensions["timeout"].values())
    operation = match(OPERATIONS, "", sent.method, str(sent.url))
    assert operation is not None
    media_type = recorded.content_type.partition(";")[0]
    if not media_type:
        assert "content-type" not in sent.headers
        assert sent.content == b""
        return
    assert sent.headers["content-type"].partition(";")[0] == media_type
    if media_type == "application/json":
        body = json.loads(sent.content)
        assert body == recorded_body(recorded)
    else:
        body = {part.name: part.value for part in sent_parts(sent)}
        assert set(sent_parts(sent)) == set(recorded.parts)
    assert (
        schema_faults(OPENAPI, operation.declared["requestBody"]["content"][media_type]["schema"], body) == []
    )


def sent_parts(sent: httpx.Request) -> list[Part]:
    """Read a multipart body with the standard library, independently of the client."""
    head = f"Content-Type: {sent.headers['content-type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + sent.content)
    parts = []
    for part in message.iter_parts():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        parts.append(
            Part(
                name=str(part.get_param("name", header="content-disposition")),
                value=content.decode(),
                file_name=part.get_filename() or "",
                content_type=part.get_content_type() if part.get_filename() else "",
            )
        )
    return parts
