"""Decides which task is polled next: all waiting callers of a client share the rate limit of queries.

One heap holds all tasks by the time of their next poll; no task has a timer, thread or coroutine. The
waiting callers do the polling themselves. One of them, the leader, waits for the next due task and
hands its role on before it polls. The others sleep until an event is ready for them. The task that
has been due for longest is polled first, for any of the callers, so that no task is starved.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from heapq import heapify, heappop, heappush
from math import ceil, inf
from typing import TYPE_CHECKING, Any

from ...core.deadline import LAST_READ
from ...core.effects import CONCURRENCY, Flow, WaitForWakeup
from ...core.errors import PackageError, TaskTimeoutError
from ...core.reporting import telemetry
from ...core.subscription import Subscription
from ...http.session import Session
from ..results.view import result_entries
from .read import is_not_visible_yet, poll_task

if TYPE_CHECKING:
    from ...contract.model import Wait

# The last states of this many tasks are remembered, so that a second wait does not log them again.
LOGGED_TASKS = 1000


class PendingTask:
    """A task that has not ended, and that a caller waits for."""

    __slots__ = ("created", "due", "missed", "start", "state", "subscription", "succeeded", "task_id")

    def __init__(self, subscription: Subscription, task_id: str, created: float | None, now: float) -> None:
        self.subscription = subscription
        self.task_id = task_id
        self.created = created
        self.start = now if created is None else created
        self.due = now
        self.state = ""
        self.missed = False
        """Whether the last poll failed."""
        self.succeeded: float | None = None
        """When (monotonic) it was first seen to succeed without a result."""

    def __lt__(self, other: PendingTask) -> bool:
        return self.due < other.due


class TaskPoller:
    """The tasks that the callers of one client wait for. Threads may share it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._wait: Wait = session.workflow.wait
        self._operation = session.workflow.poll
        self._lock = threading.Lock()
        self._heap: list[PendingTask] = []
        self._leader: Subscription | None = None
        self._sleeping: dict[Subscription, None] = {}
        self._deadlines: list[int] = []
        self._by_deadline: dict[int, list[Subscription]] = {}
        self._polling = 0
        self._poll_again: set[str] = set()
        """Tasks that `poll_now` named while a poll was under way: that poll may be too early."""
        self._logged: dict[str, str] = {}

    # ---- Subscriptions ---------------------------------------------------------------------

    def subscribe(
        self, make_task: Callable[..., Any], timeout: float, *, yields_changes: bool
    ) -> Subscription:
        """Return a subscription without tasks, for some seconds."""
        now = self._session.clock.monotonic()
        subscription = Subscription(make_task, now + timeout, yields_changes=yields_changes)
        if subscription.deadline < inf:
            # Rounded up to seconds, so that a deadline costs a subscription eight bytes and no timer.
            end = ceil(subscription.deadline + LAST_READ)
            with self._lock:
                if end not in self._by_deadline:
                    heappush(self._deadlines, end)
                self._by_deadline.setdefault(end, []).append(subscription)
                if self._leader:
                    self._leader.wake()
        return subscription

    def add(self, subscription: Subscription, task_id: str, created: float | None) -> None:
        """Add a task to a subscription."""
        now = self._session.clock.monotonic()
        pending = PendingTask(subscription, task_id, created, now)
        # A task that was created a moment ago cannot have ended yet.
        if created is not None and now - created < self._wait.schedule[0][1]:
            pending.due = min(now + self._interval(pending), subscription.deadline)
        subscription.pending += 1
        subscription.last = pending
        with self._lock:
            self._push(pending, pending.due)

    def unsubscribe(self, subscription: Subscription) -> None:
        """Stop polling a subscription's tasks. The tasks themselves continue."""
        # They stay in the heap until they are due: finding them now would cost a pass over the heap.
        subscription.pending = 0

    def poll_now(self, task_id: str) -> None:
        """Make a task due at once: a callback reports that it has ended."""
        with self._lock:
            if self._polling:
                self._poll_again.add(task_id)
            for pending in self._heap:
                if pending.task_id == task_id:
                    pending.due = self._session.clock.monotonic()
            heapify(self._heap)
            if self._leader:
                self._leader.wake()

    def ready(self, subscription: Subscription) -> bool:
        """Whether an event is ready, or the subscription's time is over."""
        return bool(subscription.events) or self._time_left(subscription) <= 0

    def take(self, subscription: Subscription) -> Any:
        """Return the next event of a subscription that is ready.

        Raises `TaskTimeoutError` at its deadline, and the error that ended the wait for a task.
        """
        if not subscription.events:
            # The rate limit left no poll for it.
            tasks, subscription.pending = subscription.pending, 0
            if tasks == 1:
                raise self._timeout_error(subscription.last, None)
            raise TaskTimeoutError(
                f"{tasks} tasks have not ended in time; they continue: wait for them again"
            )
        event = subscription.events.pop(0)
        if isinstance(event, PackageError):
            raise event
        return event

    def next_work(self, subscription: Subscription) -> Flow[None] | None:
        """Return the polling that a caller does while it waits, if it is the leader now.

        If not, the caller sleeps until it is woken, and then calls `release`.
        """
        with self._lock:
            if self._leader is None:
                self._leader = subscription
                return self._lead(subscription)
            self._sleeping[subscription] = None
            return None

    def release(self, subscription: Subscription) -> None:
        """Note that a caller is awake again, or gone."""
        with self._lock:
            self._sleeping.pop(subscription, None)
            # It may have been woken to lead, and be on its way out.
            self._wake_new_leader()

    def _time_left(self, subscription: Subscription) -> float:
        return subscription.deadline + LAST_READ - self._session.clock.monotonic()

    def _wake_new_leader(self) -> None:
        """Wake a sleeping caller if there is no leader. With the lock held."""
        if self._leader is None and self._sleeping:
            self._sleeping.popitem()[0].wake()

    # ---- Polls -----------------------------------------------------------------------------

    def _lead(self, subscription: Subscription) -> Flow[None]:
        """Wait until an event is ready for the leader or a task is due; then poll that task."""
        pending: PendingTask | None = None
        try:
            while pending is None and not self.ready(subscription):
                with self._lock:
                    self._wake_expired()
                    pending, wait = self._pop_due()
                if pending is None:
                    yield WaitForWakeup(subscription, wait)
        finally:
            with self._lock:
                self._leader = None
                self._wake_new_leader()
        if pending is None:
            return
        try:
            yield from self._poll(pending, subscription.deadline)
        finally:
            with self._lock:
                self._polling -= 1
                if not self._polling:
                    self._poll_again.clear()
                if self._leader:
                    self._leader.wake()

    def _pop_due(self) -> tuple[PendingTask | None, float]:
        """Return the task to poll now, or None and the seconds until then. With the lock held."""
        now = self._session.clock.monotonic()
        wait = self._deadlines[0] - now if self._deadlines else inf
        if self._polling >= CONCURRENCY:
            return None, wait
        while self._heap and not self._heap[0].subscription.pending:
            heappop(self._heap)
        if self._heap:
            limiter = self._session.rate_limiter
            first = max(self._heap[0].due - now, limiter.time_until_next(self._operation))
            if first <= 0:
                self._polling += 1
                return heappop(self._heap), 0.0
            wait = min(wait, first)
        return None, wait

    def _wake_expired(self) -> None:
        """Wake the callers whose time is over. With the lock held."""
        while self._deadlines and self._deadlines[0] <= self._session.clock.monotonic():
            for subscription in self._by_deadline.pop(heappop(self._deadlines)):
                subscription.wake()

    def _push(self, pending: PendingTask, due: float) -> None:
        """Put a task back. With the lock held."""
        pending.due = due
        heappush(self._heap, pending)
        if self._heap[0] is pending and self._leader:
            self._leader.wake()

    def _poll(self, pending: PendingTask, until: float) -> Flow[None]:
        """Poll a task, for a caller that has time until then. The task may be another caller's."""
        subscription, session = pending.subscription, self._session
        clock = session.clock
        final = clock.monotonic() >= subscription.deadline
        try:
            end = min(subscription.deadline, until)
            within = max(end - clock.monotonic(), LAST_READ)
            yield from session.rate_limiter.acquire(self._operation, within=within)
            limit = max(end - clock.monotonic(), LAST_READ)
            task = yield from poll_task(
                session, pending.task_id, subscription.make_task, pending.created, limit
            )
        except PackageError as error:
            error.task_id = pending.task_id
            if not (session.is_transient(error) or is_not_visible_yet(session, error, pending.created)):
                self._publish(pending, error, ended=True)
            elif final:
                self._publish(pending, self._timeout_error(pending, error), ended=True)
            else:
                if not pending.missed:
                    telemetry.poll_failed(pending.task_id, error)
                pending.missed = True
                self._poll_later(pending, max(self._interval(pending), session.pause_after(error, 0)))
        except BaseException:
            self._poll_later(pending, 0)
            raise
        else:
            self._handle_read(pending, task, final)

    def _handle_read(self, pending: PendingTask, task: Any, final: bool) -> None:
        state = task.state
        pending.missed = False
        if not final and self._awaits_result(pending, task):
            self._poll_later(pending, self._interval(pending))
            return
        ended = state in self._wait.success or state in self._wait.failure
        changed = state != pending.state
        pending.state = state
        wanted = changed and pending.subscription.yields_changes
        if changed:
            self._log(task, ended)
        if ended:
            self._publish(pending, task, ended=True)
        elif final and not wanted:
            self._publish(pending, self._timeout_error(pending, None), ended=True)
        else:
            if wanted:
                self._publish(pending, task, ended=False)
            self._poll_later(pending, self._interval(pending))

    def _awaits_result(self, pending: PendingTask, task: Any) -> bool:
        """Whether a task has succeeded, and its result may still come."""
        if task.state not in self._wait.success or result_entries(task):
            return False
        now = self._session.clock.monotonic()
        if pending.succeeded is None:
            pending.succeeded = now
            telemetry.result_awaited(task.id, self._wait.result_grace)
        return now - pending.succeeded < self._wait.result_grace

    def _log(self, task: Any, ended: bool) -> None:
        """Log a change of state, once for all callers that wait for the task."""
        with self._lock:
            known = self._logged.pop(task.id, None) == task.state
            self._logged[task.id] = task.state
            if len(self._logged) > LOGGED_TASKS:
                del self._logged[next(iter(self._logged))]
        if not known:
            telemetry.state_changed(task, ended, self._session.parser.redact, self._session.clock)

    def _publish(self, pending: PendingTask, event: Any, *, ended: bool) -> None:
        with self._lock:
            subscription = pending.subscription
            if subscription.pending:
                subscription.pending -= ended
                subscription.publish(event)

    def _poll_later(self, pending: PendingTask, seconds: float) -> None:
        now = self._session.clock.monotonic()
        with self._lock:
            if pending.task_id in self._poll_again:
                self._poll_again.remove(pending.task_id)
                seconds = 0
            self._push(pending, max(now, min(now + seconds, pending.subscription.deadline)))

    def _interval(self, pending: PendingTask) -> float:
        elapsed = self._session.clock.monotonic() - pending.start
        interval = next(
            every for after, every in reversed(self._wait.schedule) if elapsed >= after or after == 0
        )
        return interval * (1 + self._wait.jitter * (2 * self._session.random() - 1))

    def _timeout_error(self, pending: PendingTask | None, cause: PackageError | None) -> TaskTimeoutError:
        assert pending is not None, "a subscription with pending tasks has a last one"
        state = self._session.parser.redact(str(pending.state))
        seen = f"the last state was {state!r}" if state else "no poll has succeeded"
        why = f"; the last poll failed: {cause.args[0]}" if cause else ""
        error = TaskTimeoutError(
            f"the task has not ended in time: {seen}{why}. It continues; wait for it again"
        )
        error.task_id = pending.task_id
        error.__cause__ = cause
        return error
