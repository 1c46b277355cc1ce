"""Flows: what to do next, decided once for sync and async.

A flow is a generator. It yields an effect, is sent the effect's outcome (or has the failure
raised at its `yield`), and returns its result. `transport.py` performs the effects, once
blocking and once awaiting; nothing else is written twice.
"""

from collections.abc import Callable, Generator, Sequence
from typing import IO, TYPE_CHECKING, Any, NamedTuple, TypeVar

import httpx

if TYPE_CHECKING:
    from ..tasks.polling.poller import Schedule, Seat

T = TypeVar("T")

# So many requests of one client are on their way at once; see `lanes.py`.
CONCURRENCY = 8


class Reply(NamedTuple):
    """A whole HTTP reply."""

    status: int
    headers: httpx.Headers
    body: bytes


class Send(NamedTuple):
    """Send a request made by `build` and come back with its `Reply`, whose body has at most `max_bytes`.

    `limit` caps every time limit of it, seconds. With `sink`, the body of a reply with status 200
    is written there instead.
    """

    build: Callable[[], httpx.Request]
    max_bytes: int
    limit: float | None = None
    sink: IO[bytes] | None = None


class Sleep(NamedTuple):
    """Wait, seconds."""

    seconds: float


class Do(NamedTuple):
    """Call something that may block for a moment, such as a disk, and come back with its result.

    It is always called to its end, even when the caller is cancelled meanwhile.
    """

    call: Callable[[], Any]


class Park(NamedTuple):
    """Wait until the seat is woken, at most so many seconds."""

    seat: "Seat"
    seconds: float


class News(NamedTuple):
    """Wait for the next news of a seat of the schedule."""

    schedule: "Schedule"
    seat: "Seat"


class Together(NamedTuple):
    """Perform flows side by side and come back with their results, in order.

    All of them are brought to an end; then the first failure, in their order, is raised.
    """

    flows: "Sequence[Flow[Any]]"


Effect = Send | Sleep | Do | Park | News | Together
Flow = Generator[Effect, Any, T]
