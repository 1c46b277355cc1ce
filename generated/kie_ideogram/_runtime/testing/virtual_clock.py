"""Virtual time, so that a test of minutes takes milliseconds.

A client that waits registers the time at which it continues. Time jumps to the earliest of these times,
but only when nothing else can happen: no thread is inside a call of a client without waiting, no request
is being answered, and every event loop that uses the clock is idle. So a slow thread or process does not
miss the time that another one waits for.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from math import inf, nextafter

from ..core.clock import Environment

# An event loop is idle after this many rounds in which none of its tasks uses the clock.
IDLE_ROUNDS = 20

# A thread inside a call of a client may wait for something else, such as a lock of the caller's. So time no
# longer waits for threads that do not use the clock for this many real seconds.
QUIET = 0.2

# A loop that is stopped or closed does not report it. So the loops are checked again after this many real
# seconds.
LOOP_INTERVAL = 0.05


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

    def can_continue(self) -> bool:
        """Whether the wait can end now: the tasks of a stopped event loop do not continue."""
        return self.loop is None or self.loop.is_running()


class VirtualClock:
    """A time that advances when a test says so, or when all its clients wait.

    Args:
        start: Unix time at the start, seconds.
    """

    def __init__(self, start: float = 1_765_179_908.0) -> None:
        self._now = start
        self._changed = threading.Condition()
        self._uses = 0
        self._waiters: set[_Waiter] = set()
        self._requests = 0
        self._working: dict[threading.Thread, int] = {}
        """The threads inside calls of clients that do not wait, each with the number of its nested calls."""
        self._silent: set[threading.Thread] = set()
        """Those of them that time does not wait for."""
        self._active_loops: dict[asyncio.AbstractEventLoop, int] = {}
        """The event loops that are not idle, each with the number of its last use of the clock."""
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

    # ---- Clients ---------------------------------------------------------------------------

    @contextmanager
    def work(self) -> Iterator[None]:
        """Keep time from jumping while the calling thread is inside a call of a client and does not wait."""
        thread = threading.current_thread()
        self._change_work(thread, 1)
        try:
            yield
        finally:
            self._change_work(thread, -1)

    @contextmanager
    def request(self) -> Iterator[None]:
        """Keep time from jumping while a request is being answered."""
        with self._changed:
            self._requests += 1
            self._note_change()
        try:
            yield
        finally:
            with self._changed:
                self._requests -= 1
                self._note_change()
            # The task that gets the response continues before time jumps.
            self.note_use()

    def note_use(self) -> None:
        """Note that a task of the running event loop, if there is one, uses the clock."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        with self._changed:
            self._uses += 1
            self._active_loops[loop] = self._uses
            if loop not in self._watched_loops:
                self._watched_loops.add(loop)
                loop.call_soon(self._watch_loop, loop, self._uses, IDLE_ROUNDS)

    def wait_in_thread(self, event: threading.Event, seconds: float) -> None:
        """Block until the event is set. The clock sets it after some seconds."""
        if seconds <= 0 or event.is_set():
            return
        thread = threading.current_thread()
        waiter = _Waiter(self._after(seconds), event.set, event=event)
        with self._changed:
            calls = self._working.pop(thread, 0)
            with suppress(RuntimeError):
                # A blocking client in a coroutine: the loop is blocked too.
                self._active_loops.pop(asyncio.get_running_loop(), None)
            self._add(waiter)
        try:
            event.wait()
        finally:
            with self._changed:
                self._waiters.discard(waiter)
                self._change_work(thread, calls)

    def call_later(
        self, loop: asyncio.AbstractEventLoop, seconds: float, callback: Callable[[], object]
    ) -> "VirtualTimer":
        """Call a function of the event loop after some seconds, unless it is cancelled before."""
        self.note_use()

        def fire() -> None:
            self.note_use()
            if self._remove(waiter):
                callback()

        waiter = _Waiter(self._after(seconds), partial(_call_in_loop, loop, fire), loop=loop)
        with self._changed:
            self._add(waiter)
        return VirtualTimer(partial(self._remove, waiter))

    def _after(self, seconds: float) -> float:
        """Return the time after some seconds, which is later than now however few they are."""
        return max(self._now + seconds, nextafter(self._now, inf))

    def _change_work(self, thread: threading.Thread, calls: int) -> None:
        with self._changed:
            self._silent.discard(thread)
            calls += self._working.pop(thread, 0)
            if calls > 0:
                self._working[thread] = calls
            self._note_change()

    def _add(self, waiter: _Waiter) -> None:
        """Add a waiter. With the lock held."""
        self._waiters.add(waiter)
        if self._jumping is None and waiter.due < inf:
            self._jumping = threading.Thread(
                target=self._jump_while_waited_for, name="virtual-clock", daemon=True
            )
            self._jumping.start()
        self._note_change()

    def _remove(self, waiter: _Waiter) -> bool:
        """Remove a waiter, and return whether it was still there."""
        with self._changed:
            found = waiter in self._waiters
            self._waiters.discard(waiter)
            self._note_change()
            return found

    def _note_change(self) -> None:
        """Let the thread that advances time decide again. With the lock held."""
        self._uses += 1
        self._changed.notify_all()

    def _watch_loop(self, loop: asyncio.AbstractEventLoop, last_use: int, rounds: int) -> None:
        """Find out whether a loop is idle: callbacks that are ready run before this one runs again."""
        with self._changed:
            use = self._active_loops.get(loop, 0)
            if use == last_use and rounds == 0:
                self._active_loops.pop(loop, None)
                self._watched_loops.discard(loop)
                self._note_change()
                return
        loop.call_soon(self._watch_loop, loop, use, rounds - 1 if use == last_use else IDLE_ROUNDS)

    # ---- Jumps -----------------------------------------------------------------------------

    def _jump_while_waited_for(self) -> None:
        """Advance time for as long as a client waits for it."""
        try:
            while self._jump_when_idle():
                self._finish_step()
        finally:
            # A listener that fails ends this thread; the next wait starts another.
            with self._changed:
                if self._jumping is threading.current_thread():
                    self._jumping = None

    def _jump_when_idle(self) -> bool:
        """Wait until nothing else can happen, and set the time. Return False if no client waits for it."""
        with self._changed:
            while True:
                self._forget_closed_loops()
                if not any(waiter.due < inf for waiter in self._waiters):
                    self._jumping = None
                    return False
                seconds = self._seconds_to_observe()
                if seconds == 0:
                    due = min(waiter.due for waiter in self._waiters if waiter.can_continue())
                    self._now = max(self._now, due)
                    return True
                uses = self._uses
                self._changed.wait(seconds)
                if uses == self._uses and seconds == QUIET:
                    self._silent = set(self._working)

    def _seconds_to_observe(self) -> float | None:
        """Return the real seconds until the next decision; 0 if time can jump. With the lock held."""
        if self._requests:
            return None
        waiters = [waiter for waiter in self._waiters if waiter.can_continue()]
        if any(map(_Waiter.is_over, waiters)) or any(loop.is_running() for loop in self._active_loops):
            return LOOP_INTERVAL
        if self._working.keys() - self._silent:
            return QUIET
        return 0 if any(waiter.due < inf for waiter in waiters) else LOOP_INTERVAL

    def _forget_closed_loops(self) -> None:
        """Forget event loops that were closed. With the lock held."""
        for loop in [loop for loop in self._watched_loops if loop.is_closed()]:
            self._watched_loops.discard(loop)
            self._active_loops.pop(loop, None)
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
        self.work = clock.work
        self.wait = clock.wait_in_thread
        self.call_later = clock.call_later

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


def _call_in_loop(loop: asyncio.AbstractEventLoop, callback: Callable[[], object]) -> None:
    with suppress(RuntimeError):  # the loop was closed in the meantime
        loop.call_soon_threadsafe(callback)


def _resolve(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
