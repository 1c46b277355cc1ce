"""Creates: sent once, and again only after a certain refusal; written down before and after, if anywhere.

A create has three outcomes: accepted (a task's id), refused (certainly no task), unknown.
"""

import warnings
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Protocol
from urllib.parse import urlsplit

from ...contract.json_schema import validate
from ...contract.model import Model, Pointer
from ...contract.pointer import get_pointer
from ...core import telemetry
from ...core.effects import Flow, Send, Sleep, T
from ...core.errors import (
    ApiError,
    ConfigurationError,
    Fault,
    InvalidInputError,
    KieError,
    ServiceUnreachableError,
    SubmissionUnknownError,
)
from ...http.hosts import is_loopback
from ...http.request import encode
from ...http.session import Core, Give


class Entry(Protocol):
    """What is written down of one create."""

    content: bytes

    @property
    def key(self) -> str | None:
        """Its name, if it has one."""
        ...

    def claim(self) -> Flow[tuple[str, float | None] | None]:
        """Wait until the create may be sent. A task that exists already comes back instead."""
        ...

    def sending(self) -> None:
        """From here on it may be out."""
        ...

    def accepted(self, task_id: str) -> Flow[None]:
        """Write down its task."""
        ...

    def refused(self, *, final: bool) -> Flow[None]:
        """Write down that there is none."""
        ...

    def lost(self, task_id: str | None) -> Flow[None]:
        """Write down that nobody knows, and the task that a doubtful answer named."""
        ...

    def leave(self) -> None:
        """Write down at once what is not yet: the caller may be gone the next moment."""
        ...

    def stake(self) -> str:
        """What it may have cost, in words."""
        ...


class Unrecorded:
    """Nothing is written down; the caller holds what is known."""

    key: str | None = None

    def __init__(self, core: Core, body: dict[str, Any]) -> None:
        self._core = core
        self.content = encode(body)

    def claim(self) -> Flow[None]:
        """Wait for the turn."""
        yield from self._core.turnstile.turn(self._core.workflow.create)

    def sending(self) -> None:
        """Nothing to do."""

    def accepted(self, task_id: str) -> Flow[None]:
        """Nothing to do."""
        yield from ()

    def refused(self, *, final: bool) -> Flow[None]:
        """Nothing to do."""
        yield from ()

    def lost(self, task_id: str | None) -> Flow[None]:
        """Nothing to do."""
        yield from ()

    def leave(self) -> None:
        """Nothing to do."""

    def stake(self) -> str:
        """Nothing is known of it here."""
        return ""


def create(
    core: Core,
    model: Model,
    body: dict[str, Any],
    give: Give[T],
    key: str | None = None,
    identity: dict[str, Any] | None = None,
) -> Flow[T]:
    """Check and send a create. Repeats only what was certainly refused and is declared repeatable.

    With a journal, `key` makes it the same create for ever: whoever asks again gets its task. What
    makes it the same is the body, or `identity` where that changes without meaning anything.

    Raises `InvalidInputError` (nothing sent), `ApiError` (refused, no task), `JournalError` and
    `ServiceUnreachableError` (nothing sent), `SubmissionUnknownError` (maybe a task).
    """
    validate(core.check(model), body)
    _check_callback_url(core.contract.delivery.url, body)
    _check_remembered(core, key)
    if core.journal is None:
        return (yield from submit(core, Unrecorded(core, body), give))
    from .journaled import Recorded  # not loaded by those who keep no journal

    return (yield from submit(core, Recorded(core, core.journal, model, body, key, identity), give))


def existing(
    core: Core, model: Model, identity: dict[str, Any], give: Give[T], key: str | None
) -> Flow[T | None]:
    """The task of a key, before anything is done for it. Raises what `create` would raise."""
    _check_remembered(core, key)
    if core.journal is None or key is None:
        return None
    from .journaled import Recorded  # as above

    found = yield from Recorded(core, core.journal, model, identity, key).look_up()
    return give(found[0], {}, found[1]) if found else None


def _check_remembered(core: Core, key: str | None) -> None:
    if key is not None and core.journal is None:
        raise ConfigurationError(
            "key= needs a journal to remember it: pass journal=PATH to the client, or leave the key out"
        )


