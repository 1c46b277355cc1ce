"""The journal's tables in a SQLite file, which the processes of one machine share."""

import sqlite3
from collections.abc import Mapping

from . import batch_budget, rate_limit
from .batch_budget import Budget
from .database import JournalDatabase
from .process_lock import ProcessLock
from .submission import Submission


class SqliteStore(JournalDatabase):
    """One SQLite file. A process is alive as long as it holds its lock file."""

    def process(self) -> ProcessLock:
        """Lock a file for this user. Raises `OSError`."""
        return ProcessLock(self)

    def now(self, db: sqlite3.Connection) -> float:
        """Return the time of this machine."""
        return self._clock.unix()

    def acquire(self, db: sqlite3.Connection, min_intervals: Mapping[str, float]) -> float:
        """See `rate_limit.acquire`."""
        return rate_limit.acquire(db, min_intervals, self._clock.unix())

    def reserve(self, db: sqlite3.Connection, budget: Budget, submission: Submission) -> bool:
        """See `batch_budget.reserve`."""
        return batch_budget.reserve(db, budget, submission)

    def sender(self, submission: Submission) -> str:
        """Return the lock file of the process."""
        return str(self.locks / (submission.process or ""))
