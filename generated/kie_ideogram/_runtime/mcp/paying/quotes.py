"""Tokens: what a dry run has checked, and for how long it may be paid for.

A token names the submission's idempotency key, which is made from the request and the contents of its
pictures. So the same request has the same key in each process, and the journal creates one task for a key.
The journal's secret signs the token: an agent cannot make one itself.
"""

import hmac
import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from ...contract.model import Model
from ...core.clock import Clock
from ...core.errors import Fault, InvalidInputError

# Seconds between a dry run and its submission. A person may have to agree to the price in between.
LIFETIME = 900.0

# Quotes that one process remembers. The oldest one is forgotten first.
MOST = 1000

_TOKEN = re.compile(r"(mcp-[0-9a-f]{32})\.([0-9]{1,12})\.([0-9a-f]{32})\Z")


class Quote(NamedTuple):
    """What a dry run has checked."""

    model: Model
    arguments: Mapping[str, Any]
    """The agent's arguments: pictures as paths, whose contents the key contains."""
    key: str


class Quotes:
    """The tokens of one process. `secret` is the journal's."""

    def __init__(self, secret: bytes, clock: Clock) -> None:
        self._secret = secret
        self._clock = clock
        self._quotes: dict[str, Quote] = {}

    def issue(self, quote: Quote) -> tuple[str, float]:
        """Return a token, and when it expires (Unix time)."""
        expires = int(self._clock.unix() + LIFETIME)
        token = f"{quote.key}.{expires}.{self._signature(quote.key, expires)}"
        self._quotes[token] = quote
        while len(self._quotes) > MOST:
            del self._quotes[next(iter(self._quotes))]
        return token, float(expires)

    def key_of(self, token: str) -> str:
        """Return the idempotency key that a token names, expired or not. Raises `InvalidInputError`."""
        parts = _TOKEN.match(token)
        if parts and hmac.compare_digest(self._signature(parts[1], int(parts[2])), parts[3]):
            return parts[1]
        raise _invalid("is not a token that a dry run with this journal has returned; copy it unchanged")

    def quote_of(self, token: str) -> Quote:
        """Return the dry run of a token. Raises `InvalidInputError` if it can no longer be paid."""
        again = "make the dry run again, and submit with its new token"
        if int(token.split(".")[1]) < self._clock.unix():
            raise _invalid(f"has expired, and nothing was submitted with it; {again}")
        quote = self._quotes.get(token)
        if quote is None:
            raise _invalid(f"is of another or an earlier server, and nothing was submitted with it; {again}")
        return quote

    def _signature(self, key: str, expires: int) -> str:
        text = f"mcp-token:{key}:{expires}"
        return hmac.digest(self._secret, text.encode(), "sha256").hex()[:32]


def idempotency_key(request: Mapping[str, Any], number: int) -> str:
    """Return the key of a request: the same for the same contents and the same number."""
    text = json.dumps([request, number], sort_keys=True, separators=(",", ":"))
    return f"mcp-{sha256(text.encode()).hexdigest()[:32]}"


def _invalid(message: str) -> InvalidInputError:
    return InvalidInputError([Fault("token", "token", message)])
