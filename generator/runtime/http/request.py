"""Builds requests from arguments. URLs and headers are parsed once for each operation."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import AsyncIterator, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import httpx

from ..contract.json_schema import Check, compile_schema
from ..core.errors import ConfigurationError, Fault, InvalidInputError
from ..core.identity import USER_AGENT
from ..core.text.secret import Secret
from .hosts import is_loopback

if TYPE_CHECKING:
    from ..contract.model import Operation

NOTHING: Mapping[str, Any] = {}

# `default` converts mappings that are not dicts.
_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=dict)


def user_agent(version: str) -> str:
    """Return the header of each request. Proxies refuse the default one of Python libraries."""
    return f"{USER_AGENT}/{version} (python)"


def encode(body: dict[str, Any]) -> bytes:
    """Return a body as JSON text. Raises `InvalidInputError` for a value that JSON cannot contain."""
    try:
        return _JSON.encode(body).encode()
    except UnicodeEncodeError as error:
        raise InvalidInputError([Fault("body", "unicode", _broken(error))]) from None
    except ValueError as error:
        raise InvalidInputError([Fault("body", "number", f"cannot be encoded as JSON: {error}")]) from None


def _text(value: Any) -> str:
    """Write a parameter of a path, a query or a header."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _path_part(text: str) -> str:
    # Dots alone would be a step in the path, and the request another operation.
    return "%2E" * len(text) if text in (".", "..") else quote(text, safe="")


def _broken(error: UnicodeEncodeError) -> str:
    surrogate = error.object[error.start : error.end]
    return f"contains a lone surrogate ({surrogate!r}) and cannot be encoded as UTF-8"


# Python writes no longer integer as text.
_MOST_BITS = 14_000


