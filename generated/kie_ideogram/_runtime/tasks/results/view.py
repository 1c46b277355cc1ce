"""A read-only view of a task: the record of the last poll."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from sys import float_info
from typing import TYPE_CHECKING, Any, TypeVar

from ...contract.pointer import decode_json, get_pointer

if TYPE_CHECKING:
    from ...contract.model import Workflow

T = TypeVar("T")

TaskFactory = Callable[[str, dict[str, Any], float | None], T]
"""Makes a task from its id, its record, and when (monotonic) this client created it, if it did."""


class TaskView:
    """What was last read of a task. `raw` is the record as the service sent it; `id` never changes."""

    __slots__ = ("_created", "_workflow", "id", "idempotency_key", "raw")

    def __init__(self, workflow: Workflow, task_id: str, raw: dict[str, Any], created: float | None) -> None:
        self._workflow = workflow
        self._created = created
        self.id = task_id
        self.raw = raw
        self.idempotency_key: str | None = None
        """The idempotency key that the task was submitted with, if this client knows it."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(id={self.id!r}, state={str(self.state)!r})"

    def _repr_html_(self) -> str:
        from .notebook import task_html  # imported only by notebooks

        return task_html(self)

    def __reduce__(self) -> tuple[Any, ...]:
        # In another process it is a view only: a client's API key and connections are not pickled.
        return TaskView, (self._workflow, self.id, self.raw, None)

    def _read(self, name: str) -> Any:
        output = self._workflow.outputs.get(name)
        if output is None:
            return None
        value = get_pointer(self.raw, output.pointer)
        return _time(value, output.unit) if output.unit else value

    @property
    def state(self) -> str:
        """The state of the task. A state that the contract does not know is returned unchanged."""
        state = self._read("state")
        return state if isinstance(state, str) else self._workflow.wait.initial

    @property
    def succeeded(self) -> bool:
        """Whether the task ended with a result."""
        return self.state in self._workflow.wait.success

    @property
    def failed(self) -> bool:
        """Whether the task ended without a result."""
        return self.state in self._workflow.wait.failure

    @property
    def urls(self) -> list[str]:
        """One URL per result; empty until the task succeeded. The URLs expire: save the results soon."""
        return [url for url in result_entries(self) if isinstance(url, str) and url]

    @property
    def fail_code(self) -> str:
        """The service's code for the failure, a number or a word; empty if there is none."""
        code = self._read("fail_code")
        return "" if code is None else str(code)

    @property
    def fail_msg(self) -> str:
        """The service's message about the failure; empty if there is none."""
        message = self._read("fail_msg")
        return "" if message is None else str(message)

    @property
    def created_at(self) -> datetime | None:
        """When the service created the task (UTC); None until the service reports it."""
        created: datetime | None = self._read("created_at")
        return created

    @property
    def completed_at(self) -> datetime | None:
        """When the task ended (UTC); None until it has ended and the service reports it."""
        completed: datetime | None = self._read("completed_at")
        return completed

    @property
    def expires_at(self) -> datetime | None:
        """When its URLs expire by the declared lifetime (UTC); None until it succeeded."""
        lifetime = self._workflow.outputs["urls"].lifetime
        completed = self.completed_at
        if not lifetime or not completed or not self.succeeded:
            return None
        try:
            return completed + timedelta(seconds=lifetime)
        except OverflowError:  # a date after the year 9999
            return None

    @property
    def request(self) -> dict[str, Any] | None:
        """The body of the submission as the service repeats it, decoded; None if it cannot be read."""
        body = decode_json(self._read("request"))
        return {name: decode_json(value) for name, value in body.items()} if isinstance(body, dict) else None

    @property
    def credits(self) -> float | None:
        """What the task cost, credits; None if the service does not report it as a number."""
        spent = self._read("credits")
        is_number = isinstance(spent, int | float) and not isinstance(spent, bool)
        return spent if is_number and abs(spent) <= float_info.max else None


def result_entries(task: TaskView) -> list[Any]:
    """Return a task's result as the service lists it: URLs, and whatever else it has in their places."""
    # A sample of the service shows links together with the state `waiting`: the state decides.
    if not task.succeeded:
        return []
    output = task._workflow.outputs["urls"]
    urls, form = get_pointer(task.raw, output.pointer), output.form
    if urls is None and output.pointer:
        above = decode_json(get_pointer(task.raw, output.pointer[:-1]))
        urls = above if isinstance(above, list) else None
    if isinstance(urls, str):
        decoded = decode_json(urls)  # a list may be sent as text
        urls = decoded if isinstance(decoded, list) else urls
    if isinstance(urls, dict) and (form == "members" or not is_link(urls.get("url"))):
        members = [value for value in urls.values() if value is not None]
        links = [] if form == "members" else [value for value in members if is_link(value)]
        urls = links or members
    if isinstance(urls, list):
        return [_link(entry, output.member) for entry in urls]
    return [] if urls in (None, "") else [_link(urls, output.member)]


def _link(entry: Any, member: str) -> Any:
    """Return the link of an entry.

    An object has one in the declared `member`, in `url`, or in the first member that is a link.
    """
    while isinstance(entry, list) and len(entry) == 1:
        (entry,) = entry
    if isinstance(entry, dict):
        links = [one for one in (entry.get(member), entry.get("url"), *entry.values()) if is_link(one)]
        entry = links[0] if links else entry
    return entry.strip() if isinstance(entry, str) else entry


def is_link(value: Any) -> bool:
    """Whether a value is the text of a link."""
    return isinstance(value, str) and value.strip().lower().startswith(("https://", "http://"))


def _time(value: Any, unit: str) -> datetime | None:
    """Return a time of the service; None if it cannot be read. A time without a zone is in UTC."""
    try:
        if unit != "iso-8601":
            return datetime.fromtimestamp(value / (1000 if unit == "unix-ms" else 1), UTC)
        time = datetime.fromisoformat(value)
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def id_and_creation(task: TaskView | str) -> tuple[str, float | None]:
    """Return a task's id, and when (monotonic) this client created it, if it did."""
    return (task.id, task._created) if isinstance(task, TaskView) else (task, None)


def with_idempotency_key(task: T, idempotency_key: str | None) -> T:
    """Return the task, which now knows its idempotency key."""
    if isinstance(task, TaskView):
        task.idempotency_key = idempotency_key
    return task
