"""Proves a callback genuine, as far as its signature goes: the id and the time, not the body."""

import base64
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx

from ..contract.json_schema import compile_schema
from ..contract.model import Contract, Signature
from ..contract.pointer import get_pointer
from ..core.clock import SYSTEM_CLOCK
from ..core.errors import SignatureError

Headers = (
    Mapping[str, str] | Mapping[bytes, bytes] | Sequence[tuple[str, str]] | Sequence[tuple[bytes, bytes]]
)
"""The headers of a request, as frameworks give them; names in any case."""


def verify(
    contract: Contract,
    body: bytes,
    headers: Headers,
    secret: str,
    *,
    tolerance: float | None = None,
    now: float | None = None,
    seen: Callable[[str, str], bool] | None = None,
) -> tuple[str, dict[str, Any]]:
    """Return the verified task id and the reported record. Raises `SignatureError` saying what is wrong.

    `body` is the raw body, `headers` those of the request, `secret` the account's signing key, `tolerance`
    the allowed age in seconds either way, `now` Unix
    time. `seen` is asked with (task id, signature) last of all and refuses what it has seen before.
    """
    declared = contract.signature
    found = _headers(headers)
    signature = found.get(declared.signature_header)
    timestamp = found.get(declared.timestamp_header)
    if not isinstance(secret, str) or not secret:
        raise SignatureError(
            "no signing key given; callbacks are signed only after one was made in the settings"
        )
    if not signature or not timestamp:
        missing = declared.timestamp_header if signature else declared.signature_header
        raise SignatureError(f"not signed: the header {missing} is missing")
    if not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > 15:
        raise SignatureError("the timestamp is not a number of Unix seconds")
    age = (SYSTEM_CLOCK.unix() if now is None else now) - int(timestamp)
    if abs(age) > (declared.tolerance if tolerance is None else tolerance):
        raise SignatureError(f"stale: signed {age:.0f} seconds ago")
    payload = _payload(body)
    task_id = _task_id(payload, declared.task_ids)
    try:
        expected = sign(declared, secret, task_id, timestamp)
    except UnicodeEncodeError:
        raise SignatureError("the task id or the signing key is no text") from None
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        raise SignatureError("the signature does not match")
    faults: list[Any] = []
    compile_schema(contract.callback)(payload, "body", faults)
    if faults:
        raise SignatureError("; ".join(f"{fault.path} {fault.message}" for fault in faults))
    if seen is not None and seen(task_id, signature):
        raise SignatureError("replayed: this callback was seen before")
    record: dict[str, Any] = payload[contract.envelope.data]
    return task_id, record


def sign(declared: Signature, secret: str, task_id: str, timestamp: str) -> str:
    """Sign a callback as declared: the id and the time with the account's key."""
    text = declared.text.format_map({"task-id": task_id, "timestamp": timestamp})
    return base64.b64encode(hmac.digest(secret.encode(), text.encode(), "sha256")).decode()


def _headers(headers: Headers) -> httpx.Headers:
    try:
        return httpx.Headers(headers, encoding="utf-8")
    except (TypeError, ValueError, AttributeError):
        raise SignatureError("the headers are not those of a request: pairs of text or bytes") from None


def _payload(body: bytes) -> dict[str, Any]:
    if not isinstance(body, bytes | bytearray | str):
        raise SignatureError("the body must be given as it came, in bytes, before it is decoded")
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        raise SignatureError("the body is not JSON") from None
    if not isinstance(payload, dict):
        raise SignatureError("the body is not a JSON object")
    return payload


def _task_id(payload: dict[str, Any], places: tuple[tuple[str, ...], ...]) -> str:
    """The one id that the body names, wherever it may stand: a signed id next to another proves nothing."""
    ids = [value for place in places if (value := get_pointer(payload, place)) is not None]
    if not ids:
        raise SignatureError("the body names no task id")
    if any(not isinstance(value, str) or value != ids[0] for value in ids):
        raise SignatureError("the body names different task ids")
    task_id: str = ids[0]
    return task_id
