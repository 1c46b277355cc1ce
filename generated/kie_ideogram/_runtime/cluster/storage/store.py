"""The journal's tables in PostgreSQL, which the processes of all machines share."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from uuid import uuid4

from ...core.deadline import time_left
from ...core.errors import JournalError
from ...core.text.secret import Secret
from ...journal import rate_limit
from ...journal.account import account_of
from ...journal.budget import Budget, fits
from ...journal.queries import secret
from ...journal.submission import NOT_CHARGED, Submission
from .database import LOCK_TIMEOUT, Database, Transaction

# Seconds after which a process that has not reported counts as dead.
LEASE = 30.0


class LeasedProcess:
    """One live process. A thread reports to the database that it is alive.

    A lease decides how soon others continue what a dead process did. Nothing is sent twice because of it:
    what the process was sending becomes unknown, and a late answer still counts.
    """

    def __init__(self, database: Database, lease: float) -> None:
        self.name = f"{socket.gethostname()[:40]}-{uuid4().hex[:12]}"
        self.lease = lease
        self._database = database
        self._pid = os.getpid()
        self._end = threading.Event()
        with database.transaction() as db:
            self.restore(db)
        # Ends with the program: what it is sending then is found as unknown.
        threading.Thread(target=self._report, name="lease", daemon=True).start()

    def restore(self, db: Transaction) -> None:
        """Report that the process is alive, in the transaction of an attempt."""
        db.execute(
            "INSERT INTO processes VALUES (?, extract(epoch FROM clock_timestamp())) "
            "ON CONFLICT (name) DO UPDATE SET seen = excluded.seen",
            (self.name,),
        )

    def reap_stale(self) -> int:
        """Mark as unknown what dead processes were sending. Returns how many submissions there were."""
        with self._database.transaction() as db:
            stale = db.execute(
                # Rows that are locked are being concluded, or reaped by another process.
                "SELECT server, idempotency_key, attempt FROM submissions WHERE state = 'sending' "
                "AND process <> ? AND NOT EXISTS (SELECT FROM processes WHERE name = process "
                "AND seen > extract(epoch FROM clock_timestamp()) - ?) FOR UPDATE SKIP LOCKED",
                (self.name, self.lease),
            ).fetchall()
            for server, key, attempt in stale:
                db.execute(
                    "UPDATE attempts SET outcome = 'unknown' WHERE outcome IS NULL "
                    "AND server = ? AND idempotency_key = ? AND number = ?",
                    (server, key, attempt),
                )
                db.execute(
                    "UPDATE submissions SET state = 'unknown' WHERE server = ? AND idempotency_key = ?",
                    (server, key),
                )
        return len(stale)

    def close(self) -> None:
        """End the lease. What is still being sent is found as unknown by the next process."""
        if not self._end.is_set() and os.getpid() == self._pid:  # a forked child must not end its parent's
            self._end.set()
            with suppress(JournalError), self._database.transaction(1.0) as db:
                db.execute("DELETE FROM processes WHERE name = ?", (self.name,))

    def _report(self) -> None:
        while not self._end.wait(self.lease / 4):
            # The next report may succeed; until then, a lease may end, which is safe.
            with suppress(JournalError), self._database.transaction() as db:
                self.restore(db)
                db.execute(
                    "DELETE FROM processes WHERE seen < extract(epoch FROM clock_timestamp()) - ?",
                    (20 * self.lease,),
                )


class PostgresStore:
    """The journal's tables for one account. Threads share it."""

    def __init__(
        self,
        database: Database,
        api_key: Secret,
        folder: Path,
        lease: float = LEASE,
        max_credits: float | None = None,
    ) -> None:
        """Make a store.

        Args:
            folder: Folder for the ids of paid tasks that could not be written to the database.
            lease: Seconds after which a process that has not reported counts as dead.
            max_credits: The most that this account may spend on one batch, credits.
        """
        self._database = database
        self._lease = lease
        self._api_key = hashlib.sha256(api_key.reveal().encode()).digest()
        self._max_credits = max_credits
        self._account = ""
        self.lock = threading.RLock()
        self.path = folder / "cluster"

    def transaction(
        self, timeout: float = LOCK_TIMEOUT, at_least: float = 0.0
    ) -> AbstractContextManager[Transaction]:
        """See `Database.transaction`. The wait ends with the caller's time, but not before `at_least`."""
        return self._database.transaction(time_left(timeout, at_least))

    def process(self) -> LeasedProcess:
        """Start a process. Each journal has one, because it knows what it is sending."""
        with self._database.transaction() as db:
            # Not by its address, which may be written in different ways, and changes with a password.
            place = hashlib.sha256(secret(db)).hexdigest()[:12]
        self.path = self.path.with_name(f"cluster-{place}")
        return LeasedProcess(self._database, self._lease)

    def account(self, db: Transaction) -> str:
        """Return the name of the account, as submissions have it."""
        if not self._account:
            self._account = account_of(db, self._api_key)
        return self._account

    def now(self, db: Transaction) -> float:
        """Return the Unix time by the clock of the database, as machines need not agree."""
        row = db.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
        assert row
        now: float = row[0]
        return now

    def acquire(self, db: Transaction, min_intervals: Mapping[str, float]) -> float:
        """Acquire every rate limit of the account and return 0, or none and return the seconds to wait."""
        account = self.account(db)
        intervals = {f"{account} {scope}": interval for scope, interval in sorted(min_intervals.items())}
        for scope in intervals:
            if not db.execute("SELECT FROM rate_limits WHERE scope = ? FOR UPDATE", (scope,)).rowcount:
                db.execute("INSERT INTO rate_limits VALUES (?, 0) ON CONFLICT DO NOTHING", (scope,))
                db.execute("SELECT FROM rate_limits WHERE scope = ? FOR UPDATE", (scope,))
        return rate_limit.acquire(db, intervals, self.now(db))

    def reserve(self, db: Transaction, budget: Budget, submission: Submission) -> bool:
        """Add a submission to its batch, unless its price does not fit in a budget that is left.

        The budgets are that of the batch for all accounts, and that of this account.
        """
        batch, most = budget
        cost = submission.credits or 0.0
        if most is not None or self._max_credits is not None:
            # Until this transaction ends, no other one reserves anything for the batch.
            db.execute("SELECT FROM batches WHERE name = ? FOR UPDATE", (batch,))
            spending = dict(
                tuple(row)
                for row in db.execute("SELECT account, credits FROM spending WHERE batch = ?", (batch,))
            )
            total, own = sum(spending.values()), spending.get(submission.account, 0.0)
            if submission.state not in NOT_CHARGED:
                cost = 0.0  # it counts already: an earlier attempt may have been accepted
            for spent, limit in ((total, most), (own, self._max_credits)):
                if limit is not None and not fits(float(spent), cost, limit):
                    return False
        db.execute("UPDATE submissions SET batch = ? WHERE reference = ?", (batch, submission.reference))
        return True

    def prove_missing(self, db: Transaction, server: str, idempotency_key: str) -> None:
        """Do nothing: PostgreSQL proves its own pages, and does not start after a crash it cannot repair."""

    def sender(self, submission: Submission) -> str:
        """Return the lease of the process."""
        return f"the lease {submission.process or ''}"

    def before_fork(self) -> None:
        """Do nothing: a child makes new connections."""

    def after_fork(self, *, child: bool) -> None:
        """Use new connections in a child."""
        if child:
            self.lock = threading.RLock()
            self._database.abandon()

    def close(self) -> None:
        """Do nothing: the stores of other accounts use the same connections."""
