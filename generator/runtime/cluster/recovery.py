"""Settles submissions whose outcome is unknown, as on the client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..core.errors import Fault, InvalidInputError
from ..tasks.submit import recovery
from ..tasks.submit.journaled import check_idempotency_key
from .base import ClusterBase

if TYPE_CHECKING:
    from ..journal.journal import Journal
    from ..tasks.context import SyncContext
    from ..tasks.submit.recovery import DuplicateCharge, SettledSubmission, UnknownSubmission

T = TypeVar("T")


class ClusterRecovery(ClusterBase[T], Generic[T]):
    """What a person or a callback reports of a cluster's submissions."""

    def unknown(self) -> list[UnknownSubmission]:
        """Return the submissions whose outcome is unknown, each with what it may have cost.

        Raises:
            JournalError: The database cannot be read.
        """
        context = next(iter(self._contexts.values()))
        return context.run(recovery.unknown(context.session, _journal(context)))

    def duplicate_charges(self) -> list[DuplicateCharge]:
        """Return the tasks that were charged in addition to a submission's own task.

        Raises:
            JournalError: The database cannot be read.
        """
        context = next(iter(self._contexts.values()))
        return context.run(recovery.duplicate_charges(context.session, _journal(context)))

    def attach(self, idempotency_key: str, task_id: str, timeout: float | None = None) -> T:
        """Settle an unknown submission with the task that you found in the account's task log.

        A worker saves the result.

        Args:
            idempotency_key: The key of the submission; `unknown` lists it.
            task_id: The id of its task.
            timeout: Seconds for the whole call, retries included; no limit unless given.

        Raises:
            CallTimeoutError: The time ended.
            InvalidInputError: There is no such submission, or the task was made by a different request.
            Exception: What reading the task raises.
        """
        context = self._context_of(idempotency_key)
        session, journal = context.session, _journal(context)
        task = context.run(
            recovery.attach(session, journal, idempotency_key, task_id, context.make_task), timeout
        )
        self._rows.sweep()
        return task

    def resend(self, idempotency_key: str, timeout: float | None = None) -> T:
        """Send an unknown submission again. If the first attempt was accepted, it is paid twice.

        A worker saves the result. If this attempt is refused, the first one is still unknown.

        Args:
            idempotency_key: The key of the submission; `unknown` lists it.
            timeout: Seconds for the whole call, retries included; no limit unless given.

        Raises:
            CallTimeoutError: The time ended; nothing was sent.
            InvalidInputError: There is no such submission, or its outcome is known.
            Exception: What `create` raises.
        """
        context = self._context_of(idempotency_key)
        session, journal = context.session, _journal(context)
        task = context.run(recovery.resend(session, journal, idempotency_key, context.make_task), timeout)
        self._rows.sweep()
        return task

    def notify(self, task_id: str, url: str = "", timeout: float | None = None) -> SettledSubmission | None:
        """Report a verified callback, on any machine, and return the submission that it settled, if any.

        A worker saves the result.

        Args:
            task_id: The id that `callbacks.verify` returned.
            url: The URL that the callback was sent to, or its query.
            timeout: Seconds for the whole call, retries included; no limit unless given.

        Raises:
            CallTimeoutError: The time ended.
            SignatureError: The URL is invalid, or names a submission and is not signed by this database.
            Exception: What reading the task raises.
        """
        context = self._context_of_callback(url)
        settled = context.run(
            recovery.settle_callback(context.session, _journal(context), task_id, url), timeout
        )
        if settled:
            self._rows.sweep()
        return settled

    def _context_of(self, idempotency_key: str) -> SyncContext[T]:
        """Return the client of the account that sent a submission. Raises `InvalidInputError`."""
        contexts = list(self._contexts.values())
        session, journal = contexts[0].session, _journal(contexts[0])
        check_idempotency_key(idempotency_key)
        submission = journal.find(session.server, idempotency_key=idempotency_key)
        if submission is None:
            return contexts[0]  # which reports that
        own = [one for one in contexts if _journal(one).is_own(submission)]
        if own:
            return own[0]
        message = f"{idempotency_key!r} was sent with an account that this object does not have"
        raise InvalidInputError([Fault("idempotency_key", "account", message)])

    def _context_of_callback(self, url: str) -> SyncContext[T]:
        contexts = list(self._contexts.values())
        reference = recovery.reference_of(_journal(contexts[0]), url)
        if reference:
            submission = _journal(contexts[0]).find(contexts[0].session.server, reference=reference)
            if submission:
                return self._context_of(submission.idempotency_key)
        return contexts[0]


def _journal(context: SyncContext[Any]) -> Journal:
    assert context.session.journal, "made with one"
    return context.session.journal
