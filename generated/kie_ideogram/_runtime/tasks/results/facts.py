"""Turns results into values that JSON can contain."""

from typing import Any, NamedTuple

from .view import TaskView


def plain(entry: NamedTuple) -> dict[str, Any]:
    """Return the members of a record that are not empty."""
    return {name: value for name, value in entry._asdict().items() if value not in ("", None, ())}


def task_facts(task: TaskView) -> dict[str, Any]:
    """Return what is known of a task."""
    times = {name: getattr(task, name) for name in ("created_at", "completed_at", "expires_at")}
    facts: dict[str, Any] = {"id": task.id, "state": str(task.state)}
    facts |= {name: time.isoformat(timespec="milliseconds") for name, time in times.items() if time}
    facts |= {"credits": task.credits} if task.credits is not None else {}
    facts |= {"fail_code": task.fail_code, "fail_msg": task.fail_msg} if task.failed else {}
    return facts | ({"urls": task.urls} if task.urls else {})
