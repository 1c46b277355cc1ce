"""What the run of a submission was asked to do with its results, so that another process can continue it.

The table is made with the first submission. Versions without it ignore it. Call the functions inside a
transaction.
"""

import sqlite3

from .store import Connection
from .submission import Submission

_TABLE = """
CREATE TABLE IF NOT EXISTS run_plans (
    server TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    plan TEXT NOT NULL,
    PRIMARY KEY (server, idempotency_key)
) STRICT
"""


def record_plan(db: Connection, submission: Submission, plan: str) -> None:
    """Replace the plan of a submission. "" removes it: the submission is sent without a run."""
    if plan == find_plan(db, submission):
        return
    identity = (submission.server, submission.idempotency_key)
    db.execute("DELETE FROM run_plans WHERE server = ? AND idempotency_key = ?", identity)
    if plan:
        db.execute("INSERT INTO run_plans VALUES (?, ?, ?)", (*identity, plan))


def find_plan(db: Connection, submission: Submission) -> str:
    """Return the plan of a submission; "" if it has none."""
    if isinstance(db, sqlite3.Connection):  # other stores make it with all tables
        db.execute(_TABLE)
    query = "SELECT plan FROM run_plans WHERE server = ? AND idempotency_key = ?"
    row = db.execute(query, (submission.server, submission.idempotency_key)).fetchone()
    return row[0] if row else ""
