"""One create, as a journal knows it."""

import sqlite3
from typing import Literal, NamedTuple


class Job(NamedTuple):
    """One create, as it is written down."""

    server: str
    key: str
    reference: str
    fingerprint: str
    model: str
    body: str
    credits: float | None
    state: str
    owner: str | None
    attempt: int
    task_id: str | None
    """Its task; while it is unknown, the one that a doubtful answer named."""
    changed: float
    """When it got its state; of what is unknown, when it was sent."""


class Claim(NamedTuple):
    """What may be done about a job: send it, wait (seconds) and ask again, or nothing."""

    verdict: Literal["send", "wait", "known", "unknown", "other-body"]
    job: Job
    wait: float = 0


Outcome = Literal["accepted", "refused", "pending", "unknown"]
"""What comes of an attempt; `pending` is a refusal after which the same caller sends it again."""

# A task of such a job exists.
CREATED = ("accepted", "succeeded", "failed", "done")


def read(row: sqlite3.Row) -> Job:
    """A row of the table of jobs."""
    return Job(*(row[name] for name in Job._fields))
