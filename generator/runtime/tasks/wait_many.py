"""Waits for many tasks with one caller: each task costs an entry of the poller's heap and no more.

A single caller cannot use the whole rate limit while a response is on its way, so helpers poll too. A
failure in a helper is found again by the next poll of that task; it does not end the wait.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Generator, Iterable
from contextlib import suppress
from math import inf
from typing import TYPE_CHECKING, TypeVar

from ..contract.describe import describe
from ..core.effects import CONCURRENCY
from ..core.errors import Fault, InvalidInputError, PackageError
from ..core.subscription import Subscription
from .polling.poller import TaskPoller
from .polling.wait import subscribe
from .results.view import TaskView, id_and_creation

if TYPE_CHECKING:
    from .context import AsyncContext, SyncContext

TaskT = TypeVar("TaskT", bound=TaskView)


def settled(
    context: SyncContext[TaskT], tasks: Iterable[TaskView | str], timeout: float | None
) -> Generator[TaskT, None, None]:
    """Yield tasks as they end."""
    poller, errors, keys = context.poller, list[PackageError](), dict[str, str]()
    ids = _ids_and_keys(tasks, keys)
    subscription = subscribe(context.session, poller, ids, context.make_task, timeout)
    helpers = _subscribe_helpers(poller, subscription)

    def poll(helper: Subscription) -> None:
        with suppress(Exception):
            context.next_event(helper)

    try:
        for helper in helpers:
            # Not a pool: a caller that leaves early would wait for its threads, as long as a reply may take.
            threading.Thread(target=poll, args=[helper], daemon=True).start()
        while subscription.pending or subscription.events:
            try:
                task: TaskT = context.next_event(subscription)
            except PackageError as error:
                errors.append(error)
            else:
                task.idempotency_key = keys.get(task.id)
                yield task
    finally:
        _unsubscribe_all(poller, subscription, helpers)
    _raise_all(errors)


async def async_settled(
    context: AsyncContext[TaskT], tasks: Iterable[TaskView | str], timeout: float | None
) -> AsyncGenerator[TaskT, None]:
    """Yield tasks as they end, with asyncio."""
    poller, errors, keys = context.poller, list[PackageError](), dict[str, str]()
    ids = _ids_and_keys(tasks, keys)
    subscription = subscribe(context.session, poller, ids, context.make_task, timeout)
    helpers = _subscribe_helpers(poller, subscription)

    async def poll(helper: Subscription) -> None:
        with suppress(Exception):
            await context.next_event(helper)

    # Not a task group: it would cancel the caller, which is elsewhere while it works on a task.
    polling = [asyncio.create_task(poll(helper)) for helper in helpers]
    try:
        while subscription.pending or subscription.events:
            try:
                task: TaskT = await context.next_event(subscription)
            except PackageError as error:
                errors.append(error)
            else:
                task.idempotency_key = keys.get(task.id)
                yield task
    finally:
        _unsubscribe_all(poller, subscription, helpers)
        for one in polling:
            one.cancel()
        await asyncio.gather(*polling, return_exceptions=True)
    _raise_all(errors)


def _ids_and_keys(
    tasks: Iterable[TaskView | str], keys: dict[str, str]
) -> Iterable[tuple[str, float | None]]:
    """Yield ids and times of creation; note in `keys` the idempotency keys that the tasks know."""
    if isinstance(tasks, str):
        message = f"must be several tasks or ids, got {describe(tasks)}; put it in a list"
        raise InvalidInputError([Fault("tasks", "type", message)])
    if not isinstance(tasks, Iterable):
        raise InvalidInputError([Fault("tasks", "type", f"must be tasks or ids, got {describe(tasks)}")])
    for task in tasks:
        if isinstance(task, TaskView) and task.idempotency_key:
            keys[task.id] = task.idempotency_key
        yield id_and_creation(task)


def _subscribe_helpers(poller: TaskPoller, subscription: Subscription) -> list[Subscription]:
    count = min(subscription.pending, CONCURRENCY) - 1
    return [poller.subscribe(subscription.make_task, inf, yields_changes=False) for _ in range(count)]


def _unsubscribe_all(poller: TaskPoller, subscription: Subscription, helpers: list[Subscription]) -> None:
    poller.unsubscribe(subscription)
    for helper in helpers:
        helper.publish(None)


def _raise_all(errors: list[PackageError]) -> None:
    """Raise the errors of single tasks, after the other tasks have ended."""
    if len(errors) > 1:
        raise ExceptionGroup("several tasks could not be followed to their end", errors)
    if errors:
        raise errors[0]
