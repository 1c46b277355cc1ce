"""Budgets: how many credits may be spent, for all processes that share a journal.

The budget of a batch counts what its submissions cost, by their states. A reservation is an amount that
counts in one or several budgets, from before its submission is sent until it is released. A process that
exits in between leaves it behind: the submission may have been charged.

Call the functions inside a transaction.
"""

import sqlite3
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from .submission import Submission

MILLION = 1_000_000


class Budget(NamedTuple):
    """The batch of a submission, and the most that all of the batch's submissions may cost, credits."""

    batch: str
    max_credits: float | None = None


class BudgetReachedError(Exception):
    """A submission does not fit in a budget. Nothing was sent."""


def millionths(credits_: float | Decimal) -> int:
    """Return a number of credits in millionths, rounded to the nearest one."""
    return round(Decimal(str(credits_)) * MILLION)


def fits(spent: float, cost: float, limit: float) -> bool:
    """Whether a cost fits in what is left of a budget. All amounts are credits.

    Credits are decimal fractions, whose sum may differ in the last digit, so millionths are compared.
    """
    return millionths(spent + cost) <= millionths(limit)


# ---- Batches in a SQLite file --------------------------------------------------------------


def add_to_batch(db: sqlite3.Connection, budget: Budget, submission: Submission) -> bool:
    """Add a submission to its batch and return True, unless its price does not fit in the budget."""
    batch, most = budget
    spent_ = 0.0 if most is None else _spent_by(db, submission.server, batch)
    if most is not None and not fits(spent_, submission.credits or 0.0, most):
        return False
    db.execute(
        "INSERT OR IGNORE INTO batch_submissions VALUES (?, ?, ?)",
        (batch, submission.server, submission.idempotency_key),
    )
    return True


def _spent_by(db: sqlite3.Connection, server: str, batch: str) -> float:
    """Return what a batch's submissions cost that were accepted, are being sent, or have an unknown outcome.

    Credits, by the declared prices.
    """
    query = (
        "SELECT coalesce(sum(s.credits), 0) FROM batch_submissions AS b "
        "JOIN submissions AS s ON s.server = b.server AND s.idempotency_key = b.idempotency_key "
        "WHERE b.batch = ? AND b.server = ? AND s.state NOT IN ('pending', 'refused')"
    )
    total: float = db.execute(query, (batch, server)).fetchone()[0]
    return total


# ---- Reservations, in millionths of a credit -----------------------------------------------


def reserve(db: sqlite3.Connection, limits: Mapping[str, int], key: str, amount: int) -> bool:
    """Reserve an amount in every budget and return True, or in none and return False.

    Args:
        limits: The most that may be spent, by the name of each budget. The caller chooses the names.
        key: What the amount is for, unique in the journal. It counts once, however often it is reserved.
        amount: What it may cost.
    """
    missing = [budget for budget in limits if not _has(db, budget, key)]
    if any(spent(db, budget) + amount > limits[budget] for budget in missing):
        return False
    for budget in missing:
        db.execute("INSERT INTO reservations VALUES (?, ?, ?)", (budget, key, amount))
    return True


def settle(db: sqlite3.Connection, key: str, amount: int) -> None:
    """Replace what was reserved for a key by what it has cost, in every budget that has the key."""
    db.execute("UPDATE reservations SET amount = ? WHERE key = ?", (amount, key))


def release(db: sqlite3.Connection, key: str) -> None:
    """Remove what was reserved for a key from every budget: it certainly costs nothing."""
    db.execute("DELETE FROM reservations WHERE key = ?", (key,))


def spent(db: sqlite3.Connection, budget: str) -> int:
    """Return what is reserved and spent of a budget."""
    row = db.execute("SELECT coalesce(sum(amount), 0) FROM reservations WHERE budget = ?", (budget,))
    amount: int = row.fetchone()[0]
    return amount


def _has(db: sqlite3.Connection, budget: str, key: str) -> bool:
    query = "SELECT 1 FROM reservations WHERE budget = ? AND key = ?"
    return db.execute(query, (budget, key)).fetchone() is not None
