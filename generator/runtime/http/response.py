"""Reads a reply: HTTP status first, then the body's code, then the shape of its data."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from ..contract.json_schema import Check
from ..core.effects import Reply
from ..core.errors import ApiError, ResponseFormatError
from ..core.printable import printable

if TYPE_CHECKING:
    from ..contract.model import Code, Envelope

M = TypeVar("M")

# A shorter key is a word, such as a sandbox's, and no secret; taking it out would spoil what is said.
SHORTEST_SECRET = 12

# What stands in an error where the service echoed the key.
_NO_KEY = "[key]"


class ResponseParser:
    """Turns replies into data or errors, by the declared envelope and codes."""

    def __init__(
        self, envelope: Envelope, codes: dict[int, Code], errors: dict[int, type[ApiError]], api_key: str
    ) -> None:
        self._envelope = envelope
        self._codes = codes
        self._errors = errors
        self._api_key = api_key

    def data(self, reply: Reply, shape: Check) -> Any:
        """Return the data of an accepted reply. Raises `ApiError`, `ResponseFormatError`."""
        envelope = self._envelope
        body = _json_object(reply.body)
        code = _integer(body.get(envelope.code)) if body else None
        good_status = 200 <= reply.status < 300
        if body is None or code is None:
            if good_status:
                raise self._unreadable(
                    reply, "no JSON with a code" if body is None else f"no {envelope.code}"
                )
            raise self._error(reply, reply.status, "", body)
        accepted = code in envelope.accepted and body.get(envelope.ok) is not False
        if not (good_status and accepted):
            msg = next((text for name in envelope.message if isinstance(text := body.get(name), str)), "")
            raise self._error(
                reply, reply.status if code in envelope.accepted and not good_status else code, msg, body
            )
        data = body.get(envelope.data)
        faults: list[Any] = []
        shape(data, envelope.data, faults)
        if faults:
            raise self._unreadable(reply, "; ".join(f"{fault.path} {fault.message}" for fault in faults))
        return data

    def is_certainly_not_created(self, error: ApiError) -> bool:
        """Whether a refused create certainly made no task: status and the body's code must both say so."""
        verdicts = {error.code} | ({error.http_status} if not 200 <= error.http_status < 300 else set())
        said = self.body_code(error)
        verdicts |= set() if said is None else {said}
        return all(
            (code := self._codes.get(verdict)) is not None and code.create == "refused"
            for verdict in verdicts
        )

    def body_code(self, error: ApiError) -> int | None:
        """The code in a reply's body; None where only the HTTP status speaks, as in a proxy's page."""
        return _integer(error.body.get(self._envelope.code)) if isinstance(error.body, dict) else None

    def declared_code(self, error: ApiError) -> Code | None:
        """What is declared about an error's code, if anything."""
        return self._codes.get(error.code)

    def _error(self, reply: Reply, code: int, msg: str, body: Any) -> ApiError:
        declared = self._codes.get(code)
        meaning = declared.meaning if declared else "a code that the contract does not know"
        if code in self._envelope.accepted:
            meaning = f"yet {self._envelope.ok} is false"
        msg = self.redact(msg)
        said = f": {printable(msg)}" if msg else ""
        status = "" if code == reply.status else f" in HTTP {reply.status}"
        kind = self._errors.get(code, ApiError)
        asked = reply.headers.get("retry-after")
        return kind(
            f"code {code}{status}, {meaning}{said}",
            code=code,
            msg=msg,
            http_status=reply.status,
            body=self._redacted(body),
            retry_after=None if asked is None else self.redact(asked),
        )

    def _unreadable(self, reply: Reply, what: str) -> ResponseFormatError:
        kind = self.redact(reply.headers.get("content-type", "no content type"))
        # Scrubbed before it is cut: half a key is still half a key.
        body = reply.body
        if len(self._api_key) >= SHORTEST_SECRET:
            body = body.replace(self._api_key.encode(), _NO_KEY.encode())
        start = body[:80].decode("utf-8", "replace")
        message = f"HTTP {reply.status} ({kind}) is not the declared reply: {what}; it starts {start!r}"
        return ResponseFormatError(self.redact(message), http_status=reply.status, body=body)

    def redact(self, text: str) -> str:
        """Take the key out of text that goes into an error: the service may echo what it was sent.

        Accepted data is left as it is, or a short key would change links that happen to contain it.
        What JSON can escape and nobody can print (half a surrogate pair) stays escaped.
        """
        if len(self._api_key) >= SHORTEST_SECRET:
            text = text.replace(self._api_key, _NO_KEY)
        return text.encode("utf-8", "backslashreplace").decode()

    def _redacted(self, value: Any) -> Any:
        """The same for the decoded body of a refusal."""
        if isinstance(value, str):
            return self.redact(value)
        if isinstance(value, dict):
            return {self.redact(name): self._redacted(member) for name, member in value.items()}
        return [self._redacted(item) for item in value] if isinstance(value, list) else value


def typed(make: Callable[[dict[str, Any]], M], data: dict[str, Any]) -> M:
    """Make the typed model of a reply's data. Raises `ResponseFormatError` where it cannot be one."""
    try:
        return make(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"the data is no {getattr(make, '__self__', make)}: {type(error).__name__} {error}"
        raise ResponseFormatError(message, http_status=200) from error


def _json_object(body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _integer(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 6 else None
