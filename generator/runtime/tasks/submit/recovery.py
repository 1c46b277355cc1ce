"""What a crash, or a lost answer, leaves to be done: resume, adopt, resend; and what a callback settles."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from ...contract.model import Contract
from ...contract.pointer import decode_json, get_pointer
from ...core import telemetry
from ...core.effects import Do, Flow, T
from ...core.errors import Fault, InvalidInputError, SignatureError
from ...http.session import Core, Give
from ...journal.callback_token import mark_of, proven
from ...journal.job import CREATED, Job
from ...journal.journal import Journal
from .journaled import Recorded, check_key, check_task_id
from .submit import submit


class Unknown(NamedTuple):
    """A create that was sent, and of which nobody knows whether it was accepted and charged."""

    key: str
    model: str
    sent_at: datetime
    credits: float | None
    """What it may have cost; None where no price is declared."""
    price: float | None
    """The same in `currency`."""
    currency: str
    task_id: str | None
    """The task that an answer named which cannot be trusted as a whole: look for it first, and adopt it."""


class Alarm(NamedTuple):
    """A task that came on top of a job's own: something was paid twice."""

    key: str
    task_id: str


def resume(core: Core, journal: Journal, give: Give[T]) -> Flow[list[T]]:
    """The tasks that are paid for and not done, the oldest first."""
    jobs: list[Job] = yield Do(lambda: journal.unfinished(core.server))
    return [give(job.task_id, {}, _created(core, job)) for job in jobs if job.task_id]


def unknown(core: Core, journal: Journal) -> Flow[list[Unknown]]:
    """The creates whose outcome nobody knows."""
    jobs: list[Job] = yield Do(lambda: journal.unknown(core.server))
    each, currency = core.contract.credit_price
    return [
        Unknown(
            job.key,
            job.model,
            datetime.fromtimestamp(job.changed, UTC),
            job.credits,
            None if job.credits is None else round(job.credits * each, 6),
            currency,
            job.task_id,
        )
        for job in jobs
    ]


def alarms(core: Core, journal: Journal) -> Flow[list[Alarm]]:
    """The tasks that were paid for twice."""
    found = yield Do(lambda: journal.alarms(core.server))
    return [Alarm(*one) for one in found]


def adopt(core: Core, journal: Journal, key: str, task_id: str, give: Give[T]) -> Flow[T]:
    """Settle an unknown create by the task that somebody found. The task's own echo must not contradict."""
    job = yield from _job(core, journal, key)
    if job.state in CREATED and job.task_id != task_id:
        raise _wrong("key", f"has the task {job.task_id} already")
    if job.state in ("pending", "refused"):
        raise _wrong("key", f"is {job.state}: nothing was created for it, so there is nothing to adopt")
    record = yield from core.read(task_id, lambda _, raw, __: raw)
    differs = _differs(core.contract, job, record)
    if differs:
        raise _wrong("task_id", f"was made by another request: its {', '.join(differs)} is not the job's")
    yield Do(lambda: journal.bind(job, task_id))
    telemetry.submitted(task_id, key)
    return give(task_id, record, None)


def resend(core: Core, journal: Journal, key: str, give: Give[T]) -> Flow[T]:
    """Send an unknown create once more, by the caller's explicit word. It may be paid twice."""
    job = yield from _job(core, journal, key)
    if job.state != "unknown":
        raise _wrong("key", f"is {job.state}, not unknown; only an unknown create can be sent again")
    return (yield from submit(core, Recorded.again(core, journal, job), give))


def notify(core: Core, journal: Journal, task_id: str, url: str) -> Flow[None]:
    """Settle the create that a callback's URL names, if it is ours and the task confirms it.

    Raises `SignatureError` for a URL that names a job and is not ours, and for what is no URL.
    """
    check_task_id(task_id)
    try:
        mark = mark_of(url)
    except (TypeError, ValueError) as error:
        raise SignatureError(f"what the callback came to is no URL: {error}") from error
    if mark is None:
        return
    secret: bytes = yield Do(journal.secret)
    reference = proven(secret, mark)
    if reference is None:
        raise SignatureError("the callback's URL names a job, and the name is not signed by this journal")
    job: Job | None = yield Do(lambda: journal.find(core.server, reference=reference))
    if job is None or (job.state in CREATED and job.task_id == task_id):
        return
    # The URL proves the job, the signature the task, and nothing so far that they belong together.
    record = yield from core.read(task_id, lambda _, raw, __: raw)
    echoed = get_pointer(_echo(core.contract, record), core.contract.delivery.url)
    if not isinstance(echoed, str) or mark_of(echoed) != mark:
        telemetry.logger.warning("task %s: its record does not confirm the job %s", task_id, job.key)
        return
    bound: Job = yield Do(lambda: journal.bind(job, task_id))
    if bound.task_id == task_id:
        telemetry.submitted(task_id, job.key)


def finish(core: Core, journal: Journal, task_id: str) -> Flow[None]:
    """Nothing is left to do for a task."""
    check_task_id(task_id)
    job: Job | None = yield Do(lambda: journal.find(core.server, task_id=task_id))
    if job is None or job.state not in CREATED:
        raise _wrong("task_id", "is no task in the journal")
    yield Do(lambda: journal.done(core.server, task_id))


def _job(core: Core, journal: Journal, key: str) -> Flow[Job]:
    check_key(key)
    yield Do(journal.bury)
    job: Job | None = yield Do(lambda: journal.find(core.server, key=key))
    if job is None:
        raise _wrong("key", f"{key!r} is not in the journal for {core.server}")
    return job


def _created(core: Core, job: Job) -> float:
    return core.clock() - max(0.0, core.wall() - job.changed)


def _wrong(path: str, message: str) -> InvalidInputError:
    return InvalidInputError([Fault(path, "journal", message)])


def _echo(contract: Contract, record: Any) -> Any:
    """The create's request as the task's record repeats it, if it can be read at all."""
    return decode_json(get_pointer(record, contract.workflow.outputs["request"].pointer))


def _differs(contract: Contract, job: Job, record: Any) -> list[str]:
    """The members of a job's request that the task's record repeats otherwise."""
    echo, body = _echo(contract, record), decode_json(job.body)
    model = contract.models.get(job.model)  # none where an older version sent it
    paths = [argument.path for argument in model.arguments] if model else []
    found = []
    for path in [(contract.discriminator,), *paths]:
        said, sent = get_pointer(echo, path), get_pointer(body, path)
        if said is not None and sent is not None and said != sent:
            found.append(".".join(path))
    return found
