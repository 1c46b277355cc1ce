"""Saves the results of a task: fetched concurrently without the API key, and stored whatever they are."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...contract.describe import describe
from ...contract.model import Media, Model
from ...contract.pointer import get_pointer
from ...contract.pricing import count_argument
from ...core import atomic_write
from ...core.clock import utc
from ...core.effects import Flow, Gather, RunBlocking
from ...core.errors import (
    DownloadError,
    Fault,
    InvalidInputError,
    PackageError,
)
from ...core.reporting import telemetry
from ...http.session import Session
from ..plan import PlannedRun, planned_run
from .fetch import Failed, fetch_result, is_local
from .links import Link, read_links, resolve_links
from .lost import record_lost_result
from .sidecar import Missing, RunInputs, sidecar, write_record
from .store import Saved, file_stem
from .view import TaskView, result_entries

if TYPE_CHECKING:
    from .progress import Reporter


def save(
    session: Session,
    task: TaskView,
    directory: str | os.PathLike[str] | None,
    overwrite: bool,
    reporter: "Reporter | None" = None,
    inputs: RunInputs | None = None,
) -> Flow[list[Path]]:
    """Store all results in `directory`, named after the task and their place in the result.

    A record of what made them is stored with them. It lists results without a usable link, which are
    reported in the log, and those that could not be saved, for which `DownloadError` is raised at the end.
    It is also stored if nothing else is, so that a person can fetch the result.
    Without a `directory`, they are stored as the run was asked to that created the task.
    """
    with naming(task):
        run = None if inputs else (yield from planned_run(session, task.id))
        if run:
            inputs = RunInputs(run.request, run.plan.pictures)
        if directory is None:
            directory, replaced = _planned_folder(run)
            overwrite = overwrite or replaced
        links = read_links(result_entries(task), local_service=is_local(session))
        if not task.succeeded:
            raise DownloadError("there are no results to save; wait until the task has succeeded")
        folder: Path = yield RunBlocking(partial(check_folder, directory, "directory"))
        links = yield RunBlocking(partial(resolve_links, links))
        stem = file_stem(task.id)
        outcomes = yield from _fetch_all(
            session, _media(session, task, inputs), links, folder, stem, overwrite, reporter
        )
        saved = [outcome for outcome in outcomes if isinstance(outcome, Saved)]
        failed = [outcome for outcome in outcomes if isinstance(outcome, Failed)]
        unusable = [Missing(link.number, link.url, link.problem) for link in links if link.problem]
        if not links:
            unusable = [Missing(1, "", "the task succeeded, but its result has no links")]
        missing = sorted([*unusable, *(one.missing for one in failed)])
        notes = _notes(session, task, inputs, len(links))
        record = sidecar(session.contract, task, saved, missing, notes, inputs, utc(session.clock))
        try:
            yield RunBlocking(partial(_write_record, folder / f"{stem}.json", record, overwrite))
        except DownloadError as error:
            error.paths = [picture.path for picture in saved]
            if saved and not failed:  # otherwise, there is a worse error to raise
                raise
        for text in (*_warnings(saved, unusable, len(links)), *notes):
            telemetry.result_odd(task.id, text)
        if failed or not saved:
            if all(getattr(one.error, "link_expired", False) for one in failed):
                yield from record_lost_result(session, task)
            raise _combined(saved, missing, failed, len(links))
        journal = session.journal
        if journal:
            yield RunBlocking(lambda: journal.mark_done(session.server, task.id))
    return [picture.path for picture in saved]


def _planned_folder(run: PlannedRun | None) -> tuple[str, bool]:
    """Return where a run was asked to save, and whether to replace files. Raises `InvalidInputError`."""
    if run is None or run.plan.save_to is None:
        message = "must be given, because the journal knows of no run with `save_to` that created the task"
        raise InvalidInputError([Fault("directory", "required", message)])
    return run.plan.save_to, run.plan.overwrite


@contextmanager
def naming(task: TaskView) -> Iterator[None]:
    """Add the task's id to whatever is raised."""
    try:
        yield
    except GeneratorExit:
        raise
    except BaseException as error:
        if isinstance(error, PackageError):
            error.task_id = error.task_id or task.id
        note = f"task {task.id} was created and is paid for; wait for it and save it by its id"
        if note not in getattr(error, "__notes__", ()):
            error.add_note(note)
        raise


def check_folder(directory: str | os.PathLike[str], argument: str) -> Path:
    """Make a folder, or check that files can be stored in it. Raises `InvalidInputError`, `DownloadError`."""
    try:
        folder = Path(directory)
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_write.hidden_folder(folder):
            return folder
    except OSError as error:
        faults = folder_faults(directory, argument)
        raise DownloadError(faults[0].message if faults else f"{directory}: {error.strerror}") from error
    except (TypeError, ValueError) as error:  # such as a path with a null byte
        wrong = Fault(argument, "type", f"expected a folder's path, got {describe(directory)}: {error}")
        raise InvalidInputError([wrong]) from error


