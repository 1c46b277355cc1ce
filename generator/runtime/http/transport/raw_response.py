"""Calls that come back with the HTTP response beside their result."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import wraps
from typing import Generic, NamedTuple, ParamSpec, TypeVar

import httpx

from ...core.effects import Reply

P = ParamSpec("P")
R = TypeVar("R")

# The replies to one call, while somebody asks for them.
_REPLIES: ContextVar[list[Reply] | None] = ContextVar("replies", default=None)


class RawResponse(NamedTuple, Generic[R]):
    """What a call returns, and the response that it was read from: the last one, if it was repeated."""

    parsed: R
    response: httpx.Response | None
    """None where nothing was sent: the journal knew the answer."""


def note(reply: Reply) -> Reply:
    """Keep a reply for whoever asks for it."""
    replies = _REPLIES.get()
    if replies is not None:
        replies.append(reply)
    return reply


def raw(method: Callable[P, R]) -> Callable[P, RawResponse[R]]:
    """Make a blocking method come back with its response."""

    @wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> RawResponse[R]:
        replies: list[Reply] = []
        token = _REPLIES.set(replies)
        try:
            return _both(method(*args, **kwargs), replies)
        finally:
            _REPLIES.reset(token)

    return call


def araw(method: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[RawResponse[R]]]:
    """The same for asyncio."""

    @wraps(method)
    async def call(*args: P.args, **kwargs: P.kwargs) -> RawResponse[R]:
        replies: list[Reply] = []
        token = _REPLIES.set(replies)
        try:
            return _both(await method(*args, **kwargs), replies)
        finally:
            _REPLIES.reset(token)

    return call


def _both(parsed: R, replies: list[Reply]) -> RawResponse[R]:
    if not replies:
        return RawResponse(parsed, None)
    status, headers, body = replies[-1]
    # Decoded already, so nothing must decode it again.
    kept = [(name, value) for name, value in headers.raw if name.lower() != b"content-encoding"]
    return RawResponse(parsed, httpx.Response(status, headers=kept, content=body))
