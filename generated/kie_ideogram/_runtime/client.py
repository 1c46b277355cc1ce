"""The two clients without their resources, which the rendered package adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

import httpx

from .contract.wrong_arguments import explain_wrong_arguments
from .core.errors import ConfigurationError
from .http.settings import Settings
from .tasks.context import AsyncContext, ClientContext, SyncContext

if TYPE_CHECKING:
    from .http.session import Session
    from .journal.journal import Journal
    from .tasks.submit.recovery import DuplicateCharge, SettledSubmission, UnknownSubmission

T = TypeVar("T")
ContextT = TypeVar("ContextT", bound=ClientContext[Any])


class _Client(Generic[ContextT]):
    """What both clients have in common."""

    def __init__(self, context: ContextT) -> None:
        self._context = context

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not name.startswith("_")]

    @property
    def _session(self) -> Session:
        return self._context.session

    @property
    def _journal(self) -> Journal:
        if self._session.journal is None:
            raise ConfigurationError("this needs a journal: pass journal=PATH to the client")
        return self._session.journal


class SyncClient(_Client[SyncContext[T]], Generic[T]):
    """A blocking client."""

    def __init__(self, settings: Settings, http_client: httpx.Client | None) -> None:
        timeouts = settings.timeouts()
        super().__init__(SyncContext(settings.session(), settings.task_class, timeouts, http_client))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    @explain_wrong_arguments
    def close(self) -> None:
        """Close the connections and the journal. An `http_client` of the caller's stays open."""
        self._context.transport.close()
        if self._session.journal:
            self._session.journal.close()

    @explain_wrong_arguments
    def resume(self) -> list[T]:
        """Return the tasks that are paid for and not done, oldest first: wait for them and save them.

        A task is done when it has failed, when it was saved, and after `mark_done`. A task whose result is
        lost is left out and logged; see `lost`.

        Raises:
            ConfigurationError: The client has no journal.
            JournalError: The journal cannot be read.
        """
        from .tasks.submit.recovery import resume

        return self._context.run(resume(self._session, self._journal, self._context.make_task))

    @explain_wrong_arguments
    def lost(self) -> list[T]:
        """Return the tasks that are paid for and whose results the service no longer has, oldest first.

        `resume` leaves them out. `mark_done` ends the message about one of them.

        Raises:
            ConfigurationError: The client has no journal.
            JournalError: The journal cannot be read.
        """
        from .tasks.submit.recovery import lost

        return self._context.run(lost(self._session, self._journal, self._context.make_task))

    @explain_wrong_arguments
    def unknown(self) -> list[UnknownSubmission]:
        """Return the submissions whose outcome is unknown, each with what it may have cost.

        Raises:
            ConfigurationError: The client has no journal.
            JournalError: The journal cannot be read.
        """
        from .tasks.submit.recovery import unknown

        return self._context.run(unknown(self._session, self._journal))

    @explain_wrong_arguments
    def duplicate_charges(self) -> list[DuplicateCharge]:
        """Return the tasks that were charged in addition to a submission's own task.

        Raises:
            ConfigurationError: The client has no journal.
            JournalError: The journal cannot be read.
        """
        from .tasks.submit.recovery import duplicate_charges

        return self._context.run(duplicate_charges(self._session, self._journal))

    @explain_wrong_arguments
    def attach(self, idempotency_key: str, task_id: str, timeout: float | None = None) -> T:
        """Settle an unknown submission with the task that you found in the account's task log.

        Args:
            idempotency_key: The key of the submission; `unknown` lists it.
            task_id: The id of its task.
            timeout: Seconds for the whole call, retries included; no limit unless given.

        Raises:
            CallTimeoutError: The time ended.
            InvalidInputError: There is no such submission, or the task was made by a different request.
            Exception: What reading the task raises.
        """
        from .tasks.submit.recovery import attach

        context = self._context
        return context.run(
            attach(context.session, self._journal, idempotency_key, task_id, context.make_task), timeout
        )

    @explain_wrong_arguments
    def resend(self, idempotency_key: str, timeout: float | None = None) -> T:
        """Send an unknown submission again. If the first attempt was accepted, it is paid twice.

        If this attempt is refused, the first one is still unknown.

        Args:
            idempotency_key: The key of the submission; `unknown` lists it.
            timeout: Seconds for the whole call, retries included; no limit unless given.

        Raises:
            CallTimeoutError: The time ended; nothing was sent.
            InvalidInputError: There is no such submission, or its outcome is known.
            Exception: What `create` raises.
        """
        from .tasks.submit.recovery import resend

        context = self._context
        return context.run(
            resend(context.session, self._journal, idempotency_key, context.make_task), timeout
        )

    @explain_wrong_arguments
    def notify(self, task_id: str, url: str = "", timeout: float | None = None) -> SettledSubmission | None:
        """Report a verified callback to the client, and return the submission that it settled, if any.

        Callers that wait for the task read it at once. With a journal, a callback also settles the unknown
        submission that its URL names, after the task's record has confirmed it.

        Args:
            task_id: The id that `callbacks.verify` returned.
            url: The URL that the callback was sent to, or its query.
            timeout: Seconds for the whole call, retries included; no limit unless given.

        Raises:
            CallTimeoutError: The time ended.
            SignatureError: The URL is invalid, or names a submission and is not signed by this journal.
            Exception: What reading the task raises.
        """
        settled = None
        if self._session.journal:
            from .tasks.submit.recovery import settle_callback

            settled = self._context.run(settle_callback(self._session, self._journal, task_id, url), timeout)
        self._context.poller.poll_now(task_id)
        return settled

    @explain_wrong_arguments
    def mark_done(self, task_id: str) -> None:
        """Record that nothing is left to do for a task, so that `resume` leaves it out.

        `save` records this automatically.

        Raises:
            InvalidInputError: The journal has no such task.
            ConfigurationError: The client has no journal.
        """
        from .tasks.submit.recovery import mark_done

        self._context.run(mark_done(self._session, self._journal, task_id))


