"""Logs what happens to submissions and tasks, and reports spans to OpenTelemetry.

The log contains ids, states, codes and the service's own messages; no prompt, URL or API key.
"""

import logging
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from .clock import Clock

NAME = "kie_ideogram"

logger = logging.getLogger(NAME)
logger.addHandler(logging.NullHandler())

# What waiting callers see. The command line shows its warnings.
waits = logger.getChild("waits")


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


def retry_scheduled(operation: str, error: Exception, seconds: float) -> None:
    """Log that a call failed and is sent again after some seconds."""
    waits.warning("%s: %s; retrying in %.1f s", operation, error.args[0], seconds)


def poll_failed(task_id: str, error: Exception) -> None:
    """Log that a poll failed; the caller does so once, until a poll succeeds again."""
    waits.warning("task %s: poll failed, retrying: %s", task_id, error.args[0])


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
    start = int(task.created_at.timestamp() * 1e9) if task.created_at else now
    span = trace.get_tracer(NAME).start_span("kie task", start_time=min(start, now))
    span.set_attribute("kie.task.id", task.id)
    span.set_attribute("kie.task.state", state)
    if task.credits is not None:
        span.set_attribute("kie.task.credits", task.credits)
    if task.failed:
        span.set_attribute("kie.task.fail_code", code)
        span.set_status(trace.Status(trace.StatusCode.ERROR, code))
    span.end(end_time=now)
