"""Admits the threads of one client to its connections, a few at a time."""

import threading

from ...core.clock import Clock
from ...core.effects import CONCURRENCY

# Threads that send and receive at the same time pass Python's global lock to each other at each system
# call: with a service that answers at once, eight concurrent threads cost 1.5 times the CPU per call. So a
# thread waits for the reply to the previous one, for at most this many seconds. With a slower service,
# `CONCURRENCY` requests are under way as soon as without this wait.
HEAD_START = 0.004


class ConcurrencyLimiter:
    """Admits `CONCURRENCY` threads at a time. A thread that `enter` admits must call `leave`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._slots = threading.BoundedSemaphore(CONCURRENCY)
        self._first = threading.Lock()
        # One entry per thread that waits to be first. Unlike a counter, a list needs no lock.
        self._waiting: list[None] = []

    def enter(self, seconds: float) -> bool | None:
        """Wait to be admitted, at most some seconds; None if that is not enough.

        The result says whether the thread holds the head start, and is the argument of `leave`.
        """
        end = self._clock.monotonic() + seconds
        self._waiting.append(None)
        try:
            first = self._first.acquire(timeout=min(seconds, HEAD_START * len(self._waiting)))
        finally:
            self._waiting.pop()
        entered = False
        try:
            entered = self._slots.acquire(timeout=max(0.0, end - self._clock.monotonic()))
        finally:
            if first and not entered:
                self._first.release()
        return first if entered else None

    def leave(self, first: bool) -> None:
        """Admit the next thread."""
        self._slots.release()
        if first:
            self._first.release()