class AsyncClient(_Client[AsyncContext[T]], Generic[T]):
    """An asyncio client."""

    def __init__(self, settings: Settings, http_client: httpx.AsyncClient | None) -> None:
        timeouts = settings.timeouts()
        super().__init__(AsyncContext(settings.session(), settings.task_class, timeouts, http_client))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    @explain_wrong_arguments
    async def close(self) -> None:
        """Close the connections and the journal. An `http_client` of the caller's stays open."""
        await self._context.transport.close()
        if self._session.journal:
            self._session.journal.close()

    @explain_wrong_arguments
    async def resume(self) -> list[T]:
        """Return the tasks that are paid for and not done, oldest first: wait for them and save them.

        A task is done when it has failed, when it was saved, and after `mark_done`. A task whose result is
        lost is left out and logged; see `lost`.

        Raises:
            ConfigurationError: The client has no journal.
            JournalError: The journal cannot be read.
        """
        from .tasks.submit.recovery import resume

        return await self._context.run(resume(self._session, self._journal, self._context.make_task))

    @explain_wrong_arguments
    async def lost(self) -> list[T]:
        """Return the tasks that are paid for and whose results the service no longer has, oldest first.

        `resume` leaves them out. `mark_done` ends the message about one of them.

        Raises:
            ConfigurationError: The client has no journal.
            JournalError: The journal cannot be read.
        """
        from .tasks.submit.recovery import lost

        return await self._context.run(lost(self._session, self._journal, self._context.make_task))

    @explain_wrong_arguments
    async def unknown(self) -> list[UnknownSubmission]:
        """Return the submissions whose outcome is unknown, each with what it may have cost.

        Raises:
            ConfigurationError: The client has no journal.
            JournalError: The journal cannot be read.
        """
        from .tasks.submit.recovery import unknown

        return await self._context.run(unknown(self._session, self._journal))

    @explain_wrong_arguments
    async def duplicate_charges(self) -> list[DuplicateCharge]:
        """Return the tasks that were charged in addition to a submission's own task.

        Raises:
            ConfigurationError: The client has no journal.
            JournalError: The journal cannot be read.
        """
        from .tasks.submit.recovery import duplicate_charges

        return await self._context.run(duplicate_charges(self._session, self._journal))

    @explain_wrong_arguments
    async def attach(self, idempotency_key: str, task_id: str, timeout: float | None = None) -> T:
        """Settle an unknown submission with the task that you found in the account's task log.

        Args:
            idempotency_key: The key of the submission; `unknown` lists it.
            task_id: The id of its task.
            timeout: Seconds for the whole call, retries included; no limit unless given.

        Raises:
            CallTimeoutError: The time ended.
            InvalidInputError: There is no such submission, or the task was made by a different request.
            Exception: What reading the task raises.
        """
        from .tasks.submit.recovery import attach

        context = self._context
        return await context.run(
            attach(context.session, self._journal, idempotency_key, task_id, context.make_task), timeout
        )

    @explain_wrong_arguments
    async def resend(self, idempotency_key: str, timeout: float | None = None) -> T:
        """Send an unknown submission again. If the first attempt was accepted, it is paid twice.

        If this attempt is refused, the first one is still unknown.

        Args:
            idempotency_key: The key of the submission; `unknown` lists it.
            timeout: Seconds for the whole call, retries included; no limit unless given.

        Raises:
            CallTimeoutError: The time ended; nothing was sent.
            InvalidInputError: There is no such submission, or its outcome is known.
            Exception: What `create` raises.
        """
        from .tasks.submit.recovery import resend

        context = self._context
        return await context.run(
            resend(context.session, self._journal, idempotency_key, context.make_task), timeout
        )

    @explain_wrong_arguments
    async def notify(
        self, task_id: str, url: str = "", timeout: float | None = None
    ) -> SettledSubmission | None:
        """Report a verified callback to the client, and return the submission that it settled, if any.

        Callers that wait for the task read it at once. With a journal, a callback also settles the unknown
        submission that its URL names, after the task's record has confirmed it.

        Args:
            task_id: The id that `callbacks.verify` returned.
            url: The URL that the callback was sent to, or its query.
            timeout: Seconds for the whole call, retries included; no limit unless given.

        Raises:
            CallTimeoutError: The time ended.
            SignatureError: The URL is invalid, or names a submission and is not signed by this journal.
            Exception: What reading the task raises.
        """
        settled = None
        if self._session.journal:
            from .tasks.submit.recovery import settle_callback

            settled = await self._context.run(
                settle_callback(self._session, self._journal, task_id, url), timeout
            )
        self._context.poller.poll_now(task_id)
        return settled

    @explain_wrong_arguments
    async def mark_done(self, task_id: str) -> None:
        """Record that nothing is left to do for a task, so that `resume` leaves it out.

        `save` records this automatically.

        Raises:
            InvalidInputError: The journal has no such task.
            ConfigurationError: The client has no journal.
        """
        from .tasks.submit.recovery import mark_done

        await self._context.run(mark_done(self._session, self._journal, task_id))
