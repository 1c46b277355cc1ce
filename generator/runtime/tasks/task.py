"""A task as the caller holds it: what was last read, and what can be done with it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ..contract.wrong_arguments import explain_wrong_arguments
from .polling.read import read_task
from .polling.wait import subscribe, succeeded_task
from .results.download import save
from .results.view import TaskView, id_and_creation

if TYPE_CHECKING:
    from .context import AsyncContext, SyncContext


class SyncTask(TaskView):
    """A task of a blocking client."""

    __slots__ = ("_context",)

    def __init__(
        self, context: SyncContext[Any], task_id: str, raw: dict[str, Any], created: float | None
    ) -> None:
        super().__init__(context.session.workflow, task_id, raw, created)
        self._context = context

    @explain_wrong_arguments
    def updates(self, timeout: float | None = None) -> Generator[Self, None, None]:
        """Yield the task each time its state changes, until it has ended.

        A failed task is yielded, not raised.

        Args:
            timeout: Seconds to wait in all; the contract's deadline unless given. With 0, the task
                is read once.

        Raises:
            TaskTimeoutError: The task has not ended in time. It continues.
            Exception: What reading the task raises, with the task's id.
        """
        context = self._context
        subscription = subscribe(
            context.session, context.poller, [id_and_creation(self)], self._make, timeout, yields_changes=True
        )
        try:
            while subscription.pending or subscription.events:
                yield context.next_event(subscription)
        finally:
            context.poller.unsubscribe(subscription)

    @explain_wrong_arguments
    def wait(self, timeout: float | None = None) -> Self:
        """Wait until the task has ended and return it if it succeeded.

        Args:
            timeout: Seconds to wait in all; the contract's deadline unless given. With 0, the task
                is read once.

        Raises:
            TaskFailedError: The task ended without a result.
            TaskTimeoutError: The task has not ended in time. It continues.
            Exception: What reading the task raises, with the task's id.
        """
        context = self._context
        subscription = subscribe(
            context.session, context.poller, [id_and_creation(self)], self._make, timeout
        )
        try:
            task: Self = context.next_event(subscription)
            return succeeded_task(context.session, task)
        finally:
            context.poller.unsubscribe(subscription)

    @explain_wrong_arguments
    def refresh(self, timeout: float | None = None) -> Self:
        """Read the task again and return it.

        Args:
            timeout: Seconds for the whole call, retries included; no limit unless given.

        Raises:
            CallTimeoutError: The time ended.
            Exception: What reading the task raises, with the task's id.
        """
        reading = read_task(self._context.session, self.id, self._make, self._created)
        return self._context.run(reading, timeout)

    @explain_wrong_arguments
    def save(
        self,
        directory: str | PathLike[str] | None = None,
        *,
        overwrite: bool = False,
        timeout: float | None = None,
    ) -> list[Path]:
        """Save the task's results in a folder and return their paths, in the result's order.

        A JSON file with the task's id as its name records what made them. Each file is complete or
        absent. An expired link is renewed once. The API key is not sent.

        Args:
            directory: The folder; created if it does not exist. Unless given, the folder that the journal
                has for the run that created the task.
            overwrite: Whether existing files of the same names are replaced.
            timeout: Seconds for the whole call, retries included; no limit unless given.

        Raises:
            CallTimeoutError: The time ended.
            InvalidInputError: There is no folder.
            DownloadError: A result could not be fetched or stored.
        """
        return self._context.run(save(self._context.session, self, directory, overwrite), timeout)

    def _make(self, task_id: str, raw: dict[str, Any], created: float | None) -> Self:
        task = type(self)(self._context, task_id, raw, created)
        task.idempotency_key = self.idempotency_key
        return task


class AsyncTask(TaskView):
    """A task of an asyncio client."""

    __slots__ = ("_context",)

    def __init__(
        self, context: AsyncContext[Any], task_id: str, raw: dict[str, Any], created: float | None
    ) -> None:
        super().__init__(context.session.workflow, task_id, raw, created)
        self._context = context

    @explain_wrong_arguments
    async def updates(self, timeout: float | None = None) -> AsyncGenerator[Self, None]:
        """Yield the task each time its state changes, until it has ended.

        A failed task is yielded, not raised.

        Args:
            timeout: Seconds to wait in all; the contract's deadline unless given. With 0, the task
                is read once.

        Raises:
            TaskTimeoutError: The task has not ended in time. It continues.
            Exception: What reading the task raises, with the task's id.
        """
        context = self._context
        subscription = subscribe(
            context.session, context.poller, [id_and_creation(self)], self._make, timeout, yields_changes=True
        )
        try:
            while subscription.pending or subscription.events:
                yield await context.next_event(subscription)
        finally:
            context.poller.unsubscribe(subscription)

    @explain_wrong_arguments
    async def wait(self, timeout: float | None = None) -> Self:
        """Wait until the task has ended and return it if it succeeded.

        Args:
            timeout: Seconds to wait in all; the contract's deadline unless given. With 0, the task
                is read once.

        Raises:
            TaskFailedError: The task ended without a result.
            TaskTimeoutError: The task has not ended in time. It continues.
            Exception: What reading the task raises, with the task's id.
        """
        context = self._context
        subscription = subscribe(
            context.session, context.poller, [id_and_creation(self)], self._make, timeout
        )
        try:
            task: Self = await context.next_event(subscription)
            return succeeded_task(context.session, task)
        finally:
            context.poller.unsubscribe(subscription)

    @explain_wrong_arguments
    async def refresh(self, timeout: float | None = None) -> Self:
        """Read the task again and return it.

        Args:
            timeout: Seconds for the whole call, retries included; no limit unless given.

        Raises:
            CallTimeoutError: The time ended.
            Exception: What reading the task raises, with the task's id.
        """
        reading = read_task(self._context.session, self.id, self._make, self._created)
        return await self._context.run(reading, timeout)

    @explain_wrong_arguments
    async def save(
        self,
        directory: str | PathLike[str] | None = None,
        *,
        overwrite: bool = False,
        timeout: float | None = None,
    ) -> list[Path]:
        """Save the task's results in a folder and return their paths, in the result's order.

        A JSON file with the task's id as its name records what made them. Each file is complete or
        absent. An expired link is renewed once. The API key is not sent.

        Args:
            directory: The folder; created if it does not exist. Unless given, the folder that the journal
                has for the run that created the task.
            overwrite: Whether existing files of the same names are replaced.
            timeout: Seconds for the whole call, retries included; no limit unless given.

        Raises:
            CallTimeoutError: The time ended.
            InvalidInputError: There is no folder.
            DownloadError: A result could not be fetched or stored.
        """
        return await self._context.run(save(self._context.session, self, directory, overwrite), timeout)

    def _make(self, task_id: str, raw: dict[str, Any], created: float | None) -> Self:
        task = type(self)(self._context, task_id, raw, created)
        task.idempotency_key = self.idempotency_key
        return task
