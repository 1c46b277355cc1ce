"""A task as the caller holds it: what was read last, and what can be done with it."""

from collections.abc import AsyncGenerator, Generator
from datetime import UTC, datetime, timedelta
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ..contract.model import Workflow
from ..contract.pointer import decode_json, get_pointer
from .polling.wait import judged, seated
from .results.download import save

if TYPE_CHECKING:
    from ..client import AsyncClient, SyncClient


class TaskView:
    """What was last read of a task. `raw` is the reply's data, `id` never changes."""

    __slots__ = ("_created", "_workflow", "id", "raw")

    def __init__(self, workflow: Workflow, task_id: str, raw: dict[str, Any], created: float | None) -> None:
        self._workflow = workflow
        self._created = created
        self.id = task_id
        self.raw = raw

    def __repr__(self) -> str:
        return f"{type(self).__name__}(id={self.id!r}, state={str(self.state)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        # In another process it is what was last read: a client's key and connections do not travel.
        return TaskView, (self._workflow, self.id, self.raw, None)

    def _read(self, name: str) -> Any:
        output = self._workflow.outputs[name]
        value = get_pointer(self.raw, output.pointer)
        if output.unit != "unix-ms":
            return value
        try:
            return datetime.fromtimestamp(value / 1000, UTC)
        except (TypeError, ValueError, OverflowError, OSError):
            return None

    @property
    def state(self) -> str:
        """Where the task stood. A state that the contract does not know is kept as it is."""
        state = self._read("state")
        return state if isinstance(state, str) else self._workflow.wait.initial

    @property
    def succeeded(self) -> bool:
        """Whether it ended with a result."""
        return self.state in self._workflow.wait.success

    @property
    def failed(self) -> bool:
        """Whether it ended without one."""
        return self.state in self._workflow.wait.failure

    @property
    def urls(self) -> list[str]:
        """One URL for each picture made; empty until the task succeeded. They die: save them soon."""
        # A sample of the service shows links beside the state `waiting`: the state decides.
        urls = self._read("urls") if self.succeeded else None
        return [url for url in urls if isinstance(url, str)] if isinstance(urls, list) else []

    @property
    def fail_code(self) -> str:
        """The service's code for the failure, a number or a word; empty when there is none."""
        code = self._read("fail_code")
        return "" if code is None else str(code)

    @property
    def fail_msg(self) -> str:
        """The service's words for the failure; empty when there are none."""
        message = self._read("fail_msg")
        return "" if message is None else str(message)

    @property
    def created_at(self) -> datetime | None:
        """When the service created the task (UTC), once it said so."""
        created: datetime | None = self._read("created_at")
        return created

    @property
    def completed_at(self) -> datetime | None:
        """When the task was settled (UTC), once it was and the service said so."""
        completed: datetime | None = self._read("completed_at")
        return completed

    @property
    def expires_at(self) -> datetime | None:
        """Until when its links last by the declared lifetime (UTC); None before it succeeded."""
        life = self._workflow.outputs["urls"].lifetime
        completed = self.completed_at
        if not life or not completed or not self.succeeded:
            return None
        try:
            return completed + timedelta(seconds=life)
        except OverflowError:  # a time near the end of all
            return None

    @property
    def request(self) -> dict[str, Any] | None:
        """The create call's body as the service tells it, decoded; None where that makes no sense."""
        body = decode_json(self._read("request"))
        return {name: decode_json(value) for name, value in body.items()} if isinstance(body, dict) else None

    @property
    def credits(self) -> float | None:
        """What the task cost, credits, where the service says so."""
        spent = self._read("credits")
        return spent if isinstance(spent, int | float) else None


def seen(task: "TaskView | str") -> tuple[str, float | None]:
    """A task's id, and when (monotonic) we created it, if we did."""
    return (task.id, task._created) if isinstance(task, TaskView) else (task, None)


class SyncTask(TaskView):
    """A task of a blocking client."""

    __slots__ = ("_client",)

    def __init__(
        self, client: "SyncClient[Any]", task_id: str, raw: dict[str, Any], created: float | None
    ) -> None:
        super().__init__(client.core.workflow, task_id, raw, created)
        self._client = client

    def updates(self, timeout: float | None = None) -> Generator[Self, None, None]:
        """Yield the task whenever its state has changed, and end when it is settled.

        `timeout` is in seconds; the contract's deadline by default. Raises `TaskTimeoutError`,
        and what a query raises; a failed task is yielded, not raised.
        """
        client = self._client
        seat = seated(client.core, client.schedule, [seen(self)], self._give, timeout, changes=True)
        try:
            while seat.open or seat.ready:
                yield client.news(seat)
        finally:
            client.schedule.leave(seat)

    def wait(self, timeout: float | None = None) -> Self:
        """Return the succeeded task. `timeout` as for `updates`.

        Raises `TaskFailedError`, `TaskTimeoutError`, and what a query raises; all carry the task's id.
        """
        client = self._client
        seat = seated(client.core, client.schedule, [seen(self)], self._give, timeout)
        try:
            view: Self = client.news(seat)
            return judged(client.core, view)
        finally:
            client.schedule.leave(seat)

    def refresh(self) -> Self:
        """Return the task as it stands now."""
        return self._client.run(self._client.core.read(self.id, self._give, self._created))

    def save(self, directory: str | PathLike[str], *, overwrite: bool = False) -> list[Path]:
        """Store the task's pictures in `directory` and return their paths, in the result's order.

        A JSON file of the task's name beside them records what made them. An expired link is renewed
        once. Raises `DownloadError`. A picture is written whole or not at all; the key is not sent.
        """
        return self._client.run(save(self._client.core, self, directory, overwrite))

    def _give(self, task_id: str, raw: dict[str, Any], created: float | None) -> Self:
        return type(self)(self._client, task_id, raw, created)


class AsyncTask(TaskView):
    """A task of an asyncio client."""

    __slots__ = ("_client",)

    def __init__(
        self, client: "AsyncClient[Any]", task_id: str, raw: dict[str, Any], created: float | None
    ) -> None:
        super().__init__(client.core.workflow, task_id, raw, created)
        self._client = client

    async def updates(self, timeout: float | None = None) -> AsyncGenerator[Self, None]:
        """Yield the task whenever its state has changed; see `SyncTask.updates`."""
        client = self._client
        seat = seated(client.core, client.schedule, [seen(self)], self._give, timeout, changes=True)
        try:
            while seat.open or seat.ready:
                yield await client.news(seat)
        finally:
            client.schedule.leave(seat)

    async def wait(self, timeout: float | None = None) -> Self:
        """Return the succeeded task; see `SyncTask.wait`."""
        client = self._client
        seat = seated(client.core, client.schedule, [seen(self)], self._give, timeout)
        try:
            view: Self = await client.news(seat)
            return judged(client.core, view)
        finally:
            client.schedule.leave(seat)

    async def refresh(self) -> Self:
        """Return the task as it stands now."""
        return await self._client.run(self._client.core.read(self.id, self._give, self._created))

    async def save(self, directory: str | PathLike[str], *, overwrite: bool = False) -> list[Path]:
        """Store the task's pictures; see `SyncTask.save`."""
        return await self._client.run(save(self._client.core, self, directory, overwrite))

    def _give(self, task_id: str, raw: dict[str, Any], created: float | None) -> Self:
        return type(self)(self._client, task_id, raw, created)
