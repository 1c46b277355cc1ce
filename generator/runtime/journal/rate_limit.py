"""Rate limits over processes: when the next call of each is free to go."""

import sqlite3
from collections.abc import Mapping


def take_turn(db: sqlite3.Connection, gaps: Mapping[str, float], now: float) -> float:
    """Take a turn of every limit, or none and return how many seconds to wait. Inside a transaction.

    `gaps` says how far apart calls must be: seconds, by the limit and whom it counts.
    """
    wait = 0.0
    for scope, gap in gaps.items():
        row = db.execute("SELECT free FROM turns WHERE scope = ?", (scope,)).fetchone()
        left = row["free"] - now if row else 0.0
        if left > gap:
            # Nobody takes a turn further off than that: the clock was set back.
            left = gap
            db.execute("UPDATE turns SET free = ? WHERE scope = ?", (now + gap, scope))
        wait = max(wait, left)
    if wait <= 0:
        for scope, gap in gaps.items():
            db.execute("INSERT OR REPLACE INTO turns VALUES (?, ?)", (scope, now + gap))
    return max(wait, 0.0)
