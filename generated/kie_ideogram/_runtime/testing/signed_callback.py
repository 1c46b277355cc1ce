"""Signs callbacks as the service does, for tests of the code that receives them."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..contract.model import Contract, Signature
from ..contract.pointer import get_pointer
from ..core.clock import SYSTEM_CLOCK
from ..core.errors import ConfigurationError
from ..core.text.printable import json_bytes
from ..http.webhooks import sign


class SignedCallback(NamedTuple):
    """A callback as it reaches a receiver."""

    body: bytes
    headers: dict[str, str]


def sign_callback(
    contract: Contract, body: bytes | Mapping[str, Any], secret: str, now: float | None = None
) -> SignedCallback:
    """Return a callback with the headers that sign it. Raises `ConfigurationError` without a task id.

    `body` is the callback's body, bytes or an object for JSON. `now` is Unix time, the system's by default.
    """
    content = body if isinstance(body, bytes) else json_bytes(body)
    try:
        payload = json.loads(content)
    except ValueError as error:
        raise ConfigurationError(f"body: is not JSON: {error}") from None
    declared = signature_of(contract)
    ids = [get_pointer(payload, pointer) for pointer in declared.task_ids]
    task_id = next((value for value in ids if isinstance(value, str)), None)
    if task_id is None:
        places = " or ".join("/".join(pointer) for pointer in declared.task_ids)
        raise ConfigurationError(f"body: has no task id; it must be at {places}")
    headers = {"Content-Type": "application/json", **signature_headers(contract, task_id, secret, now)}
    return SignedCallback(content, headers)


def signature_of(contract: Contract) -> Signature:
    """Return how callbacks are signed. Raises `ConfigurationError` if they are not."""
    if contract.signature is None:
        raise ConfigurationError("the callbacks of this API are not signed")
    return contract.signature


def signature_headers(
    contract: Contract, task_id: str, secret: str, now: float | None = None
) -> dict[str, str]:
    """Return the headers that sign a callback. `now` is Unix time, the system's by default."""
    declared = signature_of(contract)
    timestamp = str(int(SYSTEM_CLOCK.unix() if now is None else now))
    return {
        declared.timestamp_header: timestamp,
        declared.signature_header: sign(declared, secret, task_id, timestamp),
    }
