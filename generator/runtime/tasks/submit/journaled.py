"""A submission that the journal records: the journal's state machine, as flows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ...contract.pointer import get_pointer, with_pointer
from ...contract.pricing import in_money, price
from ...core.effects import Flow, RunBlocking, Sleep
from ...core.errors import ApiError, CallTimeoutError, Fault, InvalidInputError, SubmissionUnknownError
from ...core.reporting import telemetry
from ...http.request import encode
from ...journal.budget import Budget, BudgetReachedError
from ...journal.callback_token import add_token
from ...journal.journal import Journal
from ...journal.submission import CREATED, Claim, Outcome, Submission
from ..polling.read import read_task
from .body import MAX_IDEMPOTENCY_KEY, MAX_TASK_ID, is_text, model_named

if TYPE_CHECKING:
    from ...contract.model import Contract, Model
    from ...http.session import Session


# Seconds after which a caller that waits for another one logs a warning.
PATIENCE = 5.0


class WaitForSender:
    """One caller's wait for another process or thread, which is sending the same submission."""

    def __init__(self, session: Session, journal: Journal) -> None:
        self._session = session
        self._journal = journal
        self._begun = session.clock.monotonic()
        self._warned = False

    def wait(self, claim: Claim) -> Flow[None]:
        """Wait a moment. Raises `CallTimeoutError` once that was too long in all."""
        waited = self._session.clock.monotonic() - self._begun
        longest = self._session.workflow.wait.deadline
        if waited >= longest:
            raise CallTimeoutError(f"timed out after {longest:g} s: {self._reason(claim.submission)}")
        if waited >= PATIENCE and not self._warned:
            self._warned = True
            telemetry.logger.warning("still waiting after %d s: %s", waited, self._reason(claim.submission))
        try:
            # Less often the longer it takes: each check is a transaction.
            yield Sleep(min(1.0, max(claim.wait, waited / 20)))
        except CallTimeoutError as error:
            error.args = (f"{error.args[0]}: {self._reason(claim.submission)}",)
            raise

    def _reason(self, submission: Submission) -> str:
        key, holder = submission.idempotency_key, self._journal.sender_of(submission)
        return (
            f"another caller is sending the submission with the idempotency key {key}. If that does not end, "
            f"the process that holds {holder} may be stopped: let it continue, or end it; then unknown() "
            "lists the submission unless its outcome is known"
        )


