"""Uploads, their URLs, results' links, and how long all of them live."""

import base64
from typing import Any

import pytest

from kie_ideogram.testing import Sandbox, VirtualClock
from tests.sandbox.support import Caller, picture

DAY = 86400


def test_an_upload_answers_with_the_observed_members(caller: Caller) -> None:
    reply = caller.call(
        "uploadFile",
        data={"uploadPath": "images/mine", "fileName": "me.png"},
        files={"file": ("other.png", picture())},
    )
    url = f"{caller.http.base_url}/media/uploads/images/mine/me.png"
    assert reply == {
        "success": True,
        "code": 200,
        "msg": "File uploaded successfully",
        "data": {
            "success": True,
            "fileName": "me.png",
            "filePath": "images/mine/me.png",
            "downloadUrl": url,
            "fileSize": len(picture()),
            "mimeType": "image/png",
            "uploadedAt": "2025-12-08T07:45:08+00:00",
        },
    }
    served = caller.http.get(url)
    assert (served.content, served.headers["content-type"]) == (picture(), "image/png")


@pytest.mark.parametrize("prefix", ["", "data:image/webp;base64,"])
def test_base64_is_taken_bare_and_as_a_data_url(caller: Caller, prefix: str) -> None:
    content = picture(kind="WEBP")
    text = prefix + base64.b64encode(content).decode()
    data = caller.call("uploadBase64", json={"base64Data": text, "uploadPath": "a"})["data"]
    assert data["mimeType"] == "image/webp"
    assert caller.http.get(data["downloadUrl"]).content == content


def test_a_url_of_the_sandbox_itself_can_be_uploaded_again(caller: Caller) -> None:
    url = caller.upload(picture())
    data = caller.call("uploadUrl", json={"fileUrl": url, "uploadPath": "a", "fileName": "b.png"})["data"]
    assert data["filePath"] == "a/b.png"
    assert caller.http.get(data["downloadUrl"]).content == picture()


@pytest.mark.parametrize(
    "url",
    ["https://example.com/a.png", "http://127.0.0.1:9/media/a.png", "file:///etc/passwd", "http://[bad/"],
)
def test_nothing_is_fetched_from_elsewhere(caller: Caller, url: str) -> None:
    reply = caller.call("uploadUrl", json={"fileUrl": url, "uploadPath": "a"})
    assert (reply["success"], reply["code"]) == (False, 400)


@pytest.mark.parametrize(
    ("operation", "request_", "said"),
    [
        ("uploadFile", {"files": {"uploadPath": (None, "a")}}, "file: is missing"),
        ("uploadFile", {"data": {"uploadPath": "a"}}, "expected multipart/form-data"),
        ("uploadFile", {"files": {"file": b"x"}}, "uploadPath: is missing"),
        ("uploadFile", {"files": {"file": (None, "a"), "uploadPath": (None, "a")}}, "file: expected a file"),
        ("uploadFile", {"data": {"uploadPath": "/a"}, "files": {"file": b"x"}}, "does not match"),
        (
            "uploadFile",
            {"content": b"--", "headers": {"content-type": "multipart/form-data; boundary=b"}},
            "is missing",
        ),
        (
            "uploadBase64",
            {"json": {"base64Data": "no base64!", "uploadPath": "a"}},
            "base64Data: the text is not Base64",
        ),
        ("uploadBase64", {"json": {"base64Data": "eA==", "uploadPath": "a", "x": 1}}, "x: no such field"),
        ("uploadBase64", {"content": b"{"}, "the body: expected an object"),
        (
            "uploadBase64",
            {"content": b"{}", "headers": {"content-type": "text/plain"}},
            "the body's type is text/plain, expected application/json",
        ),
        (
            "uploadUrl",
            {"json": {"fileUrl": "no url", "uploadPath": "a"}},
            "must be a URI such as https://example.com/path",
        ),
        (
            "uploadBase64",
            {"content": rb'{"base64Data": "eA==", "uploadPath": "\ud800"}'},
            "the body: expected",
        ),
        ("uploadUrl", {"json": []}, "the body: expected an object"),
    ],
)
def test_an_upload_that_breaks_the_contract_is_400(
    caller: Caller, operation: str, request_: dict[str, Any], said: str
) -> None:
    headers = request_.get("headers", {}) | {"Authorization": "Bearer sandbox"}
    reply = caller.call(
        operation, **({**request_, "headers": headers} if "headers" in request_ else request_)
    )
    assert reply["code"] == 400
    assert said in reply["msg"]


