"""The exit codes, and which error ends in which."""

from typing import NamedTuple

from ..core import errors


class Exit(NamedTuple):
    """An exit code, what it means, and the errors that end in it."""

    code: int
    meaning: str
    kinds: tuple[type[Exception], ...] = ()


UNKNOWN = 5

# In the order in which they are tried.
EXITS = (
    Exit(0, "done"),
    Exit(2, "wrong usage or input; no task was created", (errors.InvalidInputError,)),
    Exit(3, "the task ended without a result", (errors.TaskFailedError,)),
    Exit(4, "not settled in time; the task goes on", (errors.TaskTimeoutError,)),
    Exit(UNKNOWN, "unknown whether a task was created", (errors.SubmissionUnknownError,)),
    Exit(6, "the service refused", (errors.ApiError,)),
    Exit(
        7,
        "the network failed, or the reply could not be read",
        (errors.ServiceUnreachableError, errors.ReplyLostError, errors.ResponseFormatError),
    ),
    Exit(8, "a picture could not be fetched or stored", (errors.DownloadError, OSError)),
    Exit(9, "the callback is not proven genuine", (errors.SignatureError,)),
    Exit(10, "the journal cannot be used; no task was created, a named one goes on", (errors.JournalError,)),
    Exit(1, "anything else, such as a missing key or library", (Exception,)),
    Exit(130, "interrupted by Ctrl-C"),
)


def code_of(error: Exception) -> int:
    """The exit code of an error."""
    return next(entry.code for entry in EXITS if isinstance(error, entry.kinds))
