# Generated from spec/ by `make generate`. Do not edit.
"""Create a generation task and follow it until it succeeds or fails."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from .._runtime.core.renamed import refuse_former_arguments
from .._runtime.http.transport.raw_response import async_raw, raw
from .._runtime.tasks.polling.read import read_task
from .._runtime.tasks.submit.body import parse_body
from .._runtime.tasks.submit.submit import create
from ..task import AsyncTask, Task

if TYPE_CHECKING:
    from .._runtime.tasks.context import AsyncContext, SyncContext
    from .._runtime.tasks.submit.body import SupportsToDict


class Tasks:
    """Create a generation task and follow it until it succeeds or fails."""

    __slots__ = ("_context",)

    def __init__(self, context: SyncContext[Task]) -> None:
        self._context = context

    @property
    def with_raw_response(self) -> TasksWithRawResponse:
        """The same calls, which come back with their HTTP response beside the result."""
        return TasksWithRawResponse(self)

    @refuse_former_arguments(key="idempotency_key")
    def create(self, body: Mapping[str, Any] | SupportsToDict, idempotency_key: str | None = None) -> Task:
        """Create a generation task.

        Queue one task and return its id. Success means only that the task exists; it says
        nothing about the images. The service has no idempotency key, so repeating a call whose
        reply was lost may be charged twice.

        Takes a whole body, named as the service names its members, or a typed model of one; the
        models' own resources take keyword arguments. `idempotency_key` as for those. Documentation: https://docs.kie.ai/market/ideogram/character-edit

        Raises what those raise.
        """
        session = self._context.session
        model, given = parse_body(session.contract, body)
        return self._context.run(create(session, model, given, self._context.make_task, idempotency_key))

    def get(self, task_id: str) -> Task:
        """Read one task.

        Return the task's state and, after it succeeded, its result. A failed task has one of
        two forms: `code` 200 with state `fail`, or `code` 501 or 408 on the query itself.
        Directly after its submission, the task may not be visible yet (404 or 422).

        A failed task is returned, not raised, in whichever form the service reports it.
        Documentation: https://docs.kie.ai/market/common/get-task-detail

        Raises:
            ApiError: The service refused the query, for instance because there is no such task.
            ServiceUnreachableError, ReplyLostError: The network failed, and kept failing.
            ResponseFormatError: The reply was not what the contract says, and kept being so.
        """
        return self._context.run(read_task(self._context.session, task_id, self._context.make_task))

    def wait(self, task_id: str, timeout: float | None = None) -> Task:
        """Wait for a task by its id and return it once it succeeded.

        `timeout` is in seconds; the contract's deadline by default.

        Raises:
            TaskFailedError: The task ended without a result.
            TaskTimeoutError: It was not settled in time; it goes on.
            KieError: What the query raises. All of them carry the task's id.
        """
        task = Task(self._context, task_id, {}, None)
        return task.wait(timeout)

    def settled(
        self, tasks: Iterable[Task | str], timeout: float | None = None
    ) -> Generator[Task, None, None]:
        """Yield tasks, given as such or by their ids, as they end, in either way.

        Thousands may be waited for: each costs its place on the schedule and no more. `timeout` is in
        seconds; the contract's deadline by default.

        Raises what went wrong with single tasks once the others have ended, as an `ExceptionGroup` if
        it is more than one error: `TaskTimeoutError`, and what the query raises.
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
        """The same calls, which come back with their HTTP response beside the result."""
        return AsyncTasksWithRawResponse(self)

    @refuse_former_arguments(key="idempotency_key")
    async def create(
        self, body: Mapping[str, Any] | SupportsToDict, idempotency_key: str | None = None
    ) -> AsyncTask:
        """Create a generation task.

        Queue one task and return its id. Success means only that the task exists; it says
        nothing about the images. The service has no idempotency key, so repeating a call whose
        reply was lost may be charged twice.

        Takes a whole body, named as the service names its members, or a typed model of one; the
        models' own resources take keyword arguments. `idempotency_key` as for those. Documentation: https://docs.kie.ai/market/ideogram/character-edit

        Raises what those raise.
        """
        session = self._context.session
        model, given = parse_body(session.contract, body)
        return await self._context.run(
            create(session, model, given, self._context.make_task, idempotency_key)
        )

    async def get(self, task_id: str) -> AsyncTask:
        """Read one task.

        Return the task's state and, after it succeeded, its result. A failed task has one of
        two forms: `code` 200 with state `fail`, or `code` 501 or 408 on the query itself.
        Directly after its submission, the task may not be visible yet (404 or 422).

        A failed task is returned, not raised, in whichever form the service reports it.
        Documentation: https://docs.kie.ai/market/common/get-task-detail

        Raises:
            ApiError: The service refused the query, for instance because there is no such task.
            ServiceUnreachableError, ReplyLostError: The network failed, and kept failing.
            ResponseFormatError: The reply was not what the contract says, and kept being so.
        """
        return await self._context.run(read_task(self._context.session, task_id, self._context.make_task))

    async def wait(self, task_id: str, timeout: float | None = None) -> AsyncTask:
        """Wait for a task by its id and return it once it succeeded.

        `timeout` is in seconds; the contract's deadline by default.

        Raises:
            TaskFailedError: The task ended without a result.
            TaskTimeoutError: It was not settled in time; it goes on.
            KieError: What the query raises. All of them carry the task's id.
        """
        task = AsyncTask(self._context, task_id, {}, None)
        return await task.wait(timeout)

    def settled(
        self, tasks: Iterable[AsyncTask | str], timeout: float | None = None
    ) -> AsyncGenerator[AsyncTask, None]:
        """Yield tasks, given as such or by their ids, as they end, in either way.

        Thousands may be waited for: each costs its place on the schedule and no more. `timeout` is in
        seconds; the contract's deadline by default.

        Raises what went wrong with single tasks once the others have ended, as an `ExceptionGroup` if
        it is more than one error: `TaskTimeoutError`, and what the query raises.
        """
        from .._runtime.tasks.wait_many import async_settled

        return async_settled(self._context, tasks, timeout)


class AsyncTasksWithRawResponse:
    """Calls of `AsyncTasks` that return a `RawResponse`."""

    def __init__(self, resource: AsyncTasks) -> None:
        self.create = async_raw(resource.create)
        self.get = async_raw(resource.get)
