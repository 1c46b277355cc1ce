"""The last resort for the id of a paid task that the journal could not take: a line beside the file."""

import json
import sys
from pathlib import Path
from typing import NamedTuple

from ..events import logger


class Rescued(NamedTuple):
    """A task that was made, and for which job."""

    server: str
    key: str
    task_id: str


def keep(beside: Path, one: Rescued, error: BaseException) -> None:
    """Say it where somebody will see it, and write it down for the journal to take in when it can."""
    why = str(error) or type(error).__name__
    try:
        with beside.open("a", encoding="utf-8") as file:
            file.write(json.dumps(one._asdict()) + "\n")
        where = f"is kept in {beside}, for the journal's next start to take in"
    except OSError as failure:
        where = f"could not be kept in {beside} either ({failure.strerror}): write it down"
    message = f"task {one.task_id} of job {one.key} was paid for, is not in the journal ({why}), and {where}"
    # Beside the log, which nobody may have set up.
    sys.stderr.write(f"{message}\n")
    logger.critical("%s", message)


def take_in(beside: Path) -> list[Rescued]:
    """What was written down, moved aside for `forget`."""
    taken = _taken(beside)
    if beside.exists():
        with taken.open("a", encoding="utf-8") as file:
            file.write(beside.read_text(encoding="utf-8"))
        beside.unlink()
    if not taken.exists():
        return []
    found = []
    for line in taken.read_text(encoding="utf-8").splitlines():
        try:
            found.append(Rescued(**json.loads(line)))
        except (ValueError, TypeError):
            logger.critical("%s: not a whole line: %s", beside, line)  # the disk was full in the middle of it
    return found


def forget(beside: Path) -> None:
    """Remove what the journal has taken in."""
    _taken(beside).unlink(missing_ok=True)


def _taken(beside: Path) -> Path:
    return beside.with_name(beside.name + "-taken")
