"""Virtual time, so that a test of minutes takes milliseconds.

A client that waits registers the time at which it continues. Time jumps to the earliest of these times,
but only when nothing else can happen: no request is being answered, and every thread and event loop
that uses the clock is waiting. So a slow thread does not miss the time that another one waits for.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from math import inf, nextafter

from ..core.clock import Environment

# A thread may have finished with the clock: it waits for other threads, or for work in a pool. So after
# this many real seconds in which no thread uses the clock, time no longer waits for the silent ones.
QUIET = 0.005

# How often that is looked at, so that a thread that has ended is not waited for.
LOOK = 0.0005

# An event loop is idle after this many rounds in which none of its tasks uses the clock.
IDLE_ROUNDS = 20

# How often a loop that was stopped with waiting tasks is looked at, real seconds.
STOPPED_LOOP_INTERVAL = 0.05

User = threading.Thread | asyncio.AbstractEventLoop
"""What can use a clock: a thread, or the tasks of an event loop."""


class _Waiter:
    """One wait of a client, until a time or until another thread ends it."""

    __slots__ = ("due", "event", "loop", "wake", "woken")

    def __init__(
        self,
        due: float,
        wake: Callable[[], object],
        *,
        event: threading.Event | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self.due = due
        self.wake = wake
        self.event = event
        self.loop = loop
        self.woken = False

    def is_over(self) -> bool:
        """Whether the wait has ended, and its thread or task is about to continue."""
        return self.woken or (self.event is not None and self.event.is_set())


class VirtualClock:
    """A time that advances when a test says so, or when all its clients wait.

    Args:
        start: Unix time at the start, seconds.
    """

    def __init__(self, start: float = 1_765_179_908.0) -> None:
        self._now = start
        self._changed = threading.Condition()
        self._waiters: set[_Waiter] = set()
        self._running: dict[User, int] = {}
        """The threads and loops that use the clock and do not wait, each with the number of its last use."""
        self._uses = 0
        self._requests = 0
        self._watched_loops: set[asyncio.AbstractEventLoop] = set()
        self._jumping: threading.Thread | None = None
        self.listeners: list[Callable[[], object]] = []
        """Called after time has advanced, by the thread that advanced it."""
        self.environment = Environment(VirtualClientClock(self))
        """Puts a client on this clock."""

    def now(self) -> float:
        """Return Unix time, seconds."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let time pass, without calling the listeners."""
        with self._changed:
            self._now += seconds
            due = self._due_waiters()
        self._wake(due)

    def advance(self, seconds: float) -> None:
        """Let time pass. When this returns, everything due has happened, callbacks included."""
        with self._changed:
            self._now += seconds
        self._finish_step()

    @contextmanager
    def request(self) -> Iterator[None]:
        """Keep time from jumping while a request is being answered."""
        with self._changed:
            self._requests += 1
            self._uses += 1
        try:
            yield
        finally:
            with self._changed:
                self._requests -= 1
                self._uses += 1
                self._changed.notify_all()

    # ---- Clients ---------------------------------------------------------------------------

    def note_use(self) -> User:
        """Note that the calling thread, or its running event loop, uses the clock."""
        user: User
        try:
            user = asyncio.get_running_loop()
        except RuntimeError:
            user = threading.current_thread()
        with self._changed:
            self._uses += 1
            self._running[user] = self._uses
            if not isinstance(user, threading.Thread):
                # The thread that runs the loop may have used the clock before.
                self._running.pop(threading.current_thread(), None)
                if user not in self._watched_loops:
                    self._watched_loops.add(user)
                    user.call_soon(self._watch_loop, user, self._uses, IDLE_ROUNDS)
        return user

    def due_after(self, seconds: float) -> float:
        """Return the time after some seconds; later than now, however few they are."""
        return max(self._now + seconds, nextafter(self._now, inf))

    def wait_in_thread(self, event: threading.Event, seconds: float) -> None:
        """Block until the event is set. The clock sets it after some seconds."""
        user = self.note_use()
        if seconds <= 0 or event.is_set():
            return
        waiter = _Waiter(self.due_after(seconds), event.set, event=event)
        with self._changed:
            self._running.pop(user, None)
            self._add(waiter)
        try:
            event.wait()
        finally:
            self._remove(waiter)
            self.note_use()

    def call_later(
        self, loop: asyncio.AbstractEventLoop, seconds: float, callback: Callable[[], object]
    ) -> "VirtualTimer":
        """Call a function of the event loop after some seconds, unless it is cancelled before."""
        self.note_use()

        def fire() -> None:
            if self._remove(waiter):
                self.note_use()
                callback()

        waiter = _Waiter(self.due_after(seconds), partial(_call_in_loop, loop, fire), loop=loop)
        with self._changed:
            self._add(waiter)
        return VirtualTimer(partial(self._remove, waiter))

    def _add(self, waiter: _Waiter) -> None:
        """Add a waiter. With the lock held."""
        self._waiters.add(waiter)
        if self._jumping is None and waiter.due < inf:
            self._jumping = threading.Thread(target=self._jump_while_waited_for, daemon=True)
            self._jumping.start()
        self._changed.notify_all()

    def _remove(self, waiter: _Waiter) -> bool:
        """Remove a waiter, and return whether it was still there."""
        with self._changed:
            found = waiter in self._waiters
            self._waiters.discard(waiter)
            self._uses += 1
            self._changed.notify_all()
            return found

    def _watch_loop(self, loop: asyncio.AbstractEventLoop, last_use: int, rounds: int) -> None:
        """Find out whether a loop is idle: callbacks that are ready run before this one runs again."""
        with self._changed:
            use = self._running.get(loop, 0)
            if use == last_use and rounds == 0:
                self._running.pop(loop, None)
                self._watched_loops.discard(loop)
                self._uses += 1
                self._changed.notify_all()
                return
        loop.call_soon(self._watch_loop, loop, use, rounds - 1 if use == last_use else IDLE_ROUNDS)

    # ---- Jumps -----------------------------------------------------------------------------

    def _jump_while_waited_for(self) -> None:
        """Advance time for as long as a client waits for it."""
        try:
            while self._jump_when_quiet():
                self._finish_step()
        finally:
            # A listener that fails ends this thread; the next wait starts another.
            with self._changed:
                if self._jumping is threading.current_thread():
                    self._jumping = None

    def _jump_when_quiet(self) -> bool:
        """Wait until nothing else can happen, and set the time. Return False if no client waits for it."""
        quiet = 0.0
        with self._changed:
            while True:
                self._forget_ended()
                if not any(waiter.due < inf for waiter in self._waiters):
                    self._jumping = None
                    return False
                seconds = self._seconds_to_observe()
                if seconds == 0:
                    due = min(waiter.due for waiter in self._running_waiters())
                    self._now = max(self._now, due)
                    return True
                uses = self._uses
                self._changed.wait(None if seconds == inf else seconds)
                quiet = quiet + seconds if uses == self._uses else 0.0
                if quiet >= QUIET:
                    self._running.clear()

    def _seconds_to_observe(self) -> float:
        """Return the real seconds until the next decision; 0 if time can jump. With the lock held."""
        if self._requests:
            return inf
        waiters = self._running_waiters()
        if self._running or any(waiter.is_over() for waiter in waiters):
            return LOOK
        return 0 if any(waiter.due < inf for waiter in waiters) else STOPPED_LOOP_INTERVAL

    def _running_waiters(self) -> list[_Waiter]:
        """Return the waiters that could continue now: a stopped event loop continues none of its own."""
        return [waiter for waiter in self._waiters if waiter.loop is None or waiter.loop.is_running()]

    def _forget_ended(self) -> None:
        """Forget threads that have ended and loops that were stopped. With the lock held."""
        self._running = {user: use for user, use in self._running.items() if _is_running(user)}
        self._watched_loops = {loop for loop in self._watched_loops if not loop.is_closed()}
        self._waiters = {
            waiter for waiter in self._waiters if waiter.loop is None or not waiter.loop.is_closed()
        }

    def _finish_step(self) -> None:
        """Call the listeners, and then wake the clients that waited for the time that it is now."""
        try:
            for listener in self.listeners:
                listener()
        finally:
            with self._changed:
                due = self._due_waiters()
            self._wake(due)

    def _due_waiters(self) -> list[_Waiter]:
        due = [waiter for waiter in self._waiters if waiter.due <= self._now and not waiter.woken]
        for waiter in due:
            waiter.woken = True
        return due

    @staticmethod
    def _wake(waiters: list[_Waiter]) -> None:
        for waiter in waiters:
            waiter.wake()


