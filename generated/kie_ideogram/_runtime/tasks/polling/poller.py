"""Who looks at which task when: all waiting callers of a client share the query budget.

There is one heap of tasks by when each is next worth a look, and no timer, thread or coroutine for
a task. The callers that wait do the looking themselves: one of them keeps the clock for all, and
hands it on before it looks. The others are parked until something is there for them. A look
goes to the task that has been due for longest, whoever waits for it, so none is starved.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from heapq import heapify, heappop, heappush
from math import ceil, inf
from typing import TYPE_CHECKING, Any

from ...core import telemetry
from ...core.effects import CONCURRENCY, Flow, Park
from ...core.errors import KieError, TaskTimeoutError
from ...http.session import Core

if TYPE_CHECKING:
    from ...contract.model import Wait

# Seconds that a look at the deadline still gets.
MOMENT = 1.0

# So many tasks are remembered, lest somebody who waits for one once more be told of it once more.
REMEMBERED = 1000


class Seat:
    """A caller who waits, for one task or many."""

    __slots__ = ("alarm", "changes", "deadline", "give", "last", "open", "ready", "woken")

    def __init__(self, give: Callable[..., Any], deadline: float, *, changes: bool) -> None:
        self.give = give
        self.deadline = deadline
        self.changes = changes
        """Whether every change is news, or the end only."""
        self.ready: list[Any] = []
        """Its news: tasks as seen, and errors that end a watch."""
        self.open = 0
        """How many of its tasks are still watched."""
        self.last: Watched | None = None
        self.woken = False
        self.alarm: Callable[[], object] | None = None
        """Rouses the caller; there while it is parked."""

    def tell(self, news: Any) -> None:
        """Give the caller its news."""
        self.ready.append(news)
        self.wake()

    def wake(self) -> None:
        """Rouse the caller, or keep it from falling asleep."""
        self.woken = True
        if self.alarm:
            self.alarm()


class Watched:
    """A task on the schedule."""

    __slots__ = ("created", "due", "missed", "seat", "start", "state", "task_id")

    def __init__(self, seat: Seat, task_id: str, created: float | None, now: float) -> None:
        self.seat = seat
        self.task_id = task_id
        self.created = created
        self.start = now if created is None else created
        self.due = now
        self.state = ""
        self.missed = False
        """Whether the last look saw nothing."""

    def __lt__(self, other: Watched) -> bool:
        return self.due < other.due


class Schedule:
    """The tasks that one client's callers wait for. Shared by threads, or by one event loop's tasks."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._wait: Wait = core.workflow.wait
        self._poll = core.workflow.poll
        self._lock = threading.Lock()
        self._heap: list[Watched] = []
        self._keeper: Seat | None = None
        self._parked: dict[Seat, None] = {}
        self._ends: list[int] = []
        self._ending: dict[int, list[Seat]] = {}
        self._looking = 0
        self._hastened: set[str] = set()
        """Tasks said to have ended while somebody looks; the look may be at one of them."""
        self._told: dict[str, str] = {}

    # ---- Seats -----------------------------------------------------------------------------

    def watch(self, seat: Seat, task_id: str, created: float | None) -> None:
        """Put a task on the schedule."""
        now = self._core.clock()
        watched = Watched(seat, task_id, created, now)
        # A task that was created this moment is not worth a look yet.
        if created is not None and now - created < self._wait.schedule[0][1]:
            watched.due = now + self._every(watched)
        seat.open += 1
        seat.last = watched
        with self._lock:
            self._push(watched, watched.due)

    def leave(self, seat: Seat) -> None:
        """Take a seat's tasks off the schedule; they go on by themselves."""
        # They stay in the heap until they are due: finding them now would cost the whole heap.
        seat.open = 0

    def seat(self, give: Callable[..., Any], timeout: float, *, changes: bool) -> Seat:
        """A place to wait at, for so many seconds."""
        seat = Seat(give, self._core.clock() + timeout, changes=changes)
        if seat.deadline < inf:
            # By the second, so that an end costs a seat eight bytes and no timer.
            end = ceil(seat.deadline + MOMENT)
            with self._lock:
                if end not in self._ending:
                    heappush(self._ends, end)
                self._ending.setdefault(end, []).append(seat)
                if self._keeper:
                    self._keeper.wake()
        return seat

    def hasten(self, task_id: str) -> None:
        """Somebody says that a task has ended: it is due at once."""
        with self._lock:
            if self._looking:
                self._hastened.add(task_id)
            for watched in self._heap:
                if watched.task_id == task_id:
                    watched.due = self._core.clock()
            heapify(self._heap)
            if self._keeper:
                self._keeper.wake()

    def ready(self, seat: Seat) -> bool:
        """Whether there is something to take, be it that the seat's time is over."""
        return bool(seat.ready) or self._left(seat) <= 0

    def take(self, seat: Seat) -> Any:
        """Take the next news of a seat that is ready.

        Raises `TaskTimeoutError` at its deadline, and the error that ended the watch of a task.
        """
        if not seat.ready:
            # The budget had no look left for it.
            tasks, seat.open = seat.open, 0
            if tasks == 1:
                raise self._late(seat.last, None)
            raise TaskTimeoutError(
                f"{tasks} tasks not settled in time; they go on and can be waited for again"
            )
        news = seat.ready.pop(0)
        if isinstance(news, KieError):
            raise news
        return news

    def duty(self, seat: Seat) -> Flow[None] | None:
        """What a caller has to do while it waits; None is to be parked, and `unpark`ed when woken."""
        with self._lock:
            if self._keeper is None:
                self._keeper = seat
                return self._keep_the_clock(seat)
            self._parked[seat] = None
            return None

    def unpark(self, seat: Seat) -> None:
        """The caller is awake again, or gone."""
        with self._lock:
            self._parked.pop(seat, None)
            # It may have been woken to keep the clock, and be on its way out.
            self._hand_on()

    def _left(self, seat: Seat) -> float:
        return seat.deadline + MOMENT - self._core.clock()

    def _hand_on(self) -> None:
        """Wake somebody to keep the clock, if nobody does. With the lock held."""
        if self._keeper is None and self._parked:
            self._parked.popitem()[0].wake()

    # ---- Looks -----------------------------------------------------------------------------

    def _keep_the_clock(self, seat: Seat) -> Flow[None]:
        """Wait until there is news for the seat, or a task is due; then look at it."""
        watched: Watched | None = None
        try:
            while watched is None and not self.ready(seat):
                with self._lock:
                    self._expire()
                    watched, rest = self._pop()
                if watched is None:
                    yield Park(seat, rest)
        finally:
            with self._lock:
                self._keeper = None
                self._hand_on()
        if watched is None:
            return
        try:
            yield from self._look(watched, seat.deadline)
        finally:
            with self._lock:
                self._looking -= 1
                if not self._looking:
                    self._hastened.clear()
                if self._keeper:
                    self._keeper.wake()

    def _pop(self) -> tuple[Watched | None, float]:
        """The task to look at now, or for how long there is none. With the lock held."""
        now = self._core.clock()
        rest = self._ends[0] - now if self._ends else inf
        if self._looking >= CONCURRENCY:
            return None, rest
        while self._heap and not self._heap[0].seat.open:
            heappop(self._heap)
        if self._heap:
            first = max(self._heap[0].due - now, self._core.turnstile.rest(self._poll))
            if first <= 0:
                self._looking += 1
                return heappop(self._heap), 0.0
            rest = min(rest, first)
        return None, rest

    def _expire(self) -> None:
        """Wake the seats whose time is over. With the lock held."""
        while self._ends and self._ends[0] <= self._core.clock():
            for seat in self._ending.pop(heappop(self._ends)):
                seat.wake()

    def _push(self, watched: Watched, due: float) -> None:
        """Put a task back. With the lock held."""
        watched.due = due
        heappush(self._heap, watched)
        if self._heap[0] is watched and self._keeper:
            self._keeper.wake()

    def _look(self, watched: Watched, until: float) -> Flow[None]:
        """Look at a task, for a caller who has time until then; it may be another's task."""
        seat, core = watched.seat, self._core
        last = core.clock() >= seat.deadline
        try:
            end = min(seat.deadline, until)
            yield from core.turnstile.turn(self._poll, within=max(end - core.clock(), MOMENT))
            limit = max(end - core.clock(), MOMENT)
            view = yield from core.look(watched.task_id, seat.give, watched.created, limit)
        except KieError as error:
            error.task_id = watched.task_id
            passing = core.transient(error) or core.too_early(error, watched.created)
            if not passing:
                self._tell(watched, error, ended=True)
            elif last:
                self._tell(watched, self._late(watched, error), ended=True)
            else:
                if not watched.missed:
                    telemetry.missed(watched.task_id, error)
                watched.missed = True
                self._again(watched, max(self._every(watched), core.pause(error, 0)))
        except BaseException:
            self._again(watched, 0)
            raise
        else:
            self._seen(watched, view, last)

    def _seen(self, watched: Watched, view: Any, last: bool) -> None:
        state = view.state
        watched.missed = False
        ended = state in self._wait.success or state in self._wait.failure
        news = state != watched.state
        watched.state = state
        if news:
            self._log(view, ended)
        if ended:
            self._tell(watched, view, ended=True)
        elif last and not (news and watched.seat.changes):
            self._tell(watched, self._late(watched, None), ended=True)
        else:
            if news and watched.seat.changes:
                self._tell(watched, view, ended=False)
            self._again(watched, self._every(watched))

    def _log(self, view: Any, ended: bool) -> None:
        """Tell the log of a change, once for all who wait for the task."""
        with self._lock:
            known = self._told.pop(view.id, None) == view.state
            self._told[view.id] = view.state
            if len(self._told) > REMEMBERED:
                del self._told[next(iter(self._told))]
        if not known:
            telemetry.changed(view, ended, self._core.judge.scrub)

    def _tell(self, watched: Watched, news: Any, *, ended: bool) -> None:
        with self._lock:
            seat = watched.seat
            if seat.open:
                seat.open -= ended
                seat.tell(news)

    def _again(self, watched: Watched, rest: float) -> None:
        now = self._core.clock()
        with self._lock:
            if watched.task_id in self._hastened:
                self._hastened.remove(watched.task_id)
                rest = 0
            self._push(watched, max(now, min(now + rest, watched.seat.deadline)))

    def _every(self, watched: Watched) -> float:
        elapsed = self._core.clock() - watched.start
        every = next(
            every for after, every in reversed(self._wait.schedule) if elapsed >= after or after == 0
        )
        return every * (1 + self._wait.jitter * (2 * self._core.chance() - 1))

    def _late(self, watched: Watched | None, cause: KieError | None) -> TaskTimeoutError:
        assert watched is not None, "nobody waits for nothing"
        state = self._core.judge.scrub(str(watched.state))
        seen = f"last state {state!r}" if state else "its state was not seen yet"
        why = f"; asked in vain at last: {cause.args[0]}" if cause else ""
        error = TaskTimeoutError(
            f"not settled in time, {seen}{why}; the task goes on and can be waited for again"
        )
        error.task_id = watched.task_id
        error.__cause__ = cause
        return error
