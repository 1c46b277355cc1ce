"""How a row of a batch ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, NamedTuple

Status = Literal["succeeded", "failed", "lost", "unknown", "unfinished"]

Retry = Literal["failed", "lost"]
"""The rows that a run repeats, if it is asked to. Each of them is charged again."""


class Outcome(NamedTuple):
    """How a row ended.

    Attributes:
        key: The key of the row.
        status: `succeeded`: its results are saved. `failed`: there is no result. `lost`: its task is paid
            for, and the service no longer has the results. `unknown`: it was sent, and may have a task that
            is charged. `unfinished`: its task is paid for and its results are not saved; the next run
            continues it.
        line: The line of the row in its file, or its number.
        model: The model.
        idempotency_key: The key of its submission in the journal.
        task_id: Its task, if there is one.
        paths: Its saved results.
        credits: What it cost, credits: as the service reports it, or as declared. None if neither is known.
        reason: Why it did not succeed; empty if it did.
        error: The class of the error; empty if it succeeded.
        request: The values of the row, with hashes in place of files.
        ended_at: When it ended (Unix time).
        earlier: Whether it ended in an earlier run.
    """

    key: str
    status: Status
    line: int
    model: str
    idempotency_key: str
    task_id: str | None = None
    paths: tuple[Path, ...] = ()
    credits: float | None = None
    reason: str = ""
    error: str = ""
    request: dict[str, Any] = {}  # noqa: RUF012 # read only
    ended_at: float = 0.0
    earlier: bool = False
