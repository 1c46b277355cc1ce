"""Rate limits across processes: when each limit admits the next call."""

from collections.abc import Mapping

from .store import Connection


def acquire(db: Connection, min_intervals: Mapping[str, float], now: float) -> float:
    """Acquire every limit and return 0, or acquire none and return the seconds to wait.

    Call it inside a transaction. `min_intervals` are the seconds between two calls, by the name of each
    limit; `now` is Unix time.
    """
    wait = 0.0
    for scope, interval in min_intervals.items():
        row = db.execute("SELECT next_free FROM rate_limits WHERE scope = ?", (scope,)).fetchone()
        left = row["next_free"] - now if row else 0.0
        if left > interval:
            # No process reserves further ahead than that: the clock was set back.
            left = interval
            db.execute("UPDATE rate_limits SET next_free = ? WHERE scope = ?", (now + interval, scope))
        wait = max(wait, left)
    if wait <= 0:
        for scope, interval in min_intervals.items():
            db.execute(
                "INSERT INTO rate_limits VALUES (?, ?) "
                "ON CONFLICT (scope) DO UPDATE SET next_free = excluded.next_free",
                (scope, now + interval),
            )
    return max(wait, 0.0)