class VirtualTimer:
    """A call that is due at a virtual time."""

    def __init__(self, remove: Callable[[], object]) -> None:
        self._remove = remove

    def cancel(self) -> None:
        """Do not make the call."""
        self._remove()


class VirtualClientClock:
    """The clock of a client in virtual time; see `core.clock.Clock`."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock

    def monotonic(self) -> float:
        """Return virtual time, seconds."""
        self._clock.note_use()
        return self._clock.now()

    def unix(self) -> float:
        """Return virtual Unix time, seconds."""
        self._clock.note_use()
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        """Block the calling thread until the time has come."""
        self._clock.wait_in_thread(threading.Event(), seconds)

    async def async_sleep(self, seconds: float) -> None:
        """Suspend the running asyncio task until the time has come."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        timer = self._clock.call_later(loop, seconds, partial(_resolve, future))
        try:
            await future
        finally:
            timer.cancel()

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Block until the event is set. The clock sets it after some seconds."""
        self._clock.wait_in_thread(event, seconds)

    def call_later(
        self, loop: asyncio.AbstractEventLoop, seconds: float, callback: Callable[[], object]
    ) -> VirtualTimer:
        """Call a function of the event loop when the time has come."""
        return self._clock.call_later(loop, seconds, callback)


def _is_running(user: User) -> bool:
    return user.is_alive() if isinstance(user, threading.Thread) else user.is_running()


def _call_in_loop(loop: asyncio.AbstractEventLoop, callback: Callable[[], object]) -> None:
    with suppress(RuntimeError):  # the loop was closed in the meantime
        loop.call_soon_threadsafe(callback)


def _resolve(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
