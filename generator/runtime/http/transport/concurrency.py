"""Lets the threads of one client through to its connections, a few at a time."""

import threading
import time

from ...core.effects import CONCURRENCY

# Threads that send and receive at the same moment hand Python's lock to and fro at each system call:
# of a service that answers at once, eight side by side cost half as much again for each call. So a
# thread waits for the answer of the one before it, but no longer than this, seconds: of a service
# that takes its time, `CONCURRENCY` requests are under way as soon as they would be without it.
HEAD_START = 0.004


class Gate:
    """Whoever was let through must `leave`, and say what `enter` said."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(CONCURRENCY)
        self._turn = threading.Lock()
        # One entry for each thread that waits for the turn. Unlike a number, a list is counted up
        # and down without a lock.
        self._waiting: list[None] = []

    def enter(self, seconds: float) -> bool | None:
        """Whether it has the turn; None when it was not let through in time."""
        end = time.monotonic() + seconds
        self._waiting.append(None)
        try:
            turn = self._turn.acquire(timeout=min(seconds, HEAD_START * len(self._waiting)))
        finally:
            self._waiting.pop()
        entered = False
        try:
            entered = self._places.acquire(timeout=max(0.0, end - time.monotonic()))
        finally:
            if turn and not entered:
                self._turn.release()
        return turn if entered else None

    def leave(self, turn: bool) -> None:
        """Make room for the next one."""
        self._places.release()
        if turn:
            self._turn.release()
