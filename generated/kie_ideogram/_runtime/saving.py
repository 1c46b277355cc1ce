"""Fetches results to files: checked, atomic, without the key."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

import httpx

from .core import Core
from .errors import DownloadError, KieError, ReplyLostError, ServiceUnreachableError
from .flow import Flow, Reply, Send, Sleep
from .prepare import USER_AGENT
from .retry import backoff

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def _starts(head: bytes, media_type: str) -> bool:
    signature = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "image/webp": b"RIFF"}[
        media_type
    ]
    return head.startswith(signature) and (media_type != "image/webp" or head[8:12] == b"WEBP")


def _suffix(media_type: str) -> str:
    return {"image/jpeg": ".jpg"}.get(media_type, "." + media_type.rpartition("/")[2])


def save(
    core: Core, task_id: str, urls: list[str], directory: str | os.PathLike[str], overwrite: bool
) -> Flow[list[Path]]:
    """Store every picture in `directory`, named after the task and its place in the result.

    Raises `DownloadError`; a picture is there whole or not at all.
    """
    if not urls:
        raise _failed(task_id, "there are no pictures to save; wait until the task has succeeded")
    folder = Path(directory)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _failed(task_id, f"{folder}: {error.strerror}") from error
    # The id is the service's text: only what is harmless in a file name stays, and not too much of it.
    stem = "".join(char if char.isascii() and (char.isalnum() or char in "-_") else "_" for char in task_id)
    stem = stem[:100]
    paths = []
    for number, url in enumerate(urls, 1):
        try:
            path = yield from _fetch(core, url, folder / f"{stem}-{number}", overwrite)
        except KieError as error:
            error.task_id = task_id
            raise
        paths.append(path)
    return paths


def _fetch(core: Core, url: str, target: Path, overwrite: bool) -> Flow[Path]:
    address = _checked(url)
    media = core.contract.media
    request_headers = {"User-Agent": USER_AGENT.format(version=core.contract.version), "Accept": "image/*"}
    attempt = 0
    while True:
        try:
            file = NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False)  # noqa: SIM115 # closed and renamed below
        except OSError as error:
            raise DownloadError(f"{target.parent}: {error.strerror}") from error
        temporary = Path(file.name)
        try:
            with file:
                sink = file.file
                build = lambda: httpx.Request("GET", address, headers=request_headers)  # noqa: E731 # as short as it gets
                reply: Reply = yield Send(build, sink=sink, max_bytes=media.max_bytes)
                if reply.status == 200:
                    sink.flush()
                    os.fsync(sink.fileno())
            if reply.status == 200:
                return _keep(temporary, target, media.types, overwrite)
            if reply.status < 500:
                raise DownloadError(f"{address.host} answered HTTP {reply.status}; the link may have expired")
            problem: KieError = DownloadError(f"{address.host} answered HTTP {reply.status}")
        except (ServiceUnreachableError, ReplyLostError) as error:
            problem = error
        except OSError as error:
            raise DownloadError(f"{target}: {error.strerror}") from error
        finally:
            temporary.unlink(missing_ok=True)
        attempt += 1
        if attempt == core.contract.retry.attempts:
            raise DownloadError(f"gave up after {attempt} attempts: {problem}") from problem
        yield Sleep(backoff(core.contract.retry, attempt - 1, refused=False, random=core.chance))


def _keep(temporary: Path, target: Path, types: tuple[str, ...], overwrite: bool) -> Path:
    with temporary.open("rb") as file:
        head = file.read(16)
    media_type = next((name for name in types if _starts(head, name)), None)
    if media_type is None:
        raise DownloadError(f"what the link gave is none of {', '.join(types)}; it starts {head!r}")
    path = target.with_suffix(_suffix(media_type))
    if path.exists() and not overwrite:
        raise DownloadError(
            f"{path} exists already; remove it, choose another folder, or pass overwrite=True"
        )
    temporary.chmod(0o644)
    temporary.replace(path)
    return path


def _checked(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise DownloadError(f"the result link is no URL: {error}") from None
    if not address.host:
        raise DownloadError(f"the result link names no host: {url!r}")
    if address.scheme != "https" and not (address.scheme == "http" and address.host in _LOOPBACK):
        raise DownloadError(f"the result link is not https: {address.scheme}://{address.host}")
    return address


def _failed(task_id: str, message: str) -> DownloadError:
    error = DownloadError(message)
    error.task_id = task_id
    return error
