"""Saves the results of a task: fetched concurrently without the API key, and stored whatever they are."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple, cast

import httpx

from ...contract.describe import describe
from ...contract.pointer import get_pointer
from ...core import atomic_write, telemetry
from ...core.clock import utc
from ...core.effects import Flow, Gather, Reply, RunBlocking, SendRequest, Sleep
from ...core.errors import (
    ApiError,
    DownloadError,
    Fault,
    InvalidInputError,
    KieError,
    ReplyLostError,
    ResponseFormatError,
    ServiceUnreachableError,
)
from ...http.hosts import is_loopback
from ...http.request import USER_AGENT
from ...http.retry import backoff
from ...http.session import Session
from ..polling.read import foreign_error
from .links import Link, address_problem, check_url, read_links, resolve_links
from .sidecar import Missing, RunInputs, sidecar, write_record
from .store import Arrived, Saved, file_stem, inspect, keep_largest, store, store_partial
from .view import TaskView, result_entries

if TYPE_CHECKING:
    from ...core.callback import ByteProgress
    from .progress import Reporter

# Responses of a host that may succeed a moment later.
_TRANSIENT = (408, 429)


class _Failed(NamedTuple):
    """A result that could not be fetched or stored."""

    link: Link
    error: KieError
    partial: Path | None = None

    @property
    def missing(self) -> Missing:
        """The entry of the record."""
        return Missing(self.link.number, self.link.url, str(self.error.args[0]), self.partial)


def save(
    session: Session,
    task: TaskView,
    directory: str | os.PathLike[str],
    overwrite: bool,
    reporter: "Reporter | None" = None,
    inputs: RunInputs | None = None,
) -> Flow[list[Path]]:
    """Store all results in `directory`, named after the task and their place in the result.

    A record of what made them is stored with them. It lists results without a usable link, which are
    reported in the log, and those that could not be saved, for which `DownloadError` is raised at the end.
    """
    with naming(task):
        links = read_links(result_entries(task), local_service=_is_local(session))
        if not links:
            raise DownloadError(
                "the task succeeded, but its result has no links"
                if task.succeeded
                else "there are no pictures to save; wait until the task has succeeded"
            )
        folder: Path = yield RunBlocking(partial(check_folder, directory, "directory"))
        links = yield RunBlocking(partial(resolve_links, links))
        stem = file_stem(task.id)
        outcomes = yield from _fetch_all(session, links, folder, stem, overwrite, reporter)
        saved = [outcome for outcome in outcomes if isinstance(outcome, Saved)]
        failed = [outcome for outcome in outcomes if isinstance(outcome, _Failed)]
        missing = [Missing(link.number, "", link.problem) for link in links if link.problem]
        missing += [one.missing for one in failed]
        missing.sort()
        notes = _notes(session, task, inputs, len(links))
        if saved or any(one.partial for one in failed):
            record = sidecar(session.contract, task, saved, missing, notes, inputs, utc(session.clock))
            yield RunBlocking(partial(_write_record, folder / f"{stem}.json", record, overwrite))
        for text in (*_warnings(saved, missing, len(links)), *notes):
            telemetry.result_odd(task.id, text)
        if failed or not saved:
            raise _combined(saved, missing, failed, len(links))
        journal = session.journal
        if journal:
            yield RunBlocking(lambda: journal.mark_done(session.server, task.id))
    return [picture.path for picture in saved]


@contextmanager
def naming(task: TaskView) -> Iterator[None]:
    """Add the task's id to whatever is raised."""
    try:
        yield
    except GeneratorExit:
        raise
    except BaseException as error:
        if isinstance(error, KieError):
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
        raise DownloadError(f"{directory}: {error.strerror}") from error
    except (TypeError, ValueError) as error:  # such as a path with a null byte
        wrong = Fault(argument, "type", f"expected a folder's path, got {describe(directory)}: {error}")
        raise InvalidInputError([wrong]) from error


def _write_record(path: Path, record: dict[str, object], overwrite: bool) -> None:
    try:
        write_record(path, record, overwrite=overwrite)
    except OSError as error:
        raise DownloadError(f"{path}: {error.strerror}") from error


def _notes(session: Session, task: TaskView, inputs: RunInputs | None, count: int) -> list[str]:
    """Return what is odd about the result as a whole: fewer pictures than the request asked for."""
    request = inputs.request if inputs else task.request
    if request is None:
        return []
    model = session.contract.models.get(str(request.get(session.contract.discriminator)))
    if model is None or model.price is None:
        return []
    asked = get_pointer(request, model.price.times)
    if isinstance(asked, str) and asked.isdecimal() and int(asked) > count:
        return [f"the request asked for {asked} results, the task has {count}"]
    return []


def _warnings(saved: list[Saved], missing: list[Missing], count: int) -> list[str]:
    """Return what to log. A failure that is raised is not logged too."""
    odd = [
        f"{one.path.name}: {note}"
        for one in saved
        for note in one.notes
        if not note.startswith("not checked")
    ]
    return odd + [f"result {one.number} of {count}: {one.reason}" for one in missing if saved and not one.url]


def _combined(saved: list[Saved], missing: list[Missing], failed: list[_Failed], count: int) -> KieError:
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
    error.__cause__ = failed[0].error.__cause__ if failed else None
    return error


def _is_local(session: Session) -> bool:
    return is_loopback(httpx.URL(session.server).host)


def _fetch_all(
    session: Session, links: list[Link], folder: Path, stem: str, overwrite: bool, reporter: "Reporter | None"
) -> Flow[list[Saved | _Failed]]:
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
                fetches.append(_fetch(session, link, hidden, target, overwrite, count))
            outcomes: list[Saved | _Failed] = yield Gather(fetches)
            return outcomes
    except OSError as error:
        raise DownloadError(f"{folder}: {error.strerror}") from error


