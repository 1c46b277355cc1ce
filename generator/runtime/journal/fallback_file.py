"""Keeps the id of a paid task that the journal could not record: in a file next to the journal."""

import json
import os
import sys
from collections.abc import Iterator
from glob import escape
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from ..core.telemetry import logger


class FallbackEntry(NamedTuple):
    """A task that was created, and its submission."""

    server: str
    idempotency_key: str
    task_id: str


def write_fallback(base: Path, entry: FallbackEntry, error: BaseException) -> None:
    """Write a new file `{base}-…` and report it. The journal reads it at its next start. Never fails."""
    reason = str(error) or type(error).__name__
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
    sys.stderr.write(f"{message}\n")
    logger.critical("%s", message)


def read_fallbacks(base: Path) -> Iterator[tuple[Path, FallbackEntry]]:
    """Yield what was stored, each with its file."""
    for path in sorted(base.parent.glob(f"{escape(base.name)}-*")):
        try:
            entry = FallbackEntry(**json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            continue  # another process has read and removed it
        except (ValueError, TypeError):
            logger.critical("%s: cannot be read", path)  # the disk was full while it was written
            continue
        yield path, entry