def test_file_name_is_random_unless_given_then_overwrites(caller: Caller) -> None:
    assert caller.upload(b"one") != caller.upload(b"two")
    url = caller.upload(b"one", fileName="same.txt")
    assert caller.upload(b"two", fileName="../same.txt") == url
    served = caller.http.get(url)
    assert (served.text, served.headers["content-type"]) == ("two", "text/plain; charset=utf-8")


def test_an_upload_lives_a_day(caller: Caller, clock: VirtualClock) -> None:
    url = caller.upload(picture())
    clock.advance(DAY - 1)
    assert caller.http.get(url).status_code == 200
    clock.advance(1)
    assert caller.http.get(url).status_code == 404


def test_a_result_lives_a_day_from_its_completion(caller: Caller, clock: VirtualClock) -> None:
    task_id = caller.create()
    clock.advance(12)
    (url,) = _urls(caller, task_id)
    clock.advance(DAY - 1)
    assert caller.http.get(url).status_code == 200
    clock.advance(1)
    assert caller.http.get(url).status_code == 404


def test_a_result_is_not_there_before_its_task_has_succeeded(caller: Caller, clock: VirtualClock) -> None:
    task_id = caller.create()
    url = f"{caller.http.base_url}/media/results/{task_id}-1.png"
    assert caller.http.get(url).status_code == 404
    clock.advance(12)
    assert _urls(caller, task_id) == [url]
    assert caller.http.get(url).status_code == 200


def test_a_download_link_serves_the_result_for_twenty_minutes(caller: Caller, clock: VirtualClock) -> None:
    task_id = caller.create()
    clock.advance(12)
    (url,) = _urls(caller, task_id)
    link = caller.call("getDownloadUrl", json={"url": url})["data"]
    assert link != url
    assert caller.http.get(link).content == caller.http.get(url).content
    clock.advance(20 * 60)
    assert caller.http.get(link).status_code == 404
    assert caller.http.get(url).status_code == 200


def test_a_download_link_is_made_for_results_only(caller: Caller) -> None:
    for url in (caller.upload(picture()), "https://example.com/result.png"):
        reply = caller.call("getDownloadUrl", json={"url": url})
        assert (reply["code"], reply["msg"]) == (422, "url is wrong")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/"), ("GET", "/api/v1/jobs/nothing"), ("PUT", "/media/a")]
)
def test_an_unknown_path_is_404_in_the_body(caller: Caller, method: str, path: str) -> None:
    response = caller.http.request(method, path)
    assert response.status_code == 200
    assert response.json() == {"code": 404, "msg": "No message available", "data": None}


def test_a_known_path_with_another_method_is_404_in_the_body(caller: Caller) -> None:
    assert caller.http.get("/api/v1/jobs/createTask").json()["code"] == 404


def test_the_sandbox_knows_its_urls_by_any_name_of_this_machine(caller: Caller, sandbox: Sandbox) -> None:
    url = caller.upload(picture()).replace("127.0.0.1", "localhost")
    assert caller.call("uploadUrl", json={"fileUrl": url, "uploadPath": "a"})["code"] == 200


def _urls(caller: Caller, task_id: str) -> list[str]:
    import json

    urls: list[str] = json.loads(caller.record(task_id)["resultJson"])["resultUrls"]
    return urls
