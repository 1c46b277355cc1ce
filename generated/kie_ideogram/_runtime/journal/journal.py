"""The state machine of a create, as a journal keeps it.

    pending ──> sending ──> accepted ──> succeeded ──> done
       ^           │            └──────> failed
       ├─ refused <┤
       └─ unknown <┘   (sent again by the user's word only; a callback or a person may name its task)

`sending` and its attempt are on disk before the request is, the outcome before the caller hears of
it. Whoever inserts the attempt may send it, once; what a dead owner was sending is unknown.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Mapping
from math import inf
from pathlib import Path
from typing import Literal
from uuid import uuid4

from ..core.errors import JournalError, ServiceUnreachableError
from ..core.fork import rest_over_fork
from ..core.telemetry import logger
from .callback_token import sign
from .database import PATIENCE, JournalBusyError, JournalFile
from .fallback_file import Rescued, keep, rescued
from .job import CREATED, Claim, Job, Outcome, read
from .process_lock import Owner
from .rate_limit import take_turn


class Journal:
    """The jobs of one file. Shared by threads and processes; every change is one transaction."""

    def __init__(self, path: str | os.PathLike[str], wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self._file = JournalFile(path)
        self._owner: Owner | None = None
        self._late: list[tuple[Job, Outcome, str | None]] = []
        self._flights: dict[str, Job] = {}
        """The attempts that somebody of this process makes, by their jobs' references."""
        rest_over_fork(self)  # nothing is open yet that a fork could catch
        with self._file.lock:
            self._begin()

    def _begin(self) -> Owner:
        with self._file.transaction():
            pass  # what is wrong with the file is said first
        try:
            self._owner = owner = Owner(self._file)
            owner.bury()
            for file, one in rescued(self._beside):
                job = self.find(one.server, key=one.key)
                if job:
                    self.bind(job, one.task_id)
                    file.unlink(missing_ok=True)
                else:
                    logger.critical("%s: task %s is of no job of this journal", file, one.task_id)
        except OSError as error:
            raise JournalError(f"{self._file.path}: the journal cannot be written ({error})") from error
        return owner

    @property
    def _beside(self) -> Path:
        return self._file.path.with_name(self._file.path.name + "-rescued")

    @property
    def owner(self) -> Owner:
        """Who sends in this process; after a fork, somebody new."""
        with self._file.lock:
            return self._owner or self._begin()

    @property
    def file(self) -> JournalFile:
        """The file, of somebody who lives."""
        return self.owner.file

    def rest(self) -> None:
        """Before a fork: see `JournalFile.rest`. The owner goes on living, or what it sends were in doubt."""
        self._file.rest()

    def wake(self, *, child: bool) -> None:
        """After a fork: a child is somebody else, and makes none of its parent's attempts."""
        if child and self._owner:
            self._owner.close()
            self._owner, self._late, self._flights = None, [], {}
        self._file.wake(child=child)

    def close(self) -> None:
        """Close the file."""
        with self._file.lock:
            self._file.close()
            if self._owner:
                self._owner.close()

    # ---- A create --------------------------------------------------------------------------

    def claim(
        self,
        server: str,
        key: str,
        fingerprint: str,
        content: Callable[[str], bytes],
        model: str,
        cost: float | None,
        gaps: Mapping[str, float],
        begin: Callable[[Job], None],
        word: int | None = None,
    ) -> Claim:
        """Write the intent down and, if it may be sent now, the attempt: in one transaction.

        `fingerprint` is of the caller's request; `content` makes the body that is sent, from the mark
        that its callback is to bring back. `begin` is told of the attempt before it is on disk: it is to
        be concluded or retracted, whatever comes. `word` is the attempt after which an unknown job may be
        sent again, by the user's word.
        """
        self._catch_up()
        with self.file.transaction() as db:
            job = self._find(db, server, "key", key)
            if job is None:
                reference = uuid4().hex
                db.execute(
                    "INSERT INTO jobs (server, key, reference, fingerprint, model, body, credits, state, "
                    "changed) VALUES (?, ?, ?, ?, ?, '', ?, 'pending', ?)",
                    (server, key, reference, fingerprint, model, cost, self._wall()),
                )
                job = self._known(db, server, key)
            elif job.fingerprint != fingerprint and job.state != "refused":
                return Claim("other-body", job)
            if job.state in CREATED:
                return Claim("known", job)
            if job.state == "unknown" and job.attempt != word:
                return Claim("unknown", job)
            if job.state != "sending":
                # Nothing was made of it so far, so the request may be another, with fresher links.
                body = content(sign(_secret(db), job.reference)).decode()
                job = job._replace(fingerprint=fingerprint, model=model, body=body, credits=cost)
                db.execute(
                    "UPDATE jobs SET fingerprint = ?, model = ?, body = ?, credits = ? WHERE reference = ?",
                    (fingerprint, model, body, cost, job.reference),
                )
                wait = take_turn(db, gaps, self._wall())
                if wait:
                    return Claim("wait", job, wait)
                job = self._send(db, job)
                begin(job)
                return Claim("send", job)
        # Another thread or process is sending it, or died over it.
        if self.bury():
            return Claim("wait", job)
        return Claim("wait", job, 0.05)

    def _send(self, db: sqlite3.Connection, job: Job) -> Job:
        attempt = job.attempt + 1
        at = self._wall()
        db.execute(
            "INSERT INTO attempts (server, key, number, owner, sent) VALUES (?, ?, ?, ?, ?)",
            (job.server, job.key, attempt, self.owner.name, at),
        )
        db.execute("UPDATE jobs SET owner = ? WHERE reference = ?", (self.owner.name, job.reference))
        job = self._put(db, job._replace(state="sending", owner=self.owner.name, attempt=attempt))
        self._flights[job.reference] = job
        return job

    def _doubt(self, db: sqlite3.Connection, job: Job) -> float | None:
        """When the last attempt was sent whose outcome nobody knows; None if there is no such."""
        query = "SELECT max(sent) FROM attempts WHERE server = ? AND key = ? AND outcome = 'unknown'"
        sent: float | None = db.execute(query, (job.server, job.key)).fetchone()[0]
        return sent

    def _land(self, job: Job) -> None:
        if self._flights.get(job.reference) is job:
            del self._flights[job.reference]

    def bury(self) -> int:
        """Turn into unknown what nobody sends any more; returns how much that was."""
        with self._file.lock:
            found = self.owner.bury()
        with self.file.transaction() as db:
            rows = db.execute("SELECT * FROM jobs WHERE owner = ? AND state = 'sending'", (self.owner.name,))
            for job in map(read, rows.fetchall()):
                # An attempt of ours that was interrupted, and once more while that was written down.
                if job.reference not in self._flights:
                    self._outcome(db, job, "unknown")
                    self._put(db, job._replace(state="unknown"))
                    found += 1
        return found

    def _outcome(self, db: sqlite3.Connection, job: Job, outcome: str) -> None:
        db.execute(
            "UPDATE attempts SET outcome = ? WHERE server = ? AND key = ? AND number = ?",
            (outcome, job.server, job.key, job.attempt),
        )

    def retract(self, job: Job) -> None:
        """Take back an attempt that was not made. Its claim may be on disk or not."""
        try:
            if self._flights.get(job.reference) is job and self.find(job.server, key=job.key) == job:
                self._conclude(job, "pending", None)
        except JournalError as error:
            logger.error("job %s: not sent, but it could not be recorded: %s", job.key, error)
        finally:
            self._land(job)

    def conclude(self, job: Job, state: Outcome, task_id: str | None = None) -> None:
        """Write down what came of an attempt.

        Fails by an interruption only, for the outcome is more than its record: what cannot be written now
        is written with the next claim, and a task's id is rescued beside the file at once.
        """
        try:
            self._conclude(job, state, task_id)
        except BaseException as error:  # the journal's, or Ctrl-C, which may come a second time
            self._late.append((job, state, task_id))
            if task_id:
                keep(self._beside, Rescued(job.server, job.key, task_id), error)
            else:
                logger.error("job %s: %s, but it could not be recorded: %r", job.key, state, error)
            if not isinstance(error, JournalError):
                self._land(job)
                raise

    def _catch_up(self) -> None:
        """Write down what could not be written before. Raises `JournalError`."""
        with self._file.lock:
            while self._late:
                self._conclude(*self._late[0])
                self._late.pop(0)

    def _conclude(self, job: Job, state: Outcome, task_id: str | None) -> None:
        with self.file.transaction() as db:
            self._outcome(db, job, "refused" if state == "pending" else state)
            now = self._known(db, job.server, job.key)
            if task_id and now.state in CREATED:
                self._check_same(db, now, task_id)
            elif task_id or (now.state == "sending" and now.attempt == job.attempt):
                # A late answer counts even when the job was given up meanwhile. And whatever came of this
                # attempt, an earlier one may have been accepted.
                doubt = None if state == "accepted" else self._doubt(db, now)
                now = self._named(db, now, task_id)._replace(state=state if doubt is None else "unknown")
                self._put(db, now, doubt)
        self._land(job)

    # ---- A task ----------------------------------------------------------------------------

    def settled(self, server: str, task_id: str, state: Literal["succeeded", "failed"]) -> None:
        """Write down how a task ended, if it is one of ours."""
        self._advance(server, task_id, state, ("accepted",))

    def done(self, server: str, task_id: str) -> None:
        """Write down that nothing is left to do for a task: its pictures are safe."""
        self._advance(server, task_id, "done", ("accepted", "succeeded"))

    def _advance(self, server: str, task_id: str, state: str, before: tuple[str, ...]) -> None:
        """Never fails: what is not recorded is looked at once more by the next `resume`."""
        try:
            with self.file.transaction() as db:
                job = self._find(db, server, "task_id", task_id)
                if job and job.state in before:
                    self._put(db, job._replace(state=state))
        except JournalError as error:
            logger.error("task %s: %s, but it could not be recorded: %s", task_id, state, error)

    # ---- What a person, or a callback, says --------------------------------------------------

    def bind(self, job: Job, task_id: str) -> Job:
        """Write down that a task is a job's. A second task of one job is kept as an alarm."""
        with self.file.transaction() as db:
            now = self._known(db, job.server, job.key)
            if now.state in CREATED:
                self._check_same(db, now, task_id)
            else:
                now = self._put(db, self._named(db, now, task_id)._replace(state="accepted"))
                self._outcome(db, now, "accepted")
            return now

    # ---- Reports ---------------------------------------------------------------------------

    def find(self, server: str, *, key: str = "", reference: str = "", task_id: str = "") -> Job | None:
        """The job of a key, of a reference, or of a task."""
        with self.file.transaction() as db:
            if key:
                return self._find(db, server, "key", key)
            if task_id:
                return self._find(db, server, "task_id", task_id)
            return self._find(db, server, "reference", reference)

    def unfinished(self, server: str) -> list[Job]:
        """The jobs that have a task and are not done, the oldest first: links to pictures die."""
        return self._jobs(server, "accepted", "succeeded")

    def unknown(self, server: str) -> list[Job]:
        """The jobs of which nobody knows whether there is a task."""
        return self._jobs(server, "unknown", "unknown")

    def alarms(self, server: str) -> list[tuple[str, str]]:
        """Key and task of each task that came on top of a job's own: something was paid twice."""
        with self.file.transaction() as db:
            rows = db.execute("SELECT key, task_id FROM alarms WHERE server = ? ORDER BY seen", (server,))
            return [(key, task_id) for key, task_id in rows]

    def _jobs(self, server: str, *states: str) -> list[Job]:
        self.bury()
        with self.file.transaction() as db:
            query = "SELECT * FROM jobs WHERE server = ? AND state IN (?, ?) ORDER BY changed"
            return [read(row) for row in db.execute(query, (server, *states))]

    # ---- Turns -----------------------------------------------------------------------------

    def take(self, gaps: Mapping[str, float], within: float = inf) -> float:
        """Take a turn of every limit, or none and say how many seconds to wait."""
        try:
            # Not by way of the owner, who may be waiting for the file with more patience.
            with self._file.transaction(min(within, PATIENCE)) as db:
                return take_turn(db, gaps, self._wall())
        except JournalBusyError as error:
            if within < PATIENCE:
                raise ServiceUnreachableError(str(error)) from error
            raise

    # ---- Helpers ---------------------------------------------------------------------------

    def secret(self) -> bytes:
        """What the references in callback URLs are signed with. It never leaves this machine."""
        with self.file.transaction() as db:
            return _secret(db)

    def _find(self, db: sqlite3.Connection, server: str, column: str, value: str) -> Job | None:
        query = f"SELECT * FROM jobs WHERE server = ? AND {column} = ?"  # noqa: S608 # named in this class
        row = db.execute(query, (server, value)).fetchone()
        return read(row) if row else None

    def _put(self, db: sqlite3.Connection, job: Job, changed: float | None = None) -> Job:
        """Write a job's new state."""
        job = job._replace(changed=self._wall() if changed is None else changed)
        db.execute(
            "UPDATE jobs SET state = ?, attempt = ?, task_id = ?, changed = ? WHERE reference = ?",
            (job.state, job.attempt, job.task_id, job.changed, job.reference),
        )
        return job

    def _known(self, db: sqlite3.Connection, server: str, key: str) -> Job:
        job = self._find(db, server, "key", key)
        assert job is not None, "jobs are never deleted"
        return job

    def _named(self, db: sqlite3.Connection, job: Job, task_id: str | None) -> Job:
        """The job with its task. Another one that a doubtful answer named is kept as an alarm."""
        named = job._replace(task_id=task_id or job.task_id)
        if job.task_id:
            self._check_same(db, named, job.task_id)
        return named

    def _check_same(self, db: sqlite3.Connection, job: Job, task_id: str) -> None:
        if job.task_id == task_id:
            return
        db.execute(
            "INSERT OR IGNORE INTO alarms VALUES (?, ?, ?, ?)", (job.server, job.key, task_id, self._wall())
        )
        logger.critical("job %s has a second task %s beside %s: paid twice", job.key, task_id, job.task_id)


def _secret(db: sqlite3.Connection) -> bytes:
    return bytes.fromhex(db.execute("SELECT value FROM secret").fetchone()[0])
