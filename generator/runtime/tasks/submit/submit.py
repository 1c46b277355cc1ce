"""Submits a task: sent once, repeated only after a refusal that certainly created nothing.

A submission has three outcomes: accepted (it has a task), refused (certainly no task), unknown. With a
journal, each is recorded before and after it is sent.
"""

from __future__ import annotations

import warnings
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from ...contract.describe import describe
from ...contract.pointer import get_pointer
from ...core.clock import utc
from ...core.deadline import caused_by
from ...core.effects import Flow, Reply, SendRequest, Sleep, T
from ...core.errors import (
    ApiError,
    CallTimeoutError,
    ConfigurationError,
    Fault,
    InvalidInputError,
    PackageError,
    ResponseFormatError,
    ServiceUnreachableError,
    SubmissionUnknownError,
)
from ...core.reporting import telemetry
from ...core.text.printable import error_text
from ...http.hosts import is_loopback
from ...http.request import encode
from ..results.view import with_idempotency_key
from .body import MAX_TASK_ID, argument_faults, body_faults, in_caller_names, is_task_id

if TYPE_CHECKING:
    from ...contract.model import Model, Pointer
    from ...http.session import Session
    from ...journal.budget import Budget
    from ..results.view import TaskFactory


_PAID = "task {} was created and is paid for; wait for it by its id"


class SubmissionLog(Protocol):
    """Records one submission. Without a journal, nothing is recorded."""

    content: bytes
    operation: str
    """The operation that it is sent with."""

    @property
    def idempotency_key(self) -> str | None:
        """The key of the submission, if it has one."""
        ...

    def claim(self) -> Flow[tuple[str, float | None] | None]:
        """Wait until the submission may be sent. Returns id and time of a task that exists already."""
        ...

    def sending(self) -> None:
        """Note that from here on the request may have reached the server."""
        ...

    def received(self, task_id: str) -> None:
        """Note the task, which `close` records."""
        ...

    def accepted(self, task_id: str) -> Flow[None]:
        """Record the task."""
        ...

    def refused(self, *, final: bool) -> Flow[None]:
        """Record that no task was created. If not `final`, the submission is sent again."""
        ...

    def unknown(self, task_id: str | None) -> Flow[None]:
        """Record that the outcome is unknown, and the task that an untrustworthy response named."""
        ...

    def close(self) -> None:
        """Record at once what is not recorded yet: the caller may be interrupted."""
        ...

    def amount_at_risk(self) -> str:
        """Return what the submission may have cost, as text to append to a message."""
        ...


class NullSubmissionLog:
    """Records nothing: the client has no journal."""

    idempotency_key: str | None = None

    def __init__(self, session: Session, model: Model, body: dict[str, Any]) -> None:
        self._session = session
        self.operation = model.operation
        self.content = encode(body)

    def claim(self) -> Flow[None]:
        """Wait for the rate limit."""
        yield from self._session.rate_limiter.acquire(self.operation)

    def sending(self) -> None:
        """Do nothing."""

    def received(self, task_id: str) -> None:
        """Do nothing."""

    def accepted(self, task_id: str) -> Flow[None]:
        """Do nothing."""
        yield from ()

    def refused(self, *, final: bool) -> Flow[None]:
        """Do nothing."""
        yield from ()

    def unknown(self, task_id: str | None) -> Flow[None]:
        """Do nothing."""
        yield from ()

    def close(self) -> None:
        """Do nothing."""

    def amount_at_risk(self) -> str:
        """Return nothing: the price is not known here."""
        return ""


