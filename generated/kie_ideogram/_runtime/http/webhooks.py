"""Verifies callbacks by their signature. It covers the task id and the time, not the rest of the body."""

import base64
import hmac
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from ..contract.json_schema import compile_schema
from ..contract.model import Contract, Signature
from ..contract.pointer import get_pointer
from ..core.clock import SYSTEM_CLOCK
from ..core.errors import SignatureError
from ..core.text.secret import Secret

# Callbacks have a few thousand bytes. Anyone can send one, so a large body is rejected before it is parsed.
MAX_BODY_BYTES = 1_048_576

# A body that names more task ids than this is rejected before any signature is computed.
_MAX_TASK_IDS = 8


class SupportsItems(Protocol):
    """A mapping of headers, or an object like one, such as the headers of `http.server`."""

    def items(self) -> Iterable[tuple[Any, Any]]:
        """Return the pairs of name and value."""
        ...


Headers = SupportsItems | Iterable[tuple[str, str]] | Iterable[tuple[bytes, bytes]]
"""The headers of a request, as frameworks provide them: a mapping, a WSGI environ, or pairs."""


def verify(
    contract: Contract,
    body: bytes,
    headers: Headers,
    secret: Secret,
    *,
    tolerance: float | None = None,
    now: float | None = None,
    seen: Callable[[str, str], bool] | None = None,
) -> tuple[str, dict[str, Any]]:
    """Return the verified task id and the reported record. Raises `SignatureError`.

    Args:
        body: The raw body.
        headers: The headers of the request.
        secret: The account's signing key.
        tolerance: The allowed age in seconds, in the past or future.
        now: Unix time.
        seen: Called with (task id, signature) after all other checks; returns True for a replay.
    """
    declared = contract.signature
    assert declared, "callbacks are signed, or this package has no function to verify them"
    names = (declared.signature_header, declared.timestamp_header)
    signature, timestamp = _header_values(headers, names)
    if not signature or not timestamp:
        missing = declared.timestamp_header if signature else declared.signature_header
        raise SignatureError(f"not signed: the header {missing} is missing")
    if not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > 15:
        raise SignatureError(f"the header {declared.timestamp_header} is not a number of Unix seconds")
    age = (SYSTEM_CLOCK.unix() if now is None else now) - int(timestamp)
    # Negated, so that a tolerance that is not a number accepts nothing.
    if not abs(age) <= (declared.tolerance if tolerance is None else tolerance):
        when = f"{age:.0f} seconds ago" if age >= 0 else f"{-age:.0f} seconds in the future"
        raise SignatureError(f"stale: signed {when}")
    content = _check_body(body)
    task_id = _signed_task_id(declared, content, secret, timestamp, signature)
    payload = _parse(content)
    if _reported_task_ids(payload, declared.task_ids) != {task_id}:
        raise SignatureError("the body names different task ids")
    faults: list[Any] = []
    compile_schema(contract.callback)(payload, "body", faults)
    if faults:
        raise SignatureError("; ".join(f"{fault.path}: {fault.message}" for fault in faults[:5]))
    if seen is not None and _is_seen(seen, task_id, signature):
        raise SignatureError("replayed: this callback was seen before")
    assert contract.delivery, "only a declared callback is signed"
    member = contract.data_member(contract.delivery)
    record: dict[str, Any] = payload[member] if member else payload
    return task_id, record


def _is_seen(seen: Callable[[str, str], bool], task_id: str, signature: str) -> bool:
    """Call the caller's function. Whatever it raises names the task, which is paid for."""
    try:
        return seen(task_id, signature)
    except BaseException as error:
        error.add_note(f"raised by seen= for the verified callback of task {task_id}")
        raise


