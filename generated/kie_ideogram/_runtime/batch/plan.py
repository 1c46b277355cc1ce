"""Decides before anything is sent which rows are left to run, and finds what is wrong with the others."""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from ..contract.pointer import get_pointer
from ..contract.pricing import unit
from ..core.effects import Flow, RunBlocking
from ..core.errors import Fault, InvalidInputError
from ..journal.submission import NOT_CHARGED, Submission
from ..tasks.results.download import folder_faults
from ..tasks.run import TaskRun
from .input.columns import KEY, MODEL, REPAINT, columns
from .input.rows import ATTEMPT, Row, RowReader
from .input.table import Table, read_table
from .output.outcome import Outcome, Retry
from .output.results import Results, changed_faults

if TYPE_CHECKING:
    from ..http.session import Session
    from ..journal.journal import Journal
    from ..tasks.polling.poller import TaskPoller

Source = str | os.PathLike[str] | Iterable[Mapping[str, Any]]


class Attempt(NamedTuple):
    """A row that is left to run, and the idempotency key of its submission."""

    row: Row
    idempotency_key: str
    request: dict[str, Any]


class KnownRow(NamedTuple):
    """What is known of a row that was run or queued before."""

    idempotency_key: str
    """The key of its last submission."""
    status: str
    request: dict[str, Any]
    task_id: str | None


class Plan(NamedTuple):
    """A batch before it runs: all rows, those that ended earlier, and those that are left."""

    table: Table
    rows: list[Row]
    earlier: list[Outcome]
    left: list[Attempt]


class BatchEstimate(NamedTuple):
    """What a batch would do. Nothing was sent.

    Attributes:
        rows: How many rows there are.
        finished: How many of them ended in an earlier run, and are left out of all other numbers.
        credits: What the others cost by the declared prices, credits; None if a price is not declared.
            Rows that cannot be read are not included.
        price: The same in `currency`.
        currency: The currency of the price list; "credits" if there is none.
        seconds: How long submitting them takes at the least, at the account's rate limit.
        faults: Everything that is wrong with rows and pictures.
    """

    rows: int
    finished: int
    credits: float | None
    price: float | None
    currency: str
    seconds: float
    faults: tuple[Fault, ...]


def make_plan(
    session: Session,
    source: Source,
    folder: Path | None,
    defaults: Mapping[str, str],
    *,
    retry: str | None = None,
) -> Plan:
    """Read and check all rows, and compare them with earlier results. Raises `InvalidInputError`."""
    plan, faults = try_plan(session, source, folder, defaults, retry=retry)
    if faults:
        raise InvalidInputError(faults)
    return plan


def try_plan(
    session: Session,
    source: Source,
    folder: Path | None,
    defaults: Mapping[str, str],
    *,
    retry: str | None = None,
) -> tuple[Plan, list[Fault]]:
    """Return the plan for the rows without faults, and the faults."""
    table = read_table(source)
    reader = RowReader(session, table, defaults)
    rows = reader.rows()
    earlier = Results(folder).read() if folder else {}
    plan = Plan(table, rows, [], [])
    for row in rows:
        try:
            _place(session, plan, reader, row, earlier.get(row.key), retry=retry)
        except InvalidInputError as error:
            reader.faults += error.faults
    return plan, reader.faults


def _place(
    session: Session, plan: Plan, reader: RowReader, row: Row, earlier: Outcome | None, *, retry: str | None
) -> None:
    """Put a row where it belongs in the plan. Raises `InvalidInputError`."""
    journal = session.journal
    request = reader.request(row)
    if earlier is None:
        submission = journal.find(session.server, idempotency_key=row.key) if journal else None
        if submission:
            _check_unchanged(session, plan.table, row, submission)
        plan.left.append(Attempt(row, row.key, request))
        return
    known = KnownRow(earlier.idempotency_key, earlier.status, earlier.request, earlier.task_id)
    is_saved = earlier.status == "succeeded" and all(path.exists() for path in earlier.paths)
    # A run that did not live to see its end may have begun to retry it.
    retries = retry == earlier.status or (
        earlier.status in get_args(Retry)
        and bool(earlier.task_id)
        and _was_sent(session, journal, _next_key(earlier.idempotency_key))
    )
    key = key_to_run(plan.table, row, request, known, is_left=not is_saved, retries=retries)
    if key is None:
        plan.earlier.append(earlier._replace(line=row.line))
    else:
        plan.left.append(Attempt(row, key, request))


