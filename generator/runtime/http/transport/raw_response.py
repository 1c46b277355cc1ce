"""Calls that return the HTTP response together with their result."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import wraps
from typing import Generic, NamedTuple, ParamSpec, TypeVar

import httpx

from ...core.effects import Reply

P = ParamSpec("P")
R = TypeVar("R")

# The replies to the current call; None if the caller does not need them.
_REPLIES: ContextVar[list[Reply] | None] = ContextVar("replies", default=None)


class RawResponse(NamedTuple, Generic[R]):
    """The result of a call, and its HTTP response: the last one, if the call was retried."""

    parsed: R
    response: httpx.Response | None
    """None if nothing was sent, because the journal has the result."""


def record_reply(reply: Reply) -> Reply:
    """Store a reply for a caller that needs it, and return it."""
    replies = _REPLIES.get()
    if replies is not None:
        replies.append(reply)
    return reply


def raw(method: Callable[P, R]) -> Callable[P, RawResponse[R]]:
    """Return a blocking method that also returns its response."""

    @wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> RawResponse[R]:
        replies: list[Reply] = []
        token = _REPLIES.set(replies)
        try:
            return _raw_response(method(*args, **kwargs), replies)
        finally:
            _REPLIES.reset(token)

    return call


def async_raw(method: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[RawResponse[R]]]:
    """Return an asyncio method that also returns its response."""

    @wraps(method)
    async def call(*args: P.args, **kwargs: P.kwargs) -> RawResponse[R]:
        replies: list[Reply] = []
        token = _REPLIES.set(replies)
        try:
            return _raw_response(await method(*args, **kwargs), replies)
        finally:
            _REPLIES.reset(token)

    return call


def _raw_response(parsed: R, replies: list[Reply]) -> RawResponse[R]:
    if not replies:
        return RawResponse(parsed, None)
    status, headers, body = replies[-1]
    # The body is decoded already, so httpx must not decode it again.
    remaining = [(name, value) for name, value in headers.raw if name.lower() != b"content-encoding"]
    return RawResponse(parsed, httpx.Response(status, headers=remaining, content=body))