def folder_faults(directory: str | os.PathLike[str] | None, argument: str) -> list[Fault]:
    """Return why files cannot be stored in a folder, which is not created yet.

    That is tried: neither permissions nor root's rights say whether a file system takes new files.
    """
    if directory is None:
        return []
    try:
        folder = Path(directory).absolute()
        place = next(one for one in (folder, *folder.parents) if one.exists())
        if not place.is_dir():
            what = f"{directory}: {place} is a file, not a folder"
        else:
            what = _problem_below(place, folder.relative_to(place))
            if not what:
                return []
            what = f"{directory}: {what}"
    except OSError as error:
        what = f"{directory}: {error.strerror}"
    except (TypeError, ValueError) as error:  # such as a path with a null byte
        what = f"expected a folder's path, got {describe(directory)}: {error}"
    return [Fault(argument, "folder", what)]


def _problem_below(place: Path, relative: Path) -> str:
    """Return why a folder cannot be made below a place; "" if it can. Nothing of the attempt is left."""
    try:
        with atomic_write.hidden_folder(place) as hidden:
            if ".." not in relative.parts:  # such a path leads out of the hidden folder
                try:
                    (hidden / relative).mkdir(parents=True, exist_ok=True)
                except OSError as error:  # such as a name that is too long
                    return str(error.strerror)
    except OSError as error:
        return f"nothing can be written in {place}: {error.strerror}"
    return ""


def _write_record(path: Path, record: dict[str, object], overwrite: bool) -> None:
    try:
        write_record(path, record, overwrite=overwrite)
    except OSError as error:
        raise DownloadError(f"{path}: {error.strerror}") from error


def _model(session: Session, task: TaskView, request: Mapping[str, Any]) -> Model | None:
    """Return the model of a task, by its record or its request; None if neither names it."""
    named = task._read("model")
    models = session.contract.models.values()
    return next((one for one in models if one.name in (named, request.get(one.discriminator))), None)


def _media(session: Session, task: TaskView, inputs: RunInputs | None) -> Media:
    """Return the media that a task's model makes; of an unknown model, what the service makes."""
    model = _model(session, task, (inputs.request if inputs else task.request) or {})
    return (model and model.media) or session.contract.media


def _notes(session: Session, task: TaskView, inputs: RunInputs | None, count: int) -> list[str]:
    """Return what is odd about the result as a whole: fewer pictures than the request asked for."""
    request = inputs.request if inputs else task.request
    if request is None:
        return []
    model = _model(session, task, request)
    argument = model and count_argument(model)
    if argument is None:
        return []
    asked = get_pointer(request, argument.path)
    if isinstance(asked, str) and asked.isdecimal() and int(asked) > count:
        return [f"the request asked for {asked} results, the task has {count}"]
    return []


def _warnings(saved: list[Saved], unusable: list[Missing], count: int) -> list[str]:
    """Return what to log. A failure that is raised is not logged too."""
    odd = [
        f"{one.path.name}: {note}"
        for one in saved
        for note in one.notes
        if not note.startswith("not checked")
    ]
    return odd + [f"result {one.number} of {count}: {one.reason}" for one in unusable if saved]


def _combined(saved: list[Saved], missing: list[Missing], failed: list[Failed], count: int) -> PackageError:
    """Return the error for the results that were not saved."""
    for one in failed:
        if not isinstance(one.error, DownloadError):
            return one.error
    reasons = []
    for lost in missing:
        stored = f"; what arrived is stored as {lost.partial}" if lost.partial else ""
        reasons.append((f"result {lost.number} of {count}: " if count > 1 else "") + lost.reason + stored)
    error = DownloadError("; ".join(reasons))
    error.paths = [picture.path for picture in saved]
    error.link_expired = any(getattr(one.error, "link_expired", False) for one in failed)
    error.__cause__ = failed[0].error.__cause__ if failed else None
    return error


def _fetch_all(
    session: Session,
    media: Media,
    links: list[Link],
    folder: Path,
    stem: str,
    overwrite: bool,
    reporter: "Reporter | None",
) -> Flow[list[Saved | Failed]]:
    """Fetch all results concurrently."""
    try:
        # An interrupted caller does not wait for threads that still receive: this removes their files.
        with atomic_write.hidden_folder(folder) as hidden:
            fetches = []
            for link in links:
                if link.problem:
                    continue
                target = folder / f"{stem}-{link.number}"
                count = reporter.byte_counter("download", target.name) if reporter else None
                fetches.append(fetch_result(session, media, link, hidden, target, overwrite, count))
            outcomes: list[Saved | Failed] = yield Gather(fetches)
            return outcomes
    except PackageError:  # before OSError, of which time-outs are subclasses
        raise
    except OSError as error:
        raise DownloadError(f"{folder}: {error.strerror or error}") from error
