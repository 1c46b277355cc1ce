"""Parses a response: first its HTTP status, then the code of the body, then the shape of the data."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from ..contract.json_schema import Check
from ..core.effects import Reply
from ..core.errors import ApiError, ResponseFormatError
from ..core.text.printable import printable
from ..core.text.secret import Secret

if TYPE_CHECKING:
    from ..contract.model import Code, Envelope

M = TypeVar("M")

# A shorter key is a word, such as the one of a sandbox, and not a secret. Messages may contain that word.
SHORTEST_SECRET = 12

# Replaces the API key in errors.
_REDACTED = "[key]"

# A message contains at most this many faults of a reply, and this many characters of a text of the service.
_MAX_FAULTS = 5
_MAX_TEXT = 1000


class ResponseParser:
    """Turns replies into data or errors, by the declared envelope and codes."""

    def __init__(
        self, envelope: Envelope, codes: dict[int, Code], errors: dict[int, type[ApiError]], api_key: Secret
    ) -> None:
        self._envelope = envelope
        self._codes = codes
        self._errors = errors
        self._api_key = api_key
        self._redacts = len(api_key.reveal()) >= SHORTEST_SECRET

    def data(self, reply: Reply, member: str, shape: Check) -> Any:
        """Return the data of an accepted reply. Raises `ApiError`, `ResponseFormatError`.

        Args:
            reply: The reply.
            member: The member of the body that has the data; empty if the whole body is the data.
            shape: Checks the data.
        """
        envelope = self._envelope
        if not envelope.code:
            return self._data_by_status(reply, member, shape)
        body = _json_object(reply.body)
        code = _integer(body.get(envelope.code)) if body else None
        good_status = 200 <= reply.status < 300
        if body is None or code is None:
            if good_status:
                raise self._unreadable(
                    reply, "it is not a JSON object" if body is None else f"{envelope.code} is missing"
                )
            raise self._error(reply, reply.status, "", body)
        accepted = code in envelope.accepted and body.get(envelope.ok) is not False
        if not (good_status and accepted):
            msg = next((text for name in envelope.message if isinstance(text := body.get(name), str)), "")
            raise self._error(
                reply, reply.status if code in envelope.accepted and not good_status else code, msg, body
            )
        data = body.get(member)
        self._check(reply, data, member, shape)
        return data

    def _data_by_status(self, reply: Reply, member: str, shape: Check) -> Any:
        """Return the data of a reply whose HTTP status is the verdict."""
        body = _json(reply.body)
        if reply.status not in self._envelope.accepted:
            members = body if isinstance(body, dict) else {}
            said = (members.get(name) for name in self._envelope.message)
            msg = next((_as_text(value) for value in said if value), "")
            raise self._error(reply, reply.status, msg, members or None)
        if body is None and reply.body:
            raise self._unreadable(reply, "it is not JSON")
        if member:
            if not isinstance(body, dict) or member not in body:
                raise self._unreadable(reply, f"{member} is missing")
            body = body[member]
        self._check(reply, body, member, shape)
        return body

    def _check(self, reply: Reply, data: Any, name: str, shape: Check) -> None:
        """Raise `ResponseFormatError` if the data has not the declared shape."""
        faults: list[Any] = []
        shape(data, name, faults)
        if faults:
            shown = [f"{fault.path}: {fault.message}" for fault in faults[:_MAX_FAULTS]]
            more = len(faults) - len(shown)
            raise self._unreadable(reply, "; ".join(shown) + (f"; and {more:,} more faults" if more else ""))

    def is_certainly_not_created(self, error: ApiError, reply: Reply) -> bool:
        """Whether a refused submission certainly has no task. HTTP status and body code must both say so.

        A page of a proxy has no body code. JSON that cannot be read may have one, and may name a task.
        """
        if _is_broken_json(reply.body):
            return False
        codes = {error.code} | ({error.http_status} if not 200 <= error.http_status < 300 else set())
        body_code = self.body_code(error)
        codes |= set() if body_code is None else {body_code}
        return all(
            (declared := self._codes.get(code)) is not None and declared.create == "refused" for code in codes
        )

    def body_code(self, error: ApiError) -> int | None:
        """Return the code in a reply's body; None if there is none, as in a proxy's error page."""
        if not self._envelope.code:
            return None
        return _integer(error.body.get(self._envelope.code)) if isinstance(error.body, dict) else None

    def declared_code(self, error: ApiError) -> Code | None:
        """Return the declaration of an error's code; None if it is not declared."""
        return self._codes.get(error.code)

    def _error(self, reply: Reply, code: int, msg: str, body: Any) -> ApiError:
        declared = self._codes.get(code)
        meaning = declared.meaning if declared else "a code that the contract does not declare"
        if code in self._envelope.accepted:
            meaning = f"but {self._envelope.ok} is false"
        msg = self.redact(msg)
        detail = f": {_shorten(printable(msg))}" if msg and msg != meaning else ""
        status = "" if code == reply.status else f" in HTTP {reply.status}"
        error_class = self._errors.get(code, ApiError)
        header = reply.headers.get("retry-after")
        return error_class(
            f"code {code}{status}, {meaning}{detail}",
            code=code,
            msg=msg,
            http_status=reply.status,
            body=self._redacted(body),
            retry_after=None if header is None else self.redact(header),
        )

    def _unreadable(self, reply: Reply, reason: str) -> ResponseFormatError:
        media_type = _shorten(self.redact(reply.headers.get("content-type", "no content type")))
        # Redacted before it is cut, so that no part of the API key remains.
        body = reply.body
        if self._redacts:
            body = body.replace(self._api_key.reveal().encode(), _REDACTED.encode())
        start = body[:80].decode("utf-8", "replace")
        message = (
            f"the HTTP {reply.status} response ({media_type}) does not match the contract: {reason}; "
            f"it starts with {start!r}"
        )
        return ResponseFormatError(self.redact(message), http_status=reply.status, body=body)

    def redact(self, text: str) -> str:
        """Remove the API key from text that goes into an error: the service may echo its request.

        Accepted data is not changed: its links may contain the key by chance. Lone surrogates, which JSON
        can contain, are escaped, because they cannot be printed.
        """
        if self._redacts:
            text = text.replace(self._api_key.reveal(), _REDACTED)
        return text.encode("utf-8", "backslashreplace").decode()

    def _redacted(self, value: Any) -> Any:
        """Remove the API key from a decoded body."""
        if isinstance(value, str):
            return self.redact(value)
        if isinstance(value, dict):
            return {self.redact(name): self._redacted(member) for name, member in value.items()}
        return [self._redacted(item) for item in value] if isinstance(value, list) else value


def typed(make: Callable[[dict[str, Any]], M], data: dict[str, Any]) -> M:
    """Return the typed model of a reply's data. Raises `ResponseFormatError`."""
    try:
        return make(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        model = getattr(getattr(make, "__self__", make), "__name__", make)
        message = f"the data does not match {model}: {type(error).__name__} {error}"
        raise ResponseFormatError(message, http_status=200) from error


def _shorten(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}… ({len(text):,} characters)"


def _json(body: bytes) -> Any:
    """Return a decoded body; None if it is not JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _is_broken_json(body: bytes) -> bool:
    """Whether a body begins like the JSON of the service, and cannot be read."""
    return body.removeprefix(codecs.BOM_UTF8).lstrip().startswith((b"{", b"[")) and _json(body) is None


def _json_object(body: bytes) -> dict[str, Any] | None:
    value = _json(body)
    return value if isinstance(value, dict) else None


def _as_text(value: Any) -> str:
    """Return a message; a service may send a list of faults in place of text."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _integer(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 6 else None
