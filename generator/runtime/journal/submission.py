"""One submission, as a row of the journal."""

from typing import Any, Literal, NamedTuple, Protocol

from .sqlite.integrity import DamageError


class Submission(NamedTuple):
    """One submission as it is recorded."""

    server: str
    idempotency_key: str
    account: str
    """The account of the API key that it was sent with; see `account.py`."""
    reference: str
    fingerprint: str
    model: str
    body: str
    credits: float | None
    state: str
    process: str | None
    attempt: int
    task_id: str | None
    """Its task. While the outcome is unknown, the task that an untrustworthy response named."""
    changed: float
    """Unix time of its last change of state; while the outcome is unknown, of the attempt."""


class Claim(NamedTuple):
    """What a caller may do about a submission: send it, wait some seconds and claim again, or nothing.

    `over-budget`: it does not fit in the budget of its batch.
    """

    decision: Literal["send", "wait", "known", "unknown", "other-body", "over-budget"]
    submission: Submission
    wait: float = 0


Outcome = Literal["accepted", "refused", "pending", "unknown"]
"""The outcome of an attempt; `pending` is a refusal after which the same caller sends it again."""

NOT_CHARGED = ("pending", "refused")
"""States of a submission that has not been accepted and is not on its way."""

CREATED = ("accepted", "succeeded", "failed", "done", "lost")
"""States of a submission that has a task."""

_STATES = {*CREATED, "pending", "sending", "unknown", "refused"}


class Record(Protocol):
    """A row of a table, of whichever database."""

    def __getitem__(self, column: str, /) -> Any:
        """Return a value by the name of its column."""
        ...


def submission_of(row: Record) -> Submission:
    """Return a row of the table `submissions`. Raises `DamageError` for a state that does not exist."""
    submission = Submission(*(row[name] for name in Submission._fields))
    if submission.state not in _STATES:  # it would count as one that may be sent
        raise DamageError(f"submission {submission.idempotency_key!r} has the state {submission.state!r}")
    return submission