class JournaledSubmission:
    """One submission in a journal, by the caller's idempotency key or a generated one."""

    def __init__(
        self,
        session: Session,
        journal: Journal,
        model: Model,
        body: dict[str, Any],
        idempotency_key: str | None,
        identity: dict[str, Any] | None = None,
        budget: Budget | None = None,
        plan: str = "",
    ) -> None:
        """`identity` is what makes two requests the same, if the body does not. `plan` is as in `claim`."""
        if idempotency_key is not None:
            check_idempotency_key(idempotency_key)
        self._may_exist = idempotency_key is not None
        self.idempotency_key = idempotency_key or f"generated-{uuid4().hex}"
        self.content = b""
        self._session = session
        self._journal = journal
        self._body = body
        self._model = model
        self._budget = budget
        self._plan = plan
        # Without a discriminator, two models may have the same body.
        kind = "" if model.discriminator else f"{model.name} "
        self._fingerprint = sha256(kind.encode() + encode(identity or body)).hexdigest()
        self.operation = model.operation
        self._resent_content = b""
        """The body of the earlier attempt, with its token."""
        self._confirmed_attempt: int | None = None
        """The attempt with an unknown outcome after which the user asked to send it again."""
        self._submission: Submission | None = None
        self._attempt: Submission | None = None
        """The attempt whose outcome is not recorded yet."""
        self._outcome: tuple[Outcome, str | None] | None = None
        """The outcome to record; None as long as nothing was sent."""

    @classmethod
    def resend(cls, session: Session, journal: Journal, submission: Submission) -> JournaledSubmission:
        """Return an unknown submission that the user asked to send again, with the body of the first time."""
        model = model_named(session.contract, submission.model)
        log = cls(session, journal, model, json.loads(submission.body), submission.idempotency_key)
        log._fingerprint = submission.fingerprint
        log._resent_content = submission.body.encode()
        log._confirmed_attempt = submission.attempt
        log._may_exist = False
        return log

    def claim(self) -> Flow[tuple[str, float | None] | None]:
        """Record the submission and wait until it may be sent. Returns a task that the key has already."""
        session = self._session
        if self._may_exist:
            # A task that exists takes no slot of the rate limit.
            existing = yield from self.look_up()
            if existing is not None:
                return existing
        yield from session.rate_limiter.acquire(self.operation, counted_by=self._journal)
        sender = WaitForSender(session, self._journal)
        while True:
            claim: Claim = yield RunBlocking(self._claim)
            if claim.decision != "wait":
                break
            if claim.submission.state == "sending":
                yield from sender.wait(claim)
            else:
                yield Sleep(claim.wait)
        if claim.decision == "over-budget":
            raise BudgetReachedError
        self._submission = claim.submission
        existing = yield from self._existing_task(claim.submission, is_other=claim.decision == "other-body")
        self.content = claim.submission.body.encode()
        return existing

    def look_up(self) -> Flow[tuple[str, float | None] | None]:
        """Return the task of the key, if there is one. Claims nothing. Raises what `claim` raises."""
        submission: Submission | None = yield RunBlocking(
            partial(self._journal.look_up, self._session.server, self.idempotency_key)
        )
        if submission is None:
            return None
        is_other = submission.state != "refused" and submission.fingerprint != self._fingerprint
        return (yield from self._existing_task(submission, is_other=is_other))

    def _existing_task(
        self, submission: Submission, *, is_other: bool
    ) -> Flow[tuple[str, float | None] | None]:
        clock = self._session.clock
        if is_other:
            message = "was used for a different request before; use a new key for a new request"
            raise InvalidInputError([Fault("idempotency_key", "other-request", message)])
        if submission.state == "unknown":
            raise unknown_outcome_error(self._session.contract, submission)
        if submission.state not in CREATED or submission.task_id is None:
            return None
        if not (yield RunBlocking(partial(self._journal.is_own, submission))):
            yield from self._prove_account(submission, submission.task_id)
        if submission.state != "accepted":
            return submission.task_id, None  # it has ended, and is not a new task
        age = max(0.0, clock.unix() - submission.changed)
        return submission.task_id, clock.monotonic() - age

    def _prove_account(self, submission: Submission, task_id: str) -> Flow[None]:
        """Prove that a task of another API key is of the same account: this one can read it.

        Raises `InvalidInputError` if it cannot. An idempotency key belongs to one account, so neither is
        the task returned nor another one paid for.
        """
        session = self._session
        try:
            yield from read_task(session, task_id, lambda _, raw, __: raw)
        except ApiError as error:
            code = session.parser.declared_code(error)
            if code is None or code.query != "not-visible":
                raise
            message = (
                f"belongs to the task {task_id}, which was submitted with another API key and cannot be read "
                "with this one. Use one journal for each account. If both keys are of one account, the task "
                "is not stored any more: use a new idempotency key"
            )
            raise InvalidInputError([Fault("idempotency_key", "other-account", message)]) from error
        yield RunBlocking(partial(self._journal.join_account, submission))

    def _claim(self) -> Claim:
        session = self._session
        return self._journal.claim(
            session.server,
            self.idempotency_key,
            self._fingerprint,
            lambda token: self._resent_content or encode(with_token(session.contract, self._body, token)),
            self._model.name,
            price(self._model, self._body),
            session.rate_limiter.min_intervals(self.operation),
            self._begin,
            self._confirmed_attempt,
            self._budget,
            self._plan,
        )

    def _begin(self, attempt: Submission) -> None:
        self._attempt, self._outcome = attempt, None
        if self._confirmed_attempt is not None:
            # After a temporary refusal, the same confirmation covers the next attempt.
            self._confirmed_attempt = attempt.attempt

    def sending(self) -> None:
        """Note that from here on the request may have reached the server."""
        self._outcome = "unknown", None

    def received(self, task_id: str) -> None:
        """Note the task, which `close` records."""
        self._outcome = "accepted", task_id

    def accepted(self, task_id: str) -> Flow[None]:
        """Record the task."""
        return self._conclude("accepted", task_id)

    def refused(self, *, final: bool) -> Flow[None]:
        """Record that no task was created. If not `final`, the submission is sent again."""
        return self._conclude("refused" if final else "pending")

    def unknown(self, task_id: str | None) -> Flow[None]:
        """Record that the outcome is unknown, and the task that an untrustworthy response named."""
        return self._conclude("unknown", task_id)

    def _conclude(self, outcome: Outcome, task_id: str | None = None) -> Flow[None]:
        self._outcome = outcome, task_id
        yield RunBlocking(self.close)

    def close(self) -> None:
        """Record the outcome of the attempt, unless it is recorded already."""
        if self._attempt:
            if self._outcome:
                self._journal.conclude(self._attempt, *self._outcome)
            else:
                self._journal.retract(self._attempt)
            self._attempt = None

    def amount_at_risk(self) -> str:
        """Return what the submission may have cost, as text to append to a message."""
        assert self._submission is not None, "claimed before it is sent"
        return amount_at_risk(self._session.contract, self._submission.credits)


def check_idempotency_key(idempotency_key: Any) -> None:
    """Check an idempotency key. Raises `InvalidInputError`."""
    _check_text("idempotency_key", idempotency_key, MAX_IDEMPOTENCY_KEY)


def check_task_id(task_id: Any) -> None:
    """Check a task's id, which the service chooses. Raises `InvalidInputError`."""
    _check_text("task_id", task_id, MAX_TASK_ID)


def _check_text(argument: str, value: Any, max_length: int) -> None:
    if not is_text(value, max_length):
        message = f"must be a string of 1 to {max_length} characters"
        raise InvalidInputError([Fault(argument, "type", message)])


def with_token(contract: Contract, body: dict[str, Any], token: str) -> dict[str, Any]:
    """Return the body with a token in its callback URL; unchanged if it lacks a token or a URL."""
    if contract.delivery is None:
        return body
    pointer = contract.delivery.url
    url = get_pointer(body, pointer)
    if not token or not isinstance(url, str):
        return body
    return with_pointer(body, pointer, add_token(url, token))


def amount_at_risk(contract: Contract, cost: float | None) -> str:
    """Return a cost in credits and money, as text to append to a message; "" if it is not known."""
    return "" if cost is None else f" {in_money(cost, contract.credit_price)}"


def unknown_outcome_error(contract: Contract, submission: Submission) -> SubmissionUnknownError:
    """Return the error of a submission whose earlier attempt has an unknown outcome."""
    error = SubmissionUnknownError(
        "an earlier attempt was sent and its outcome is unknown; it may have been charged"
        f"{amount_at_risk(contract, submission.credits)}. It was not sent again: check the account's task "
        "log, then attach the task if it is there, or resend the submission if it is not "
        f"[idempotency key {submission.idempotency_key}]",
        fingerprint=sha256(submission.body.encode()).hexdigest(),
        sent_at=datetime.fromtimestamp(submission.changed, UTC),
        idempotency_key=submission.idempotency_key,
    )
    error.task_id = submission.task_id
    return error
