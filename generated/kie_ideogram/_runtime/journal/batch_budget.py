"""What the submissions of a batch cost, so that all processes which work on it keep one budget.

The table is made when it is first used. Versions without batches ignore it. Call the functions
inside a transaction.
"""

import sqlite3
from typing import NamedTuple

from .submission import Submission

_TABLE = """
CREATE TABLE IF NOT EXISTS batch_submissions (
    batch TEXT NOT NULL,
    server TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    PRIMARY KEY (batch, server, idempotency_key)
) STRICT
"""

# Credits are decimal fractions, whose sum may differ in the last digit.
_ROUNDING = 1e-9


class Budget(NamedTuple):
    """The batch of a submission, and the most that all of the batch's submissions may cost, credits."""

    batch: str
    max_credits: float | None = None


class BudgetReachedError(Exception):
    """A submission does not fit in the budget of its batch. Nothing was sent."""


def reserve(db: sqlite3.Connection, budget: Budget, submission: Submission) -> bool:
    """Add a submission to its batch, unless its price does not fit in what is left of the budget."""
    cost = submission.credits or 0.0
    left = budget.max_credits
    if left is not None and _spent(db, submission.server, budget.batch) + cost > left + _ROUNDING:
        return False
    db.execute(_TABLE)
    db.execute(
        "INSERT OR IGNORE INTO batch_submissions VALUES (?, ?, ?)",
        (budget.batch, submission.server, submission.idempotency_key),
    )
    return True


def _spent(db: sqlite3.Connection, server: str, batch: str) -> float:
    """Return what a batch's submissions cost that were accepted, are being sent, or have an unknown outcome.

    Credits, by the declared prices.
    """
    db.execute(_TABLE)
    query = (
        "SELECT coalesce(sum(s.credits), 0) FROM batch_submissions AS b "
        "JOIN submissions AS s ON s.server = b.server AND s.idempotency_key = b.idempotency_key "
        "WHERE b.batch = ? AND b.server = ? AND s.state NOT IN ('pending', 'refused')"
    )
    total: float = db.execute(query, (batch, server)).fetchone()[0]
    return total