def unsendable(value: Any, path: str = "") -> Iterator[Fault]:
    """Yield the faults of texts and numbers in a body that JSON in UTF-8 cannot contain."""
    if isinstance(value, str):
        if not value.isascii():
            yield from (Fault(path, "unicode", message) for message in _broken_text(value))
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from unsendable(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from unsendable(item, f"{path}[{number}]")
    elif isinstance(value, int) and value.bit_length() > _MOST_BITS:
        yield Fault(path, "number", "has too many digits to be sent")


def _broken_text(text: str) -> list[str]:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return [_broken(error)]
    return []


# A task is polled many times, and parsing its URL takes a fifteenth of a poll's CPU time.
_parsed = lru_cache(64)(httpx.URL)


class RequestBody(httpx.ByteStream):
    """The body of one request, which notes when a transport begins to send it."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.is_begun = False

    def __iter__(self) -> Iterator[bytes]:
        self.is_begun = True
        return super().__iter__()

    def __aiter__(self) -> AsyncIterator[bytes]:
        self.is_begun = True
        return super().__aiter__()


class PreparedOperation:
    """An operation of one client, with its parsed URL, headers and schemas."""

    def __init__(
        self, operation: Operation, server: str, api_key: Secret, version: str, key_header: tuple[str, str]
    ) -> None:
        self.operation = operation
        self.check: Check = compile_schema(operation.schema)
        self.data_check: Check = compile_schema(operation.data)
        self._address = server.rstrip("/") + operation.path
        self._url = httpx.URL(self._address)
        self._placed = {
            argument.path[0]: argument.place for argument in operation.arguments if argument.place
        }
        headers = {
            "Host": self._url.netloc.decode(),
            "Accept": "application/json",
            "Accept-Encoding": "identity",  # see `transport/body.py`
            "User-Agent": user_agent(version),
        }
        if operation.body == "json":
            headers["Content-Type"] = "application/json"
        self._headers = httpx.Headers({**headers, **operation.headers})
        name, prefix = key_header
        self._headers[name] = prefix + api_key.reveal()
        self._raw_headers = self._headers.raw

    def checked_request(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return arguments under the service's names, checked. Raises `InvalidInputError`.

        An argument that is None gets its default, or is left out.
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
        """Build a request from checked arguments."""
        placed: dict[str, dict[str, Any]] = {"": {}, "path": {}, "query": {}, "header": {}}
        for name, value in arguments.items():
            placed[self._placed.get(name, "")][name] = value
        if self.operation.body == "multipart":
            return self._multipart(placed[""])
        content = encode(placed[""]) if self.operation.body == "json" else None
        return self.request(placed["query"], content, placed["path"], placed["header"])

    def request(
        self,
        query: dict[str, Any],
        content: bytes | None,
        path: Mapping[str, Any] = NOTHING,
        headers: Mapping[str, Any] = NOTHING,
    ) -> httpx.Request:
        """Build a request from a query, a JSON body, the parts of its path, and more headers."""
        address = self._address
        for name, value in path.items():
            address = address.replace(f"{{{name}}}", _path_part(_text(value)))
        url: str | httpx.URL = address if path else self._url
        if query:
            url = _parsed(f"{address}?{urlencode({name: _text(value) for name, value in query.items()})}")
        raw = self._raw_headers
        if headers:
            raw = [*raw, *((name.encode(), _text(value).encode()) for name, value in headers.items())]
        if content is None:
            return httpx.Request(self.operation.method, url, headers=raw, stream=httpx.ByteStream(b""))
        body = RequestBody(content)
        # With a stream, httpx does not compute headers, which takes half of its time.
        request = httpx.Request(
            self.operation.method,
            url,
            headers=[*raw, (b"Content-Length", str(len(content)).encode())],
            stream=body,
        )
        request.read()  # so that a tool which only looks at the content does not begin the body
        body.is_begun = False
        return request

    def _multipart(self, arguments: dict[str, Any]) -> httpx.Request:
        files = {name: value for name, value in arguments.items() if not isinstance(value, str)}
        fields = {name: value for name, value in arguments.items() if isinstance(value, str)}
        for _, file, _ in files.values():
            file.seek(0)  # a retry sends the file from its beginning
        # httpx streams an open file and chooses a random boundary.
        return httpx.Request(
            self.operation.method, self._url, headers=self._headers, data=fields, files=files
        )


def check_base_url(name: str, url: str) -> str:
    """Return a base URL without its last slash. Raises `ConfigurationError` naming the argument."""
    try:
        parsed = httpx.URL(url)
        host = parsed.host
        parsed.raw_host.decode("ascii").encode("idna")  # as looking up its address will do
    except (httpx.InvalidURL, TypeError, UnicodeError, IndexError) as error:
        raise ConfigurationError(f"{name}: not a URL with a host: {error}") from None
    # Also empty ones: a path is appended to the URL. It is not shown, because it may contain a password.
    if parsed.userinfo or "?" in url or "#" in url:
        raise ConfigurationError(
            f"{name}: leave out user, query and fragment; the key is the only credential"
        )
    if parsed.scheme not in ("http", "https") or not host:
        raise ConfigurationError(
            f"{name}: {url!r} needs http:// or https:// and a host, such as https://api.example.com"
        )
    if url != url.strip():
        raise ConfigurationError(f"{name}: {url!r} begins or ends with a space")
    if parsed.port is not None and not 0 < parsed.port < 65536:
        raise ConfigurationError(f"{name}: {url!r} has no port between 1 and 65535")
    return url.rstrip("/")


def warn_if_readable(name: str, url: str) -> None:
    """Warn about a server whose requests, and so the API key, others on the network can read."""
    parsed = httpx.URL(url)
    if parsed.scheme == "http" and not is_loopback(parsed.host):
        warnings.warn(
            f"{name} is plain http: others on the network can read the API key on its way to {parsed.host}; "
            "use https",
            stacklevel=6,  # the line that makes the client
        )


def check_api_key(given: Secret | None, variable: str) -> Secret:
    """Return the API key of the argument or the environment. Raises `ConfigurationError`."""
    api_key = Secret(os.environ.get(variable, "")) if given is None else given
    if not api_key.reveal():
        raise ConfigurationError(f"no API key: set the environment variable {variable} or pass api_key=")
    if not _is_printable_ascii(api_key.reveal()):
        raise ConfigurationError(
            "the API key contains a space, a line break or another invalid character; copy it again"
        )
    return api_key


def _is_printable_ascii(text: object) -> bool:
    return isinstance(text, str) and text.isascii() and text.isprintable() and " " not in text
