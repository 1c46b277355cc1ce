"""The exit codes, and which error ends in which."""

from typing import NamedTuple

from ..core import errors


class Exit(NamedTuple):
    """An exit code, what it means, and the errors that end in it."""

    code: int
    meaning: str
    kinds: tuple[type[Exception], ...] = ()


FAILED = 3
UNFINISHED = 4
UNKNOWN = 5
REFUSED = 6
UNREACHABLE = 7
NOT_SAVED = 8
NO_JOURNAL = 10
LIMIT_REACHED = 11
INTERRUPTED = 130

# In the order in which they are tried.
EXITS = (
    Exit(0, "done"),
    Exit(2, "wrong usage or input; no task was created", (errors.InvalidInputError,)),
    Exit(FAILED, "the task ended without a result, or a row of a batch failed", (errors.TaskFailedError,)),
    Exit(
        UNFINISHED,
        "not finished in time; a task that was created continues",
        (errors.TaskTimeoutError, errors.CallTimeoutError),
    ),
    Exit(UNKNOWN, "unknown whether a task was created; see `unknown`", (errors.SubmissionUnknownError,)),
    Exit(REFUSED, "the service refused the request", (errors.ApiError,)),
    Exit(
        UNREACHABLE,
        "the network failed, or the response could not be read",
        (errors.ServiceUnreachableError, errors.ReplyLostError, errors.ResponseFormatError),
    ),
    Exit(
        NOT_SAVED,
        "a result could not be downloaded or saved, or the output could not be written",
        (errors.DownloadError, OSError),
    ),
    Exit(9, "the callback is not verified", (errors.SignatureError,)),
    Exit(
        NO_JOURNAL,
        "the journal cannot be used; no task was created, and a named one continues",
        (errors.JournalError,),
    ),
    Exit(LIMIT_REACHED, "a batch reached its budget or its number of failures; rows are left"),
    Exit(1, "anything else, such as a missing API key or library", (Exception,)),
    Exit(INTERRUPTED, "interrupted by Ctrl-C"),
)


def code_of(error: Exception) -> int:
    """The exit code of an error."""
    return next(entry.code for entry in EXITS if isinstance(error, entry.kinds))
