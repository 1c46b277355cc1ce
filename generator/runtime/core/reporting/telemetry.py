"""Logs what happens to submissions and tasks, and reports spans to OpenTelemetry.

The log contains ids, states, codes and the service's own messages; no prompt, URL or API key. A logging
filter, a handler or a tracer that raises does not interrupt the client: a task may be paid for already.
"""

import logging
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol

from ..clock import Clock
from ..identity import NAME
from ..text.printable import error_text, message_of, printable

# The loggers have the name of the package that this module is part of.
MODULE = __name__.partition("._runtime.")[0]


class SafeLogger(logging.LoggerAdapter[logging.Logger]):
    """A logger that never raises an `Exception`, and escapes control characters in what it logs."""

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        """Log a message."""
        texts = (message_of(arg) if isinstance(arg, Exception) else arg for arg in args)
        safe = tuple(printable(str(text)) if isinstance(text, str) else text for text in texts)
        try:
            self.logger.log(level, msg, *safe, **kwargs)
        except Exception as error:
            _warn(f"logging failed with {error_text(error)}; the message was: {str(msg) % safe}")


_ROOT = logging.getLogger(MODULE)
_ROOT.addHandler(logging.NullHandler())

logger = SafeLogger(_ROOT)

# What waiting callers see. The command line shows its warnings.
waits = SafeLogger(_ROOT.getChild("waits"))


class TaskInfo(Protocol):
    """What is reported about a task."""

    @property
    def id(self) -> str:
        """The id of the task."""
        ...

    @property
    def state(self) -> str:
        """The state of the task."""
        ...

    @property
    def failed(self) -> bool:
        """Whether it ended without a result."""
        ...

    @property
    def fail_code(self) -> str:
        """The service's code for its failure."""
        ...

    @property
    def created_at(self) -> datetime | None:
        """When the service created it."""
        ...

    @property
    def credits(self) -> float | None:
        """What it cost, credits."""
        ...


def callback_failed(name: str, error: Exception) -> None:
    """Report that a function of the caller raised an exception."""
    text = f"{name} raised {error_text(error)}; the client continues, later errors are not reported"
    logger.warning("%s", text)
    _warn(text)


def _warn(text: str) -> None:
    with suppress(Exception):  # warnings may be errors, and nothing is left to report this to
        warnings.warn(text, RuntimeWarning, stacklevel=3)


def submission_accepted(task_id: str, idempotency_key: str | None) -> None:
    """Log that a submission was accepted."""
    key = f", idempotency key {idempotency_key}" if idempotency_key else ""
    logger.info("task %s: created%s", task_id, key)


def submission_failed(outcome: str, idempotency_key: str | None, error: Exception) -> None:
    """Log that a submission was refused, or that its outcome is unknown."""
    level = logging.ERROR if outcome == "unknown" else logging.WARNING
    shown = idempotency_key and idempotency_key not in str(error)
    key = f", idempotency key {idempotency_key}" if shown else ""
    logger.log(level, "submission %s%s: %s", outcome, key, error)


RETRY = "%s: %s; retrying in %.1f s"
"""The format of a message about a retry. Its arguments are the operation, the cause and the seconds."""


def retry_scheduled(operation: str, error: Exception, seconds: float) -> None:
    """Log that a call failed and is sent again after some seconds."""
    waits.warning(RETRY, operation, error.args[0], seconds)


def poll_failed(task_id: str, error: Exception) -> None:
    """Log that a poll failed; the caller does so once, until a poll succeeds again."""
    waits.warning("task %s: poll failed, retrying: %s", task_id, error.args[0])


def result_awaited(task_id: str, seconds: float) -> None:
    """Log that a task succeeded without a result, and is polled again for some seconds."""
    waits.info("task %s: succeeded without a result; polling again for %.0f s", task_id, seconds)


def result_odd(task_id: str, text: str) -> None:
    """Log what is odd about the results of a task, or missing."""
    waits.warning("task %s: %s", task_id, text)


def state_changed(task: TaskInfo, ended: bool, redact: Callable[[str], str], clock: Clock) -> None:
    """Log a new state of a task; if it ended, report its span too. `redact` removes the API key."""
    state = redact(str(task.state))
    code = redact(task.fail_code) if task.failed else ""
    waits.info("task %s: %s%s", task.id, state, f", {code}" if task.failed else "")
    if ended:
        _report_span(task, state, code, int(clock.unix() * 1e9))


def _report_span(task: TaskInfo, state: str, code: str, now: int) -> None:
    """Report one span for a task, at its end: it may have begun in another process. `now` is in ns."""
    # An application that collects spans has imported this; otherwise there is nothing to do.
    trace: Any = sys.modules.get("opentelemetry.trace")
    if trace is None:
        return
    try:
        _end_span(trace, task, state, code, now)
    except Exception as error:
        _warn(f"the tracer raised {error_text(error)}")


def _end_span(trace: Any, task: TaskInfo, state: str, code: str, now: int) -> None:
    start = int(task.created_at.timestamp() * 1e9) if task.created_at else now
    span = trace.get_tracer(MODULE).start_span(f"{NAME} task", start_time=min(start, now))
    span.set_attribute(f"{NAME}.task.id", task.id)
    span.set_attribute(f"{NAME}.task.state", state)
    if task.credits is not None:
        span.set_attribute(f"{NAME}.task.credits", task.credits)
    if task.failed:
        span.set_attribute(f"{NAME}.task.fail_code", code)
        span.set_status(trace.Status(trace.StatusCode.ERROR, code))
    span.end(end_time=now)
