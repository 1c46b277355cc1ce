"""Recovers after a crash or a lost response: resume, attach, resend; and settles what callbacks report."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from ...contract.pointer import decode_json, get_pointer
from ...core.effects import Flow, RunBlocking, T
from ...core.errors import Fault, InvalidInputError, SignatureError
from ...core.reporting import telemetry
from ...journal.callback_token import token_of, verify
from ...journal.journal import Journal
from ...journal.submission import CREATED, NOT_CHARGED, Submission
from ..polling.read import read_task
from ..results.view import with_idempotency_key
from .journaled import JournaledSubmission, check_idempotency_key, check_task_id
from .submit import submit

if TYPE_CHECKING:
    from ...contract.model import Contract
    from ...http.session import Session
    from ..results.view import TaskFactory


# The submissions whose lost results this process has reported, by reference.
_REPORTED: set[str] = set()


class UnknownSubmission(NamedTuple):
    """A submission that was sent, and that the service may have accepted and charged."""

    idempotency_key: str
    model: str
    sent_at: datetime
    credits: float | None
    """What it may have cost, credits; None if no price is declared."""
    price: float | None
    """The same in `currency`."""
    currency: str
    task_id: str | None
    """The task that an untrustworthy response named: look for it first, and attach it."""


class DuplicateCharge(NamedTuple):
    """A second task of one submission: it was charged twice."""

    idempotency_key: str
    task_id: str


class SettledSubmission(NamedTuple):
    """A submission whose task a callback has shown."""

    idempotency_key: str
    task_id: str


def resume(session: Session, journal: Journal, make_task: TaskFactory[T]) -> Flow[list[T]]:
    """Return the tasks that are paid for and not done, oldest first. Logs each task whose result is lost."""
    losses: list[Submission] = yield RunBlocking(lambda: journal.lost(session.server))
    for one in losses:
        if one.reference not in _REPORTED:
            _REPORTED.add(one.reference)
            telemetry.logger.warning(
                "task %s of submission %s is left out: it is paid for, but its result is lost. Mark it as "
                "done to end this message",
                one.task_id,
                one.idempotency_key,
            )
    submissions: list[Submission] = yield RunBlocking(lambda: journal.unfinished(session.server))
    return [_task(session, one, make_task) for one in submissions if one.task_id]


def lost(session: Session, journal: Journal, make_task: TaskFactory[T]) -> Flow[list[T]]:
    """Return the tasks whose results are lost."""
    submissions: list[Submission] = yield RunBlocking(lambda: journal.lost(session.server))
    return [_task(session, one, make_task) for one in submissions if one.task_id]


def unknown(session: Session, journal: Journal) -> Flow[list[UnknownSubmission]]:
    """Return the submissions whose outcome is unknown."""
    submissions: list[Submission] = yield RunBlocking(lambda: journal.unknown(session.server))
    each, currency = session.contract.credit_price or (0.0, "")
    return [
        UnknownSubmission(
            one.idempotency_key,
            one.model,
            datetime.fromtimestamp(one.changed, UTC),
            one.credits,
            None if one.credits is None or not currency else round(one.credits * each, 6),
            currency,
            one.task_id,
        )
        for one in submissions
    ]


def duplicate_charges(session: Session, journal: Journal) -> Flow[list[DuplicateCharge]]:
    """Return the tasks that were charged in addition to a submission's own."""
    found = yield RunBlocking(lambda: journal.duplicate_charges(session.server))
    return [DuplicateCharge(*one) for one in found]


def attach(
    session: Session, journal: Journal, idempotency_key: str, task_id: str, make_task: TaskFactory[T]
) -> Flow[T]:
    """Settle an unknown submission with a task. The task's own record must not contradict it."""
    submission = yield from _find(session, journal, idempotency_key)
    if submission.state in CREATED and submission.task_id != task_id:
        raise _invalid("idempotency_key", f"has the task {submission.task_id} already")
    if submission.state in NOT_CHARGED:
        message = f"is {submission.state}: no task was created for it, so none can be attached"
        raise _invalid("idempotency_key", message)
    record = yield from read_task(session, task_id, lambda _, raw, __: raw)
    differences = _differences(session.contract, submission, record)
    if differences:
        message = f"was made by a different request: {', '.join(differences)} differs from the submission"
        raise _invalid("task_id", message)
    yield RunBlocking(lambda: journal.attach(submission, task_id))
    telemetry.submission_accepted(task_id, idempotency_key)
    return with_idempotency_key(make_task(task_id, record, None), idempotency_key)