def create(
    session: Session,
    model: Model,
    body: dict[str, Any],
    make_task: TaskFactory[T],
    idempotency_key: str | None = None,
    identity: dict[str, Any] | None = None,
    *,
    from_arguments: bool = False,
    budget: Budget | None = None,
    plan: str = "",
) -> Flow[T]:
    """Check and send a submission.

    Args:
        idempotency_key: With a journal, the same key always returns the same task.
        identity: What makes two requests the same, if the body does not: links change with each upload.
        from_arguments: Whether the caller wrote arguments, by which faults are then named, not a body.
        budget: The batch that the submission belongs to, with a journal.
        plan: What a run is to do with the results, as text for the journal.

    Raises:
        InvalidInputError: The body breaks the contract; nothing was sent.
        ApiError: The service refused; there is no task.
        JournalError, ServiceUnreachableError: Nothing was sent.
        BudgetReachedError: It does not fit in the budget; nothing was sent.
        SubmissionUnknownError: It was sent, and there may be a task.
    """
    faults = (argument_faults if from_arguments else body_faults)(session, model, body)
    if faults:
        raise InvalidInputError(faults)
    delivery = session.contract.delivery
    fault = _callback_url_fault(delivery.url, body) if delivery else None
    if fault:
        raise InvalidInputError([in_caller_names(model, fault) if from_arguments else fault])
    _check_key_needs_journal(session, idempotency_key)
    if session.journal is None:
        return (yield from submit(session, NullSubmissionLog(session, model, body), make_task))
    from .journaled import JournaledSubmission  # not imported by clients without a journal

    log = JournaledSubmission(session, session.journal, model, body, idempotency_key, identity, budget, plan)
    return (yield from submit(session, log, make_task))


def existing_task(
    session: Session,
    model: Model,
    identity: dict[str, Any],
    make_task: TaskFactory[T],
    idempotency_key: str | None,
) -> Flow[T | None]:
    """Return the task that a key has already, or None. Raises what `create` would raise for the key."""
    _check_key_needs_journal(session, idempotency_key)
    if session.journal is None or idempotency_key is None:
        return None
    from .journaled import JournaledSubmission  # as above

    log = JournaledSubmission(session, session.journal, model, identity, idempotency_key)
    found = yield from log.look_up()
    if found is None:
        return None
    return with_idempotency_key(make_task(found[0], {}, found[1]), idempotency_key)


def _check_key_needs_journal(session: Session, idempotency_key: str | None) -> None:
    if idempotency_key is not None and session.journal is None:
        raise ConfigurationError(
            "idempotency_key: needs a journal, which remembers it; pass journal=PATH to the client, or leave "
            "out idempotency_key"
        )


def submit(session: Session, log: SubmissionLog, make_task: TaskFactory[T]) -> Flow[T]:
    """Send a submission once it may be sent. Its outcome is recorded, however it ends."""
    try:
        return (yield from _submit(session, log, make_task))
    finally:
        log.close()


def _submit(session: Session, log: SubmissionLog, make_task: TaskFactory[T]) -> Flow[T]:
    prepared = session.operation(log.operation)
    max_bytes = session.contract.envelope.max_bytes
    number = 0
    while True:
        known = yield from log.claim()
        if known is not None:
            return with_idempotency_key(make_task(known[0], {}, known[1]), log.idempotency_key)
        sent_at = utc(session.clock)
        wait: float | None = None
        log.sending()
        received: list[Reply] = []
        reply: Any = None  # a Reply, once the service has answered
        try:
            reply = yield SendRequest(lambda: prepared.request({}, log.content), max_bytes, received=received)
            data = session.data(prepared, reply)
            task_id = _created_id(session, data)
            log.received(task_id)
        except ServiceUnreachableError as error:
            refusal: PackageError = error
            wait = session.repeat_after(error, number)
        except ApiError as error:
            if reply is not None:
                _name_redirect(error, reply)
            # A refusal that names a task contradicts itself. One without a reply is of another request, which
            # a transport of the caller has sent.
            if (
                reply is None
                or not session.parser.is_certainly_not_created(error, reply)
                or _named_task(session, log.operation, error) is not None
            ):
                raise (yield from _record_unknown(session, log, sent_at, error)) from error
            refusal = error
            code = session.parser.declared_code(error)
            if code and code.repeat_create and number + 1 < session.contract.retry.attempts:
                wait = session.pause_after(error, number)
        except (ConfigurationError, CallTimeoutError):
            yield from log.refused(final=True)  # the client itself did not send it
            raise
        except Exception as error:
            # The request may have been sent: a lost reply, or a bug in the caller's transport.
            raise (yield from _record_unknown(session, log, sent_at, error)) from error
        except BaseException as interruption:
            # Cancelled or interrupted while it was on its way: the code that catches this must know.
            with suppress(PackageError, IndexError):  # of a reply that names no task, or without one
                task_id = _created_id(session, session.data(prepared, received[0]))
                log.received(task_id)
                interruption.add_note(_PAID.format(task_id))
                raise
            unknown = _unknown_error(session, log, sent_at, interruption)
            interruption.add_note(f"{unknown} (sent {sent_at:%FT%TZ}, fingerprint {unknown.fingerprint})")
            raise
        else:
            try:
                yield from log.accepted(task_id)
                telemetry.submission_accepted(task_id, log.idempotency_key)
                task = make_task(task_id, data, session.clock.monotonic())
            except BaseException as interruption:
                interruption.add_note(_PAID.format(task_id))
                raise
            return with_idempotency_key(task, log.idempotency_key)
        yield from log.refused(final=wait is None)
        telemetry.submission_failed("refused", log.idempotency_key, refusal)
        if wait is None:
            session.name_server(refusal, log.operation)
            raise refusal
        number += 1
        telemetry.retry_scheduled(log.operation, refusal, wait)
        try:
            yield Sleep(wait)
        except CallTimeoutError as late:
            raise caused_by(late, refusal) from refusal