def submit(core: Core, entry: Entry, give: Give[T]) -> Flow[T]:
    """Send what an entry says, once it may be sent. However it ends, its outcome is written down."""
    try:
        return (yield from _submit(core, entry, give))
    finally:
        entry.leave()


def _submit(core: Core, entry: Entry, give: Give[T]) -> Flow[T]:
    prepared = core.operation(core.workflow.create)
    number = 0
    while True:
        known = yield from entry.claim()
        if known is not None:
            task_id, created = known
            return give(task_id, {}, created)
        sent_at = datetime.now(UTC)
        wait: float | None = None
        entry.sending()
        try:
            reply = yield Send(lambda: prepared.request({}, entry.content), core.contract.envelope.max_bytes)
            data = core.judge.data(reply, prepared.shape)
        except ServiceUnreachableError as error:
            refusal: KieError = error
            wait = core.repeat_after(error, number)
        except ApiError as error:
            if not core.judge.created_nothing(error):
                raise (yield from _lost(core, entry, sent_at, error)) from error
            refusal = error
            code = core.judge.code(error)
            if code and code.repeat_create and number + 1 < core.contract.retry.attempts:
                wait = core.pause(error, number)
        except ConfigurationError:
            yield from entry.refused(final=True)  # the client itself would not send it
            raise
        except Exception as error:
            # Whatever it is, the request may be out: a lost reply, or a fault of somebody's own transport.
            raise (yield from _lost(core, entry, sent_at, error)) from error
        except BaseException as interruption:
            # Cancelled or interrupted while it was on its way: whoever catches that should know.
            unknown = _unknown(core, entry, sent_at, interruption)
            interruption.add_note(f"{unknown} (sent {sent_at:%FT%TZ}, fingerprint {unknown.fingerprint})")
            raise
        else:
            created_id: str = get_pointer(data, core.workflow.created_id)
            try:
                yield from entry.accepted(created_id)
            except BaseException as interruption:
                interruption.add_note(
                    f"task {created_id} was created and is paid for; it can be waited for by its id"
                )
                raise
            telemetry.submitted(created_id, entry.key)
            return give(created_id, data, core.clock())
        yield from entry.refused(final=wait is None)
        telemetry.not_submitted("refused", entry.key, refusal)
        if wait is None:
            raise refusal
        number += 1
        yield Sleep(wait)


def _lost(core: Core, entry: Entry, sent_at: datetime, error: Exception) -> Flow[SubmissionUnknownError]:
    unknown = _unknown(core, entry, sent_at, error)
    yield from entry.lost(unknown.task_id)
    return unknown


def _unknown(core: Core, entry: Entry, sent_at: datetime, error: BaseException) -> SubmissionUnknownError:
    job = f" [job {entry.key}]" if entry.key else ""
    said = str(error)
    if not isinstance(error, KieError):
        said = core.judge.scrub(f"{type(error).__name__} {said}".rstrip())
    unknown = SubmissionUnknownError(
        f"the task may or may not exist, and may have been charged{entry.stake()}: {said}. It was not "
        f"sent again; look at the account's task log before you do{job}",
        fingerprint=sha256(entry.content).hexdigest(),
        sent_at=sent_at,
        key=entry.key,
    )
    # A reply that cannot be trusted as a whole may still name the task.
    body = getattr(error, "body", None)
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    named = get_pointer(text, (core.contract.envelope.data, *core.workflow.created_id))
    unknown.task_id = named if isinstance(named, str) else None
    telemetry.not_submitted("unknown", entry.key, unknown)
    return unknown


def _check_callback_url(pointer: Pointer, body: dict[str, Any]) -> None:
    """Refuse what is no URL; warn of one that others on the way can read and answer."""
    url = get_pointer(body, pointer)
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
    except ValueError as error:
        raise InvalidInputError([Fault(".".join(pointer), "format", f"is no URL: {error}")]) from error
    if parts and parts.scheme == "http" and not is_loopback(parts.hostname):
        warnings.warn(
            f"the callback URL is plain http: callbacks to {parts.hostname} can be read and forged on their "
            "way; use https",
            stacklevel=1,  # the line at fault is often in a task that is not on this stack
        )
