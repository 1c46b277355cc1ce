"""Fetches one result, with retries and a renewed link."""

from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple, cast

import httpx

from ...contract.facts import place_of
from ...contract.model import Media
from ...contract.pointer import get_pointer
from ...core import atomic_write
from ...core.deadline import caused_by
from ...core.effects import Flow, Reply, RunBlocking, SendRequest, Sleep
from ...core.errors import (
    ApiError,
    CallTimeoutError,
    DownloadError,
    PackageError,
    ReplyLostError,
    ResponseFormatError,
    ServiceUnreachableError,
)
from ...core.reporting import telemetry
from ...http.hosts import is_loopback
from ...http.request import user_agent
from ...http.retry import backoff
from ...http.session import Session
from .links import Link, address_problem, check_url
from .sidecar import Missing
from .store import Arrived, Saved, inspect, keep_largest, store, store_partial

if TYPE_CHECKING:
    from ...core.reporting.callback import ByteProgress

# Responses of a host that may succeed a moment later.
_TRANSIENT = (408, 429)


class Failed(NamedTuple):
    """A result that could not be fetched or stored."""

    link: Link
    error: PackageError
    partial: Path | None = None

    @property
    def missing(self) -> Missing:
        """The entry of the record."""
        return Missing(self.link.number, self.link.url, str(self.error.args[0]), self.partial)


def is_local(session: Session) -> bool:
    """Whether the service is on this machine, as the sandbox is."""
    return is_loopback(httpx.URL(session.server).host)


def fetch_result(
    session: Session,
    media: Media,
    link: Link,
    hidden: Path,
    target: Path,
    overwrite: bool,
    count: "ByteProgress | None",
) -> Flow[Saved | Failed]:
    """Fetch and store one result. If that fails, what arrived of it is stored as `….partial`."""
    kept = hidden / f"{target.name}.partial"
    fetch = _Fetch(session, media, link, hidden, target, overwrite, count, kept)
    try:
        return (yield from fetch.attempts())
    except PackageError as error:
        stored: Path | None = None
        if kept.exists():
            stored = yield RunBlocking(partial(store_partial, kept, target, fetch.media_type))
        return Failed(link, error, stored)


class _Fetch:
    """The attempts to fetch one result."""

    def __init__(
        self,
        session: Session,
        media: Media,
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
        self._media = media
        self._link = link
        self._hidden = hidden
        self._target = target
        self._overwrite = overwrite
        self._count = count
        self._kept = kept

    def attempts(self) -> Flow[Saved]:
        """Fetch until a complete result is stored. Raises `PackageError`."""
        session, retry = self._session, self._session.contract.retry
        renew = session.workflow.outputs["urls"].renew
        url, attempt = self._link.url, 0
        while True:
            problem: PackageError
            try:
                problem_or_saved = yield from self._attempt(url)
                if isinstance(problem_or_saved, Saved):
                    return problem_or_saved
                status, refused = problem_or_saved
                if 200 < status < 500 and status not in _TRANSIENT:
                    if not renew:
                        refused.link_expired = True
                        raise refused
                    url, renew = (yield from _renewed(session, renew, self._link.url, refused)), ""
                    continue
                problem = refused
            except (ServiceUnreachableError, ReplyLostError) as error:
                problem = error
            except PackageError:  # before OSError, of which time-outs are subclasses
                raise
            except Exception as error:
                if isinstance(error, OSError) and not isinstance(error, ConnectionError | TimeoutError):
                    # The extension is known only after all of it has arrived.
                    what = f"{self._target.name} cannot be stored: {error.strerror or error}"
                    raise DownloadError(f"{self._target.parent}: {what}") from error
                # From a transport of the caller; the result is paid for.
                problem = session.foreign_error(error)
                problem.__cause__ = error
            attempt += 1
            if attempt == retry.attempts:
                raise DownloadError(f"gave up after {attempt} attempts: {problem.args[0]}") from problem
            wait = backoff(retry, attempt - 1, refused=False, random=session.random)
            telemetry.retry_scheduled(f"download of {self._target.name}", problem, wait)
            try:
                yield Sleep(wait)
            except CallTimeoutError as late:
                raise caused_by(late, problem) from problem

    def _attempt(self, url: str) -> Flow[Saved | tuple[int, DownloadError]]:
        """Fetch once. Returns the status and the problem if there is no complete result."""
        address = httpx.URL(url)
        with atomic_write.unnamed_file(self._hidden, self._target.name) as (sink, temporary):
            try:
                reply: Reply = yield self._request(address, sink)
            except (ReplyLostError, DownloadError):  # it is cut off, or too large
                yield RunBlocking(partial(self._keep, sink, temporary))
                raise
            if reply.status != 200:
                return reply.status, DownloadError(f"{address.host} answered HTTP {reply.status}")
            yield RunBlocking(partial(atomic_write.flush, sink))
            media = self._media
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
            self.media_type = inspect(sink, self._media).media_type

    def _request(self, address: httpx.URL, sink: IO[bytes]) -> SendRequest:
        contract = self._session.contract
        headers = {
            "User-Agent": user_agent(contract.version),
            "Accept": ", ".join(dict.fromkeys(f"{name.partition('/')[0]}/*" for name in self._media.types)),
            "Accept-Encoding": "identity",
        }
        return SendRequest(
            lambda: httpx.Request("GET", address, headers=headers),
            self._media.max_bytes,
            sink=_counted(sink, self._count),
            reads=True,
        )


def _renewed(session: Session, operation: str, url: str, problem: DownloadError) -> Flow[str]:
    """Return a new link for one that was refused, as an expired one is."""
    declared = session.contract.operations[operation]
    name = next(argument.name for argument in declared.arguments if argument.holds == "result.url")
    try:
        data = yield from session.call(operation, {name: url})
    except (ApiError, ResponseFormatError) as error:
        expired = DownloadError(f"{problem}; the link has expired and could not be renewed: {error.args[0]}")
        expired.link_expired = not session.is_transient(error)
        raise expired from error
    link = get_pointer(data, place_of(declared.reply, "link.url") or ())
    if not isinstance(link, str):
        raise DownloadError(f"{problem}; the reply to {operation} has no new link")
    address = check_url(link, local_service=is_local(session))
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
