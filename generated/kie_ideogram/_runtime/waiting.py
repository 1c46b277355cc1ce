"""Follows a task until it is settled: the declared waiter, as flows."""

from math import isnan
from typing import Generic, Protocol, TypeVar

from .core import Core, Give
from .errors import Fault, InvalidInputError, KieError, ResponseFormatError, TaskFailedError, TaskTimeoutError
from .flow import Flow, Sleep
from .shapes import Wait


class View(Protocol):
    """What the waiter needs to see of a task."""

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


class Watch(Generic[V]):
    """Follows one task. Give up after `timeout` seconds, or after the declared deadline."""

    def __init__(
        self, core: Core, give: Give[V], task_id: str, created: float | None, timeout: float | None
    ) -> None:
        self.settled = False
        self._core = core
        self._give = give
        self._task_id = task_id
        self._created = created
        self._wait: Wait = core.workflow.wait
        if timeout is not None and isnan(timeout):
            raise InvalidInputError([Fault("timeout", "type", "is not a number of seconds")])
        now = core.clock()
        self._start = now if created is None else created
        self._deadline = now + (self._wait.deadline if timeout is None else timeout)
        # A task that was created this moment is not worth a look yet.
        self._rest = (
            self._every() if created is not None and now - created < self._wait.schedule[0][1] else 0.0
        )
        self._state = ""

    def change(self) -> Flow[V]:
        """Return the task when its state has changed. Raises `TaskTimeoutError`. Not for a settled task."""
        error: KieError | None = None
        while True:
            left = self._deadline - self._core.clock()
            if self._rest > 0:
                yield Sleep(max(0.0, min(self._rest, left)))
            last = self._deadline - self._core.clock() <= 0
            self._rest = self._every()
            try:
                # A look that begins at the deadline still gets one short moment to answer.
                limit = max(self._deadline, self._core.clock() + 1)
                view = yield from self._core.read(self._task_id, self._give, self._created, limit)
            except KieError as caught:
                error = caught
                if not (self._core.transient(error) or self._core.too_early(error, self._created)):
                    raise
                self._rest = max(self._rest, self._core.pause(error, 0))
            else:
                self.settled = view.state in (*self._wait.success, *self._wait.failure)
                if view.state != self._state:
                    self._state = view.state
                    return view
                error = None
            if last:
                raise self._timeout() from error

    def result(self) -> Flow[V]:
        """Return the task once it has succeeded. Raises `TaskFailedError`, `TaskTimeoutError`."""
        while True:
            view = yield from self.change()
            if self.settled:
                return self.judge(view)

    def judge(self, view: V) -> V:
        """Return a settled task that has pictures. Raises `TaskFailedError`, `ResponseFormatError`."""
        if view.state in self._wait.failure:
            why = f"{view.fail_code or 'no code'}: {view.fail_msg or 'no reason given'}"
            raise TaskFailedError(
                f"the task failed, {why}", task=view, fail_code=view.fail_code, fail_msg=view.fail_msg
            )
        if not view.urls:
            error = ResponseFormatError(
                "the task succeeded, but its result names no pictures", http_status=200
            )
            error.task_id = view.id
            raise error
        return view

    def _every(self) -> float:
        elapsed = self._core.clock() - self._start
        every = next(
            every for after, every in reversed(self._wait.schedule) if elapsed >= after or after == 0
        )
        return every * (1 + self._wait.jitter * (2 * self._core.chance() - 1))

    def _timeout(self) -> TaskTimeoutError:
        error = TaskTimeoutError(
            f"not settled in time, last state {self._state or 'unknown'!r}; "
            "the task goes on and can be waited for again"
        )
        error.task_id = self._task_id
        return error
