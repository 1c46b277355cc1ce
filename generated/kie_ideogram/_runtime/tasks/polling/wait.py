"""Waits for tasks: a caller's request, checked and handed to the client's poller."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from ...contract.describe import describe
from ...core.errors import Fault, InvalidInputError, ResponseFormatError, TaskFailedError
from ...core.subscription import Subscription
from ...core.text.printable import printable
from ...http.session import Session
from .poller import TaskPoller

if TYPE_CHECKING:
    from ..results.view import TaskFactory


class EndedTask(Protocol):
    """What `succeeded_task` needs to know of a task that has ended."""

    @property
    def id(self) -> str:
        """The id of the task."""
        ...

    @property
    def state(self) -> str:
        """The state of the task."""
        ...

    @property
    def urls(self) -> list[str]:
        """The URLs of its results."""
        ...

    @property
    def fail_code(self) -> str:
        """The service's code for its failure."""
        ...

    @property
    def fail_msg(self) -> str:
        """The service's message about its failure."""
        ...


TaskT = TypeVar("TaskT", bound=EndedTask)


def check_timeout(session: Session, timeout: float | None) -> float:
    """Return the seconds to wait, by default the contract's deadline. Raises `InvalidInputError`."""
    return session.workflow.wait.deadline if timeout is None else check_seconds(timeout)


def check_seconds(timeout: float) -> float:
    """Return the value of an argument `timeout`, seconds. Raises `InvalidInputError`."""
    if isinstance(timeout, int | float) and not isinstance(timeout, bool) and timeout >= 0:
        with suppress(OverflowError):
            return float(timeout)
    message = f"must be a number of seconds, at least 0, got {describe(timeout)}"
    raise InvalidInputError([Fault("timeout", "type", message)])


def subscribe(
    session: Session,
    poller: TaskPoller,
    tasks: Iterable[tuple[str, float | None]],
    make_task: TaskFactory[Any],
    timeout: float | None,
    *,
    yields_changes: bool = False,
) -> Subscription:
    """Subscribe to tasks, given by id and by when (monotonic) this client created them, if it did."""
    seconds = check_timeout(session, timeout)
    subscription = poller.subscribe(make_task, seconds, yields_changes=yields_changes)
    try:
        for task_id, created in tasks:
            poller.add(subscription, task_id, created)
    except BaseException:  # the caller's iterator may raise, and the tasks before are not to be polled
        poller.unsubscribe(subscription)
        raise
    return subscription


def ended_task(session: Session, task: TaskT) -> TaskT:
    """Return a task that has ended, unless it failed. Raises `TaskFailedError`."""
    if task.state in session.workflow.wait.failure:
        redact = session.parser.redact
        code, message = redact(task.fail_code), redact(task.fail_msg)
        reason = printable(f"{code or 'no code'}: {message or 'no reason given'}")
        raise TaskFailedError(f"the task failed, {reason}", task=task, fail_code=code, fail_msg=message)
    return task


def succeeded_task(session: Session, task: TaskT) -> TaskT:
    """Return a task that has a result. Raises `TaskFailedError` or `ResponseFormatError` for another."""
    ended_task(session, task)
    if not task.urls:
        error = ResponseFormatError("the task succeeded, but its result has no URLs", http_status=200)
        error.task_id = task.id
        raise error
    return task
