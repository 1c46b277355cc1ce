"""Turns results into text and JSON."""

from typing import TYPE_CHECKING, Any

from ..contract.pricing import in_money
from ..core.text.printable import printable
from ..tasks.results.facts import task_facts
from .package import Package

if TYPE_CHECKING:
    from ..media.validate import ImageReport
    from ..tasks.results.view import TaskView


def cost(credits_: float, package: Package) -> str:
    """Return a number of credits, and what they cost in money."""
    return in_money(credits_, package.contract.credit_price)


def price_line(price: dict[str, Any] | None) -> str:
    """Return a price list in one line."""
    if price is None:
        return "not declared"
    values = price["values"]
    money = sorted({f"{one['money']:.2f}": one["money"] for one in values.values()}, key=float)
    if price["by"]:
        line = f"credits by {price['by']}: " + ", ".join(
            f"{v} {one['credits']:g}" for v, one in values.items()
        )
    else:
        line = " or ".join(f"{one['credits']:g} credits" for one in values.values())
    line += f" (about {price['currency']} {' to '.join(dict.fromkeys((money[0], money[-1])))})"
    return line + (f", times {price['times']}" if price["times"] else "")


def cost_of(task: "TaskView", package: Package) -> str:
    """Return what a task has cost, to append to a message; empty if the service does not report it."""
    return "" if task.credits is None else f"; cost: {cost(task.credits, package)}"


def task_lines(task: "TaskView") -> list[str]:
    """Return what is known of a task, a line for each fact."""
    lines = []
    for name, value in task_facts(task).items():
        label = name.removesuffix("_at").replace("_", " ")
        lines += [
            f"{label:<11}{printable(str(one))}" for one in (value if isinstance(value, list) else [value])
        ]
    return lines


def seen(picture: "ImageReport") -> list[str]:
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
