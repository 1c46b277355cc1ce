"""Everything the client raises.

KieError
├── ConfigurationError        no key, a base URL without scheme
├── InvalidInputError         refused before a task was created
├── ServiceUnreachableError   no connection was made; nothing was sent
├── ReplyLostError            sent, but no reply came back
├── ResponseFormatError       a reply that is not what the contract says
├── ApiError                  the service refused; one subclass for each declared code
├── SubmissionUnknownError    a create was sent and nobody knows whether it was accepted
├── TaskFailedError           the task ended without a result
├── TaskTimeoutError          the wait gave up; the task goes on
├── CallTimeoutError          the call's timeout ended before its next request
├── DownloadError             a result could not be fetched or stored
├── JournalError              the journal cannot be used; no task was created
└── SignatureError            a callback that is not proven genuine
"""

from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple


class KieError(Exception):
    """Anything this package raises on purpose.

    `task_id` is set wherever a task is known, so that a paid task can be picked up again.
    """

    task_id: str | None = None

    def __str__(self) -> str:
        text = super().__str__()
        if not self.task_id:
            return text
        known = str(self.task_id)
        return f"{text} [task {known if known.isprintable() else ascii(known)}]"

    def __reduce__(self) -> tuple[Any, ...]:
        # Python would call the class with the message alone; subclasses need more.
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[KieError], args: tuple[Any, ...], members: dict[str, Any]) -> KieError:
    """Make an error again in another process."""
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(members)
    return error


class ConfigurationError(KieError, ValueError):
    """The client cannot be set up as asked."""


class Fault(NamedTuple):
    """One thing wrong with an input: the field's path, the rule, and what to do."""

    path: str
    rule: str
    message: str


class InvalidInputError(KieError, ValueError):
    """The input breaks the contract; no task was created. `faults` lists everything wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.path}: {fault.message} ({fault.rule})" for fault in faults))
        self.faults = faults


class ServiceUnreachableError(KieError):
    """No connection was made, so nothing was sent. The cause holds httpx's error."""


class ReplyLostError(KieError):
    """The request was sent, or partly sent, and no whole reply came back. The cause holds httpx's error."""


class ResponseFormatError(KieError):
    """The reply is not what the contract says: no JSON, no envelope, a member missing or mistyped."""

    def __init__(self, message: str, *, http_status: int, body: bytes = b"") -> None:
        super().__init__(message)
        self.http_status = http_status
        self.body = body


class ApiError(KieError):
    """The service refused or failed.

    `code` is the verdict: the body's code where there is one, else the HTTP status.
    `msg` is the service's own text, `body` the decoded reply, `retry_after` the header of that name.
    """

    def __init__(
        self,
        message: str,
        *,
        code: int,
        msg: str,
        http_status: int,
        body: Any = None,
        retry_after: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.msg = msg
        self.http_status = http_status
        self.body = body
        self.retry_after = retry_after


class SubmissionUnknownError(KieError):
    """A create was sent and its outcome is unknown: it may exist, and it may have been charged.

    It is never repeated by itself. `fingerprint` is the SHA-256 of the request body as sent,
    `sent_at` when it was sent (UTC), `key` its key in the journal, if there is one, `__cause__`
    what happened instead of an answer. Look at the account's task log or balance before sending
    it again.
    """

    def __init__(
        self, message: str, *, fingerprint: str, sent_at: datetime, idempotency_key: str | None = None
    ) -> None:
        super().__init__(message)
        self.fingerprint = fingerprint
        self.sent_at = sent_at
        self.idempotency_key = idempotency_key


class TaskFailedError(KieError):
    """The task ended without a result. `fail_code` and `fail_msg` are the service's words."""

    def __init__(self, message: str, *, task: Any, fail_code: str, fail_msg: str) -> None:
        super().__init__(message)
        self.task = task
        self.task_id = task.id
        self.fail_code = fail_code
        self.fail_msg = fail_msg


class TaskTimeoutError(KieError, TimeoutError):
    """The wait gave up before the task was settled. The task goes on; wait for its id again."""


class CallTimeoutError(KieError, TimeoutError):
    """The `timeout` of a call ended before its next request could be sent.

    A submission that was not sent stays unsent. If a task exists, `task_id` names it, and it continues.
    """


class DownloadError(KieError):
    """A result could not be fetched or stored. `paths` are the results that were.

    What arrived of an incomplete result is stored as `….partial`; the message names it.
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        self.paths: list[Path] = []


class JournalError(KieError):
    """The journal cannot be read or written, so no create was sent. The message says what to do about it.

    A task that exists already goes on; `task_id` names it.
    """


class SignatureError(KieError):
    """A callback that is not proven genuine: unsigned, stale, forged, or contradicting itself."""
