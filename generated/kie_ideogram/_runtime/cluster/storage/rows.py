"""The rows of all batches in the database: what is left to do, and how each row ended."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, get_args

from ...batch.input.table import Layout
from ...batch.output.outcome import Outcome, Status
from ...batch.running.state import BatchStatus
from ...core.errors import Fault, InvalidInputError
from ...journal.submission import CREATED, NOT_CHARGED
from .database import Database, Row, Transaction
from .queue import TABLE, enqueue

# How many rows without a job get one at a time.
_SWEPT = 1000

_NOW = "extract(epoch FROM clock_timestamp())"

# What `max_failures` counts.
_FAILURES = ("failed", "lost", "unknown")

# The submission of a row, as `s`: it was sent, and may be charged.
SENT = "s.state NOT IN ('pending', 'refused')"

# A callback, a person or a late answer has settled it.
_SETTLED = f"s.state IN ({', '.join(f'{state!r}' for state in (*CREATED, *NOT_CHARGED))})"


class StoredRow(NamedTuple):
    """A row of a batch."""

    batch: str
    key: str
    idempotency_key: str
    line: int
    model: str
    request: dict[str, Any]
    """Its values, with `sha256:…` in place of pictures, whose contents are in the table of files."""
    credits: float | None
    status: str
    stopped: str
    """Why the batch submits no more rows."""
    max_credits: float | None
    """The most that the batch may cost."""
    refusals: int = 0
    """How many rows of the batch were refused one after the other."""
    saves: int = 0
    """How often its result could not be saved."""
    given: str = ""
    """The row as it was given, as JSON, for the file of failures."""


class Rows:
    """The tables of batches and rows. Threads share it; every change is one transaction."""

    def __init__(self, database: Database, server: str) -> None:
        self._database = database
        self._server = server

    def load(self, idempotency_key: str) -> StoredRow | None:
        """Return a row by the idempotency key of its current submission."""
        with self._database.transaction() as db:
            row = db.execute(
                "SELECT r.*, b.stopped, b.max_credits, b.refusals FROM rows AS r "
                "JOIN batches AS b ON b.name = r.batch WHERE r.idempotency_key = ? AND b.server = ?",
                (idempotency_key, self._server),
            ).fetchone()
        return _stored(row) if row else None

    def file(self, sha256: str) -> tuple[str, bytes]:
        """Return name and content of a picture."""
        with self._database.transaction() as db:
            row = db.execute("SELECT name, content FROM files WHERE sha256 = ?", (sha256,)).fetchone()
        assert row, "written before the row"
        return row["name"], bytes(row["content"])

    # ---- Ends ------------------------------------------------------------------------------

    def end(self, batch: str, outcome: Outcome, status: str) -> None:
        """Record how a row ended. A row that succeeded stays so."""
        facts = outcome._asdict() | {"paths": [path.as_posix() for path in outcome.paths]}
        del facts["request"], facts["earlier"]
        with self._database.transaction() as db:
            before = db.execute(
                "SELECT status FROM rows WHERE idempotency_key = ? FOR UPDATE", (outcome.idempotency_key,)
            ).fetchone()
            if before is None or before["status"] == "succeeded":
                return
            db.execute(
                f"UPDATE rows SET status = ?, outcome = ?, ended = {_NOW}, saves = saves + ? "
                "WHERE idempotency_key = ?",
                (status, json.dumps(facts), int(outcome.status == "unfinished"), outcome.idempotency_key),
            )
            if status in _FAILURES and before["status"] not in _FAILURES:
                self._count_failure(db, batch)

    def _count_failure(self, db: Transaction, batch: str) -> None:
        row = db.execute(
            "UPDATE batches SET failures = failures + 1 WHERE name = ? RETURNING failures, max_failures",
            (batch,),
        ).fetchone()
        if row and row["max_failures"] is not None and row["failures"] > row["max_failures"]:
            reason = f"{row['failures']} rows failed, {row['max_failures']:g} are allowed"
            _stop(db, batch, "failures", reason)

    def count_refusal(self, batch: str, reason: str, most: int) -> None:
        """Count a refused row. After `most` in a row, the batch stops: the cause is not a row."""
        with self._database.transaction() as db:
            row = db.execute(
                "UPDATE batches SET refusals = refusals + 1 WHERE name = ? RETURNING refusals", (batch,)
            ).fetchone()
            if row and row["refusals"] >= most:
                _stop(db, batch, "refused", f"the last {most} submissions were refused: {reason}")

    def reset_refusals(self, batch: str) -> None:
        """Note that the service accepts rows of the batch."""
        with self._database.transaction() as db:
            db.execute("UPDATE batches SET refusals = 0 WHERE name = ? AND refusals > 0", (batch,))

    def stop(self, batch: str, why: str, reason: str) -> None:
        """Submit no more rows of a batch, until it is submitted again. The first reason counts."""
        with self._database.transaction() as db:
            _stop(db, batch, why, reason)

    # ---- Accounts --------------------------------------------------------------------------

    def stop_account(self, account: str, seconds: float, reason: str) -> None:
        """Give an account no rows for some seconds."""
        with self._database.transaction() as db:
            db.execute(
                f"INSERT INTO stopped_accounts VALUES (?, {_NOW} + ?, ?) ON CONFLICT (account) "
                "DO UPDATE SET until = excluded.until, reason = excluded.reason",
                (account, seconds, reason),
            )

    def stopped_accounts(self) -> dict[str, tuple[float, str]]:
        """Return the accounts that get no rows: for how many more seconds, and why."""
        query = (
            f"SELECT account, until - {_NOW} AS seconds, reason FROM stopped_accounts WHERE until > {_NOW}"
        )
        with self._database.transaction() as db:
            return {row["account"]: (float(row["seconds"]), row["reason"]) for row in db.execute(query)}

    def spending(self, batch: str) -> dict[str, float]:
        """Return what a batch has cost so far by account, credits."""
        with self._database.transaction() as db:
            rows = db.execute("SELECT account, credits FROM spending WHERE batch = ?", (batch,))
            return {row["account"]: float(row["credits"]) for row in rows}

    # ---- The queue -------------------------------------------------------------------------

    def sweep(self) -> None:
        """Give a job to each row that is left and has none.

        A callback, a person or a late answer settles a submission; a job can get lost in the queue. A row of
        a batch that is stopped gets one only if it was sent.
        """
        with self._database.transaction() as db:
            db.execute(
                "UPDATE rows AS r SET status = 'open' FROM submissions AS s, batches AS b "
                "WHERE r.status = 'unknown' AND s.idempotency_key = r.idempotency_key AND s.server = ? "
                f"AND b.name = r.batch AND b.server = s.server AND {_SETTLED}",
                (self._server,),
            )
            left = db.execute(
                "SELECT r.idempotency_key FROM rows AS r JOIN batches AS b ON b.name = r.batch "
                "WHERE r.status = 'open' AND b.server = ? AND (b.stopped = '' OR EXISTS ("
                "SELECT FROM submissions AS s WHERE s.server = b.server "
                f"AND s.idempotency_key = r.idempotency_key AND {SENT})) "
                f"AND NOT EXISTS (SELECT FROM {TABLE} AS q WHERE q.dedupe_key = r.idempotency_key "
                "AND q.status IN ('queued', 'picked')) LIMIT ?",
                (self._server, _SWEPT),
            ).fetchall()
            enqueue(db, self._server, [row["idempotency_key"] for row in left])

    # ---- Reports ---------------------------------------------------------------------------

    def batches(self) -> list[str]:
        """Return the names of all batches, newest first."""
        with self._database.transaction() as db:
            return [row["name"] for row in db.execute("SELECT name FROM batches ORDER BY created DESC, name")]

    def is_left(self, batch: str) -> bool:
        """Whether rows of a batch are left, and it is not stopped. Cheaper than `status`."""
        with self._database.transaction() as db:
            query = (
                "SELECT FROM batches AS b WHERE b.name = ? AND b.stopped = '' "
                "AND EXISTS (SELECT FROM rows AS r WHERE r.batch = b.name AND r.status = 'open')"
            )
            return bool(db.execute(query, (batch,)).rowcount)

    def status(self, batch: str) -> BatchStatus:
        """Return how far a batch is. Raises `InvalidInputError` for one that does not exist."""
        with self._database.transaction() as db:
            found = db.execute("SELECT * FROM batches WHERE name = ?", (batch,)).fetchone()
            if found is None:
                raise no_batch(db, batch)
            counts = {
                row["status"]: row["count"]
                for row in db.execute(
                    "SELECT status, count(*) AS count FROM rows WHERE batch = ? GROUP BY status", (batch,)
                )
            }
            sent = db.execute(
                # A row whose unknown outcome was settled is open, although no worker has noticed it yet.
                f"SELECT count(*) FILTER (WHERE {SENT}) AS running, "
                "count(*) FILTER (WHERE r.status = 'unknown') AS settled FROM rows AS r "
                "JOIN submissions AS s ON s.server = ? AND s.idempotency_key = r.idempotency_key "
                f"WHERE r.batch = ? AND (r.status = 'open' OR (r.status = 'unknown' AND {_SETTLED}))",
                (found["server"], batch),
            ).fetchone()
            cost = db.execute(
                "SELECT coalesce(sum(credits), 0) FROM spending WHERE batch = ?", (batch,)
            ).fetchone()
        assert sent
        assert cost
        counts["unknown"] = counts.get("unknown", 0) - sent["settled"]
        left = counts.pop("open", 0) + sent["settled"]
        ended = {name: counts.get(name, 0) for name in get_args(Status)}
        return BatchStatus(
            left + sum(ended.values()),
            0,
            running=sent["running"],
            left=left - sent["running"],
            credits=float(cost[0]),
            stopped=found["stopped"],
            reason=found["reason"],
            **ended,
        )

    def outcomes(self, batch: str, folder: Path, since: float = 0.0) -> Iterator[Outcome]:
        """Yield the outcomes of the rows that have ended after a time (Unix time), in that order.

        Args:
            folder: The folder that the paths of results are in.
        """
        with self._database.transaction() as db:
            if not db.execute("SELECT FROM batches WHERE name = ?", (batch,)).rowcount:
                raise no_batch(db, batch)
            found = db.execute(
                "SELECT request, outcome, ended FROM rows WHERE batch = ? AND status <> 'open' AND ended > ? "
                "ORDER BY ended, line",
                (batch, since),
            ).fetchall()
        for row in found:
            facts = json.loads(row["outcome"])
            paths = tuple(folder / path for path in facts.pop("paths"))
            facts["ended_at"] = row["ended"]
            yield Outcome(**facts, paths=paths, request=json.loads(row["request"]))

    def failed(self, batch: str) -> tuple[Layout, list[tuple[str, dict[str, Any]]]]:
        """Return how the rows of a batch were written, and those that failed: model and given values."""
        with self._database.transaction() as db:
            found = db.execute("SELECT layout FROM batches WHERE name = ?", (batch,)).fetchone()
            if found is None:
                raise no_batch(db, batch)
            rows = db.execute(
                "SELECT model, given FROM rows WHERE batch = ? AND status = 'failed' AND given <> '' "
                "ORDER BY line",
                (batch,),
            ).fetchall()
        layout = read_layout(found["layout"])
        return layout, [(row["model"], json.loads(row["given"])) for row in rows]


def no_batch(db: Transaction, batch: str) -> InvalidInputError:
    """Return the error for a name that no batch has."""
    names = [row["name"] for row in db.execute("SELECT name FROM batches ORDER BY created DESC LIMIT 5")]
    others = f"the last ones are {', '.join(names)}" if names else "it has none yet"
    message = f"the database has no batch {batch!r}; {others}"
    return InvalidInputError([Fault("batch", "name", message)])


def insert_rows(db: Transaction, rows: Iterable[StoredRow]) -> None:
    """Insert rows, or replace the values of rows that are to run again."""
    db.execute_many(
        "INSERT INTO rows (batch, key, idempotency_key, line, model, request, credits, given) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (batch, key) DO UPDATE SET status = 'open', "
        "outcome = '', ended = NULL, saves = 0, idempotency_key = excluded.idempotency_key, "
        "line = excluded.line, model = excluded.model, request = excluded.request, "
        "credits = excluded.credits, given = excluded.given "
        "WHERE rows.status <> 'succeeded'",
        [
            (
                one.batch,
                one.key,
                one.idempotency_key,
                one.line,
                one.model,
                json.dumps(one.request),
                one.credits,
                one.given,
            )
            for one in rows
        ],
    )


def read_layout(text: str) -> Layout:
    """Return a layout that is stored as JSON; that of JSON Lines if none is stored."""
    if not text:
        return Layout("jsonl")
    format_, header, delimiter, mark = json.loads(text)
    return Layout(format_, tuple(header), delimiter, mark)


def missing_files(db: Transaction, hashes: Sequence[str]) -> set[str]:
    """Return which contents are not stored yet. The others are not deleted until the transaction ends."""
    query = "SELECT sha256 FROM files WHERE sha256 = ANY(?) FOR KEY SHARE"
    return set(hashes) - {row["sha256"] for row in db.execute(query, (list(hashes),))}


def _stop(db: Transaction, batch: str, why: str, reason: str) -> None:
    db.execute(
        "UPDATE batches SET stopped = ?, reason = ? WHERE name = ? AND stopped = ''", (why, reason, batch)
    )


def _stored(row: Row) -> StoredRow:
    values = {name: row[name] for name in StoredRow._fields}
    return StoredRow(**values | {"request": json.loads(row["request"])})
