"""Turns arguments into requests. Addresses and headers are parsed once for each operation."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar
from urllib.parse import urlencode

import httpx

from ..contract.json_schema import Check, compile_schema
from ..core.errors import ConfigurationError, Fault, InvalidInputError

if TYPE_CHECKING:
    from ..contract.model import Operation

# The default User-Agent of Python libraries is refused by the proxy in front of the service.
USER_AGENT = "kie-ideogram/{version} (python)"


P = ParamSpec("P")
R = TypeVar("R")


def encode(body: dict[str, Any]) -> bytes:
    """Make the JSON text of a body. Raises `InvalidInputError` for text that is no Unicode."""
    try:
        # `default`: whatever is a mapping is an object, not only a dict.
        return json.dumps(
            body, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=dict
        ).encode()
    except UnicodeEncodeError as error:
        raise InvalidInputError([Fault("body", "unicode", _broken(error))]) from None
    except ValueError as error:
        raise InvalidInputError([Fault("body", "number", f"cannot be written as JSON: {error}")]) from None


def _broken(error: UnicodeEncodeError) -> str:
    surrogate = error.object[error.start : error.end]
    return f"contains a lone surrogate ({surrogate!r}) and cannot be encoded as UTF-8"


def _broken_text(text: str) -> list[str]:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return [_broken(error)]
    return []


class PreparedOperation:
    """An operation of one client, ready to be sent."""

    def __init__(self, operation: Operation, server: str, key: str, version: str) -> None:
        self.operation = operation
        self.check: Check = compile_schema(operation.schema)
        self.data_check: Check = compile_schema(operation.data)
        self._address = server.rstrip("/") + operation.path
        self._url = httpx.URL(self._address)
        headers = {
            "Host": self._url.netloc.decode(),
            "Accept": "application/json",
            "User-Agent": USER_AGENT.format(version=version),
            "Authorization": f"Bearer {key}",
        }
        if operation.body == "json":
            headers["Content-Type"] = "application/json"
        self._headers = httpx.Headers(headers)
        self._raw_headers = self._headers.raw

    def checked_request(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Name a caller's arguments as the service does, and check them. Raises `InvalidInputError`.

        An argument that is None takes its default, or is left out.
        """
        request: dict[str, Any] = {}
        for argument in self.operation.arguments:
            value = arguments.get(argument.name)
            if value is None:
                value = argument.default
            if value is not None:
                request[argument.path[0]] = value
        faults: list[Fault] = []
        self.check(request, "", faults)
        names = {argument.path[0]: argument.name for argument in self.operation.arguments}
        for name, value in request.items():
            if isinstance(value, str) and not value.isascii():
                faults += [Fault(name, "unicode", message) for message in _broken_text(value)]
        if faults:
            raise InvalidInputError(
                [fault._replace(path=names.get(fault.path, fault.path)) for fault in faults]
            )
        return request

    def build(self, arguments: dict[str, Any]) -> httpx.Request:
        """Make the request of checked arguments."""
        if self.operation.body == "json":
            return self.request({}, encode(arguments))
        if self.operation.body == "multipart":
            return self._multipart(arguments)
        return self.request(arguments, None)

    def request(self, query: dict[str, Any], content: bytes | None) -> httpx.Request:
        """Make a request of a query and a JSON body."""
        url = f"{self._address}?{urlencode(query)}" if query else self._url
        if content is None:
            return httpx.Request(
                self.operation.method, url, headers=self._raw_headers, stream=httpx.ByteStream(b"")
            )
        # Given a stream, httpx adds no headers of its own, which is where half of its time goes.
        headers = [*self._raw_headers, (b"Content-Length", str(len(content)).encode())]
        return httpx.Request(self.operation.method, url, headers=headers, stream=httpx.ByteStream(content))

    def _multipart(self, arguments: dict[str, Any]) -> httpx.Request:
        files = {name: value for name, value in arguments.items() if not isinstance(value, str)}
        fields = {name: value for name, value in arguments.items() if isinstance(value, str)}
        for _, file, _ in files.values():
            file.seek(0)  # a repeated call starts from the beginning
        # httpx streams an open file and picks a random boundary.
        return httpx.Request(
            self.operation.method, self._url, headers=self._headers, data=fields, files=files
        )


def accept_missing_keywords(method: Callable[P, R]) -> Callable[P, R]:
    """Let a call come through without its required keywords.

    Python would refuse it for the first of them; the contract's check names all that is wrong,
    among it the misspelt word that was meant to be the missing one.
    """
    code, defaults = method.__code__, method.__kwdefaults__ or {}
    keywords = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    required = [name for name in keywords if name not in defaults]

    @wraps(method)
    def call(*args: P.args, **given: P.kwargs) -> R:
        for name in required:
            given.setdefault(name, None)
        return method(*args, **given)

    return call


def check_base_url(name: str, url: str) -> str:
    """Return a base URL without its last slash. Raises `ConfigurationError` naming the argument."""
    try:
        parsed = httpx.URL(url)
        host = parsed.host
        parsed.raw_host.decode("ascii").encode("idna")  # as looking up its address will do
    except (httpx.InvalidURL, TypeError, UnicodeError, IndexError) as error:
        raise ConfigurationError(f"{name}: not a URL with a host: {error}") from None
    if parsed.userinfo or parsed.query or parsed.fragment:
        # Not shown: it may hold a password.
        raise ConfigurationError(
            f"{name}: leave out user, query and fragment; the key is the only credential"
        )
    if parsed.scheme not in ("http", "https") or not host:
        raise ConfigurationError(
            f"{name}: {url!r} needs http:// or https:// and a host, such as https://api.example.com"
        )
    if parsed.port is not None and not 0 < parsed.port < 65536:
        raise ConfigurationError(f"{name}: {url!r} has no port between 1 and 65535")
    return url.rstrip("/")


def check_api_key(key: str | None, variable: str) -> str:
    """Return the key given or set. Raises `ConfigurationError` naming the variable; never shows the key."""
    key = os.environ.get(variable) if key is None else key
    if not key:
        raise ConfigurationError(f"no API key: set the environment variable {variable} or pass api_key=")
    if not isinstance(key, str) or not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigurationError(
            "the API key contains a space, a line break or another character that no key has; copy it again"
        )
    return key
