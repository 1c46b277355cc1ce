"""The record of a task, as JSON: what made the results, and what is missing or odd about them."""

import json
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ...contract.model import Contract
from ...contract.pointer import get_pointer
from ...core import atomic_write
from ...core.identity import DISTRIBUTION
from .store import Saved

if TYPE_CHECKING:
    from ...media.validate import ImageReport
    from .view import TaskView


class Missing(NamedTuple):
    """A result that was not saved."""

    number: int
    """Its place in the result, from 1."""
    url: str
    reason: str
    partial: Path | None = None
    """The file with what arrived of it."""


class RunInputs(NamedTuple):
    """What a run knows of a task in addition to the task: the request as sent, and its pictures."""

    request: dict[str, Any]
    pictures: "tuple[ImageReport, ...]"


def sidecar(
    contract: Contract,
    task: "TaskView",
    saved: list[Saved],
    missing: list[Missing],
    notes: list[str],
    inputs: RunInputs | None,
    now: datetime,
) -> dict[str, Any]:
    """Return the record: the request, the task, its times, the hashes of its pictures, what is missing."""
    request = inputs.request if inputs else task.request
    sent = None if saved else get_pointer(task.raw, task._workflow.outputs["urls"].pointer[:-1])
    return {
        "client": f"{DISTRIBUTION} {contract.version}",
        "task": {
            "id": task.id,
            "state": str(task.state),
            "created_at": _time(task.created_at),
            "completed_at": _time(task.completed_at),
            "expires_at": _time(task.expires_at),
            "credits": task.credits,
        },
        "request": _without(request, contract.delivery.url) if contract.delivery else request,
        "inputs": [_plain(found) for found in inputs.pictures] if inputs else None,
        "pictures": [_plain(picture) | {"path": picture.path.name} for picture in saved],
        "missing": [_plain(one) | ({"partial": one.partial.name} if one.partial else {}) for one in missing],
        **({"result": sent} if sent else {}),
        "notes": notes,
        "saved_at": _time(now),
    }


def write_record(path: Path, record: dict[str, Any], *, overwrite: bool) -> None:
    """Write a record. Raises `OSError`.

    An existing record is replaced only if that is allowed, or if it lists missing results. Then its request
    and inputs are preserved: those who only read the task do not know what a run sent.
    """
    try:
        atomic_write.write(path, _encoded(record), overwrite=overwrite)
    except FileExistsError:
        earlier = _earlier(path)
        if earlier.get("missing") and _task_id(earlier) == _task_id(record):
            kept = {name: earlier.get(name) for name in ("request", "inputs") if record[name] is None}
            if record["inputs"] is None and earlier.get("inputs"):
                kept["request"] = earlier.get("request")
            atomic_write.write(path, _encoded(record | kept), overwrite=True)


def _task_id(record: dict[str, Any]) -> Any:
    task = record.get("task")
    return task.get("id") if isinstance(task, dict) else None


def _earlier(path: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError, RecursionError):
        found = json.loads(path.read_bytes())
        if isinstance(found, dict):
            return found
    return {}


def _encoded(record: dict[str, Any]) -> bytes:
    # A lone surrogate stays the escape that the service sent.
    return (json.dumps(record, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


def _plain(entry: NamedTuple) -> dict[str, Any]:
    """Return the members that are not empty."""
    return {name: value for name, value in entry._asdict().items() if value not in ("", None, ())}


def _time(time: datetime | None) -> str | None:
    return time.isoformat(timespec="milliseconds") if time else None


def _without(request: dict[str, Any] | None, pointer: tuple[str, ...]) -> dict[str, Any] | None:
    """Return a request without the callback's URL: it made no picture, and may contain a secret."""
    if request is None:
        return None
    first, *rest = pointer
    inner = request.get(first)
    if rest and isinstance(inner, dict):
        return request | {first: _without(inner, tuple(rest))}
    return {name: value for name, value in request.items() if name != first}
