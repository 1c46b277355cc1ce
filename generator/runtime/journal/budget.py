"""Budgets: how many credits may be spent, for all processes that share a journal.

An amount is reserved before a submission is sent, and counts until it is released. A process that exits in
between leaves its reservation behind: the submission may have been charged.

Amounts are millionths of a credit, as integers. A caller chooses the names of its budgets. Call the functions
inside a transaction.
"""

import sqlite3
from collections.abc import Mapping
from decimal import Decimal

MILLION = 1_000_000

# Not in the schema of `database.py`: a journal that was made before there were budgets can have some.
_TABLE = """
CREATE TABLE IF NOT EXISTS reservations (
    budget TEXT NOT NULL,
    key TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (budget, key)
) STRICT
"""


def millionths(credits_: float | Decimal) -> int:
    """Return a number of credits in millionths, rounded to the nearest one."""
    return round(Decimal(str(credits_)) * MILLION)


def reserve(db: sqlite3.Connection, limits: Mapping[str, int], key: str, amount: int) -> bool:
    """Reserve an amount in every budget and return True, or in none and return False.

    Args:
        limits: The most that may be spent, by the name of each budget.
        key: What the amount is for, unique in the journal. It counts once, however often it is reserved.
        amount: What it may cost.
    """
    db.execute(_TABLE)
    missing = [budget for budget in limits if not _has(db, budget, key)]
    if any(spent(db, budget) + amount > limits[budget] for budget in missing):
        return False
    for budget in missing:
        db.execute("INSERT INTO reservations VALUES (?, ?, ?)", (budget, key, amount))
    return True


def settle(db: sqlite3.Connection, key: str, amount: int) -> None:
    """Replace what was reserved for a key by what it has cost, in every budget that has the key."""
    db.execute(_TABLE)
    db.execute("UPDATE reservations SET amount = ? WHERE key = ?", (amount, key))


def release(db: sqlite3.Connection, key: str) -> None:
    """Remove what was reserved for a key from every budget: it certainly costs nothing."""
    db.execute(_TABLE)
    db.execute("DELETE FROM reservations WHERE key = ?", (key,))


def spent(db: sqlite3.Connection, budget: str) -> int:
    """Return what is reserved and spent of a budget."""
    db.execute(_TABLE)
    row = db.execute("SELECT coalesce(sum(amount), 0) FROM reservations WHERE budget = ?", (budget,))
    amount: int = row.fetchone()[0]
    return amount


def _has(db: sqlite3.Connection, budget: str, key: str) -> bool:
    query = "SELECT 1 FROM reservations WHERE budget = ? AND key = ?"
    return db.execute(query, (budget, key)).fetchone() is not None