def resend(session: Session, journal: Journal, idempotency_key: str, make_task: TaskFactory[T]) -> Flow[T]:
    """Send an unknown submission again, because the user asked for it. It may be paid twice."""
    submission = yield from _find(session, journal, idempotency_key)
    if submission.state != "unknown":
        message = f"is {submission.state}, not unknown; only an unknown submission can be sent again"
        raise _invalid("idempotency_key", message)
    return (yield from submit(session, JournaledSubmission.resend(session, journal, submission), make_task))


def settle_callback(
    session: Session, journal: Journal, task_id: str, url: str
) -> Flow[SettledSubmission | None]:
    """Settle the submission that a callback's URL names, if the task's record confirms it.

    Raises `SignatureError` for a URL with a token that this journal did not sign, and for an invalid URL.
    """
    check_task_id(task_id)
    token = _token(url)
    reference: str | None = yield RunBlocking(lambda: reference_of(journal, url))
    if reference is None:
        return None
    submission: Submission | None = yield RunBlocking(
        lambda: journal.find(session.server, reference=reference)
    )
    if submission is None:
        return None
    settled = SettledSubmission(submission.idempotency_key, task_id)
    if submission.state in CREATED and submission.task_id == task_id:
        return settled
    # The URL proves the submission and the signature proves the task, but not that they belong together.
    record = yield from read_task(session, task_id, lambda _, raw, __: raw)
    delivery = session.contract.delivery
    repeated = get_pointer(_request_of(session.contract, record), delivery.url) if delivery else None
    if not isinstance(repeated, str) or token_of(repeated) != token:
        telemetry.logger.warning(
            "task %s: its record does not confirm the submission %s", task_id, submission.idempotency_key
        )
        return None
    attached: Submission = yield RunBlocking(lambda: journal.attach(submission, task_id))
    if attached.task_id != task_id:
        return None
    telemetry.submission_accepted(task_id, submission.idempotency_key)
    return settled


def reference_of(journal: Journal, url: str) -> str | None:
    """Return the reference of the submission that a callback names. Raises `SignatureError`; may block."""
    token = _token(url)
    if token is None:
        return None
    reference = verify(journal.secret(), token)
    if reference is None:
        raise SignatureError("the callback's URL has a token that is not signed by this journal")
    return reference


def _token(url: str) -> str | None:
    try:
        return token_of(url)
    except (TypeError, ValueError) as error:
        raise SignatureError(f"the callback's request URL is invalid: {error}") from error


def mark_done(session: Session, journal: Journal, task_id: str) -> Flow[None]:
    """Record that nothing is left to do for a task."""
    check_task_id(task_id)
    submission: Submission | None = yield RunBlocking(lambda: journal.find(session.server, task_id=task_id))
    if submission is None or submission.state not in CREATED:
        raise _invalid("task_id", "is not a task in the journal")
    yield RunBlocking(lambda: journal.mark_done(session.server, task_id))


def _find(session: Session, journal: Journal, idempotency_key: str) -> Flow[Submission]:
    check_idempotency_key(idempotency_key)
    yield RunBlocking(journal.reap_stale)
    submission: Submission | None = yield RunBlocking(
        lambda: journal.find(session.server, idempotency_key=idempotency_key)
    )
    if submission is None:
        raise _invalid("idempotency_key", f"{idempotency_key!r} is not in the journal for {session.server}")
    return submission


def _task(session: Session, submission: Submission, make_task: TaskFactory[T]) -> T:
    assert submission.task_id is not None, "only submissions with a task are resumed"
    age = max(0.0, session.clock.unix() - submission.changed)
    task = make_task(submission.task_id, {}, session.clock.monotonic() - age)
    return with_idempotency_key(task, submission.idempotency_key)


def _invalid(argument: str, message: str) -> InvalidInputError:
    return InvalidInputError([Fault(argument, "journal", message)])


def _request_of(contract: Contract, record: Any) -> Any:
    """Return the body of the submission as the task's record repeats it, if it can be read."""
    place = contract.workflow.outputs.get("request")
    return decode_json(get_pointer(record, place.pointer)) if place else None


def _differences(contract: Contract, submission: Submission, record: Any) -> list[str]:
    """Return the members of a submission's body that the task's record repeats differently."""
    repeated, body = _request_of(contract, record), decode_json(submission.body)
    model = contract.models.get(submission.model)  # None if an older version sent it
    paths = [argument.path for argument in model.arguments] if model else []
    found = []
    named = [(model.discriminator,)] if model and model.discriminator else []
    for path in [*named, *paths]:
        theirs, ours = get_pointer(repeated, path), get_pointer(body, path)
        if theirs is not None and ours is not None and theirs != ours:
            found.append(".".join(path))
    return found
