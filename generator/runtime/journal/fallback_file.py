"""The last resort for the id of a paid task that the journal could not take: a file beside it."""

import json
import sys
from collections.abc import Iterator
from glob import escape
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from ..core.telemetry import logger


class Rescued(NamedTuple):
    """A task that was made, and for which job."""

    server: str
    key: str
    task_id: str


def keep(beside: Path, one: Rescued, error: BaseException) -> None:
    """Say it where somebody will see it, and write it down for the journal to take in when it can."""
    why = str(error) or type(error).__name__
    file = beside.with_name(f"{beside.name}-{uuid4().hex}")
    try:
        file.write_text(json.dumps(one._asdict()), encoding="utf-8")
        where = f"is kept in {file}, for the journal's next start to take in"
    except OSError as failure:
        where = f"could not be kept in {file} either ({failure.strerror}): write it down"
    message = f"task {one.task_id} of job {one.key} was paid for, is not in the journal ({why}), and {where}"
    # Beside the log, which nobody may have set up.
    sys.stderr.write(f"{message}\n")
    logger.critical("%s", message)


def rescued(beside: Path) -> Iterator[tuple[Path, Rescued]]:
    """What was written down, each with its file."""
    for file in sorted(beside.parent.glob(f"{escape(beside.name)}-*")):
        try:
            one = Rescued(**json.loads(file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            continue  # another process has taken it in
        except (ValueError, TypeError):
            logger.critical("%s: cannot be read", file)  # the disk was full in the middle of it
            continue
        yield file, one
