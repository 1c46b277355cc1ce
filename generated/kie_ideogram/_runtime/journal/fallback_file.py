"""Keeps the id of a paid task that the journal could not record: in a file next to the journal."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from glob import escape
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from ..core.errors import JournalError
from ..core.reporting.telemetry import logger
from ..core.text.printable import message_of

# A file is a few hundred bytes long.
MAX_BYTES = 100_000


class FallbackEntry(NamedTuple):
    """A task that was created, and its submission."""

    server: str
    idempotency_key: str
    task_id: str


def write_fallback(base: Path, entry: FallbackEntry, error: BaseException) -> None:
    """Write a new file `{base}-…` and report it. The journal reads it at its next start. Never fails."""
    reason = message_of(error) or type(error).__name__
    path = base.with_name(f"{base.name}-{uuid4().hex}")
    try:
        # Readable by its owner only, whatever the umask.
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(json.dumps(entry._asdict()))
        stored = f"is stored in {path}; the journal reads it at its next start"
    except OSError as failure:
        stored = f"could not be stored in {path} either ({failure.strerror}): write it down"
    message = (
        f"task {entry.task_id} of submission {entry.idempotency_key} is paid for, is not in the journal "
        f"({reason}), and {stored}"
    )
    # Not only to the log, which the application may not have configured.
    with suppress(Exception):  # no stream, or one that does not take it
        sys.stderr.write(f"{message}\n")
    logger.critical("%s", message)


def restore_fallbacks(base: Path, attach: Callable[[FallbackEntry], bool]) -> None:
    """Attach what was stored to its submissions, and remove those files. Raises `JournalError`.

    `attach` returns whether the submission exists. A file that cannot be attached is reported, and left.
    """
    for path, entry in _read_all(base):
        try:
            exists = attach(entry)
        except (JournalError, OSError):
            raise
        except Exception as error:  # a task that this journal cannot hold must not stop every start
            logger.critical("%s: task %s cannot be recorded: %s", path, entry.task_id, error)
            continue
        if exists:
            _remove(path)
        else:
            logger.critical("%s: task %s is of no submission in this journal", path, entry.task_id)


def _read_all(base: Path) -> Iterator[tuple[Path, FallbackEntry]]:
    """Yield what was stored, each with its file. What cannot be read is reported and skipped."""
    for path in sorted(base.parent.glob(f"{escape(base.name)}-*")):
        try:
            entry = _read(path)
        except FileNotFoundError:
            continue  # another process has read and removed it
        except (OSError, ValueError, TypeError, RecursionError) as error:
            # The disk was full while it was written, or it is not ours.
            logger.critical("%s: cannot be read as the record of a task, and is skipped: %s", path, error)
            continue
        yield path, entry


def _remove(path: Path) -> None:
    """Remove a file whose task is in the journal now. Reading it again would change nothing."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        logger.error("%s: its task is in the journal now, but it cannot be removed: %s", path, error)


def _read(path: Path) -> FallbackEntry:
    if not path.exists():
        raise FileNotFoundError
    if not path.is_file():
        raise ValueError("not a regular file")  # opening a pipe would wait for its writer
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES} bytes")
    entry = FallbackEntry(**json.loads(path.read_text(encoding="utf-8")))
    for name, value in entry._asdict().items():
        if not isinstance(value, str) or not value.encode():  # a lone surrogate cannot be encoded
            raise ValueError(f"{name} is not text")
    return entry
