"""Records in the journal that the result of a paid task is lost, so that `resume` leaves the task out.

A result is lost if the service no longer has it and the declared time is over for which it stores
results. Before that time, a failure may be temporary, and the next start tries again.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ...core.effects import Flow, RunBlocking
from ...core.errors import ApiError, DownloadError, PackageError

if TYPE_CHECKING:
    from ...http.session import Session
    from ...journal.submission import Submission
    from .view import TaskView


def record_lost_result(session: Session, task: TaskView) -> Flow[None]:
    """Record that the links of a task have expired and cannot be renewed, if its time is over."""
    ended = task.completed_at or task.created_at
    yield from _record(session, task.id, ended.timestamp() if ended else None)


def record_lost_task(session: Session, task_id: str) -> Flow[None]:
    """Record that the service does not know a task any more, if its time is over."""
    yield from _record(session, task_id, None)


def is_lost(session: Session, task_id: str, error: PackageError) -> Flow[bool]:
    """Whether a result that could not be saved is lost: later attempts would not find it either."""
    journal, output = session.journal, session.workflow.outputs["urls"]
    found: Submission | None = None
    if journal and output.lifetime + output.stored:
        found = yield RunBlocking(lambda: journal.find(session.server, task_id=task_id))
    if found and found.state != "done":
        return found.state == "lost"
    if isinstance(error, ApiError):
        code = session.parser.declared_code(error)
        return code is not None and code.query == "not-visible"
    return isinstance(error, DownloadError) and error.link_expired


def _record(session: Session, task_id: str, ended: float | None) -> Flow[None]:
    journal, output = session.journal, session.workflow.outputs["urls"]
    retention = output.lifetime + output.stored
    if journal and retention:
        yield RunBlocking(partial(journal.record_lost, session.server, task_id, retention, ended))
