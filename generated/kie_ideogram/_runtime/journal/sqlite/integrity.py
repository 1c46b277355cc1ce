"""Whether a journal is damaged: completely when it is small, else where money depends on it.

SQLite's own check reads the whole file: 6 seconds for a million submissions. So a larger file is checked
in three steps, whose time does not grow with it:

- When the file is opened: its size, its small tables completely, and both ends of every large one. This
  finds a file that was cut off, overwritten or replaced.
- When a submission is read: whether its state is one of those that exist.
- Before a key is recorded as new, which lets it be sent: whether it is missing indeed. An entry of the index
  that was changed leaves the real key in the table, next to where the search for that key ends.

SQLite itself reports a page that it cannot read. Each of these errors comes before anything is sent.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

COMPLETE_CHECK_BYTES = 8 * 1024 * 1024
"""Up to this size, the complete check takes about 30 ms."""

_SMALL_TABLES = ("duplicate_charges", "api_keys", "rate_limits", "processes", "secret")
_LARGE_TABLES = {
    "submissions": ("server, idempotency_key", "server, task_id", "reference"),
    "attempts": ("server, idempotency_key, number",),
}


class DamageError(sqlite3.DatabaseError):
    """The file contradicts itself. Its text says how."""


def find_damage(connection: sqlite3.Connection, path: Path, *, has_log: bool) -> str | None:
    """Return what is damaged, or None. Raises `sqlite3.DatabaseError` for what SQLite cannot read.

    Args:
        has_log: Whether there is a write-ahead log, which has newer pages than the file.
    """
    if path.stat().st_size <= COMPLETE_CHECK_BYTES:
        found: str = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    else:
        found = _check_ends(connection)
    # Not before: the first access removes what a process has left that was killed while it created the file.
    size = path.stat().st_size
    if size and not connection.execute("PRAGMA page_count").fetchone()[0]:
        return "too small"  # SQLite would treat it as an empty file and overwrite it
    if size % connection.execute("PRAGMA page_size").fetchone()[0] and not has_log:
        return "cut off"  # SQLite would fill up the last page with zeros
    return None if found == "ok" else found


def _check_ends(connection: sqlite3.Connection) -> str:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    for table in tables.intersection(_SMALL_TABLES):
        found: str = connection.execute(f"PRAGMA integrity_check({table})").fetchone()[0]
        if found != "ok":
            return found
    for table in tables.intersection(_LARGE_TABLES):
        for order in ("rowid", *_LARGE_TABLES[table]):
            for direction in ("ASC", "DESC"):
                last = ", ".join(f"{column} {direction}" for column in order.split(", "))
                newest = f"SELECT * FROM {table} ORDER BY {last} LIMIT 1"  # noqa: S608 # names of the tables above
                connection.execute(newest).fetchone()
    return "ok"


def prove_missing(db: sqlite3.Connection, server: str, idempotency_key: str) -> None:
    """Raise `DamageError` if the index that does not contain a key is damaged where it would be."""
    for comparison, direction in (("<", "DESC"), (">", "ASC")):
        query = (
            "SELECT rowid, server, idempotency_key FROM submissions "  # noqa: S608 # the words above
            f"WHERE (server, idempotency_key) {comparison} (?, ?) "
            f"ORDER BY server {direction}, idempotency_key {direction} LIMIT 1"
        )
        entry = db.execute(query, (server, idempotency_key)).fetchone()
        if entry is None:
            continue
        # The table without its index. `changed` is in no index with this key.
        with closing(
            db.execute(
                "SELECT server, idempotency_key, changed FROM submissions NOT INDEXED WHERE rowid = ?",
                (entry["rowid"],),
            )
        ) as rows:
            row = rows.fetchone()
        if row is None or (row["server"], row["idempotency_key"]) != (
            entry["server"],
            entry["idempotency_key"],
        ):
            raise DamageError(f"the index of idempotency keys is wrong next to {idempotency_key!r}")
