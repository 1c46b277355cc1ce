"""The state machine of a submission, as the journal records it.

    pending ──> sending ──> accepted ──> succeeded ──> done
       ^           │            ├──────> failed         ^
       ├─ refused <┤            └──────> lost ──────────┘   (`succeeded` may become `lost`, too)
       └─ unknown <┘   (sent again only if the user asks; a callback or a person may name its task)

`sending` and the attempt are on disk before the request is sent, the outcome before the caller sees it.
The process that inserts an attempt may send it, once. What a process was sending when it exited is
unknown.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from math import inf
from pathlib import Path
from typing import Literal

from ..core.clock import SYSTEM_CLOCK, Clock
from ..core.deadline import call_until
from ..core.errors import JournalBusyError, JournalError, ServiceUnreachableError
from ..core.locks.fork import suspend_during_fork
from ..core.reporting.telemetry import logger
from ..core.text.secret import NO_SECRET, Secret
from . import queries, run_plan
from .account import account_of, join_account
from .budget import Budget
from .callback_token import sign
from .fallback_file import FallbackEntry, restore_fallbacks, write_fallback
from .sqlite.database import LOCK_TIMEOUT, RECORD_TIMEOUT, locked
from .sqlite.store import SqliteStore
from .sqlite.trouble import cannot_write
from .store import Connection, Process, Store, StoreUnreachableError
from .submission import CREATED, Claim, Outcome, Submission


class Journal:
    """The submissions of one store. Threads and processes share it; every change is one transaction."""

    def __init__(
        self, store: str | os.PathLike[str] | Store, clock: Clock = SYSTEM_CLOCK, api_key: Secret = NO_SECRET
    ) -> None:
        """`store` is the path of a SQLite file, or another store."""
        self._clock = clock
        self._api_key = sha256(api_key.reveal().encode()).digest()
        self._database: Store = store if isinstance(store, Store) else SqliteStore(store, clock)
        self._process: Process | None = None
        self._deferred: list[tuple[Submission, Outcome, str | None]] = []
        """Outcomes that could not be written yet."""
        self._in_flight: dict[str, Submission] = {}
        """The attempts that this process makes, by the references of their submissions."""
        suspend_during_fork(self)  # nothing is open yet that a fork could copy
        try:
            with self._database.lock:
                self._start()
        except BaseException:
            self.close()
            raise

    def _start(self) -> Process:
        with self._database.transaction():
            pass  # reports first what is wrong with the file
        try:
            self._process = process = self._database.process()
            process.reap_stale()
            self.read_fallbacks()
        except OSError as error:
            raise JournalError(cannot_write(self._database.path, error)) from error
        return process

    def read_fallbacks(self) -> None:
        """Attach the tasks that this machine stored in files, because the store could not be written."""
        restore_fallbacks(self._fallback_base, self._attach_entry)

    def _attach_entry(self, entry: FallbackEntry) -> bool:
        submission = self.find(entry.server, idempotency_key=entry.idempotency_key)
        return submission is not None and bool(self.attach(submission, entry.task_id))

    @property
    def _fallback_base(self) -> Path:
        return self._database.path.with_name(self._database.path.name + "-fallback")

    @property
    def process(self) -> Process:
        """This process as a live user of the store; a new one after a fork."""
        if self._process:
            return self._process
        with locked(self._database.lock, self._database.path):
            return self._process or self._start()

    @property
    def database(self) -> Store:
        """The store, in which this process counts as alive."""
        assert self.process
        return self._database

    def before_fork(self) -> None:
        """Close the connection. The process stays alive, or what it sends would become unknown."""
        self._database.before_fork()

    def after_fork(self, *, child: bool) -> None:
        """Let threads continue. A child is another process, and makes none of its parent's attempts."""
        if child and self._process:
            self._process.close()
            self._process, self._deferred, self._in_flight = None, [], {}
        self._database.after_fork(child=child)

    def close(self) -> None:
        """Close the store. What could not be written before is written, if that takes a moment only."""
        with self._database.lock:
            with suppress(JournalError):
                call_until(self._clock, self._clock.monotonic() + RECORD_TIMEOUT, self._flush_deferred)
            self._database.close()
            if self._process:
                self._process.close()

    def claim(
        self,
        server: str,
        idempotency_key: str,
        fingerprint: str,
        content: Callable[[str], bytes],
        model: str,
        cost: float | None,
        min_intervals: Mapping[str, float],
        begin: Callable[[Submission], None],
        confirmed_attempt: int | None = None,
        budget: Budget | None = None,
        plan: str = "",
    ) -> Claim:
        """Record the submission and, if it may be sent now, the attempt: in one transaction.

        Args:
            fingerprint: Identifies the caller's request.
            content: Makes the body from the token that its callback brings back.
            cost: The price of the task, credits, if it is declared.
            min_intervals: The rate limits to acquire, as for `rate_limit.acquire`.
            begin: Called with the attempt before it is on disk. It must be concluded or retracted.
            confirmed_attempt: The attempt with an unknown outcome after which the user asked to send again.
            budget: The batch that the submission belongs to, and what the batch may cost.
            plan: What the run is to do with the results. Unused if an attempt was confirmed, which has one.
        """
        self._flush_deferred()
        with self.database.transaction() as db:
            submission = queries.find(db, server, "idempotency_key", idempotency_key)
            if submission is None:
                self._database.prove_missing(db, server, idempotency_key)
                # In some stores, another process may have inserted it in this moment.
                submission = queries.insert(db, server, idempotency_key, model, self._now(db))
            if submission.fingerprint not in ("", fingerprint) and submission.state != "refused":
                return Claim("other-body", submission)
            if submission.state in CREATED:
                return Claim("known", submission)
            if submission.state == "unknown" and submission.attempt != confirmed_attempt:
                return Claim("unknown", submission)
            if submission.state != "sending":
                # No task exists, so the request may be another one, with newer links.
                body = content(sign(queries.secret(db), submission.reference)).decode()
                submission = submission._replace(
                    account=account_of(db, self._api_key),
                    fingerprint=fingerprint,
                    model=model,
                    body=body,
                    credits=cost,
                )
                queries.update_request(db, submission)
                if confirmed_attempt is None:
                    run_plan.record_plan(db, submission, plan)
                if budget and not self._database.reserve(db, budget, submission):
                    return Claim("over-budget", submission)
                wait = self._database.acquire(db, min_intervals)
                if wait:
                    return Claim("wait", submission, wait)
                submission = self._insert_attempt(db, submission)
                begin(submission)
                return Claim("send", submission)
        # Another thread or process is sending it, or exited while it did.
        if self.reap_stale():
            return Claim("wait", submission)
        return Claim("wait", submission, 0.05)

    @property
    def has_open_attempts(self) -> bool:
        """Whether this process still sends something, or knows an outcome that is not recorded yet."""
        return bool(self._in_flight or self._deferred)

    def look_up(self, server: str, idempotency_key: str) -> Submission | None:
        """Return the submission of a key as `claim` would find it."""
        self._flush_deferred()
        return self.find(server, idempotency_key=idempotency_key)

    def _insert_attempt(self, db: Connection, submission: Submission) -> Submission:
        self.process.restore(db)
        submission = submission._replace(
            state="sending", process=self.process.name, attempt=submission.attempt + 1
        )
        queries.insert_attempt(db, submission, self._now(db))
        submission = self._update(db, submission)
        self._in_flight[submission.reference] = submission
        return submission

    def _end_submission(self, submission: Submission) -> None:
        if self._in_flight.get(submission.reference) is submission:
            del self._in_flight[submission.reference]

    def reap_stale(self) -> int:
        """Mark as unknown what is not being sent any more. Returns how many submissions that were."""
        with locked(self._database.lock, self._database.path):
            found = self.process.reap_stale()
        with self.database.transaction() as db:
            for submission in queries.being_sent(db, self.process.name):
                # An attempt of this process that was interrupted, and again while that was recorded.
                if submission.reference not in self._in_flight:
                    queries.set_outcome(db, submission, "unknown")
                    self._update(db, submission._replace(state="unknown"))
                    found += 1
        return found

    def retract(self, attempt: Submission) -> None:
        """Withdraw an attempt that was not sent. Its claim may be on disk or not."""
        try:
            if self._in_flight.get(attempt.reference) is attempt:
                self._conclude(attempt, "pending", None, RECORD_TIMEOUT)
        except JournalError as error:
            self._deferred.append((attempt, "pending", None))
            logger.error(
                "submission %s: not sent, but that could not be recorded: %s", attempt.idempotency_key, error
            )
        finally:
            self._end_submission(attempt)

    def conclude(self, attempt: Submission, outcome: Outcome, task_id: str | None = None) -> None:
        """Record the outcome of an attempt.

        Fails only by an interruption: the outcome matters more than its record. What cannot be written now
        is written with the next claim, and a task's id is stored in a file next to the journal at once.
        """
        try:
            self._conclude(attempt, outcome, task_id, RECORD_TIMEOUT)
        except BaseException as error:  # the journal's, or Ctrl-C, which may come a second time
            # Any other failure would come again with every later claim.
            if isinstance(error, JournalError) or not isinstance(error, Exception):
                self._deferred.append((attempt, outcome, task_id))
            key = attempt.idempotency_key
            if task_id:
                write_fallback(self._fallback_base, FallbackEntry(attempt.server, key, task_id), error)
            else:
                logger.error("submission %s: %s, but that could not be recorded: %r", key, outcome, error)
            if not isinstance(error, JournalError):
                self._end_submission(attempt)
            if not isinstance(error, Exception):
                raise

    def _flush_deferred(self) -> None:
        """Record what could not be recorded before. Raises `JournalError`."""
        with locked(self._database.lock, self._database.path):
            while self._deferred:
                self._conclude(*self._deferred[0])
                self._deferred.pop(0)

    def _conclude(self, attempt: Submission, outcome: Outcome, task_id: str | None, wait: float = 0) -> None:
        with self.database.transaction(at_least=wait) as db:
            now = queries.find(db, attempt.server, "idempotency_key", attempt.idempotency_key)
            if now is None and task_id is None:  # its claim was rolled back, so it was not sent
                self._end_submission(attempt)
                return
            now = now or queries.existing(db, attempt.server, attempt.idempotency_key)
            # Another process may have an attempt of the same number, if the claim was rolled back.
            is_last = (now.process, now.attempt) == (attempt.process, attempt.attempt)
            queries.set_outcome(db, attempt, "refused" if outcome == "pending" else outcome)
            if task_id and now.state in CREATED:
                queries.record_if_duplicate(db, now, task_id, self._now(db))
            elif task_id or (now.state in ("sending", "unknown") and is_last):
                # A late response counts even if the submission was given up meanwhile. And whatever the
                # outcome of this attempt, an earlier one may have been accepted.
                unknown = None if outcome == "accepted" else queries.last_unknown_attempt(db, now)
                state = outcome if unknown is None else "unknown"
                self._update(
                    db, queries.with_task(db, now, task_id, self._now(db))._replace(state=state), unknown
                )
        self._end_submission(attempt)

    def record_end(self, server: str, task_id: str, state: Literal["succeeded", "failed"]) -> None:
        """Record how a task ended, if it is in the journal."""
        self._advance(server, task_id, state, ("accepted",))

    def mark_done(self, server: str, task_id: str) -> None:
        """Record that nothing is left to do for a task: its results are saved."""
        self._advance(server, task_id, "done", ("accepted", "succeeded", "lost"))

    def record_lost(self, server: str, task_id: str, retention: float, ended: float | None = None) -> None:
        """Record that the service no longer has a result, if it was to store it for `retention` seconds only.

        Args:
            ended: When the task ended (Unix time). Unless given, the last change of its submission counts.
        """
        with suppress(JournalError):  # the next attempt finds it again
            with self.database.transaction() as db:
                submission = queries.find(db, server, "task_id", task_id)
                if submission is None or submission.state not in ("accepted", "succeeded"):
                    return
                age = self._clock.unix() - queries.end_of_task(db, submission, ended)
            if age > retention:
                self._advance(server, task_id, "lost", ("accepted", "succeeded"))
                logger.error("task %s: paid for, but the service no longer has its result", task_id)

    def _advance(self, server: str, task_id: str, state: str, before: tuple[str, ...]) -> None:
        """Never fails: the next `resume` returns a task again whose end is not recorded."""
        try:
            with self.database.transaction(at_least=RECORD_TIMEOUT) as db:
                for submission in queries.of_task(db, server, task_id):
                    if submission.state in before:
                        self._update(db, submission._replace(state=state))
        except JournalError as error:
            logger.error("task %s: %s, but that could not be recorded: %s", task_id, state, error)

    def attach(self, submission: Submission, task_id: str) -> Submission:
        """Record the task of a submission. A second task is recorded as a duplicate charge."""
        with self.database.transaction() as db:
            now = queries.existing(db, submission.server, submission.idempotency_key)
            if now.state in CREATED:
                queries.record_if_duplicate(db, now, task_id, self._now(db))
            else:
                now = self._update(
                    db, queries.with_task(db, now, task_id, self._now(db))._replace(state="accepted")
                )
                queries.set_outcome(db, now, "accepted")
            return now

    def find(
        self, server: str, *, idempotency_key: str = "", reference: str = "", task_id: str = ""
    ) -> Submission | None:
        """Return the submission with an idempotency key, a reference, or a task."""
        with self.database.transaction() as db:
            if idempotency_key:
                return queries.find(db, server, "idempotency_key", idempotency_key)
            if task_id:
                return queries.find(db, server, "task_id", task_id)
            return queries.find(db, server, "reference", reference)

    def unfinished(self, server: str) -> list[Submission]:
        """Return the submissions that have a task and are not done, oldest first: links expire."""
        return self._in_states(server, "accepted", "succeeded")

    def unknown(self, server: str) -> list[Submission]:
        """Return the submissions whose outcome is unknown, oldest first."""
        return self._in_states(server, "unknown")

    def lost(self, server: str) -> list[Submission]:
        """Return the submissions whose results are lost and that are not marked as done, oldest first."""
        return self._in_states(server, "lost")

    def duplicate_charges(self, server: str) -> list[tuple[str, str]]:
        """Return idempotency key and task of each task beyond a submission's first: it was paid twice."""
        query = "SELECT idempotency_key, task_id FROM duplicate_charges WHERE server = ? ORDER BY seen"
        with self.database.transaction() as db:
            return [(key, task_id) for key, task_id in db.execute(query, (server,))]

    def _in_states(self, server: str, *states: str) -> list[Submission]:
        self.reap_stale()
        with self.database.transaction() as db:
            return queries.in_states(db, server, *states)

    def sender_of(self, submission: Submission) -> str:
        """Return what the process which sends a submission holds, for messages."""
        return self._database.sender(submission)

    def acquire(self, min_intervals: Mapping[str, float], within: float = inf) -> float:
        """Acquire every rate limit and return 0, or acquire none and return the seconds to wait."""
        try:
            # Not through `database`, where another thread may wait longer to start the process.
            with self._database.transaction(min(within, LOCK_TIMEOUT)) as db:
                return self._database.acquire(db, min_intervals)
        except JournalBusyError as error:
            if within < LOCK_TIMEOUT or isinstance(error, StoreUnreachableError):
                raise ServiceUnreachableError(str(error)) from error
            raise

    def is_own(self, submission: Submission) -> bool:
        """Whether a submission was sent with an API key of the same account, as far as the journal knows."""
        with self.database.transaction() as db:
            return submission.account == account_of(db, self._api_key)

    def join_account(self, submission: Submission) -> None:
        """Record that the account of a submission is that of this API key."""
        with self.database.transaction() as db:
            join_account(db, self._api_key, submission.account)

    def secret(self) -> bytes:
        """Return the secret that signs the tokens in callback URLs. It never leaves this machine."""
        with self.database.transaction() as db:
            return queries.secret(db)

    def _update(self, db: Connection, submission: Submission, changed: float | None = None) -> Submission:
        """Write a submission's new state, which it has from now on unless `changed` says since when."""
        return queries.update_state(db, submission, self._now(db) if changed is None else changed)

    def _now(self, db: Connection) -> float:
        return self._database.now(db)
