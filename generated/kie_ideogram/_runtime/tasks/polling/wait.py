"""Waits for tasks: what a caller asks for, put on the client's schedule."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from ...contract.describe import describe
from ...core.errors import Fault, InvalidInputError, ResponseFormatError, TaskFailedError
from ...http.session import Core, Give
from .poller import Schedule, Seat


class View(Protocol):
    """What a wait needs to see of a task."""

    @property
    def id(self) -> str:
        """The task's id."""
        ...

    @property
    def state(self) -> str:
        """Where the task stands."""
        ...

    @property
    def urls(self) -> list[str]:
        """Its pictures."""
        ...

    @property
    def fail_code(self) -> str:
        """Why it failed."""
        ...

    @property
    def fail_msg(self) -> str:
        """The same in words."""
        ...


V = TypeVar("V", bound=View)


def seconds(core: Core, timeout: float | None) -> float:
    """How long to wait, by the contract where nobody says. Raises `InvalidInputError`."""
    if timeout is None:
        return core.workflow.wait.deadline
    if isinstance(timeout, int | float) and not isinstance(timeout, bool) and timeout >= 0:
        with suppress(OverflowError):
            return float(timeout)
    raise InvalidInputError(
        [Fault("timeout", "type", f"expected seconds, 0 or more, got {describe(timeout)}")]
    )


def seated(
    core: Core,
    schedule: Schedule,
    tasks: Iterable[tuple[str, float | None]],
    give: Give[Any],
    timeout: float | None,
    *,
    changes: bool = False,
) -> Seat:
    """Take a seat for tasks, by their ids and when we created them. `timeout` as for `SyncTask.wait`."""
    seat = schedule.seat(give, seconds(core, timeout), changes=changes)
    for task_id, created in tasks:
        schedule.watch(seat, task_id, created)
    return seat


def judged(core: Core, view: V) -> V:
    """Return a succeeded task. Raises `TaskFailedError`, `ResponseFormatError` for the others."""
    if view.state in core.workflow.wait.failure:
        code, message = core.judge.scrub(view.fail_code), core.judge.scrub(view.fail_msg)
        why = f"{code or 'no code'}: {message or 'no reason given'}"
        raise TaskFailedError(f"the task failed, {why}", task=view, fail_code=code, fail_msg=message)
    if not view.urls:
        error = ResponseFormatError("the task succeeded, but its result names no pictures", http_status=200)
        error.task_id = view.id
        raise error
    return view
