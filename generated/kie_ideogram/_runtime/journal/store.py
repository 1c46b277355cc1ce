"""Where a journal keeps its tables, and what differs between databases.

The state machine in `journal.py` and its statements are the same for every store. A store opens transactions,
says what time it is, knows which processes are alive, locks rows, and counts rate limits and budgets in its
own way.
"""

import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from ..core.errors import JournalBusyError
from .budget import Budget
from .submission import Submission


class StoreUnreachableError(JournalBusyError):
    """The store cannot be reached now. It may be reached later."""


class Connection(Protocol):
    """An open transaction. Statements have question marks as placeholders, rows are read by column name."""

    lock_rows: str
    """The end of a SELECT whose rows no other transaction changes until this one ends."""
    lock_free_rows: str
    """The same, without the rows that another transaction has locked."""

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Any:
        """Execute a statement and return its cursor."""
        ...


class Process(Protocol):
    """One live user of a store."""

    name: str
    """It is in the attempts that the process makes."""

    def restore(self, db: Any) -> None:
        """Make sure that other processes find this one alive. Called in the transaction of an attempt."""
        ...

    def reap_stale(self) -> int:
        """Mark as unknown what processes were sending that are not alive. Returns how many there were."""
        ...

    def close(self) -> None:
        """End. What is still being sent is found as unknown by the next process."""
        ...


@runtime_checkable
class Store(Protocol):
    """The tables of a journal. Raises `JournalError` for every failure of the database."""

    lock: threading.RLock
    """Held while a thread starts or ends the process, and while it writes deferred outcomes."""
    path: Path
    """Where the store is; files that hold what could not be written to it are next to this path."""

    def transaction(self, timeout: float = ..., at_least: float = ...) -> AbstractContextManager[Any]:
        """Apply all of the block or nothing of it. When the block ends, it is on disk.

        `timeout` is the seconds to wait for other users. They end with the caller's time, but not before
        `at_least`.
        """
        ...

    def process(self) -> Process:
        """Start a live user of the store."""
        ...

    def now(self, db: Any) -> float:
        """Return the Unix time by the clock that all users of the store share."""
        ...

    def acquire(self, db: Any, min_intervals: Mapping[str, float]) -> float:
        """Acquire every rate limit and return 0, or acquire none and return the seconds to wait."""
        ...

    def reserve(self, db: Any, budget: Budget, submission: Submission) -> bool:
        """Add a submission to its batch, unless it does not fit in the budget."""
        ...

    def prove_missing(self, db: Any, server: str, idempotency_key: str) -> None:
        """Raise for a store that is damaged where a submission would be that was not found."""
        ...

    def sender(self, submission: Submission) -> str:
        """Return what shows that the process which sends a submission is alive, for messages."""
        ...

    def before_fork(self) -> None:
        """Keep other threads out and close what a child must not inherit."""
        ...

    def after_fork(self, *, child: bool) -> None:
        """Let threads use the store again."""
        ...

    def close(self) -> None:
        """Close permanently."""
        ...
