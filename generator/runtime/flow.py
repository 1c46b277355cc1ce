"""Flows: what to do next, decided once for sync and async.

A flow is a generator. It yields an effect, is sent the effect's outcome (or has the failure
raised at its `yield`), and returns its result. `transport.py` performs the effects, once
blocking and once awaiting; nothing else is written twice.
"""

from collections.abc import Callable, Generator
from typing import IO, Any, NamedTuple, TypeVar

import httpx

T = TypeVar("T")


class Reply(NamedTuple):
    """A whole HTTP reply."""

    status: int
    headers: httpx.Headers
    body: bytes


class Send(NamedTuple):
    """Send a request made by `build` and come back with its `Reply`.

    `limit` caps every timeout of it, seconds. With `sink`, the body of a reply with status 200
    is written there instead, at most `max_bytes` of it.
    """

    build: Callable[[], httpx.Request]
    limit: float | None = None
    sink: IO[bytes] | None = None
    max_bytes: int = 0


class Sleep(NamedTuple):
    """Wait, seconds."""

    seconds: float


Effect = Send | Sleep
Flow = Generator[Effect, Any, T]
