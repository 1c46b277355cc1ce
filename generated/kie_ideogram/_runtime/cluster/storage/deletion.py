"""Deletes batches that have ended. What proves a payment stays: the submissions and their attempts."""

from __future__ import annotations

import re
from typing import NamedTuple

from ...core.errors import Fault, InvalidInputError
from .database import Database, Transaction
from .queue import TABLE
from .rows import SENT, no_batch

_HASH = "sha256:([0-9a-f]{64})"


class Deleted(NamedTuple):
    """What was deleted.

    Attributes:
        rows: How many rows.
        files: How many pictures, which no other batch uses.
    """

    rows: int
    files: int


def delete_batch(database: Database, batch: str) -> Deleted:
    """Delete a batch, its rows, and its pictures unless another batch uses them.

    Raises `InvalidInputError` if there is no such batch, or if something is left to do for what it paid.
    """
    with database.transaction() as db:
        found = db.execute("SELECT server FROM batches WHERE name = ? FOR UPDATE", (batch,)).fetchone()
        if found is None:
            raise no_batch(db, batch)
        _check_ended(db, batch, found["server"])
        # A worker takes no job that is locked.
        jobs = db.execute(
            f"SELECT q.status FROM {TABLE} AS q JOIN rows AS r ON r.idempotency_key = q.dedupe_key "
            "WHERE r.batch = ? FOR UPDATE OF q",
            (batch,),
        ).fetchall()
        picked = sum(row["status"] == "picked" for row in jobs)
        if picked:
            raise _refusal(batch, f"{picked} of its rows are in the hands of a worker; stop it, or wait")
        db.execute(
            f"DELETE FROM {TABLE} WHERE dedupe_key IN (SELECT idempotency_key FROM rows WHERE batch = ?)",
            (batch,),
        )
        rows = db.execute("DELETE FROM rows WHERE batch = ? RETURNING request", (batch,)).fetchall()
        db.execute("DELETE FROM batches WHERE name = ?", (batch,))
        hashes = {sha256 for row in rows for sha256 in re.findall(_HASH, row["request"])}
        return Deleted(len(rows), _delete_files(db, list(hashes)))


def _check_ended(db: Transaction, batch: str, server: str) -> None:
    counts = db.execute(
        f"SELECT count(*) FILTER (WHERE r.status = 'open' AND {SENT}) AS running, "
        "count(*) FILTER (WHERE r.status = 'unknown') AS unknown, "
        "count(*) FILTER (WHERE r.status = 'unfinished') AS unfinished FROM rows AS r "
        "LEFT JOIN submissions AS s ON s.server = ? AND s.idempotency_key = r.idempotency_key "
        "WHERE r.batch = ?",
        (server, batch),
    ).fetchone()
    assert counts
    if counts["unknown"]:
        what = f"{counts['unknown']} of its rows are unknown and may be charged; attach or resend them first"
    elif counts["running"]:
        what = f"{counts['running']} of its rows are paid for and run; let a worker finish them first"
    elif counts["unfinished"]:
        what = (
            f"the results of {counts['unfinished']} of its rows are paid for and not saved; submit it again, "
            "and let a worker save them first"
        )
    else:
        return
    raise _refusal(batch, what)


def _refusal(batch: str, what: str) -> InvalidInputError:
    return InvalidInputError([Fault("batch", "ended", f"{batch!r} was not deleted: {what}")])


def _delete_files(db: Transaction, hashes: list[str]) -> int:
    """Delete pictures that no row uses. Returns how many there were."""
    # `submit` locks what its rows use. This waits for it, and the next statement sees its rows.
    db.execute("SELECT FROM files WHERE sha256 = ANY(?) FOR UPDATE", (hashes,))
    return db.execute(
        "DELETE FROM files WHERE sha256 = ANY(?) AND sha256 NOT IN "
        "(SELECT found[1] FROM rows, regexp_matches(request, ?, 'g') AS found)",
        (hashes, _HASH),
    ).rowcount
