"""What a submission sends: its body, headers and time limits, and the httpx client that it uses."""

import json
import os
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import models
from kie_ideogram.errors import ConfigurationError
from tests.client.conftest import (
    CREATE,
    EDIT,
    EDIT_BODY,
    KEY,
    PAGE_ANSWER,
    PAGE_BODY,
    PAGE_TEXT,
    QUERY,
    TASK_ID,
    UPLOAD,
    Client,
    record,
)


@pytest.fixture(autouse=True)
def accepting(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER, is_optional=True, is_reusable=True)


def sent_body(httpx_mock: HTTPXMock) -> object:
    (request,) = httpx_mock.get_requests()
    return json.loads(request.content)


def test_example_of_the_page_is_sent_unchanged(client: Client, httpx_mock: HTTPXMock) -> None:
    client.do(client.kie.tasks.create(json.loads(PAGE_TEXT)))
    assert sent_body(httpx_mock) == json.loads(PAGE_TEXT)


def test_body_is_sent_as_utf_8(client: Client, httpx_mock: HTTPXMock) -> None:
    client.do(client.kie.tasks.create(PAGE_BODY))
    (request,) = httpx_mock.get_requests()
    assert "造型惊艳".encode() in request.content
    assert int(request.headers["content-length"]) == len(request.content)


def test_tuple_of_references_is_accepted(client: Client, httpx_mock: HTTPXMock) -> None:
    client.do(
        client.kie.character_edit.create(**{**EDIT, "reference_image_urls": ("https://example.com/r.png",)})
    )
    assert b'"reference_image_urls":["https://example.com/r.png"]' in httpx_mock.get_requests()[0].content


def test_mapping_is_accepted_as_a_body(client: Client, httpx_mock: HTTPXMock) -> None:
    body = MappingProxyType({**EDIT_BODY, "input": MappingProxyType(EDIT)})
    client.do(client.kie.tasks.create(body))
    assert b'"prompt":"a red scarf"' in httpx_mock.get_requests()[0].content


def test_api_key_is_read_from_the_environment(
    client: Client, monkeypatch: pytest.MonkeyPatch, httpx_mock: HTTPXMock
) -> None:
    monkeypatch.setenv("KIE_API_KEY", "from-the-environment")
    client.make(api_key=None)
    client.create()
    assert httpx_mock.get_requests()[0].headers["authorization"] == "Bearer from-the-environment"


def test_callers_body_is_not_changed(client: Client) -> None:
    body = json.loads(PAGE_TEXT)
    client.do(client.kie.tasks.create(body))
    assert body == PAGE_BODY


def test_requests_have_the_declared_time_limits(client: Client, httpx_mock: HTTPXMock) -> None:
    client.create()
    (request,) = httpx_mock.get_requests()
    assert request.extensions["timeout"] == {"connect": 10, "read": 60, "write": 60, "pool": 60}


def test_timeout_applies_to_every_phase(client: Client, httpx_mock: HTTPXMock) -> None:
    client.make(timeout=5)
    client.create()
    (request,) = httpx_mock.get_requests()
    assert request.extensions["timeout"] == {"connect": 5, "read": 5, "write": 5, "pool": 5}


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (1, {"connect": 1, "read": 1, "write": 1, "pool": 1}),
        (1000, {"connect": 10, "read": 60, "write": 60, "pool": 60}),
        (None, {"connect": 10, "read": 60, "write": 60, "pool": 60}),
        (httpx.Timeout(None, read=3), {"connect": 10, "read": 3, "write": 60, "pool": 60}),
        (httpx.Timeout(5), {"connect": 10, "read": 60, "write": 60, "pool": 60}),
    ],
    ids=["shorter", "longer", "none", "one-phase", "default-of-httpx"],
)
def test_shorter_time_limits_of_an_http_client_apply(
    client: Client, httpx_mock: HTTPXMock, own: Any, expected: dict[str, float]
) -> None:
    client.make(http_client=client.http_client(timeout=own))
    client.create()
    (request,) = httpx_mock.get_requests()
    assert request.extensions["timeout"] == expected


