"""Puts the rows of a file into the database: checked first, each with one job of the queue."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..batch.input.columns import KEY, columns
from ..batch.input.rows import Row, RowReader
from ..batch.input.table import Cells, Layout, read_table
from ..batch.output.failures import given_row
from ..batch.plan import Attempt, KnownRow, Plan, Source, key_to_run
from ..batch.running.options import check_budget, check_options
from ..contract.describe import describe
from ..core.errors import Fault, InvalidInputError
from ..media.inputs import is_url
from ..tasks.submit.body import MAX_IDEMPOTENCY_KEY, is_text
from .storage.database import Database, Transaction
from .storage.queue import enqueue
from .storage.rows import StoredRow, insert_rows, missing_files, read_layout

if TYPE_CHECKING:
    from ..http.session import Session

# Characters. `BATCH/KEY` is the idempotency key, to which a repeated row adds `~` and a number.
_LONGEST_NAME = 60
_LONGEST_KEY = MAX_IDEMPOTENCY_KEY - 5

# Rows in one transaction.
_CHUNK = 1000


class Submitted(NamedTuple):
    """What became of the rows of a file.

    Attributes:
        rows: How many rows there are.
        queued: How many of them were put into the queue now.
        earlier: How many have ended before, and are not run again.
        left: How many are not in the queue yet, because of `limit`.
    """

    rows: int
    queued: int
    earlier: int
    left: int


class Order(NamedTuple):
    """The arguments of `submit`."""

    rows: Source
    batch: str
    defaults: Mapping[str, str]
    max_cost: float | None = None
    limit: int | None = None
    max_failures: int | str | None = None
    retry: str | None = None


def submit(database: Database, session: Session, order: Order) -> Submitted:
    """Check all rows, store those that are new or to run again, and queue them. Nothing is sent.

    Raises `InvalidInputError` with everything that is wrong; nothing is stored then. Raises `JournalError`.
    """
    options = check_options(session.contract, 0, order.max_cost, order.limit, order.max_failures, order.retry)
    _check_name(order.batch)
    table = read_table(order.rows)
    reader = RowReader(session, table, order.defaults)
    rows = reader.rows()
    options = check_options(
        session.contract, len(rows), order.max_cost, order.limit, order.max_failures, order.retry
    )
    with database.transaction() as db:
        layout, earlier = _earlier(db, session, order.batch)
    plan = Plan(table, rows, [], [])
    ended = 0
    for row in rows:
        try:
            attempt = _attempt(plan, row, reader.request(row), order, earlier.get(row.key))
        except InvalidInputError as error:
            reader.faults += error.faults
            continue
        if attempt:
            plan.left.append(attempt)
        else:
            ended += 1
    if reader.faults:
        raise InvalidInputError(reader.faults)
    check_budget(session, plan, options)
    with database.transaction() as db:
        db.execute(
            "INSERT INTO batches (name, server, max_credits, max_failures, layout, created) VALUES "
            "(?, ?, ?, ?, ?, extract(epoch FROM clock_timestamp())) ON CONFLICT (name) DO UPDATE SET "
            "stopped = '', reason = '', refusals = 0, failures = 0, max_credits = excluded.max_credits, "
            "max_failures = excluded.max_failures, layout = excluded.layout",
            (
                order.batch,
                session.server,
                options.max_credits,
                options.max_failures,
                json.dumps(_joined(layout, table.layout)),
            ),
        )
    chosen = plan.left[: order.limit]
    cells = {one.line: one for one in table.rows}
    for start in range(0, len(chosen), _CHUNK):
        chunk = chosen[start : start + _CHUNK]
        pictures = _pictures(chunk)
        is_stored = False
        while not is_stored:
            _store_files(database, pictures)
            with database.transaction() as db:
                # A batch that is deleted in this moment may have taken a picture with it.
                is_stored = not missing_files(db, list(pictures))
                if is_stored:
                    insert_rows(db, [_stored(order.batch, one, cells[one.row.line]) for one in chunk])
                    enqueue(db, session.server, [one.idempotency_key for one in chunk])
    return Submitted(len(rows), len(chosen), ended, len(plan.left) - len(chosen))


def _check_name(batch: Any) -> None:
    """Raise for a name that no folder can have."""
    if (
        not is_text(batch, _LONGEST_NAME)
        or not batch.isprintable()
        or "/" in batch
        or batch.strip(". ") != batch
    ):
        message = f"must be a name of 1 to {_LONGEST_NAME} characters without slashes, got {describe(batch)}"
        raise InvalidInputError([Fault("batch", "name", message)])


def _earlier(db: Transaction, session: Session, batch: str) -> tuple[Layout | None, dict[str, KnownRow]]:
    """Return how the rows of a batch were written that were submitted before, and those rows by key."""
    found = db.execute("SELECT server, layout FROM batches WHERE name = ?", (batch,)).fetchone()
    if found and found["server"] != session.server:
        message = (
            f"{batch!r} was submitted for {found['server']}, and not for {session.server}; use another name"
        )
        raise InvalidInputError([Fault("batch", "server", message)])
    rows = db.execute(
        "SELECT r.key, r.idempotency_key, r.status, r.request, s.task_id FROM rows AS r "
        "LEFT JOIN submissions AS s ON s.idempotency_key = r.idempotency_key AND s.server = ? "
        "WHERE r.batch = ?",
        (session.server, batch),
    )
    known = {
        key: KnownRow(own, status, json.loads(request), task) for key, own, status, request, task in rows
    }
    return read_layout(found["layout"]) if found else None, known


def _joined(before: Layout | None, now: Layout) -> Layout:
    """Return a layout that holds the rows of two files. Rows of CSV and JSON become JSON."""
    if before is None:
        return now
    if before.format != now.format:
        return Layout("jsonl")
    header = list(before.header)
    left = [name.replace("-", "_") for name in before.header]
    for name in now.header:
        plain = name.replace("-", "_")
        if plain in left:
            left.remove(plain)
        else:
            header.append(name)
    return now._replace(header=tuple(header))


def _attempt(
    plan: Plan, row: Row, request: dict[str, Any], order: Order, earlier: KnownRow | None
) -> Attempt | None:
    """Return the submission of a row that is to be queued; None for a row that has ended."""
    if earlier is None:
        key = f"{order.batch}/{row.key}"
        if len(key) > _LONGEST_KEY or "\0" in key:
            most = _LONGEST_KEY - len(order.batch) - 1
            message = f"must be at most {most} characters long in the batch {order.batch!r}"
            raise InvalidInputError([Fault(plan.table.place(row.line, KEY), "type", message)])
        return Attempt(row, key, request)
    # A row whose outcome is unknown is opened again when that is settled.
    is_left = earlier.status in ("open", "unfinished")
    retries = order.retry == earlier.status
    known_key = key_to_run(plan.table, row, request, earlier, is_left=is_left, retries=retries)
    return None if known_key is None else Attempt(row, known_key, request)


def _stored(batch: str, attempt: Attempt, cells: Cells) -> StoredRow:
    row = attempt.row
    return StoredRow(
        batch,
        row.key,
        attempt.idempotency_key,
        row.line,
        row.model.name,
        attempt.request,
        row.credits,
        "open",
        "",
        None,
        given=json.dumps(given_row(row, cells).values, default=str),
    )


def _pictures(attempts: list[Attempt]) -> dict[str, Any]:
    """Return the pictures of rows, as they were given, by the hashes of their contents."""
    found: dict[str, Any] = {}
    for row, _, request in attempts:
        for name, column in columns(row.model).items():
            if column.image and name in request:
                pairs = zip(_listed(request[name]), _listed(row.arguments[name]), strict=True)
                found |= {shown.removeprefix("sha256:"): given for shown, given in pairs if not is_url(given)}
    return found


def _store_files(database: Database, pictures: dict[str, Any]) -> None:
    """Store pictures, each content once. Workers need no access to the files."""
    with database.transaction() as db:
        missing = missing_files(db, list(pictures))
    for sha256 in missing:
        name, content = _read(pictures[sha256])
        if hashlib.sha256(content).hexdigest() != sha256:
            message = f"{name}: changed while the batch was submitted; submit it again"
            raise InvalidInputError([Fault("rows", "changed", message)])
        with database.transaction() as db:
            db.execute("INSERT INTO files VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (sha256, name, content))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _read(given: Any) -> tuple[str, bytes]:
    """Return name and content of a picture."""
    if not isinstance(given, str | os.PathLike):
        return "picture", bytes(given)
    try:
        return Path(given).name, Path(given).read_bytes()
    except OSError as error:
        raise InvalidInputError([Fault("rows", "readable", f"{given}: {error.strerror}")]) from None
