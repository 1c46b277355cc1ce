"""What a tool answers: facts for the agent, small pictures, and errors with what to do."""

from typing import Any, NamedTuple

from ..core.errors import InvalidInputError, PackageError, SubmissionUnknownError
from .thumbnails import Thumbnail


class Answer(NamedTuple):
    """The result of a tool call. `facts` are values that JSON can contain."""

    facts: dict[str, Any]
    pictures: tuple[Thumbnail, ...] = ()
    is_error: bool = False


def error_answer(error: Exception, command: str) -> Answer:
    """Return what a failed call answers. `command` is the name of the command line."""
    if isinstance(error, SubmissionUnknownError):
        return Answer(unknown_facts(error.idempotency_key, error.task_id, str(error), command))
    facts: dict[str, Any] = {"error": type(error).__name__}
    if isinstance(error, InvalidInputError):
        facts["faults"] = [{"field": fault.path, "message": fault.message} for fault in error.faults]
        facts["message"] = "\n".join(f"{fault.path}: {fault.message}" for fault in error.faults)
    else:
        facts["message"] = str(error) or type(error).__name__
    if isinstance(error, PackageError) and error.task_id:
        facts["task_id"] = error.task_id
    return Answer(facts, is_error=True)


def unknown_facts(
    idempotency_key: str | None, task_id: str | None, message: str, command: str
) -> dict[str, Any]:
    """Return what to do about a submission whose outcome is unknown."""
    named = f" The reply named the task {task_id}: look for that one first." if task_id else ""
    return {
        "outcome": "unknown",
        "idempotency_key": idempotency_key,
        "message": message,
        "what_to_do": [
            "Do not submit this request again in another way: it may have been charged already.",
            f"Ask a person to look for its task in the task log of the account.{named}",
            "If the task is there, call attach_task with this idempotency_key and the task's id.",
            f"If it is not, a person can run `{command} resend {idempotency_key}`, which sends it again.",
        ],
    }
