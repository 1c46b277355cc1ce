"""Turns results into text and JSON."""

from typing import Any, NamedTuple

from ..core.printable import printable
from ..media.validate import ImageReport
from ..tasks.results.view import TaskView
from .package import Package


def plain(entry: NamedTuple) -> dict[str, Any]:
    """Return the members of a record that are not empty."""
    return {name: value for name, value in entry._asdict().items() if value not in ("", None, ())}


def cost(credits_: float, package: Package) -> str:
    """Return a number of credits, and what they cost in money."""
    price, currency = package.contract.credit_price
    return f"{credits_:g} credits, about {currency} {credits_ * price:.2f}"


def price_line(price: dict[str, Any] | None) -> str:
    """Return a price list in one line."""
    if price is None:
        return "not declared"
    each = [f"{value} {one['credits']:g}" for value, one in price["values"].items()]
    money = [one["money"] for one in price["values"].values()]
    return (
        f"credits by {price['by']}: {', '.join(each)} (about {price['currency']} {min(money):.2f} to "
        f"{max(money):.2f}), times {price['times']}"
    )


def cost_of(task: TaskView, package: Package) -> str:
    """Return what a task has cost, to append to a message; empty if the service does not report it."""
    return "" if task.credits is None else f"; cost: {cost(task.credits, package)}"


def task_facts(task: TaskView) -> dict[str, Any]:
    """Return what is known of a task."""
    times = {name: getattr(task, name) for name in ("created_at", "completed_at", "expires_at")}
    facts: dict[str, Any] = {"id": task.id, "state": str(task.state)}
    facts |= {name: time.isoformat(timespec="milliseconds") for name, time in times.items() if time}
    facts |= {"credits": task.credits} if task.credits is not None else {}
    facts |= {"fail_code": task.fail_code, "fail_msg": task.fail_msg} if task.failed else {}
    return facts | ({"urls": task.urls} if task.urls else {})


def task_lines(task: TaskView) -> list[str]:
    """Return what is known of a task, a line for each fact."""
    lines = []
    for name, value in task_facts(task).items():
        label = name.removesuffix("_at").replace("_", " ")
        lines += [
            f"{label:<11}{printable(str(one))}" for one in (value if isinstance(value, list) else [value])
        ]
    return lines


def seen(picture: ImageReport) -> list[str]:
    """Return what was found out about a picture, with the notes below it."""
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
