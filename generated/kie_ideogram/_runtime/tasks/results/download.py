"""Fetches results to files: checked, atomic, side by side, without the key."""

import os
import re
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import httpx

from ...contract.describe import describe
from ...contract.model import Media
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
from ...http.hosts import is_loopback, is_public
from ...http.request import USER_AGENT
from ...http.retry import backoff
from ...http.session import Session
from ...media.files import sha256_of
from .lost import record_lost_result
from .sidecar import RunInputs, Saved, sidecar
from .view import TaskView

if TYPE_CHECKING:
    from ...media.files import Count
    from .progress import Reporter

# What a host answers when it may do better a moment later.
_TRANSIENT = (408, 429)


def save(
    session: Session,
    task: TaskView,
    directory: str | os.PathLike[str],
    overwrite: bool,
    reporter: "Reporter | None" = None,
    inputs: RunInputs | None = None,
) -> Flow[list[Path]]:
    """Store every picture in `directory`, named after the task and its place in the result.

    Beside them stands a record of what made them. Raises `DownloadError`; a picture is there whole or
    not at all.
    """
    try:
        if not task.urls:
            raise DownloadError("there are no pictures to save; wait until the task has succeeded")
        folder: Path = yield RunBlocking(partial(check_folder, directory, "directory"))
        # The id is the service's text: only what is harmless in a file name stays, and not too much of it.
        stem = re.sub(r"[^A-Za-z0-9_-]", "_", task.id)[:100]
        targets = [folder / f"{stem}-{number}" for number in range(1, len(task.urls) + 1)]
        saved = yield from _fetch_all(
            session, dict(zip(targets, task.urls, strict=True)), overwrite, reporter
        )
        content = sidecar(session.contract, task, saved, inputs, utc(session.clock))
        yield RunBlocking(partial(_write_record, folder / f"{stem}.json", content, overwrite))
    except KieError as error:
        error.task_id = task.id
        if isinstance(error, DownloadError) and error.link_expired:
            yield from record_lost_result(session, task)
        raise
    journal = session.journal
    if journal:
        yield RunBlocking(lambda: journal.mark_done(session.server, task.id))
    return [picture.path for picture in saved]


def check_folder(directory: str | os.PathLike[str], argument: str) -> Path:
    """Make a folder that takes files, if there is none. Raises `InvalidInputError`, `DownloadError`."""
    try:
        folder = Path(directory)
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_write.hidden_folder(folder):
            return folder
    except OSError as error:
        raise DownloadError(f"{directory}: {error.strerror}") from error
    except (TypeError, ValueError) as error:  # such as a path with a zero byte
        wrong = Fault(argument, "type", f"expected a folder's path, got {describe(directory)}: {error}")
        raise InvalidInputError([wrong]) from error


def _write_record(path: Path, content: bytes, overwrite: bool) -> None:
    try:
        # An earlier record may know more: what a run sent is not known to those who only read its task.
        with suppress(FileExistsError):
            atomic_write.write(path, content, overwrite=overwrite)
    except OSError as error:
        raise DownloadError(f"{path}: {error.strerror}") from error


def _fetch_all(
    session: Session, urls: dict[Path, str], overwrite: bool, reporter: "Reporter | None"
) -> Flow[list[Saved]]:
    """Fetch pictures side by side. `urls` by what their files are called, but for the ending."""
    folder = next(iter(urls)).parent
    try:
        # Interrupted, the caller does not wait for threads that are still receiving: this takes their files.
        with atomic_write.hidden_folder(folder) as aside:
            fetches = []
            for target, url in urls.items():
                count = reporter.byte_counter("download", target.name) if reporter else None
                fetches.append(_fetch(session, url, aside, target, overwrite, count))
            saved: list[Saved] = yield Gather(fetches)
            return saved
    except OSError as error:
        raise DownloadError(f"{folder}: {error.strerror}") from error


def _fetch(
    session: Session, url: str, aside: Path, target: Path, overwrite: bool, count: "Count | None"
) -> Flow[Saved]:
    retry = session.contract.retry
    renew = session.workflow.outputs["urls"].renew
    link, attempt = url, 0
    while True:
        problem: KieError
        try:
            with atomic_write.unnamed_file(aside, target.name) as (sink, temporary):
                reply: Reply = yield _get(session, link, _counted(sink, count))
                if reply.status == 200:
                    yield RunBlocking(partial(atomic_write.flush, sink))
                    keep = partial(_keep, temporary, target, url, session.contract.media, overwrite)
                    saved: Saved = yield RunBlocking(keep)
                    return saved
            problem = refused = DownloadError(f"{httpx.URL(link).host} answered HTTP {reply.status}")
            if reply.status < 500 and reply.status not in _TRANSIENT:
                if not renew:
                    refused.link_expired = True
                    raise refused
                link, renew = (yield from _renewed(session, renew, url, refused)), ""
                continue
        except (ServiceUnreachableError, ReplyLostError) as error:
            problem = error
        except OSError as error:
            # Its ending is known once all of it has come.
            message = f"{target.parent}: {target.name} cannot be stored: {error.strerror}"
            raise DownloadError(message) from error
        attempt += 1
        if attempt == retry.attempts:
            raise DownloadError(f"gave up after {attempt} attempts: {problem}") from problem
        wait = backoff(retry, attempt - 1, refused=False, random=session.random)
        telemetry.retry_scheduled(f"download of {target.name}", problem, wait)
        yield Sleep(wait)


