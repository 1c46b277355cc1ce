"""What happens to tasks, told to the log and to OpenTelemetry: one event for each change.

Told are ids, states, codes and the service's own words for a refusal; no prompt, URL or key of ours.
"""

import logging
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

NAME = "kie_ideogram"

logger = logging.getLogger(NAME)
logger.addHandler(logging.NullHandler())

# What waits see. The command line shows the worst of it.
waits = logger.getChild("waits")


class Told(Protocol):
    """What is told of a task."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def state(self) -> str:
        """Where it stands."""
        ...

    @property
    def failed(self) -> bool:
        """Whether it ended without a result."""
        ...

    @property
    def fail_code(self) -> str:
        """Why, as a code."""
        ...

    @property
    def created_at(self) -> datetime | None:
        """When it began."""
        ...

    @property
    def credits(self) -> float | None:
        """What it cost."""
        ...


def submitted(task_id: str, key: str | None) -> None:
    """A create was accepted."""
    logger.info("task %s: created%s", task_id, f", job {key}" if key else "")


def not_submitted(outcome: str, key: str | None, error: Exception) -> None:
    """A create was refused, or its outcome is unknown."""
    level = logging.ERROR if outcome == "unknown" else logging.WARNING
    logger.log(
        level, "create %s%s: %s", outcome, f", job {key}" if key and key not in str(error) else "", error
    )


def missed(task_id: str, error: Exception) -> None:
    """A task could not be looked at; told once until it can be again."""
    waits.warning("task %s: not seen, trying on: %s", task_id, error.args[0])


def changed(task: Told, settled: bool, scrub: Callable[[str], str]) -> None:
    """A task was seen in a new state; the last one also ends its span. `scrub` takes the key out of text."""
    state = scrub(str(task.state))
    code = scrub(task.fail_code) if task.failed else ""
    waits.info("task %s: %s%s", task.id, state, f", {code}" if task.failed else "")
    if settled:
        _span(task, state, code)


def _span(task: Told, state: str, code: str) -> None:
    """One span for the whole life of a task, made at its end: it may have begun in another process."""
    # An application that collects spans has loaded this; for others there is nothing to do.
    trace: Any = sys.modules.get("opentelemetry.trace")
    if trace is None:
        return
    now = time.time_ns()
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