def signing_key(secret: str | bytes) -> Secret:
    """Return the account's signing key, without what a file or a variable adds. Raises `SignatureError`."""
    given: Any = secret
    if given is not None and not isinstance(given, str | bytes | bytearray | memoryview):
        raise SignatureError(f"secret: must be text or bytes, got {type(given).__name__}")
    try:
        text = given if given is None or isinstance(given, str) else bytes(given).decode()
        key = (text or "").strip().removeprefix("\ufeff").strip()  # a byte order mark
        key.encode()
    except UnicodeError:
        raise SignatureError("secret: the signing key is not valid text") from None
    if not key:
        raise SignatureError(
            "no signing key: pass secret=, the key that was made in the settings of the account"
        )
    return Secret(key)


def sign(declared: Signature, secret: str, task_id: str, timestamp: str) -> str:
    """Sign a callback as declared: the task id and the time, with the account's signing key."""
    text = declared.text.format_map({"task-id": task_id, "timestamp": timestamp})
    return base64.b64encode(hmac.digest(secret.encode(), text.encode(), "sha256")).decode()


def _header_values(headers: Headers, names: tuple[str, ...]) -> list[str]:
    """Return the values of some headers; "" for a missing one, and several values joined by a comma."""
    wanted = {name.lower(): "" for name in names}
    try:
        items: Any = getattr(headers, "items", None)
        pairs: Any = items() if items else headers
        for given_name, value in pairs:
            name = _header_name(_text(given_name))
            if name in wanted:
                for text in value if isinstance(value, list | tuple) else [value]:
                    wanted[name] += f", {_text(text)}" if wanted[name] else _text(text)
    except (TypeError, ValueError):
        raise SignatureError(
            "headers: pass the headers of the request, as a mapping or as pairs of text or bytes"
        ) from None
    return list(wanted.values())


def _header_name(name: str) -> str:
    # The form of WSGI and CGI: HTTP_X_WEBHOOK_SIGNATURE.
    return (name[5:].replace("_", "-") if name.startswith("HTTP_") else name).lower()


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise TypeError(type(value).__name__)
    return value


def _check_body(body: Any) -> bytes:
    if isinstance(body, str):
        body = body.encode("utf-8", "replace")
    if not isinstance(body, bytes | bytearray | memoryview):
        raise SignatureError(f"body: pass the raw request body as `bytes`, got {type(body).__name__}")
    if len(body) > MAX_BODY_BYTES:
        raise SignatureError(f"body: {len(body):,} bytes, at most {MAX_BODY_BYTES:,}")
    return bytes(body)


def _signed_task_id(
    declared: Signature, content: bytes, secret: Secret, timestamp: str, signature: str
) -> str:
    """Return the task id that the signature is for. The body is searched for it, and not parsed yet."""
    members = "|".join({re.escape(place[-1]) for place in declared.task_ids})
    found: set[str] = set()
    for match in re.finditer(rf'"(?:{members})"\s*:\s*("(?:[^"\\]|\\.)*")'.encode(), content):
        found.add(_json_string(match[1]))
        if len(found) > _MAX_TASK_IDS:
            raise SignatureError("the body names different task ids")
    if not found:
        raise SignatureError("the body names no task id")
    given = signature.encode("utf-8", "replace")
    for task_id in found:
        expected = sign(declared, secret.reveal(), task_id, timestamp).encode()
        if hmac.compare_digest(expected, given):
            return task_id
    raise SignatureError("the signature does not match")


def _json_string(literal: bytes) -> str:
    try:
        text: str = json.loads(literal)
        text.encode()
    except ValueError:
        raise SignatureError("the task id is not valid text") from None
    return text


def _parse(content: bytes) -> dict[str, Any]:
    try:
        payload = json.loads(content)
    except (ValueError, RecursionError):
        raise SignatureError("the body is not JSON") from None
    if not isinstance(payload, dict):
        raise SignatureError("the body is not a JSON object")
    return payload


def _reported_task_ids(payload: dict[str, Any], places: tuple[tuple[str, ...], ...]) -> set[str]:
    """Return the task ids at the declared places. A value of another type counts as another id."""
    values: Iterator[Any] = (get_pointer(payload, place) for place in places)
    return {value if isinstance(value, str) else "" for value in values if value is not None}
