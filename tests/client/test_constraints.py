"""Each member of each request: what it may be is sent, what it may not be is refused (`constraints.yaml`)."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pytest_httpx import HTTPXMock

from kie_ideogram.errors import InvalidInputError
from tests.client.conftest import CREATE, EDIT_BODY, PAGE_ANSWER, QUERY, TASK_ID, UPLOAD, Client, record

ROWS: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "constraints.yaml").read_text(encoding="utf-8")
)
STORED = {"code": 200, "msg": "ok", "data": {"downloadUrl": "https://example.com/a.png"}}
LINK = {"code": 200, "msg": "success", "data": "https://example.com/a.png"}
# What each call needs besides the member in question.
LEAST: dict[str, dict[str, Any]] = {
    "upload": {"file": b"hello"},
    "upload_base64": {"base64_data": "aGVsbG8="},
    "upload_url": {"file_url": "https://example.com/a.png"},
    "download_url": {},
}


def value(written: Any) -> Any:
    return written["text"] * written["times"] if isinstance(written, dict) else written


def cases(name: str) -> list[Any]:
    found = []
    for row in ROWS:
        listed = row.get(name, {})
        for rule, written in (
            [("", item) for item in listed]
            if isinstance(listed, list)
            else [(rule, item) for rule, items in listed.items() for item in items]
        ):
            label = re.sub(r"[^\w\[\]{}.:/ -]", "?", f"{row['call']} {row['at']} {rule} {written!r}"[:80])
            found.append(pytest.param(row, rule, value(written), id=label))
    return found


def call(client: Client, row: dict[str, Any], given: Any) -> Any:
    if row["call"] != "create":
        method = getattr(client.kie.files, row["call"])
        return client.do(method(**{**LEAST[row["call"]], row["as"]: given}))
    body = copy.deepcopy(EDIT_BODY)
    target: Any = body
    *path, last = re.findall(r"\w+", row["at"])
    for name in path:
        target = target[name]
    target[int(last) if last.isdigit() else last] = given
    return client.do(client.kie.tasks.create(body))


@pytest.mark.parametrize(("row", "rule", "given"), cases("accepts"))
def test_what_a_member_may_be_is_sent_as_it_is(
    client: Client, httpx_mock: HTTPXMock, row: dict[str, Any], rule: str, given: Any
) -> None:
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER, is_optional=True)
    httpx_mock.add_response(url=re.compile(f"{UPLOAD}/.*"), json=STORED, is_optional=True)
    httpx_mock.add_response(url=re.compile(".*/download-url"), json=LINK, is_optional=True)

    call(client, row, given)

    (request,) = httpx_mock.get_requests()
    if row["call"] == "upload":
        assert f'name="{row["at"]}"'.encode() in request.content
        assert given.encode() in request.content
        return
    sent = json.loads(request.content)
    for name in row["at"].split("."):
        sent = sent[name]
    assert sent == given


@pytest.mark.parametrize(("row", "rule", "given"), cases("refuses"))
def test_what_a_member_may_not_be_is_refused_by_its_rule(
    client: Client, httpx_mock: HTTPXMock, row: dict[str, Any], rule: str, given: Any
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        call(client, row, given)
    # A body's members have the service's names, arguments the caller's.
    at = row["at"] if row["call"] == "create" else row["as"]
    assert (at, rule) in [(fault.path, fault.rule) for fault in caught.value.faults]
    assert httpx_mock.get_requests() == []


def test_an_id_of_one_character_is_asked_for(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=QUERY.replace(TASK_ID, "a"), json=record("waiting", taskId="a"))
    assert client.do(client.kie.tasks.get("a")).id == "a"
