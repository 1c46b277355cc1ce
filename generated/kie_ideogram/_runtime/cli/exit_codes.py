"""The exit codes, and which error ends in which."""

from typing import NamedTuple

from ..core import errors


class Exit(NamedTuple):
    """An exit code, what it means, and the errors that end in it."""

    code: int
    meaning: str
    kinds: tuple[type[Exception], ...] = ()


UNKNOWN = 5
INTERRUPTED = 130

# In the order in which they are tried.
EXITS = (
    Exit(0, "done"),
    Exit(2, "wrong usage or input; no task was created", (errors.InvalidInputError,)),
    Exit(3, "the task ended without a result", (errors.TaskFailedError,)),
    Exit(
        4,
        "not finished in time; a task that was created continues",
        (errors.TaskTimeoutError, errors.CallTimeoutError),
    ),
    Exit(UNKNOWN, "unknown whether a task was created; see `unknown`", (errors.SubmissionUnknownError,)),
    Exit(6, "the service refused the request", (errors.ApiError,)),
    Exit(
        7,
        "the network failed, or the response could not be read",
        (errors.ServiceUnreachableError, errors.ReplyLostError, errors.ResponseFormatError),
    ),
    Exit(
        8,
        "a picture could not be downloaded or saved, or the output could not be written",
        (errors.DownloadError, OSError),
    ),
    Exit(9, "the callback is not verified", (errors.SignatureError,)),
    Exit(
        10,
        "the journal cannot be used; no task was created, and a named one continues",
        (errors.JournalError,),
    ),
    Exit(1, "anything else, such as a missing API key or library", (Exception,)),
    Exit(INTERRUPTED, "interrupted by Ctrl-C"),
)


def code_of(error: Exception) -> int:
    """The exit code of an error."""
    return next(entry.code for entry in EXITS if isinstance(error, entry.kinds))
