"""Measure a journal of a million submissions: opening it, its reports, and the end of an exited process."""

import sqlite3
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import judged, table
from kie_ideogram._runtime.journal.journal import Journal

ROWS = 1_000_000
REPORTED = 100
"""Submissions that each report returns. A report reads no more than these, whatever else the file has."""

SERVER = "https://api.kie.ai"
ROUNDS = 9

# Milliseconds; of CPU for what waits for the disk twice, and otherwise of wall time.
AIMS = {"open": 100.0, "resume()": 50.0, "unknown()": 50.0, "end an exited process": 1.0}
ON_DISK = ("end an exited process",)

_FILL = """
WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?)
INSERT INTO submissions
SELECT ?, printf('order-%08d', n), 'a', printf('%08x', n), 'f', 'ideogram/character-edit',
    '{"model":"ideogram/character-edit","input":{"prompt":"a smile"}}', 18.0,
    CASE WHEN n <= ? THEN 'accepted' WHEN n <= ? THEN 'unknown' ELSE 'done' END,
    'gone', 1, printf('task-%08d', n), 1775638903.0 + n
FROM number
"""


def fill(path: Path, rows: int) -> None:
    """Write a journal with some submissions, nearly all of which are done."""
    Journal(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN")
        db.execute(_FILL, (rows, SERVER, REPORTED, 2 * REPORTED))
        db.execute(
            "INSERT INTO attempts SELECT server, idempotency_key, 1, process, changed, 'accepted' "
            "FROM submissions"
        )
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _exit_while_sending(path: Path) -> None:
    """Leave behind what a process leaves that exited while it sent a submission."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO processes VALUES ('exited')")
        key = (f"order-{3 * REPORTED:08d}",)
        db.execute(
            "UPDATE submissions SET process = 'exited', state = 'sending' WHERE idempotency_key = ?", key
        )
        db.execute("UPDATE attempts SET process = 'exited', outcome = NULL WHERE idempotency_key = ?", key)


def _milliseconds(
    work: Callable[[], object], before: Callable[[], object] = lambda: None
) -> tuple[float, float]:
    """Return the median milliseconds of wall time, and of CPU."""
    wall, cpu = [], []
    for _ in range(ROUNDS):
        before()
        start, spent = time.perf_counter(), time.process_time()
        work()
        cpu.append(time.process_time() - spent)
        wall.append(time.perf_counter() - start)
    return 1e3 * statistics.median(wall), 1e3 * statistics.median(cpu)


def main(rows: int = ROWS) -> None:
    """Print the milliseconds of each step, on a local disk."""
    with TemporaryDirectory() as directory:
        path = Path(directory) / "journal.db"
        fill(path, rows)
        figures = {"open": _milliseconds(lambda: Journal(path).close())}
        journal = Journal(path)
        try:
            assert len(journal.unfinished(SERVER)) == len(journal.unknown(SERVER)) == REPORTED
            figures["resume()"] = _milliseconds(lambda: journal.unfinished(SERVER))
            figures["unknown()"] = _milliseconds(lambda: journal.unknown(SERVER))
            figures["end an exited process"] = _milliseconds(
                journal.reap_stale, before=lambda: _exit_while_sending(path)
            )
        finally:
            journal.close()
        size = path.stat().st_size / 1e6
    table(
        f"A journal of {rows:,} submissions, {size:.0f} MB, {REPORTED} in each report",
        ("step", "ms", "CPU ms", "aim"),
        [
            (name, f"{wall:.2f}", f"{cpu:.2f}", judged(cpu if name in ON_DISK else wall, AIMS[name]))
            for name, (wall, cpu) in figures.items()
        ],
    )


if __name__ == "__main__":
    main()