def _get(session: Session, url: str, sink: IO[bytes]) -> SendRequest:
    address = _checked(url, here=is_loopback(httpx.URL(session.server).host))
    headers = {
        "User-Agent": USER_AGENT.format(version=session.contract.version),
        "Accept": "image/*",
        "Accept-Encoding": "identity",
    }
    return SendRequest(
        lambda: httpx.Request("GET", address, headers=headers), session.contract.media.max_bytes, sink=sink
    )


def _renewed(session: Session, operation: str, url: str, problem: DownloadError) -> Flow[str]:
    """A new link for one that is refused, which an expired one is."""
    arguments = session.contract.operations[operation].arguments
    name = next(argument.name for argument in arguments if argument.holds == "result.url")
    try:
        link: str = yield from session.call(operation, {name: url})
    except (ApiError, ResponseFormatError) as error:
        expired = DownloadError(f"{problem}; the link has expired and could not be renewed: {error}")
        expired.link_expired = not session.is_transient(error)
        raise expired from error
    return link


def _keep(temporary: Path, target: Path, url: str, media: Media, overwrite: bool) -> Saved:
    """Check a picture that came, and give it its name. Raises `DownloadError`."""
    from ...media.decode import UnreadablePictureError, apply_exif_orientation, decode
    from ...media.sniff import MAX_PIXELS, read_header, suffix
    from ...media.validate import NO_PILLOW

    notes: tuple[str, ...] = ()
    with temporary.open("rb") as file:
        header = read_header(file)
        if header.media_type not in media.types:
            kinds = ", ".join(media.types)
            raise DownloadError(
                f"what the link gave is none of {kinds}, but {header.named}; it starts {file.read(16)!r}"
            )
        if header.damaged:
            raise DownloadError("the picture is truncated or damaged: its header is not whole")
        width, height = header.size or (0, 0)
        if width * height > MAX_PIXELS:
            raise DownloadError(f"the picture has more than {MAX_PIXELS} pixels: a decompression bomb")
        measured = header.size
        try:
            decoded = decode(file)
            measured = measured or apply_exif_orientation(decoded).size
        except UnreadablePictureError as error:
            raise DownloadError(f"the picture {error}") from None
        except ModuleNotFoundError:
            notes = (f"not checked: whether it is whole; {NO_PILLOW}",)
        size = os.fstat(file.fileno()).st_size
        digest = sha256_of(file)
    path = target.with_name(target.name + suffix(header.media_type))
    saved = Saved(path, url, header.media_type, measured, size, digest, notes)
    try:
        atomic_write.rename(temporary, path, overwrite=overwrite)
    except FileExistsError:
        with path.open("rb") as there:
            if sha256_of(there) != digest:
                raise DownloadError(
                    f"{path} exists already; remove it, choose another folder, or pass overwrite=True"
                ) from None
    return saved


def _checked(url: str, *, here: bool) -> httpx.URL:
    """Check a link; `here` says whether the service itself is this machine, as the sandbox is."""
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise DownloadError(f"the result link is no URL: {error}") from None
    if not address.host:
        raise DownloadError(f"the result link names no host: {url!r}")
    if address.userinfo:
        raise DownloadError(f"the result link to {address.host} holds a user or password")
    if here and is_loopback(address.host) and address.scheme in ("http", "https"):
        return address
    if address.scheme != "https":
        raise DownloadError(f"the result link is not https: {address.scheme}://{address.host}")
    if not is_public(address.host):
        raise DownloadError(f"the result link leads into a private network: {address.host}")
    return address


def _counted(file: IO[bytes], count: "Count | None") -> IO[bytes]:
    return cast("IO[bytes]", _Sink(file, count)) if count else file


class _Sink:
    """A file that tells how much was written to it."""

    def __init__(self, file: IO[bytes], count: "Count") -> None:
        self._file = file
        self._count = count
        self._done = 0

    def write(self, chunk: bytes) -> int:
        self._done += len(chunk)
        self._count(self._done, 0)
        return self._file.write(chunk)
