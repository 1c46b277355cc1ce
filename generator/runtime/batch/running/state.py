"""What the workers of a batch share: which row is next, how many ended how, and why the batch stops."""

from __future__ import annotations

import threading
from collections import deque
from math import inf
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from ..output.outcome import Status
from ..plan import Attempt, Plan

if TYPE_CHECKING:
    from ..output.outcome import Outcome
    from .options import BatchOptions

StopReason = Literal["budget", "failures", "credits", "refused", "unreachable", "journal", "results", "asked"]

# After this many refusals without an accepted submission between them, the cause is not a row.
REFUSALS = 10


DRAINING = "stopping: no more rows are submitted; Ctrl-C again leaves at once"


class BatchStatus(NamedTuple):
    """How far a batch is.

    Attributes:
        rows: How many rows it has.
        earlier: How many of them ended in an earlier run.
        succeeded, failed, lost, unknown, unfinished: How many rows ended so in this run.
        running: How many rows are submitted and have not ended.
        left: How many rows are not submitted.
        credits: What the rows of this run have cost so far.
        stopped: Why no more rows are submitted. Empty as long as rows are submitted, and if all were.
            `budget`, `failures`: what was allowed is reached. `credits`: the account does not have enough, or
            the key is not accepted. `refused`: the service refused every one of the last submissions.
            `unreachable`: there is no connection. `journal`, `results`: that file cannot be written.
            `asked`: the caller asked for it.
        reason: The message that goes with it.
    """

    rows: int
    earlier: int
    succeeded: int
    failed: int
    lost: int
    unknown: int
    unfinished: int
    running: int
    left: int
    credits: float
    stopped: str = ""
    reason: str = ""


class BatchState:
    """The rows of one run. Threads share it."""

    def __init__(self, plan: Plan, options: BatchOptions) -> None:
        self._rows = len(plan.rows)
        self._earlier = len(plan.earlier)
        self._max_failures = inf if options.max_failures is None else options.max_failures
        self._left = deque(plan.left[: options.limit])
        self._beyond_limit = len(plan.left) - len(self._left)
        self._running = 0
        self.taken = 0
        """How many rows were taken and not put back. It is final once all who submit have ended."""
        self._ended = dict.fromkeys(get_args(Status), 0)
        self._credits = 0.0
        self._refusals = 0
        self._stopped: StopReason | None = None
        self._reason = ""
        self._lock = threading.Lock()
        self.is_left = False
        """Whether the caller no longer waits: what is not sent yet is not sent."""

    def take(self) -> Attempt | None:
        """Return the next row to submit; None if no more are submitted."""
        with self._lock:
            if self._stopped or not self._left:
                return None
            self._running += 1
            self.taken += 1
            return self._left.popleft()

    def put_back(self, attempt: Attempt, why: StopReason, reason: str) -> None:
        """Note that a row was not sent, and stop submitting."""
        with self._lock:
            self._running -= 1
            self.taken -= 1
            self._left.appendleft(attempt)
        self.stop(why, reason)

    def stop(self, why: StopReason, reason: str = "") -> None:
        """Submit no more rows. What runs is finished. The first reason counts."""
        with self._lock:
            if self._stopped is None:
                self._stopped, self._reason = why, reason

    def leave(self) -> None:
        """Note that the caller no longer waits."""
        with self._lock:
            self.is_left = True
            is_early = self._left or self._running
        if is_early:
            self.stop("asked")

    def accepted(self) -> None:
        """Note that the service accepts submissions."""
        with self._lock:
            self._refusals = 0

    def refused(self, reason: str) -> None:
        """Note that the service refused a row."""
        with self._lock:
            self._refusals += 1
            too_many = self._refusals >= REFUSALS
        if too_many:
            self.stop("refused", f"the last {REFUSALS} submissions were refused: {reason}")

    def end(self, outcome: Outcome) -> None:
        """Count a row that has ended."""
        with self._lock:
            self._running -= 1
            self._ended[outcome.status] += 1
            self._credits += outcome.credits or 0.0
            failures = self._ended["failed"] + self._ended["lost"] + self._ended["unknown"]
        if failures > self._max_failures:
            self.stop("failures", f"{failures} rows failed, {self._max_failures:g} are allowed")

    def status(self) -> BatchStatus:
        """Return how far the batch is."""
        with self._lock:
            return BatchStatus(
                self._rows,
                self._earlier,
                running=self._running,
                left=len(self._left) + self._beyond_limit,
                credits=self._credits,
                stopped=self._stopped or "",
                reason=self._reason,
                **self._ended,
            )
