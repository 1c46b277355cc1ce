"""Waits for many tasks at once, with one caller: each task costs its place on the schedule and no more.

One caller alone could not use the query budget while a reply is on its way, so helpers look as well.
What goes wrong in a helper is found again by whoever looks next: it is neither the caller's nor the end.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Generator, Iterable
from contextlib import suppress
from math import inf
from typing import TYPE_CHECKING, TypeVar

from ..core.effects import CONCURRENCY
from ..core.errors import KieError
from .polling.poller import Schedule, Seat
from .polling.wait import seated

if TYPE_CHECKING:
    from ..client import AsyncClient, SyncClient

T = TypeVar("T")

Tasks = Iterable[tuple[str, float | None]]
"""Ids, and when (monotonic) we created each, if we did."""


def settled(client: "SyncClient[T]", tasks: Tasks, timeout: float | None) -> Generator[T, None, None]:
    """Yield tasks as they end."""
    schedule, errors = client.schedule, list[KieError]()
    seat = seated(client.core, schedule, tasks, client.give, timeout)
    helpers = _helpers(schedule, seat)

    def look(helper: Seat) -> None:
        with suppress(Exception):
            client.news(helper)

    try:
        for helper in helpers:
            # Not a pool: whoever leaves early would wait for its threads, for as long as a reply may take.
            threading.Thread(target=look, args=[helper], daemon=True).start()
        while seat.open or seat.ready:
            try:
                yield client.news(seat)
            except KieError as error:
                errors.append(error)
    finally:
        _dismiss(schedule, seat, helpers)
    _raise(errors)


async def asettled(client: "AsyncClient[T]", tasks: Tasks, timeout: float | None) -> AsyncGenerator[T, None]:
    """The same for asyncio."""
    schedule, errors = client.schedule, list[KieError]()
    seat = seated(client.core, schedule, tasks, client.give, timeout)
    helpers = _helpers(schedule, seat)

    async def look(helper: Seat) -> None:
        with suppress(Exception):
            await client.news(helper)

    # Not a group: that one would cancel the caller, who is elsewhere while it has a task in hand.
    looking = [asyncio.create_task(look(helper)) for helper in helpers]
    try:
        while seat.open or seat.ready:
            try:
                yield await client.news(seat)
            except KieError as error:
                errors.append(error)
    finally:
        _dismiss(schedule, seat, helpers)
        for one in looking:
            one.cancel()
        await asyncio.gather(*looking, return_exceptions=True)
    _raise(errors)


def _helpers(schedule: Schedule, seat: Seat) -> list[Seat]:
    """Seats of those who look as well."""
    count = min(seat.open, CONCURRENCY) - 1
    return [schedule.seat(seat.give, inf, changes=False) for _ in range(count)]


def _dismiss(schedule: Schedule, seat: Seat, helpers: list[Seat]) -> None:
    schedule.leave(seat)
    for helper in helpers:
        helper.tell(None)


def _raise(errors: list[KieError]) -> None:
    """Raise what went wrong with single tasks, once the others have ended."""
    if len(errors) > 1:
        raise ExceptionGroup("several tasks could not be followed to their end", errors)
    if errors:
        raise errors[0]
