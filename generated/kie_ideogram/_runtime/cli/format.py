"""How things are put into words and JSON."""

from typing import Any, NamedTuple

from ..media.validate import ImageReport
from ..tasks.results.view import TaskView


def plain(entry: NamedTuple) -> dict[str, Any]:
    """The members of a record that say something."""
    return {name: value for name, value in entry._asdict().items() if value not in ("", None, ())}


def task_facts(task: TaskView) -> dict[str, Any]:
    """What is known of a task."""
    times = {name: getattr(task, name) for name in ("created_at", "completed_at", "expires_at")}
    facts: dict[str, Any] = {"id": task.id, "state": str(task.state)}
    facts |= {name: time.isoformat(timespec="milliseconds") for name, time in times.items() if time}
    facts |= {"credits": task.credits} if task.credits is not None else {}
    facts |= {"fail_code": task.fail_code, "fail_msg": task.fail_msg} if task.failed else {}
    return facts | ({"urls": task.urls} if task.urls else {})


def task_lines(task: TaskView) -> list[str]:
    """The same for people."""
    lines = []
    for name, value in task_facts(task).items():
        label = name.removesuffix("_at").replace("_", " ")
        lines += [f"{label:<11}{one}" for one in (value if isinstance(value, list) else [value])]
    return lines


def seen(picture: ImageReport) -> list[str]:
    """What was found out about a picture, the notes below it."""
    if picture.url:
        facts = picture.url
    else:
        size = "x".join(map(str, picture.size or ()))
        facts = f"{picture.name}, {picture.media_type}, {size} pixels, {picture.bytes} bytes"
    if picture.repainted is not None:
        facts += f", {picture.repainted:.1%} of it to be repainted"
    elif picture.black is not None:
        facts += f", {picture.black:.1%} of it black, {1 - picture.black:.1%} white"
    return [f"{picture.argument}: {facts}", *(f"  {note}" for note in picture.notes)]