def _fetch(
    session: Session, link: Link, hidden: Path, target: Path, overwrite: bool, count: "ByteProgress | None"
) -> Flow[Saved | _Failed]:
    """Fetch and store one result. If that fails, what arrived of it is stored as `….partial`."""
    kept = hidden / f"{target.name}.partial"
    fetch = _Fetch(session, link, hidden, target, overwrite, count, kept)
    try:
        return (yield from fetch.attempts())
    except KieError as error:
        stored: Path | None = None
        if kept.exists():
            stored = yield RunBlocking(partial(store_partial, kept, target, fetch.media_type))
        return _Failed(link, error, stored)


class _Fetch:
    """The attempts to fetch one result."""

    def __init__(
        self,
        session: Session,
        link: Link,
        hidden: Path,
        target: Path,
        overwrite: bool,
        count: "ByteProgress | None",
        kept: Path,
    ) -> None:
        self.media_type = ""
        """The type of the incomplete file."""
        self._session = session
        self._link = link
        self._hidden = hidden
        self._target = target
        self._overwrite = overwrite
        self._count = count
        self._kept = kept

    def attempts(self) -> Flow[Saved]:
        """Fetch until a complete result is stored. Raises `KieError`."""
        session, retry = self._session, self._session.contract.retry
        renew = session.workflow.outputs["urls"].renew
        url, attempt = self._link.url, 0
        while True:
            problem: KieError
            try:
                problem_or_saved = yield from self._attempt(url)
                if isinstance(problem_or_saved, Saved):
                    return problem_or_saved
                status, problem = problem_or_saved
                if 200 < status < 500 and status not in _TRANSIENT:
                    if not renew:
                        raise problem
                    url, renew = (yield from _renewed(session, renew, self._link.url, problem)), ""
                    continue
            except (ServiceUnreachableError, ReplyLostError) as error:
                problem = error
            except OSError as error:
                # The extension is known only after all of it has arrived.
                message = f"{self._target.parent}: {self._target.name} cannot be stored: {error.strerror}"
                raise DownloadError(message) from error
            except KieError:
                raise
            except Exception as error:  # from a hook or a transport of the caller; the result is paid for
                problem = foreign_error(error)
                problem.__cause__ = error
            attempt += 1
            if attempt == retry.attempts:
                raise DownloadError(f"gave up after {attempt} attempts: {problem.args[0]}") from problem
            wait = backoff(retry, attempt - 1, refused=False, random=session.random)
            telemetry.retry_scheduled(f"download of {self._target.name}", problem, wait)
            yield Sleep(wait)

    def _attempt(self, url: str) -> Flow[Saved | tuple[int, DownloadError]]:
        """Fetch once. Returns the status and the problem if there is no complete result."""
        session = self._session
        address = httpx.URL(url)
        with atomic_write.unnamed_file(self._hidden, self._target.name) as (sink, temporary):
            try:
                reply: Reply = yield self._request(address, sink)
            except ReplyLostError:
                yield RunBlocking(partial(self._keep, sink, temporary))
                raise
            if reply.status != 200:
                return reply.status, DownloadError(f"{address.host} answered HTTP {reply.status}")
            yield RunBlocking(partial(atomic_write.flush, sink))
            media = session.contract.media
            arrived: Arrived = yield RunBlocking(partial(inspect, sink, media))
            if arrived.incomplete:
                yield RunBlocking(partial(self._keep, sink, temporary))
                return reply.status, DownloadError(arrived.incomplete)
            keep = partial(
                store, temporary, self._target, self._link.url, arrived, media, overwrite=self._overwrite
            )
            saved: Saved = yield RunBlocking(keep)
            return saved

    def _keep(self, sink: IO[bytes], temporary: Path) -> None:
        """Keep what arrived, unless more of it arrived before."""
        sink.flush()
        if keep_largest(temporary, self._kept):
            self.media_type = inspect(sink, self._session.contract.media).media_type

    def _request(self, address: httpx.URL, sink: IO[bytes]) -> SendRequest:
        contract = self._session.contract
        headers = {"User-Agent": USER_AGENT.format(version=contract.version), "Accept": "image/*"}
        return SendRequest(
            lambda: httpx.Request("GET", address, headers=headers),
            contract.media.max_bytes,
            sink=_counted(sink, self._count),
        )


def _renewed(session: Session, operation: str, url: str, problem: DownloadError) -> Flow[str]:
    """Return a new link for one that was refused, as an expired one is."""
    arguments = session.contract.operations[operation].arguments
    name = next(argument.name for argument in arguments if argument.holds == "result.url")
    try:
        link: str = yield from session.call(operation, {name: url})
    except (ApiError, ResponseFormatError) as error:
        raise DownloadError(
            f"{problem}; the link has expired and could not be renewed: {error.args[0]}"
        ) from error
    address = check_url(link, local_service=_is_local(session))
    private: str = yield RunBlocking(partial(address_problem, address))
    if private:
        raise DownloadError(private)
    return link


def _counted(file: IO[bytes], count: "ByteProgress | None") -> IO[bytes]:
    return cast("IO[bytes]", _Sink(file, count)) if count else file


class _Sink:
    """A file that reports how much was written to it."""

    def __init__(self, file: IO[bytes], count: "ByteProgress") -> None:
        self._file = file
        self._count = count
        self._done = 0

    def write(self, chunk: bytes) -> int:
        self._done += len(chunk)
        self._count(self._done, 0)
        return self._file.write(chunk)
