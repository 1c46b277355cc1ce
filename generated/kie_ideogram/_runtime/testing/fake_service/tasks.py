"""Tasks and their states, from the submission to the end."""

import heapq
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from ...contract.model import CannedReply, Model, Wait, Workflow
from .files import StoredFile


class Failure(NamedTuple):
    """How a task fails. With `reply`, a query gets this reply instead of a record."""

    code: str
    msg: str
    reply: CannedReply | None = None


@dataclass
class Task:
    """A submission that was accepted."""

    id: str
    model: Model
    body: dict[str, Any]
    created: float
    visible: float
    due: float
    base: str
    """The base URL under which the caller reached the sandbox."""
    cost: float
    callback_url: str | None
    failure: Failure | None
    results: list[StoredFile] = field(default_factory=list)
    ended: bool = False
    refunded: float = 0

    def state(self, now: float, wait: Wait) -> str:
        """Return its state. The last pending state takes half of its time, the others share the rest."""
        if self.ended:
            return (wait.failure if self.failure else wait.success)[0]
        done = (now - self.created) / (self.due - self.created) if self.due > self.created else 1
        last = len(wait.pending) - 1
        return wait.pending[min(last, int(max(done, 0) * 2 * last))]

    def facts(self, now: float, workflow: Workflow) -> dict[str, Any]:
        """Return the values of its record, by the names that the contract uses."""
        succeeded = self.ended and not self.failure
        urls = [file.url(self.base) for file in self.results]
        output = workflow.outputs["urls"]
        entries = [{output.member: url} for url in urls] if output.form == "objects" else urls
        result = {output.pointer[-1]: entries}
        facts: dict[str, Any] = {
            "task.id": self.id,
            "task.model": self.model.name,
            "task.state": self.state(now, workflow.wait),
            "task.request": _request(self.body),
            "task.result": json.dumps(result) if succeeded else "",
            "task.fail-code": self.failure.code if self.ended and self.failure else None,
            "task.fail-msg": self.failure.msg if self.ended and self.failure else None,
            "task.seconds": round(self.due - self.created) if self.ended else None,
            "task.completed": _time(self.due, "completed_at", workflow) if self.ended else None,
            "task.created": _time(self.created, "created_at", workflow),
        }
        if not succeeded:
            return facts
        return facts | {"task.credits": self.cost, "task.urls": urls, "task.url": urls[0]}


def _time(seconds: float, output: str, workflow: Workflow) -> int | str:
    """Write a Unix time in the unit that the contract declares for it."""
    place = workflow.outputs.get(output)
    if place and place.unit == "iso-8601":
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return round(seconds) if place and place.unit == "unix-s" else round(seconds * 1000)


def _request(body: dict[str, Any]) -> str:
    """Return the submission's body as text. Its objects are text in it, as in recorded replies."""
    encoded = {
        name: json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
        for name, value in body.items()
    }
    return json.dumps(encoded, ensure_ascii=False)


class Tasks:
    """All tasks by their id, and those that have not ended by their end."""

    def __init__(self) -> None:
        self._by_id: dict[str, Task] = {}
        self._pending: list[tuple[float, int, Task]] = []

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Task]:
        return iter(self._by_id.values())

    def add(self, task: Task) -> None:
        """Add a task that has just been submitted."""
        heapq.heappush(self._pending, (task.due, len(self._by_id), task))
        self._by_id[task.id] = task

    def get(self, task_id: str, now: float) -> Task | None:
        """Return the task with an id, once it is visible."""
        task = self._by_id.get(task_id)
        return task if task and now >= task.visible else None

    def remove(self, task_id: str) -> bool:
        """Forget a task. Returns whether there was one; it is charged all the same."""
        return self._by_id.pop(task_id, None) is not None

    def next_due(self) -> float | None:
        """Return when the next task ends."""
        return self._pending[0][0] if self._pending else None

    def end_due(self, now: float) -> list[Task]:
        """End the tasks that are due, and return them in their order."""
        ended = []
        while self._pending and self._pending[0][0] <= now:
            task = heapq.heappop(self._pending)[2]
            task.ended = True
            ended.append(task)
        return ended
