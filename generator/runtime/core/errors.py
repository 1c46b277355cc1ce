"""The exceptions of the client.

PackageError
├── ConfigurationError        the client cannot be set up: no API key, an invalid base URL
├── InvalidInputError         the input breaks the contract; no task was created
│   └── WrongArgumentError    a call has an argument that does not exist, or lacks one
├── ServiceUnreachableError   the client has no connection; nothing was sent
├── ReplyLostError            a request was sent, and no complete response arrived
├── ResponseFormatError       a response does not match the contract
├── ApiError                  the service refused; one subclass for each declared code
├── SubmissionUnknownError    a submission was sent, and its outcome is unknown
├── TaskFailedError           the task ended without a result
├── TaskTimeoutError          the wait timed out; the task continues
├── CallTimeoutError          the call's timeout ended before its next request
├── DownloadError             a result cannot be downloaded or stored
├── JournalError              the journal cannot be used; no task was created
│   └── JournalBusyError      another process uses the journal for too long
└── SignatureError            a callback is not verified
"""

from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple


class PackageError(Exception):
    """The base class of all errors of this package.

    `task_id` is the id of the task, if there is one, so that a paid task can be found again.
    """

    task_id: str | None = None

    def __str__(self) -> str:
        # A lone surrogate, which a text of the caller may contain, cannot be printed.
        text = super().__str__().encode("utf-8", "backslashreplace").decode()
        if not self.task_id:
            return text
        known = str(self.task_id)
        return f"{text} [task {known if known.isprintable() else ascii(known)}]"

    def __reduce__(self) -> tuple[Any, ...]:
        # By default, Python calls the class with the message only. Subclasses need more arguments.
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[PackageError], args: tuple[Any, ...], members: dict[str, Any]) -> PackageError:
    """Restore an error in another process."""
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(members)
    return error


class ConfigurationError(PackageError, ValueError):
    """The client cannot be set up or used in this way."""


class Fault(NamedTuple):
    """A fault of an input: the path of the field, the rule that it breaks, and a message."""

    path: str
    rule: str
    message: str


class InvalidInputError(PackageError, ValueError):
    """The input breaks the contract; no task was created. `faults` lists every fault."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.path}: {fault.message} ({fault.rule})" for fault in faults))
        self.faults = faults


class WrongArgumentError(InvalidInputError, TypeError):
    """A call has an argument that the function does not have, or lacks one. Nothing was sent."""


class ServiceUnreachableError(PackageError):
    """The client has no connection, so nothing was sent. The cause is the error of httpx."""


class ReplyLostError(PackageError):
    """The request was sent, at least in part, and no complete response arrived.

    The cause is the error of httpx.
    """


class ResponseFormatError(PackageError):
    """The response does not match the contract: it is not JSON, or a member is missing or invalid."""

    def __init__(self, message: str, *, http_status: int, body: bytes = b"") -> None:
        super().__init__(message)
        self.http_status = http_status
        self.body = body


class ApiError(PackageError):
    """The service refused a request or failed.

    Attributes:
        code: The code of the body if there is one, otherwise the HTTP status.
        msg: The service's message.
        http_status: The HTTP status.
        body: The decoded body.
        retry_after: The header `Retry-After`.
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


class SubmissionUnknownError(PackageError):
    """A submission was sent and its outcome is unknown: it may have a task, which may be charged.

    The client never sends it again automatically. Check the account's task log or balance before you do.

    Attributes:
        fingerprint: The SHA-256 of the request body.
        sent_at: When it was sent (UTC).
        idempotency_key: Its key in the journal, if it has one.
        __cause__: Why the outcome is unknown.
    """

    def __init__(
        self, message: str, *, fingerprint: str, sent_at: datetime, idempotency_key: str | None = None
    ) -> None:
        super().__init__(message)
        self.fingerprint = fingerprint
        self.sent_at = sent_at
        self.idempotency_key = idempotency_key


class TaskFailedError(PackageError):
    """The task ended without a result. `fail_code` and `fail_msg` are from the service."""

    def __init__(self, message: str, *, task: Any, fail_code: str, fail_msg: str) -> None:
        super().__init__(message)
        self.task = task
        self.task_id = task.id
        self.fail_code = fail_code
        self.fail_msg = fail_msg


class TaskTimeoutError(PackageError, TimeoutError):
    """The wait ended before the task did. The task continues; wait for its id again."""


class CallTimeoutError(PackageError, TimeoutError):
    """The `timeout` of a call ended before its next request could be sent.

    A submission that was not sent stays unsent. If a task exists, `task_id` names it, and it continues.
    """


class DownloadError(PackageError):
    """A result cannot be downloaded or stored. `paths` are the results that were.

    What arrived of an incomplete result is stored as `….partial`; the message names it. `link_expired` is
    whether the service no longer has a result: it refused the link and its renewal.
    """

    link_expired = False

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        self.paths: list[Path] = []


class JournalError(PackageError):
    """The journal cannot be read or written, so nothing was submitted. The message says what to do.

    A task that exists already continues; its id is `task_id`.
    """


class JournalBusyError(JournalError):
    """Another thread or process held the journal for as long as this one could wait."""


class SignatureError(PackageError):
    """A callback is not verified: it is unsigned, stale, forged or inconsistent."""
