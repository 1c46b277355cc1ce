"""The journal's tables in a SQLite file, which the processes of one machine share."""

from collections.abc import Mapping

from .. import rate_limit
from ..budget import Budget, add_to_batch
from ..submission import Submission
from .database import JournalDatabase, SqliteConnection
from .integrity import prove_missing
from .process_lock import ProcessLock


class SqliteStore(JournalDatabase):
    """One SQLite file. A process is alive as long as it holds its lock file."""

    def process(self) -> ProcessLock:
        """Lock a file for this user. Raises `OSError`."""
        return ProcessLock(self)

    def now(self, db: SqliteConnection) -> float:
        """Return the time of this machine."""
        return self._clock.unix()

    def acquire(self, db: SqliteConnection, min_intervals: Mapping[str, float]) -> float:
        """See `rate_limit.acquire`."""
        return rate_limit.acquire(db, min_intervals, self._clock.unix())

    def reserve(self, db: SqliteConnection, budget: Budget, submission: Submission) -> bool:
        """See `budget.add_to_batch`."""
        return add_to_batch(db, budget, submission)

    def prove_missing(self, db: SqliteConnection, server: str, idempotency_key: str) -> None:
        """See `integrity.prove_missing`."""
        prove_missing(db, server, idempotency_key)

    def sender(self, submission: Submission) -> str:
        """Return the lock file of the process."""
        return str(self.locks / (submission.process or ""))
