"""Headers of a callback: those of every framework are accepted, wrong ones are rejected."""

import http.client
from io import BytesIO
from types import MappingProxyType
from typing import Any

import httpx
import pytest
import starlette.datastructures
import werkzeug.datastructures
from django.http.request import HttpHeaders  # type: ignore[import-untyped] # it has no types

from tests.client.callbacks.test_callbacks import HEX_ID_SIGNATURE, ID, headers, refused, verify


def http_server_headers() -> Any:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers().items())
    return http.client.parse_headers(BytesIO(lines.encode() + b"\r\n"))


def wsgi_environ() -> dict[str, Any]:
    environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers().items()}
    return {"REQUEST_METHOD": "POST", "wsgi.input": BytesIO(), "wsgi.version": (1, 0), **environ}


@pytest.mark.parametrize(
    "form",
    [
        list(headers().items()),
        tuple(headers().items()),
        headers().items(),
        {name.encode(): value.encode() for name, value in headers().items()},
        [(name.lower().encode(), value.encode()) for name, value in headers().items()],
        [[name, value] for name, value in headers().items()],
        MappingProxyType(headers()),
        http_server_headers(),
        wsgi_environ(),
        werkzeug.datastructures.EnvironHeaders(wsgi_environ()),
        starlette.datastructures.Headers(headers()),
        HttpHeaders(wsgi_environ()),
        httpx.Headers(headers()),
        {name: [value] for name, value in headers().items()},
        {name: int(value) if value.isdecimal() else value for name, value in headers().items()},
    ],
    ids=lambda form: type(form).__module__ + "." + type(form).__name__,
)
def test_headers_of_frameworks_are_accepted(form: Any) -> None:
    assert verify(given=form).id == ID


def test_repeated_header_is_rejected() -> None:
    refused("does not match", given=[*headers().items(), ("x-webhook-signature", HEX_ID_SIGNATURE)])


def test_header_that_is_not_utf_8_is_rejected() -> None:
    pairs = [(name.encode(), value.encode() + b"\xff") for name, value in headers().items()]
    refused("not a number of Unix seconds", given=pairs)


@pytest.mark.parametrize(
    "given", [7, ["x"], [("a", "b", "c")], {"X-Webhook-Timestamp": 7.5}, {"X-Webhook-Timestamp": {}}]
)
def test_invalid_headers_are_rejected(given: Any) -> None:
    refused("headers", given=given)
