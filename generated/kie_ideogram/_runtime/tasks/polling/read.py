"""Reads the record of a task: with retries for a caller, or once for the poller."""

from __future__ import annotations

from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any, Literal

from ...contract.describe import describe
from ...contract.pointer import get_pointer, with_pointer
from ...core.deadline import call_until
from ...core.effects import Flow, RunBlocking, T
from ...core.errors import ApiError, PackageError, ResponseFormatError
from ..results.lost import record_lost_task

if TYPE_CHECKING:
    from ...http.session import Session
    from ..results.view import TaskFactory


def read_task(
    session: Session, task_id: str, make_task: TaskFactory[T], created: float | None = None
) -> Flow[T]:
    """Read a task, with retries. A failure that is reported as a body code is a failed task too.

    `created` is when (monotonic) this client created it, if it did.
    """
    reading = session.call(session.workflow.poll, _arguments(session, task_id))
    return (yield from _read(session, task_id, make_task, created, reading))


def poll_task(
    session: Session, task_id: str, make_task: TaskFactory[T], created: float | None, limit: float
) -> Flow[T]:
    """Read a task in one request of at most `limit` seconds. The caller has acquired the rate limit."""
    reading = session.call_once(session.workflow.poll, _arguments(session, task_id), limit)
    end = session.clock.monotonic() + limit
    return (yield from _read(session, task_id, make_task, created, reading, end))


def is_not_visible_yet(session: Session, error: PackageError, created: float | None) -> bool:
    """Whether a task that this client has just created may not be visible yet."""
    if created is None or not isinstance(error, ApiError):
        return False
    code = session.parser.declared_code(error)
    fresh = session.clock.monotonic() - created < session.workflow.wait.grace
    return fresh and code is not None and code.query == "not-visible"


def _arguments(session: Session, task_id: str) -> dict[str, Any]:
    return {session.workflow.poll_argument: task_id}


def _read(
    session: Session,
    task_id: str,
    make_task: TaskFactory[T],
    created: float | None,
    reading: Flow[Any],
    end: float = inf,
) -> Flow[T]:
    try:
        record = yield from reading
    except ApiError as error:
        code = session.parser.declared_code(error)
        if not (code and code.query == "failed" and session.parser.body_code(error) is not None):
            error.task_id = task_id
            if code and code.query == "not-visible":
                yield from record_lost_task(session, task_id)
                error.args = (f"{error.args[0]}; this API key has no such task, or it is not visible yet",)
            raise
        record = _failed_record(session, error)
    except PackageError as error:
        error.task_id = task_id
        raise
    place = session.workflow.outputs.get("id")
    named = get_pointer(record, place.pointer) if place else None
    if isinstance(named, str) and named != task_id:
        message = session.parser.redact(f"the record is of another task, {describe(named)}")
        other = ResponseFormatError(message, http_status=200)
        other.task_id = task_id
        raise other
    yield from _journal_end(session, task_id, record, end)
    return make_task(task_id, record, created)


def _journal_end(session: Session, task_id: str, record: dict[str, Any], end: float) -> Flow[None]:
    """Record the end of a task in the journal, which may wait for other processes until `end`."""
    journal, wait = session.journal, session.workflow.wait
    if journal is None:
        return
    state = get_pointer(record, session.workflow.outputs["state"].pointer)
    how: Literal["succeeded", "failed"] = "succeeded" if state in wait.success else "failed"
    if state in (*wait.success, *wait.failure):
        yield RunBlocking(
            partial(call_until, session.clock, end, partial(journal.record_end, session.server, task_id, how))
        )


def _failed_record(session: Session, error: ApiError) -> dict[str, Any]:
    """Return the record of a task whose failure came as a body code."""
    values = {
        "state": session.workflow.wait.failure[0],
        "fail_code": str(error.code),
        "fail_msg": error.msg,
    }
    outputs = session.workflow.outputs
    record: dict[str, Any] = {}
    for name, value in values.items():
        if name in outputs:
            record = with_pointer(record, outputs[name].pointer, value)
    return record
