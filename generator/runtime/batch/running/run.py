"""Works on a batch with a few threads, or with as many tasks of asyncio.

Some submit rows, some poll, some save; so a slow download delays no submission. A row that waits for its
task costs a subscription and no thread. A worker that polls puts the rows whose tasks have ended in a queue.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import suppress
from math import inf
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from ...core.subscription import Subscription
from ..output.outcome import Outcome
from .state import BatchState
from .steps import Following, Steps

if TYPE_CHECKING:
    from ...tasks.context import AsyncContext, SyncContext

# With a service that answers in a second, four keep up with ten calls per second; see `CONCURRENCY`.
WORKERS = 4

# Seconds that a caller who leaves waits for requests that are on their way.
PATIENCE = 5.0


class _Ended:
    """Marks the end of a worker in a queue, and what ended it."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class _Waits:
    """The rows whose tasks run, and the queue of those that have ended."""

    def __init__(self, context: SyncContext[Any] | AsyncContext[Any], ready: Any) -> None:
        self._context = context
        self._put = ready.put if isinstance(ready, SimpleQueue) else ready.put_nowait
        self._lock = threading.Lock()
        self._open: dict[str, tuple[Following, Subscription]] = {}

    def follow(self, following: Following) -> None:
        """Wait for the task of a row."""
        context = self._context
        deadline = context.session.workflow.wait.deadline
        subscription = context.poller.subscribe(context.make_task, deadline, yields_changes=False)
        key = following.attempt.row.key
        with self._lock:
            self._open[key] = following, subscription
        subscription.on_wake = lambda: self._put(key)
        context.poller.add(subscription, following.task.id, following.task._created)

    def take(self, key: str) -> tuple[Following, Subscription] | None:
        """Return a row whose task has ended or whose time is over; None if it was taken before."""
        with self._lock:
            found = self._open.get(key)
            if found is None or not self._context.poller.ready(found[1]):
                return None
            return self._open.pop(key)

    def helper(self) -> Subscription:
        """Return a subscription for a worker that polls."""
        return self._context.poller.subscribe(self._context.make_task, inf, yields_changes=False)

    def release(self, helpers: list[Subscription]) -> None:
        """Stop polling. The tasks themselves continue."""
        with self._lock:
            left = list(self._open.values())
            self._open.clear()
        for _, subscription in left:
            subscription.on_wake = None
            self._context.poller.unsubscribe(subscription)
        for helper in helpers:
            helper.publish(None)


def run_batch(context: SyncContext[Any], steps: Steps[BatchState]) -> Generator[Outcome, None, None]:
    """Yield the outcomes of the rows as they end."""
    ended: SimpleQueue[Outcome | _Ended] = SimpleQueue()
    ready: SimpleQueue[str | None] = SimpleQueue()
    waits = _Waits(context, ready)
    helpers = [waits.helper() for _ in range(WORKERS)]

    def submit() -> None:
        error = None
        try:
            while attempt := steps.state.take():
                step = context.run(steps.submit(attempt))
                if isinstance(step, Following):
                    waits.follow(step)
                elif step:
                    ended.put(step)
        except BaseException as problem:
            error = problem
        ended.put(_Ended(error))

    def poll(helper: Subscription) -> None:
        while True:
            # A failure here is found again by the next poll of that task.
            with suppress(Exception):
                context.next_event(helper)
                return

    def finish() -> None:
        try:
            while (key := ready.get()) is not None:
                if row := waits.take(key):
                    ended.put(context.run(steps.finish(*row)))
        except BaseException as problem:
            ended.put(_Ended(problem))

    # Not a pool: a caller that leaves would wait for its threads, as long as a reply may take.
    submitters = [threading.Thread(target=submit, daemon=True) for _ in range(WORKERS)]
    others = [threading.Thread(target=poll, args=[helper], daemon=True) for helper in helpers]
    others += [threading.Thread(target=finish, daemon=True) for _ in range(WORKERS)]
    try:
        for thread in (*submitters, *others):
            thread.start()
        submitting, outcomes = len(submitters), 0
        while submitting or outcomes < steps.state.taken:
            item = ended.get()
            if isinstance(item, _Ended):
                submitting -= 1
                if item.error:
                    raise item.error
            else:
                outcomes += 1
                yield item
    finally:
        steps.state.leave()
        waits.release(helpers)
        for _ in range(WORKERS):
            ready.put(None)
        for thread in submitters:
            if thread.is_alive():
                thread.join(PATIENCE)


async def run_batch_async(
    context: AsyncContext[Any], steps: Steps[BatchState]
) -> AsyncGenerator[Outcome, None]:
    """Yield the outcomes of the rows as they end, with asyncio."""
    ended: asyncio.Queue[Outcome | _Ended] = asyncio.Queue()
    ready: asyncio.Queue[str | None] = asyncio.Queue()
    waits = _Waits(context, ready)
    helpers = [waits.helper() for _ in range(WORKERS)]

    async def submit() -> None:
        error = None
        try:
            while attempt := steps.state.take():
                step = await context.run(steps.submit(attempt))
                if isinstance(step, Following):
                    waits.follow(step)
                elif step:
                    ended.put_nowait(step)
        except BaseException as problem:
            error = problem
        ended.put_nowait(_Ended(error))

    async def poll(helper: Subscription) -> None:
        while True:
            # A failure here is found again by the next poll of that task.
            with suppress(Exception):
                await context.next_event(helper)
                return

    async def finish() -> None:
        try:
            while (key := await ready.get()) is not None:
                if row := waits.take(key):
                    ended.put_nowait(await context.run(steps.finish(*row)))
        except Exception as problem:
            ended.put_nowait(_Ended(problem))

    submitters = [asyncio.create_task(submit()) for _ in range(WORKERS)]
    others = [asyncio.create_task(poll(helper)) for helper in helpers]
    others += [asyncio.create_task(finish()) for _ in range(WORKERS)]
    try:
        submitting, outcomes = len(submitters), 0
        while submitting or outcomes < steps.state.taken:
            item = await ended.get()
            if isinstance(item, _Ended):
                submitting -= 1
                if item.error:
                    raise item.error
            else:
                outcomes += 1
                yield item
    finally:
        steps.state.leave()
        waits.release(helpers)
        await asyncio.wait(submitters, timeout=PATIENCE)
        for task in (*submitters, *others):
            task.cancel()
        await asyncio.gather(*submitters, *others, return_exceptions=True)
