"""The record beside the pictures of a task: what made them, as JSON."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ...contract.model import Contract

if TYPE_CHECKING:
    from ...media.validate import ImageReport
    from .view import TaskView


class Saved(NamedTuple):
    """A picture that was stored, and what it was found to be."""

    path: Path
    url: str
    media_type: str
    size: tuple[int, int] | None
    bytes: int
    sha256: str
    notes: tuple[str, ...] = ()


class RunInputs(NamedTuple):
    """What a run knows of a task besides the task itself: the request as sent, and its pictures."""

    request: dict[str, Any]
    pictures: "tuple[ImageReport, ...]"


def sidecar(
    contract: Contract, task: "TaskView", saved: list[Saved], inputs: RunInputs | None, now: datetime
) -> bytes:
    """Write down the request, the task, its times, and the hashes of what went in and came out."""
    request = inputs.request if inputs else task.request
    made = {
        "client": f"kie-ideogram {contract.version}",
        "task": {
            "id": task.id,
            "state": str(task.state),
            "created_at": _time(task.created_at),
            "completed_at": _time(task.completed_at),
            "expires_at": _time(task.expires_at),
            "credits": task.credits,
        },
        "request": _without(request, contract.delivery.url),
        "inputs": [_plain(found) for found in inputs.pictures] if inputs else None,
        "pictures": [_plain(picture) | {"path": picture.path.name} for picture in saved],
        "saved_at": _time(now),
    }
    # Half a surrogate pair stays the escape that it came as.
    return (json.dumps(made, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


def _plain(entry: NamedTuple) -> dict[str, Any]:
    """The members that say something."""
    return {name: value for name, value in entry._asdict().items() if value not in ("", None, ())}


def _time(time: datetime | None) -> str | None:
    return time.isoformat(timespec="milliseconds") if time else None


def _without(request: dict[str, Any] | None, pointer: tuple[str, ...]) -> dict[str, Any] | None:
    """A request without the callback's URL: it made no picture, and may hold a secret."""
    if request is None:
        return None
    first, *rest = pointer
    inner = request.get(first)
    if rest and isinstance(inner, dict):
        return request | {first: _without(inner, tuple(rest))}
    return {name: value for name, value in request.items() if name != first}
