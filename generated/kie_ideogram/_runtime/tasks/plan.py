"""What a run was asked to do with its results, as the journal stores it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ..contract.pointer import decode_json
from ..core.effects import Flow, RunBlocking
from ..core.errors import JournalError
from ..core.reporting.telemetry import logger
from ..journal import queries, run_plan

if TYPE_CHECKING:
    from ..contract.model import Repaint
    from ..http.session import Session
    from ..journal.journal import Journal
    from ..media.validate import ImageReport


class SheetInputs(NamedTuple):
    """What a contact sheet needs in addition to a task's results: the pictures' paths, by argument."""

    files: Mapping[str, Any]
    repaint: Repaint | None


class RunPlan(NamedTuple):
    """Where the results of a run are saved, and what is stored with them. The paths are absolute."""

    save_to: str | None
    overwrite: bool
    pictures: tuple[ImageReport, ...]
    sheet: SheetInputs | None
    """None if no contact sheet was asked for."""


class PlannedRun(NamedTuple):
    """The plan of a submission, its model, and the body that was sent."""

    plan: RunPlan
    model: str
    request: dict[str, Any]


def make_plan(
    save_to: str | os.PathLike[str] | None,
    pictures: tuple[ImageReport, ...],
    *,
    overwrite: bool = False,
    sheet: SheetInputs | None = None,
) -> RunPlan:
    """Return a plan with absolute paths: another process may continue the run in another folder."""
    folder = None if save_to is None else os.path.abspath(os.fspath(save_to))  # noqa: PTH100 # resolves no links
    if sheet:
        sheet = sheet._replace(files={name: _located(given) for name, given in sheet.files.items()})
    return RunPlan(folder, overwrite, pictures, sheet)


def encode_plan(plan: RunPlan) -> str:
    """Return a plan as text for the journal."""
    sheet = plan.sheet._asdict() if plan.sheet else None
    return json.dumps(
        plan._asdict() | {"pictures": [picture._asdict() for picture in plan.pictures], "sheet": sheet}
    )


def planned_run(session: Session, task_id: str) -> Flow[PlannedRun | None]:
    """Return the plan of the run that created a task. None if the journal has none that can be read.

    Raises nothing: the task is paid for, and can be saved without it.
    """
    journal = session.journal
    if journal is None:
        return None
    plan: PlannedRun | None = yield RunBlocking(lambda: _find(journal, session.server, task_id))
    return plan


def replace_plan(session: Session, task_id: str, plan: RunPlan) -> Flow[None]:
    """Record that a later run is to do something else with the results of a task that exists."""
    journal = session.journal
    if journal is None:
        return

    def replace() -> None:
        try:
            with journal.database.transaction() as db:
                submission = queries.find(db, session.server, "task_id", task_id)
                if submission:
                    run_plan.record_plan(db, submission, encode_plan(plan))
        except JournalError as error:  # the task is paid for, and this run continues
            logger.error("task %s: where its results go could not be recorded: %s", task_id, error)

    yield RunBlocking(replace)


def _find(journal: Journal, server: str, task_id: str) -> PlannedRun | None:
    try:
        with journal.database.transaction() as db:
            submission = queries.find(db, server, "task_id", task_id)
            text = run_plan.find_plan(db, submission) if submission else ""
    except JournalError as error:
        logger.error("task %s: how it was submitted could not be read: %s", task_id, error)
        return None
    plan = _decoded(text)
    if submission is None or plan is None:
        return None
    request = decode_json(submission.body)
    return PlannedRun(plan, submission.model, request) if isinstance(request, dict) else None


def _decoded(text: str) -> RunPlan | None:
    try:
        members: dict[str, Any] = json.loads(text)
        pictures = tuple(_report(picture) for picture in members.pop("pictures"))
        sheet = members.pop("sheet")
        return RunPlan(pictures=pictures, sheet=sheet and SheetInputs(**sheet), **members)
    except (ValueError, TypeError, KeyError, AttributeError):  # none, or one of another version
        return None


def _report(members: Any) -> ImageReport:
    from ..media.validate import ImageReport  # not imported by clients that only create

    report = ImageReport(**members)
    size = report.size and (report.size[0], report.size[1])
    return report._replace(size=size, notes=tuple(report.notes))


def _located(given: Any) -> Any:
    """Return the absolute path of a picture, or its URL. Of a picture that is neither, nothing is left."""
    from ..media.inputs import is_url  # as above

    if isinstance(given, list | tuple):
        return [_located(one) for one in given]
    if is_url(given):
        return given
    is_path = isinstance(given, str | os.PathLike)
    return os.path.abspath(os.fsdecode(given)) if is_path else ""  # noqa: PTH100 # as above
