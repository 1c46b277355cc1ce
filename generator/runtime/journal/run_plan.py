"""What the run of a submission was asked to do with its results, so that another process can continue it.

Call the functions inside a transaction.
"""

from .store import Connection
from .submission import Submission


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
    query = "SELECT plan FROM run_plans WHERE server = ? AND idempotency_key = ?"
    row = db.execute(query, (submission.server, submission.idempotency_key)).fetchone()
    return row[0] if row else ""