def _record_unknown(
    session: Session, log: SubmissionLog, sent_at: datetime, error: Exception
) -> Flow[SubmissionUnknownError]:
    unknown = _unknown_error(session, log, sent_at, error)
    yield from log.unknown(unknown.task_id)
    return unknown


def _unknown_error(
    session: Session, log: SubmissionLog, sent_at: datetime, error: BaseException
) -> SubmissionUnknownError:
    key = f" [idempotency key {log.idempotency_key}]" if log.idempotency_key else ""
    if isinstance(error, PackageError):
        session.name_server(error, log.operation)
        cause = str(error)
    else:
        cause = session.parser.redact(error_text(error))
    unknown = SubmissionUnknownError(
        f"the task may exist and may have been charged{log.amount_at_risk()}: {cause}. It was not "
        f"sent again; check the account's task log before you send it again{key}",
        fingerprint=sha256(log.content).hexdigest(),
        sent_at=sent_at,
        idempotency_key=log.idempotency_key,
    )
    named = _named_task(session, log.operation, error)
    unknown.task_id = named if is_task_id(named) else None
    telemetry.submission_failed("unknown", log.idempotency_key, unknown)
    return unknown


def _created_id(session: Session, data: Any) -> str:
    """Return the id of the created task. Raises `ResponseFormatError` if it cannot be used."""
    task_id = get_pointer(data, session.workflow.created_id)
    if not is_task_id(task_id):
        message = f"the task's id must be a string of 1 to {MAX_TASK_ID} characters, got {describe(task_id)}"
        raise ResponseFormatError(session.parser.redact(message), http_status=200)
    return task_id


def _named_task(session: Session, operation: str, error: BaseException) -> Any:
    """Return the task that a response names which cannot be trusted as a whole; None without one."""
    body = getattr(error, "body", None)
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    contract = session.contract
    member = contract.data_member(contract.operations[operation])
    named = get_pointer(text, ((member,) if member else ()) + session.workflow.created_id)
    return None if named == "" else named


def _name_redirect(error: ApiError, reply: Reply) -> None:
    """Add to an error where the server redirected the request: the host only, as a path may hold secrets."""
    location = reply.headers.get("location")
    if not 300 <= reply.status < 400 or not location:
        return
    try:
        host = urlsplit(location).hostname or "another path of the same server"
    except ValueError:
        host = "an invalid URL"
    host = ascii(host)[1:-1][:200]  # the server's text
    redirected = f"the server redirected the request to {host}, and redirects are not followed"
    error.args = (f"{error.args[0]}; {redirected}: check the base URL",)


def _callback_url_fault(pointer: Pointer, body: dict[str, Any]) -> Fault | None:
    """Return the fault of a callback URL that is not a URL. Warns about one without encryption."""
    url = get_pointer(body, pointer)
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
    except ValueError as error:
        return Fault(".".join(pointer), "format", f"must be a URL: {error}")
    if parts and parts.scheme == "http" and not is_loopback(parts.hostname):
        warnings.warn(
            f"the callback URL is plain http: others can read and forge callbacks to {parts.hostname}; "
            "use https",
            stacklevel=1,  # the caller's line is often in a task that is not on this stack
        )
    return None
