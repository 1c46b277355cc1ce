"""A create that is written down: the journal's state machine, as flows."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

from ...contract.model import Contract, Model
from ...contract.pointer import get_pointer
from ...contract.pricing import price
from ...core.effects import Do, Flow, Sleep
from ...core.errors import Fault, InvalidInputError, SubmissionUnknownError
from ...http.request import encode
from ...http.session import Core
from ...journal.callback_token import marked
from ...journal.job import CREATED, Claim, Job, Outcome
from ...journal.journal import Journal


class Recorded:
    """One create in a journal. Its key is the caller's, or one of its own."""

    def __init__(
        self,
        core: Core,
        journal: Journal,
        model: Model,
        body: dict[str, Any],
        key: str | None,
        identity: dict[str, Any] | None = None,
    ) -> None:
        """`identity` says what the request is where its body does not: links change with every upload."""
        if key is not None:
            check_key(key)
        self.key = key or f"job-{uuid4().hex}"
        self.content = b""
        self._core = core
        self._journal = journal
        self._body = body
        self._model = model
        self._fingerprint = sha256(encode(identity or body)).hexdigest()
        self._exact = b""
        """The body as it was sent before, its mark in it."""
        self._word: int | None = None
        """The attempt after which it may be sent though it is unknown."""
        self._job: Job | None = None
        self._open: Job | None = None
        """The attempt whose outcome is not written down yet."""
        self._outcome: tuple[Outcome, str | None] | None = None
        """What is to be written down of it; None as long as nothing was sent."""

    @classmethod
    def again(cls, core: Core, journal: Journal, job: Job) -> "Recorded":
        """An unknown create, to be sent by the user's word as it was sent the first time."""
        entry = cls(core, journal, core.model(job.model), json.loads(job.body), job.key)
        entry._fingerprint, entry._exact, entry._word = job.fingerprint, job.body.encode(), job.attempt
        return entry

    def claim(self) -> Flow[tuple[str, float | None] | None]:
        """Write the intent down and wait until it may be sent. A task of the same key comes back instead."""
        core = self._core
        yield from core.turnstile.turn(core.workflow.create, counted_by=self._journal)
        while True:
            claim: Claim = yield Do(self._claim)
            if claim.verdict != "wait":
                break
            yield Sleep(claim.wait)
        self._job = claim.job
        existing = self._task(claim.job, other=claim.verdict == "other-body")
        self.content = claim.job.body.encode()
        return existing

    def look_up(self) -> Flow[tuple[str, float | None] | None]:
        """The task of the key, if there is one already; nothing is claimed. Raises as `claim` does."""
        job: Job | None = yield Do(lambda: self._journal.find(self._core.server, key=self.key))
        if job is None:
            return None
        return self._task(job, other=job.state != "refused" and job.fingerprint != self._fingerprint)

    def _task(self, job: Job, *, other: bool) -> tuple[str, float | None] | None:
        core = self._core
        if other:
            message = "was used for another request before; use a new key for a new request"
            raise InvalidInputError([Fault("key", "other-request", message)])
        if job.state == "unknown":
            raise unknown(core, job)
        if job.state not in CREATED or job.task_id is None:
            return None
        return job.task_id, core.clock() - max(0.0, core.wall() - job.changed)

    def _claim(self) -> Claim:
        core = self._core
        return self._journal.claim(
            core.server,
            self.key,
            self._fingerprint,
            lambda mark: self._exact or encode(with_mark(core.contract, self._body, mark)),
            self._model.name,
            price(self._model, self._body),
            core.turnstile.gaps(core.workflow.create),
            self._begin,
            self._word,
        )

    def _begin(self, attempt: Job) -> None:
        self._open, self._outcome = attempt, None
        if self._word is not None:
            self._word = attempt.attempt  # what is refused for a moment is repeated by the same word

    def sending(self) -> None:
        """From here on it may be out."""
        self._outcome = "unknown", None

    def accepted(self, task_id: str) -> Flow[None]:
        """Write down its task."""
        return self._conclude("accepted", task_id)

    def refused(self, *, final: bool) -> Flow[None]:
        """Write down that there is none, so that it may be sent again."""
        return self._conclude("refused" if final else "pending")

    def lost(self, task_id: str | None) -> Flow[None]:
        """Write down that nobody knows, and the task that a doubtful answer named."""
        return self._conclude("unknown", task_id)

    def _conclude(self, outcome: Outcome, task_id: str | None = None) -> Flow[None]:
        self._outcome = outcome, task_id
        yield Do(self.leave)

    def leave(self) -> None:
        """Write down what came of the attempt, unless it is already."""
        if self._open:
            if self._outcome:
                self._journal.conclude(self._open, *self._outcome)
            else:
                self._journal.retract(self._open)
            self._open = None

    def stake(self) -> str:
        """What it may have cost, in words."""
        assert self._job is not None, "claimed before it is sent"
        return stake(self._core.contract, self._job.credits)


def check_key(key: Any) -> None:
    """Check the name of a job. Raises `InvalidInputError`."""
    _check_text("key", key, 200)


def check_task_id(task_id: Any) -> None:
    """Check the id of a task, which is the service's. Raises `InvalidInputError`."""
    _check_text("task_id", task_id, 1000)


def _check_text(argument: str, value: Any, most: int) -> None:
    """Check what jobs are found by. Raises `InvalidInputError`."""
    try:
        fine = value.encode() != b"" and value.strip() != "" and len(value) <= most
    except (AttributeError, UnicodeEncodeError):  # no text, or half of a surrogate pair
        fine = False
    if not fine:
        raise InvalidInputError([Fault(argument, "type", f"expected text of 1 to {most} characters")])


def with_mark(contract: Contract, body: dict[str, Any], mark: str) -> dict[str, Any]:
    """The body, its callback URL marked with a job; as it is without the one or the other."""
    pointer = contract.delivery.url
    url = get_pointer(body, pointer)
    if not mark or not isinstance(url, str):
        return body
    copy = part = dict(body)
    for name in pointer[:-1]:
        part[name] = part = dict(part[name])
    part[pointer[-1]] = marked(url, mark)
    return copy


def stake(contract: Contract, cost: float | None) -> str:
    """What is at stake, in words; `cost` is in credits."""
    if cost is None:
        return ""
    each, currency = contract.credit_price
    return f" {cost:g} credits (about {currency} {cost * each:.2f})"


def unknown(core: Core, job: Job) -> SubmissionUnknownError:
    """The error of a job that was sent before and whose outcome nobody knows."""
    error = SubmissionUnknownError(
        f"sent before, and nobody knows whether it was accepted and charged"
        f"{stake(core.contract, job.credits)}. It was not sent again: look at the account's task log, then "
        f"adopt the task that you find there, or resend the job when there is none [job {job.key}]",
        fingerprint=sha256(job.body.encode()).hexdigest(),
        sent_at=datetime.fromtimestamp(job.changed, UTC),
        key=job.key,
    )
    error.task_id = job.task_id
    return error