def key_to_run(
    table: Table, row: Row, request: dict[str, Any], known: KnownRow, *, is_left: bool, retries: bool
) -> str | None:
    """Return the idempotency key with which a known row is run or continued; None if it has ended.

    Args:
        request: The row's values now.
        is_left: Whether something is left to do for a row that has neither failed nor lost its result.
        retries: Whether one that has is run again.

    Raises:
        InvalidInputError: The row has changed, and a task may exist for the old one.
    """
    failed = known.status in get_args(Retry)
    key = known.idempotency_key
    if request != known.request:
        if failed and not known.task_id:
            return key
        raise changed_faults(table, row, known.request, request)
    if not failed:
        return key if is_left else None
    if not retries:
        return None
    return _next_key(key) if known.task_id else key


def _next_key(idempotency_key: str) -> str:
    """Return the idempotency key of the attempt after one that failed."""
    found = ATTEMPT.fullmatch(idempotency_key)
    return f"{found[1]}~{int(found[2]) + 1}" if found else f"{idempotency_key}~2"


def _was_sent(session: Session, journal: Journal | None, idempotency_key: str) -> bool:
    """Whether an attempt was begun by a run that did not live to see its end."""
    if journal is None:
        return False
    found = journal.find(session.server, idempotency_key=idempotency_key)
    return found is not None and found.state not in NOT_CHARGED


def _check_unchanged(session: Session, table: Table, row: Row, submission: Submission) -> None:
    """Raise for a row whose key has a submission with other values. Pictures are compared at its turn."""
    if submission.state in NOT_CHARGED:
        return
    body = json.loads(submission.body)
    before: dict[str, Any] = {MODEL: submission.model}
    now: dict[str, Any] = {MODEL: row.model.name}
    pictures = {image.path for image in row.model.images}
    callback = session.contract.callback_url
    for argument in row.model.arguments:
        if argument.path not in (*pictures, callback):
            before[argument.name] = get_pointer(body, argument.path)
            now[argument.name] = row.arguments.get(argument.name)
    if before != now:
        raise changed_faults(table, row, before, now)


def estimate(
    session: Session,
    poller: TaskPoller,
    source: Source,
    folder: Path | None,
    defaults: Mapping[str, str],
    limit: int | None,
    *,
    retry: str | None = None,
) -> Flow[BatchEstimate]:
    """Check all rows and their pictures, and say what they cost and how long they take. Sends nothing."""
    plan, faults = yield RunBlocking(lambda: try_plan(session, source, folder, defaults, retry=retry))
    faults += yield RunBlocking(partial(folder_faults, folder, "save_to"))
    left: list[Attempt] = plan.left[:limit]
    for attempt in left:
        try:
            yield from task_run(session, poller, attempt.row).dry_run(None, None)
        except InvalidInputError as error:
            faults += row_faults(plan.table, attempt.row, error)
    faults.sort(key=lambda fault: _line(plan.table, fault))
    costs = [attempt.row.credits for attempt in left]
    total = None if None in costs else sum(cost for cost in costs if cost is not None)
    each, currency = unit(session.contract.credit_price)
    return BatchEstimate(
        len(plan.table.rows),
        len(plan.earlier),
        total,
        None if total is None else round(total * each, 6),
        currency,
        _least_seconds(session, left),
        tuple(faults),
    )


def _least_seconds(session: Session, attempts: list[Attempt]) -> float:
    """Return how long submitting takes at the least: a rate limit admits one call after another."""
    busy: defaultdict[str, float] = defaultdict(float)
    for attempt in attempts:
        for limit, interval in session.rate_limiter.min_intervals(attempt.row.model.operation).items():
            busy[limit] += interval
    return max(busy.values(), default=0.0)


def task_run(session: Session, poller: TaskPoller, row: Row, **more: Any) -> TaskRun[Any]:
    """Return the run of a row."""
    arguments = {name: row.arguments.get(name) for name in columns(row.model) if name != REPAINT}
    return TaskRun(session, poller, row.model, arguments, {}, task_run, row.repaint, **more)


def row_faults(table: Table, row: Row, error: InvalidInputError) -> Iterator[Fault]:
    """Return the faults of a row with its place."""
    for fault in error.faults:
        column = KEY if fault.path == "idempotency_key" else fault.path
        yield fault._replace(path=table.place(row.line, column))


def _line(table: Table, fault: Fault) -> int:
    found = re.match(rf"{re.escape(table.name)}:(\d+)|rows\[(\d+)\]", fault.path)
    return int(found[1] or found[2]) if found else 0