def test_requests_go_to_the_given_servers(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url="http://127.0.0.1:8080/base/api/v1/jobs/createTask", json=PAGE_ANSWER)
    httpx_mock.add_response(
        url="http://127.0.0.1:8081/api/file-url-upload",
        json={"code": 200, "data": {"downloadUrl": "https://example.com/a.png"}},
    )
    client.make(base_url="http://127.0.0.1:8080/base/", upload_base_url="http://127.0.0.1:8081")
    client.create()
    client.do(client.kie.files.upload_url("https://example.com/b.png"))
    first, second = httpx_mock.get_requests()
    assert first.headers["host"] == "127.0.0.1:8080"
    assert second.headers["host"] == "127.0.0.1:8081"


def test_task_id_is_quoted_in_the_query(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(json=record("waiting", taskId="a&b=c/../d #?"))
    client.do(client.kie.tasks.get("a&b=c/../d #?"))
    (request,) = httpx_mock.get_requests()
    assert dict(request.url.params) == {"taskId": "a&b=c/../d #?"}
    assert request.url.path == "/api/v1/jobs/recordInfo"


def test_upload_goes_to_the_upload_server_only(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(json={"code": 200, "data": {"downloadUrl": "https://example.com/a.png"}})
    client.do(client.kie.files.upload(b"picture"))
    (request,) = httpx_mock.get_requests()
    assert str(request.url) == f"{UPLOAD}/api/file-stream-upload"
    assert b'name="uploadPath"\r\n\r\nkie-ideogram\r\n' in request.content


class TestHttpClientOfTheCaller:
    def test_headers_auth_and_cookies_of_the_client_are_not_used(
        self, client: Client, httpx_mock: HTTPXMock
    ) -> None:
        own = client.http_client(
            headers={"X-Own": "1", "Authorization": "Basic own", "User-Agent": "own"},
            auth=("user", "password"),
            cookies={"own": "1"},
            params={"own": "1"},
        )
        client.make(http_client=own)
        client.create()
        (request,) = httpx_mock.get_requests()
        assert str(request.url) == CREATE
        assert request.headers["authorization"] == f"Bearer {KEY}"
        assert request.headers["user-agent"].startswith("kie-ideogram/")
        assert not {"x-own", "cookie"} & set(request.headers)

    def test_http_client_does_not_follow_redirects(self, client: Client, httpx_mock: HTTPXMock) -> None:
        httpx_mock.add_response(
            url=QUERY, status_code=307, headers={"Location": "https://elsewhere.example/"}
        )
        client.make(http_client=client.http_client(follow_redirects=True))
        with pytest.raises(Exception, match="307"):
            client.do(client.kie.tasks.get(TASK_ID))
        assert len(httpx_mock.get_requests()) == 1

    def test_http_client_stays_open(self, client: Client) -> None:
        own = client.http_client()
        kie = client.make(http_client=own)
        client.do(kie.close())
        assert not own.is_closed

    def test_event_hooks_of_the_http_client_are_called(self, client: Client, httpx_mock: HTTPXMock) -> None:
        seen: list[httpx.Request] = []

        def note(request: httpx.Request) -> None:
            seen.append(request)

        async def anote(request: httpx.Request) -> None:
            seen.append(request)

        own = client.http_client(event_hooks={"request": [anote if client.is_async else note]})
        client.make(http_client=own)
        client.create()
        assert len(seen) == 1


def test_closed_client_sends_nothing(client: Client) -> None:
    kie = client.make()
    client.do(kie.close())
    with pytest.raises(ConfigurationError, match="closed"):
        client.do(kie.credits.get())


def test_typed_body_is_accepted(client: Client, httpx_mock: HTTPXMock) -> None:
    client.do(client.kie.tasks.create(models.CharacterEditRequest.from_dict(EDIT_BODY)))
    (request,) = httpx_mock.get_requests()
    assert json.loads(request.content) == EDIT_BODY


def test_undecodable_file_name_is_sent_with_a_question_mark(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path
) -> None:
    httpx_mock.add_response(json={"code": 200, "data": {"downloadUrl": "https://example.com/a.png"}})
    path = os.fsdecode(os.fsencode(tmp_path) + b"/a\xff.png")
    Path(path).write_bytes(b"x")
    client.do(client.kie.files.upload(path))
    (request,) = httpx_mock.get_requests()
    assert b'filename="a?.png"' in request.content
