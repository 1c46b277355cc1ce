# Generated from spec/ by `make generate`. Do not edit.
"""Create a generation task and follow it until it succeeds or fails."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .._runtime.contract.wrong_arguments import explain_wrong_arguments
from .._runtime.http.transport.raw_response import async_raw, raw
from .._runtime.tasks.polling.read import read_task
from .._runtime.tasks.submit.body import parse_body
from .._runtime.tasks.submit.submit import create
from ..task import AsyncTask, Task

if TYPE_CHECKING:
    from .._runtime.contract.sequences import SequenceNotStr
    from .._runtime.tasks.context import AsyncContext, SyncContext
    from .._runtime.tasks.submit.body import SupportsToDict


class Tasks:
    """Create a generation task and follow it until it succeeds or fails."""

    __slots__ = ("_context",)

    def __init__(self, context: SyncContext[Task]) -> None:
        self._context = context

    @property
    def with_raw_response(self) -> TasksWithRawResponse:
        """The same calls, which also return the HTTP response."""
        return TasksWithRawResponse(self)

    @explain_wrong_arguments
    def create(
        self,
        body: Mapping[str, Any] | SupportsToDict,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Task:
        """Create a generation task.

        Queue one task and return its id. Success means only that the task exists; it says
        nothing about the images. The service has no idempotency key, so repeating a call whose
        reply was lost may be charged twice.

        Takes a whole body, named as the service names its members, or a typed model of one; the
        models' own resources take keyword arguments. `idempotency_key`, `timeout` and errors as for those.
        Documentation: https://docs.kie.ai/market/ideogram/character-edit
        """
        session = self._context.session
        model, given = parse_body(session.contract, "createTask", body)
        return self._context.run(
            create(session, model, given, self._context.make_task, idempotency_key), timeout
        )

    @explain_wrong_arguments
    def get(self, task_id: str, timeout: float | None = None) -> Task:
        """Read one task.

        Return the task's state and, after it succeeded, its result. A failed task has one of
        two forms: `code` 200 with state `fail`, or `code` 501 or 408 on the query itself.
        Directly after its submission, the task may not be visible yet (404 or 422).

        A failed task is returned, not raised, in whichever form the service reports it.
        Documentation: https://docs.kie.ai/market/common/get-task-detail

        Args:
            task_id: The id of the task.
            timeout: Seconds for the whole call, with queueing and retries; no limit unless given.

        Raises:
            CallTimeoutError: The time ended.
            ApiError: The service refused the query, for instance because there is no such task.
            ServiceUnreachableError, ReplyLostError: The network failed, in every attempt.
            ResponseFormatError: The reply broke the contract, in every attempt.
        """
        return self._context.run(read_task(self._context.session, task_id, self._context.make_task), timeout)

    @explain_wrong_arguments
    def wait(self, task_id: str, timeout: float | None = None) -> Task:
        """Wait for a task by its id and return it if it succeeded.

        Args:
            task_id: The id of the task.
            timeout: Seconds to wait in all; 900 s unless given. With 0, the task is read once.

        Raises:
            TaskFailedError: The task ended without a result.
            TaskTimeoutError: The task has not ended in time. It continues.
            KieError: What reading the task raises. All of them have the task's id.
        """
        task = Task(self._context, task_id, {}, None)
        return task.wait(timeout)

    @explain_wrong_arguments
    def settled(
        self,
        tasks: Iterable[Task] | Iterator[Task | str] | SequenceNotStr[Task | str],
        timeout: float | None = None,
    ) -> Generator[Task, None, None]:
        """Yield tasks as they end, succeeded or failed.

        One poller waits for all tasks, fairly and within the rate limits; each costs a few hundred bytes.

        Args:
            tasks: Tasks or their ids; not a single `str`.
            timeout: Seconds to wait in all; 900 s unless given.

        Raises:
            KieError: What went wrong with one task, after the others have ended: `TaskTimeoutError`, and
                what reading it raises.
            ExceptionGroup: The same for several tasks.
        """
        from .._runtime.tasks.wait_many import settled

        return settled(self._context, tasks, timeout)


class TasksWithRawResponse:
    """Calls of `Tasks` that return a `RawResponse`."""

    def __init__(self, resource: Tasks) -> None:
        self.create = raw(resource.create)
        self.get = raw(resource.get)


class AsyncTasks:
    """Create a generation task and follow it until it succeeds or fails."""

    __slots__ = ("_context",)

    def __init__(self, context: AsyncContext[AsyncTask]) -> None:
        self._context = context

    @property
    def with_raw_response(self) -> AsyncTasksWithRawResponse:
        """The same calls, which also return the HTTP response."""
        return AsyncTasksWithRawResponse(self)

    @explain_wrong_arguments
    async def create(
        self,
        body: Mapping[str, Any] | SupportsToDict,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> AsyncTask:
        """Create a generation task.

        Queue one task and return its id. Success means only that the task exists; it says
        nothing about the images. The service has no idempotency key, so repeating a call whose
        reply was lost may be charged twice.

        Takes a whole body, named as the service names its members, or a typed model of one; the
        models' own resources take keyword arguments. `idempotency_key`, `timeout` and errors as for those.
        Documentation: https://docs.kie.ai/market/ideogram/character-edit
        """
        session = self._context.session
        model, given = parse_body(session.contract, "createTask", body)
        return await self._context.run(
            create(session, model, given, self._context.make_task, idempotency_key), timeout
        )

    @explain_wrong_arguments
    async def get(self, task_id: str, timeout: float | None = None) -> AsyncTask:
        """Read one task.

        Return the task's state and, after it succeeded, its result. A failed task has one of
        two forms: `code` 200 with state `fail`, or `code` 501 or 408 on the query itself.
        Directly after its submission, the task may not be visible yet (404 or 422).

        A failed task is returned, not raised, in whichever form the service reports it.
        Documentation: https://docs.kie.ai/market/common/get-task-detail

        Args:
            task_id: The id of the task.
            timeout: Seconds for the whole call, with queueing and retries; no limit unless given.

        Raises:
            CallTimeoutError: The time ended.
            ApiError: The service refused the query, for instance because there is no such task.
            ServiceUnreachableError, ReplyLostError: The network failed, in every attempt.
            ResponseFormatError: The reply broke the contract, in every attempt.
        """
        return await self._context.run(
            read_task(self._context.session, task_id, self._context.make_task), timeout
        )

    @explain_wrong_arguments
    async def wait(self, task_id: str, timeout: float | None = None) -> AsyncTask:
        """Wait for a task by its id and return it if it succeeded.

        Args:
            task_id: The id of the task.
            timeout: Seconds to wait in all; 900 s unless given. With 0, the task is read once.

        Raises:
            TaskFailedError: The task ended without a result.
            TaskTimeoutError: The task has not ended in time. It continues.
            KieError: What reading the task raises. All of them have the task's id.
        """
        task = AsyncTask(self._context, task_id, {}, None)
        return await task.wait(timeout)

    @explain_wrong_arguments
    def settled(
        self,
        tasks: Iterable[AsyncTask] | Iterator[AsyncTask | str] | SequenceNotStr[AsyncTask | str],
        timeout: float | None = None,
    ) -> AsyncGenerator[AsyncTask, None]:
        """Yield tasks as they end, succeeded or failed.

        One poller waits for all tasks, fairly and within the rate limits; each costs a few hundred bytes.

        Args:
            tasks: Tasks or their ids; not a single `str`.
            timeout: Seconds to wait in all; 900 s unless given.

        Raises:
            KieError: What went wrong with one task, after the others have ended: `TaskTimeoutError`, and
                what reading it raises.
            ExceptionGroup: The same for several tasks.
        """
        from .._runtime.tasks.wait_many import async_settled

        return async_settled(self._context, tasks, timeout)


class AsyncTasksWithRawResponse:
    """Calls of `AsyncTasks` that return a `RawResponse`."""

    def __init__(self, resource: AsyncTasks) -> None:
        self.create = async_raw(resource.create)
        self.get = async_raw(resource.get)
