"""Effects: what to do next, decided once for blocking and asyncio clients.

A flow is a generator. It yields an effect, receives the effect's outcome (or has the failure raised
at its `yield`), and returns its result. The transports perform effects, once blocking and once
awaiting; everything else is written once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from .subscription import Subscription

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

# How many requests one client sends at the same time; see `http/transport/connections.py`.
CONCURRENCY = 8


class Reply(NamedTuple):
    """A complete HTTP response."""

    status: int
    headers: httpx.Headers
    body: bytes


class SendRequest(NamedTuple):
    """Send the request that `build` makes; the outcome is its `Reply`, with at most `max_bytes` of body.

    `limit` caps each of its time limits, seconds. With `sink`, the body of a response with status 200
    is written there instead. `reads`: it changes nothing at the server. The complete reply is added to
    `received` at once, so that a caller who is interrupted then has it.
    """

    build: Callable[[], httpx.Request]
    max_bytes: int
    limit: float | None = None
    sink: IO[bytes] | None = None
    reads: bool = False
    received: list[Reply] | None = None


class Sleep(NamedTuple):
    """Wait, seconds."""

    seconds: float


class RunBlocking(NamedTuple):
    """Call a function that may block for a moment, such as a disk write; the outcome is its result.

    The call always completes, even if the caller is cancelled in the meantime.
    """

    call: Callable[[], Any]


class Await(NamedTuple):
    """Await what `make` returns. A blocking client raises `TypeError`."""

    make: Callable[[], Awaitable[Any]]


class WaitForWakeup(NamedTuple):
    """Wait until the subscription is woken, for at most some seconds."""

    subscription: Subscription
    seconds: float


class Poller(Protocol):
    """What a transport needs of the poller to wait for an event of a subscription."""

    def ready(self, subscription: Subscription) -> bool:
        """Whether `take` has something to return or to raise."""
        ...

    def next_work(self, subscription: Subscription) -> Flow[None] | None:
        """Return polling that this caller does while it waits; None if another caller does it."""
        ...

    def take(self, subscription: Subscription) -> Any:
        """Return the next event. Raises the error that ended the wait for a task."""
        ...

    def release(self, subscription: Subscription) -> None:
        """Note that the caller no longer sleeps."""
        ...


class NextEvent(NamedTuple):
    """Wait for the next event of a subscription."""

    poller: Poller
    subscription: Subscription


class Gather(NamedTuple):
    """Perform flows concurrently; the outcome is their results, in order.

    All of them run to their end. Then the first failure, in their order, is raised.
    """

    flows: Sequence[Flow[Any]]


Effect = SendRequest | Sleep | RunBlocking | Await | WaitForWakeup | NextEvent | Gather
Flow = Generator[Effect, Any, T]
