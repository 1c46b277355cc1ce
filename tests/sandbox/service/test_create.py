"""What a submission must satisfy: the declared schema, and what only a server can check."""

import asyncio
import re
from typing import Any

import pytest

from kie_ideogram.testing import Sandbox, VirtualClock
from tests.contract.facts import DATA, OPTIONAL, Field
from tests.sandbox.support import Caller, mask, picture


def heavy(size: int) -> bytes:
    """A whole picture with this many bytes."""
    return picture().ljust(size, b"\0")


def test_a_create_answers_with_its_id_twice_32_hex_characters(caller: Caller) -> None:
    reply = caller.call("createTask", json=caller.body())
    assert (reply["code"], reply["msg"]) == (200, "success")
    assert list(reply["data"]) == ["taskId", "recordId"]
    assert reply["data"]["taskId"] == reply["data"]["recordId"]
    assert re.fullmatch(r"[0-9a-f]{32}", reply["data"]["taskId"])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"prompt": 7}, "input.prompt: expected a string, got the integer 7"),
        ({"prompt": "x" * 5001}, "input.prompt: 5,001 characters, at most 5,000"),
        ({"reference_image_urls": []}, "input.reference_image_urls: 0 items, at least 1"),
        ({"image_url": "https://example.com/a.png"}, "input.image_url: is not the URL of an uploaded file"),
        (
            {"reference_image_urls": ["https://example.com/a.png"]},
            "input.reference_image_urls: is not the URL of an uploaded file",
        ),
    ],
)
def test_invalid_input_is_422_with_the_first_fault(
    caller: Caller, sandbox: Sandbox, changes: dict[str, Any], said: str
) -> None:
    reply = caller.call("createTask", json=caller.body(**changes))
    assert reply["code"] == 422
    assert reply["msg"].startswith(said)
    assert sandbox.charges == []


# The first invalid value of each rule, for every optional field of the input.
INVALID = [
    (field, dict(reversed(field.refuses))[rule])
    for field in OPTIONAL.values()
    for rule in dict(field.refuses)
    if len(field.path) > 1
]


@pytest.mark.parametrize(("field", "value"), INVALID, ids=str)
def test_invalid_option_is_422_and_names_the_field(
    caller: Caller, sandbox: Sandbox, field: Field, value: Any
) -> None:
    reply = caller.call("createTask", json=caller.body(**{str(field.path[-1]): value}))
    assert reply["code"] == 422
    assert reply["msg"].startswith(f"{field.at}: ")
    assert ", ".join(field.options) in reply["msg"] or not isinstance(value, str)
    assert sandbox.charges == []


@pytest.mark.parametrize("name", DATA["not-fields"])
def test_field_of_another_model_is_422(caller: Caller, name: str) -> None:
    reply = caller.call("createTask", json=caller.body(**{name: "1"}))
    assert (reply["code"], reply["msg"].partition(";")[0]) == (422, f"input.{name}: no such field")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"json": {"model": "ideogram/character-edit"}}, "input: is missing"),
        ({"json": {"model": "ideogram/character-edit", "input": {}}}, "input.prompt: is missing"),
        ({"json": {"input": {}}}, "model: expected the name of a model"),
        ({"json": {"model": "ideogram/none", "input": {}}}, "model name not supported"),
        ({"json": ["model"]}, "model: expected the name of a model"),
        ({"content": b"no json"}, "model: expected the name of a model"),
    ],
)
def test_a_body_that_is_no_create_request_is_422(caller: Caller, body: dict[str, Any], said: str) -> None:
    reply = caller.call("createTask", **body)
    assert (reply["code"], reply["msg"]) == (422, said)


def test_an_upload_that_has_expired_is_422(caller: Caller, clock: VirtualClock) -> None:
    body = caller.body()
    clock.advance(86400)
    reply = caller.call("createTask", json=body)
    assert reply["code"] == 422
    assert reply["msg"].startswith("input.image_url: is not the URL of an uploaded file")


@pytest.mark.parametrize("content", [b"hello", picture(kind="GIF"), picture()[:-40]])
def test_what_is_no_whole_picture_of_an_accepted_type_is_422(caller: Caller, content: bytes) -> None:
    """The type is what the content says; the name is not asked."""
    url = caller.upload(content, fileName="a.png")
    reply = caller.call("createTask", json=caller.body(mask_url=url))
    assert reply["code"] == 422
    assert reply["msg"].startswith("input.mask_url: is ")
    assert reply["msg"].endswith(", not a picture of image/jpeg, image/png, image/webp")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_of_each_accepted_type_is_taken(caller: Caller, kind: str) -> None:
    url = caller.upload(picture(kind=kind))
    caller.create(caller.body(image_url=url, mask_url=url, reference_image_urls=[url]))


@pytest.mark.parametrize("name", ["image_url", "mask_url"])
def test_a_picture_may_have_ten_million_bytes_and_no_more(
    caller: Caller, sandbox: Sandbox, name: str
) -> None:
    caller.create(caller.body(**{name: caller.upload(heavy(10_000_000))}))
    reply = caller.call("createTask", json=caller.body(**{name: caller.upload(heavy(10_000_001))}))
    assert reply["code"] == 422
    assert reply["msg"] == f"input.{name}: has 10000001 bytes, at most 10000000 are allowed"
    assert len(sandbox.charges) == 1


def test_references_may_have_ten_million_bytes_together(caller: Caller) -> None:
    caller.create(caller.body(reference_image_urls=[caller.upload(heavy(10_000_000))]))
    body = caller.body(reference_image_urls=[caller.upload(heavy(10_000_001))])
    reply = caller.call("createTask", json=body)
    assert reply["msg"] == "input.reference_image_urls: has 10000001 bytes, at most 10000000 are allowed"
    urls = [caller.upload(heavy(6_000_000)), caller.upload(heavy(4_000_001))]
    reply = caller.call("createTask", json=caller.body(reference_image_urls=urls))
    assert reply["code"] == 422
    assert reply["msg"].startswith("input.reference_image_urls: has 10000001 bytes in all")


def test_picture_and_mask_must_have_the_same_pixel_size(caller: Caller, sandbox: Sandbox) -> None:
    body = caller.body(mask_url=caller.upload(mask(size=(60, 41))))
    reply = caller.call("createTask", json=body)
    assert reply["code"] == 422
    assert reply["msg"] == "input.image_url: is 60x40 pixels, but input.mask_url is 60x41; they must be equal"
    assert sandbox.charges == []


@pytest.mark.parametrize("path", ["/api/v1/jobs/createTask", "/api/file-stream-upload"])
def test_client_that_disconnects_early_causes_no_error(path: str) -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    kind = b"application/json" if "jobs" in path else b"multipart/form-data; boundary=x"
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "scheme": "http"}
    headers = [(b"host", b"127.0.0.1"), (b"content-type", kind), (b"authorization", b"Bearer sandbox")]
    scope |= {"server": ("127.0.0.1", 80), "headers": headers}
    with Sandbox() as sandbox:
        asyncio.run(sandbox.app(scope, receive, send))
    assert sent[0]["status"] == 200  # a response that the client does not read
