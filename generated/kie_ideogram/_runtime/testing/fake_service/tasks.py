"""Tasks and their lives: waiting, queuing, generating, settled. No HTTP, no money."""

import heapq
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ...contract.model import Model, Verdict, Wait, Workflow
from .files import Stored


class Failure(NamedTuple):
    """How a task fails. With `verdict`, the query is answered with that body code instead of a record."""

    code: str
    msg: str
    verdict: Verdict | None = None


@dataclass
class Task:
    """One create call that was accepted."""

    id: str
    model: Model
    body: dict[str, Any]
    created: float
    visible: float
    due: float
    base: str
    cost: float
    call_back_url: str | None
    failure: Failure | None
    results: list[Stored] = field(default_factory=list)
    settled: bool = False

    def state(self, now: float, wait: Wait) -> str:
        """Where it stands. The last pending state takes half of its time, the others share the rest."""
        if self.settled:
            return (wait.failure if self.failure else wait.success)[0]
        done = (now - self.created) / (self.due - self.created) if self.due > self.created else 1
        last = len(wait.pending) - 1
        return wait.pending[min(last, int(max(done, 0) * 2 * last))]

    def facts(self, now: float, workflow: Workflow) -> dict[str, Any]:
        """What a record of it holds, by the names that the contract uses."""
        succeeded = self.settled and not self.failure
        result = {workflow.outputs["urls"].pointer[-1]: [file.url(self.base) for file in self.results]}
        facts: dict[str, Any] = {
            "task.id": self.id,
            "task.model": self.model.name,
            "task.state": self.state(now, workflow.wait),
            "task.request": _request(self.body),
            "task.result": json.dumps(result) if succeeded else "",
            "task.fail-code": self.failure.code if self.settled and self.failure else None,
            "task.fail-msg": self.failure.msg if self.settled and self.failure else None,
            "task.seconds": round(self.due - self.created) if self.settled else None,
            "task.completed": round(self.due * 1000) if self.settled else None,
            "task.created": round(self.created * 1000),
        }
        return facts | ({"task.credits": self.cost} if succeeded else {})


def _request(body: dict[str, Any]) -> str:
    """The create call's body as text; its objects are text inside the text, as in recorded replies."""
    encoded = {
        name: json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
        for name, value in body.items()
    }
    return json.dumps(encoded, ensure_ascii=False)


class Tasks:
    """All tasks, by id, and those that are still to be settled, by when."""

    def __init__(self) -> None:
        self._by_id: dict[str, Task] = {}
        self._pending: list[tuple[float, int, Task]] = []

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Task]:
        return iter(self._by_id.values())

    def add(self, task: Task) -> None:
        """Begin a task's life."""
        heapq.heappush(self._pending, (task.due, len(self._by_id), task))
        self._by_id[task.id] = task

    def get(self, task_id: str, now: float) -> Task | None:
        """The task of an id, once it is visible."""
        task = self._by_id.get(task_id)
        return task if task and now >= task.visible else None

    def next_due(self) -> float | None:
        """When the next task is to be settled."""
        return self._pending[0][0] if self._pending else None

    def settle(self, now: float) -> list[Task]:
        """End the tasks whose time has come, in their order."""
        ended = []
        while self._pending and self._pending[0][0] <= now:
            task = heapq.heappop(self._pending)[2]
            task.settled = True
            ended.append(task)
        return ended
