"""Admits the threads of one client to its connections, a few at a time."""

import threading
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue

from ...core.clock import Clock
from ...core.effects import CONCURRENCY
from ...core.locks.held import Held

# Threads that send and receive at the same time pass Python's global lock to each other at each system
# call: with a service that answers at once, eight concurrent threads cost 1.5 times the CPU per call. So a
# thread waits for the reply to the previous one, for at most this many seconds. With a slower service,
# `CONCURRENCY` requests are under way as soon as without this wait.
HEAD_START = 0.004


class ConcurrencyLimiter:
    """Admits a few threads at a time, each by an `Admission`."""

    def __init__(self, clock: Clock, concurrency: int = CONCURRENCY, head_start: float = HEAD_START) -> None:
        self.clock = clock
        self.head_start = head_start
        # Queues of tokens, because a semaphore of `threading` is not written in C; see `Held`.
        self.slots: SimpleQueue[bool] = SimpleQueue()
        for _ in range(concurrency):
            self.slots.put(True)
        self.first: SimpleQueue[bool] = SimpleQueue()
        self.first.put(True)
        self.waiting: set[Admission] = set()
        """The threads that wait to be first."""


class Admission:
    """The admission of one thread, once."""

    def __init__(self, limiter: ConcurrencyLimiter) -> None:
        self._limiter = limiter
        self._slot = Held()
        self._first = Held()

    def enter(self, seconds: float) -> bool:
        """Wait to be admitted. Returns False if that takes more than some seconds."""
        limiter = self._limiter
        seconds = min(seconds, threading.TIMEOUT_MAX)
        end = limiter.clock.monotonic() + seconds
        try:
            limiter.waiting.add(self)
            with suppress(Empty):
                head_start = min(seconds, limiter.head_start * len(limiter.waiting))
                self._first.acquire(limiter.first.get, partial(limiter.first.put, True), head_start)
        finally:
            limiter.waiting.discard(self)
        with suppress(Empty):
            left = max(0.0, end - limiter.clock.monotonic())
            return self._slot.acquire(limiter.slots.get, partial(limiter.slots.put, True), left)
        return False

    @property
    def is_first(self) -> bool:
        """Whether it holds the head start."""
        return bool(self._first)

    def leave(self) -> None:
        """Admit the next thread."""
        self._slot.release()
        self._first.release()
