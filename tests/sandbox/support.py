"""What the sandbox's tests share: pictures, and a caller that holds every answer against the spec."""

import asyncio
import json
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Self

import httpx
import yaml
from jsonschema import Draft202012Validator
from PIL import Image, ImageDraw
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from starlette.applications import Starlette

from kie_ideogram.testing import Sandbox

SPEC = Path(__file__).parents[2] / "spec" / "openapi.yaml"
SPEC_URI = "urn:spec"
JSON = {"Content-Type": "application/json"}
SIZE = 60, 40
MASKED = 10, 5, 39, 29
"""The black rectangle of the usual mask, its last pixels included."""


@cache
def spec() -> dict[str, Any]:
    document: dict[str, Any] = yaml.load(SPEC.read_text(encoding="utf-8"), yaml.CSafeLoader)  # a safe loader
    return document


@cache
def operation(operation_id: str) -> tuple[str, str]:
    """The path and method of an operation."""
    return next(
        (path, method)
        for path, item in spec()["paths"].items()
        for method, entry in item.items()
        if isinstance(entry, dict) and entry.get("operationId") == operation_id
    )


@cache
def validator(pointer: str) -> Draft202012Validator:
    """What checks a value against the schema at a place of the spec, references resolved there."""
    registry: Registry[Any] = Registry().with_resource(SPEC_URI, DRAFT202012.create_resource(spec()))
    return Draft202012Validator({"$ref": f"{SPEC_URI}#{pointer}"}, registry=registry)


def reply_validator(operation_id: str) -> Draft202012Validator:
    path, method = operation(operation_id)
    escaped = path.replace("/", "~1")
    return validator(f"/paths/{escaped}/{method}/responses/200/content/application~1json/schema")


class Bridge(httpx.BaseTransport):
    """Calls an ASGI app from blocking code, without a port."""

    def __init__(self, app: Starlette) -> None:
        self._transport = httpx.ASGITransport(app)
        self._loop = asyncio.new_event_loop()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._loop.run_until_complete(self._handle(request))

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        response = await self._transport.handle_async_request(request)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())

    def close(self) -> None:
        self._loop.close()


class Caller:
    """Calls operations by their id, as plain HTTP. Every answer must be what the spec declares."""

    def __init__(self, sandbox: Sandbox, key: str = "sandbox") -> None:
        self.key = key
        self.http = httpx.Client(base_url="http://127.0.0.1", transport=Bridge(sandbox.app))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.http.close()

    def call(self, operation_id: str, *, authorization: str | None = None, **request: Any) -> dict[str, Any]:
        path, method = operation(operation_id)
        headers = {
            "Authorization": f"Bearer {self.key}" if authorization is None else authorization,
            **(
                {"Content-Type": "application/json"}
                if "content" in request and "headers" not in request
                else {}
            ),
            **request.pop("headers", {}),
        }
        response = self.http.request(method.upper(), path, headers=headers, **request)
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json;charset=UTF-8"
        reply: dict[str, Any] = response.json()
        reply_validator(operation_id).validate(reply)
        if reply["code"] != 200:
            assert reply["data"] is None
        return reply

    def upload(self, content: bytes, **fields: str) -> str:
        """The URL of an uploaded file."""
        data = {"uploadPath": "tests", **fields}
        reply = self.call("uploadFile", data=data, files={"file": ("file", content)})
        assert reply["code"] == 200, reply
        url: str = reply["data"]["downloadUrl"]
        return url

    def body(self, **changes: Any) -> dict[str, Any]:
        """The body of a submission with uploaded pictures; `changes` are made to its input."""
        pictures = {"image_url": picture(), "mask_url": mask(), "reference_image_urls": picture("navy")}
        urls = {name: self.upload(content) for name, content in pictures.items() if name not in changes}
        if "reference_image_urls" in urls:
            changes["reference_image_urls"] = [urls.pop("reference_image_urls")]
        return {
            "model": "ideogram/character-edit",
            "input": {"prompt": "a smile", "rendering_speed": "TURBO", **urls, **changes},
        }

    def create(self, body: dict[str, Any] | None = None) -> str:
        """The id of a created task."""
        reply = self.call("createTask", json=body or self.body())
        assert reply["code"] == 200, reply
        task_id: str = reply["data"]["taskId"]
        return task_id

    def task(self, task_id: str) -> dict[str, Any]:
        return self.call("getTask", params={"taskId": task_id})

    def record(self, task_id: str) -> dict[str, Any]:
        reply = self.task(task_id)
        assert reply["code"] == 200, reply
        record: dict[str, Any] = reply["data"]
        return record

    def results(self, task_id: str) -> list[bytes]:
        """The pictures of a succeeded task, fetched without a key."""
        replies = [self.http.get(url) for url in json.loads(self.record(task_id)["resultJson"])["resultUrls"]]
        assert all(reply.headers["content-type"] == "image/png" for reply in replies)
        return [reply.content for reply in replies]


def picture(colour: str = "tan", size: tuple[int, int] = SIZE, kind: str = "PNG", mode: str = "RGB") -> bytes:
    """A picture with something on it."""
    image = Image.new(mode, size, colour)
    draw = ImageDraw.Draw(image)
    draw.line((0, 0, *size), fill="white", width=3)
    draw.ellipse((5, 5, 20, 20), fill="olive")
    return encoded(image, kind)


def mask(box: tuple[int, int, int, int] | None = MASKED, size: tuple[int, int] = SIZE) -> bytes:
    """A white picture with a black rectangle."""
    image = Image.new("L", size, 255)
    if box:
        ImageDraw.Draw(image).rectangle(box, fill=0)
    return encoded(image, "PNG")


def encoded(image: Image.Image, kind: str) -> bytes:
    target = BytesIO()
    image.save(target, kind)
    return target.getvalue()
