"""The statements of the journal that read and write one submission. Call them inside a transaction."""

from typing import Any, Literal
from uuid import uuid4

from ..core.reporting.telemetry import logger
from .store import Connection
from .submission import Submission, submission_of

Column = Literal["idempotency_key", "reference", "task_id"]


def find(db: Connection, server: str, column: Column, value: str) -> Submission | None:
    """Return the submission with a value in one of the columns that identify it."""
    row = _select(db, server, column, value).fetchone()
    return submission_of(row) if row else None


def of_task(db: Connection, server: str, task_id: str) -> list[Submission]:
    """Return the submissions of a task: several, if the service gave several of them the same one."""
    return [submission_of(row) for row in _select(db, server, "task_id", task_id).fetchall()]


def _select(db: Connection, server: str, column: Column, value: str) -> Any:
    query = f"SELECT * FROM submissions WHERE server = ? AND {column} = ? {db.lock_rows}"  # noqa: S608 # constants
    return db.execute(query, (server, value))


def being_sent(db: Connection, process: str) -> list[Submission]:
    """Return what a process is sending. What is being concluded at this moment may be left out."""
    # Without a lock, an outcome that another thread writes meanwhile would be overwritten.
    query = f"SELECT * FROM submissions WHERE process = ? AND state = 'sending' {db.lock_free_rows}"  # noqa: S608 # constants
    return [submission_of(row) for row in db.execute(query, (process,)).fetchall()]


def existing(db: Connection, server: str, idempotency_key: str) -> Submission:
    """Return a submission that was recorded before."""
    submission = find(db, server, "idempotency_key", idempotency_key)
    assert submission is not None, "submissions are never deleted"
    return submission


def insert(db: Connection, server: str, idempotency_key: str, model: str, now: float) -> Submission:
    """Record a new submission, whose request is not known yet, unless another process does so now."""
    db.execute(
        "INSERT INTO submissions (server, idempotency_key, account, reference, fingerprint, model, body, "
        "state, changed) VALUES (?, ?, '', ?, '', ?, '', 'pending', ?) ON CONFLICT DO NOTHING",
        (server, idempotency_key, uuid4().hex, model, now),
    )
    return existing(db, server, idempotency_key)


def update_request(db: Connection, submission: Submission) -> Submission:
    """Write what is to be sent, and by which account."""
    db.execute(
        "UPDATE submissions SET account = ?, fingerprint = ?, model = ?, body = ?, credits = ? "
        "WHERE reference = ?",
        (
            submission.account,
            submission.fingerprint,
            submission.model,
            submission.body,
            submission.credits,
            submission.reference,
        ),
    )
    return submission


def update_state(db: Connection, submission: Submission, changed: float) -> Submission:
    """Write a submission's new state, and when it changed (Unix time)."""
    submission = submission._replace(changed=changed)
    db.execute(
        "UPDATE submissions SET state = ?, process = ?, attempt = ?, task_id = ?, changed = ? "
        "WHERE reference = ?",
        (
            submission.state,
            submission.process,
            submission.attempt,
            submission.task_id,
            changed,
            submission.reference,
        ),
    )
    return submission


def in_states(db: Connection, server: str, *states: str) -> list[Submission]:
    """Return the submissions of a server in one of the states, oldest first."""
    places = ", ".join("?" * len(states))
    query = f"SELECT * FROM submissions WHERE server = ? AND state IN ({places}) ORDER BY changed"  # noqa: S608 # only question marks
    return [submission_of(row) for row in db.execute(query, (server, *states))]


def insert_attempt(db: Connection, submission: Submission, now: float) -> None:
    """Record the attempt that a submission names. Who inserts it may send it."""
    db.execute(
        "INSERT INTO attempts (server, idempotency_key, number, process, sent) VALUES (?, ?, ?, ?, ?)",
        (submission.server, submission.idempotency_key, submission.attempt, submission.process, now),
    )


def set_outcome(db: Connection, submission: Submission, outcome: str) -> None:
    """Write the outcome of the attempt that a submission names."""
    db.execute(
        "UPDATE attempts SET outcome = ? "
        "WHERE server = ? AND idempotency_key = ? AND number = ? AND process = ?",
        (outcome, submission.server, submission.idempotency_key, submission.attempt, submission.process),
    )


def last_unknown_attempt(db: Connection, submission: Submission) -> float | None:
    """Return when (Unix time) the last attempt with an unknown outcome was sent; None if there is none."""
    query = "SELECT max(sent) FROM attempts WHERE server = ? AND idempotency_key = ? AND outcome = 'unknown'"
    sent: float | None = db.execute(query, (submission.server, submission.idempotency_key)).fetchone()[0]
    return sent


def end_of_task(db: Connection, submission: Submission, recorded: float | None) -> float:
    """Return when (Unix time) a task has ended at the earliest.

    Its record may have any time, but no task ends before it is submitted. Without a time, the last change of
    the submission counts.
    """
    if recorded is None:
        return submission.changed
    query = "SELECT min(sent) FROM attempts WHERE server = ? AND idempotency_key = ?"
    sent: float = db.execute(query, (submission.server, submission.idempotency_key)).fetchone()[0]
    return max(recorded, sent)


def with_task(db: Connection, submission: Submission, task_id: str | None, now: float) -> Submission:
    """Return the submission with its task. A different task named earlier is a duplicate charge."""
    named = submission._replace(task_id=task_id or submission.task_id)
    if submission.task_id:
        record_if_duplicate(db, named, submission.task_id, now)
    return named


def record_if_duplicate(db: Connection, submission: Submission, task_id: str, now: float) -> None:
    """Record a task as a duplicate charge if it is not the submission's own."""
    if submission.task_id == task_id:
        return
    key = submission.idempotency_key
    db.execute(
        "INSERT INTO duplicate_charges VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (submission.server, key, task_id, now),
    )
    logger.critical(
        "submission %s has a second task %s, next to %s: charged twice", key, task_id, submission.task_id
    )


def secret(db: Connection) -> bytes:
    """Return the secret of the journal."""
    return bytes.fromhex(db.execute("SELECT value FROM secret").fetchone()[0])
