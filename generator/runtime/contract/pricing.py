"""Computes the declared price of a task and the number of its results, and words a price."""

from typing import Any

from .model import Argument, Model
from .pointer import get_pointer


def price(model: Model, body: dict[str, Any]) -> float | None:
    """Return the credits for a task with this body; None if no price is declared."""
    each = price_of_one(model, body)
    if each is None or model.price is None or not model.price.times:
        return each
    given = get_pointer(body, model.price.times)
    times = model.price.times_default if given is None else given
    total = each * (len(times) if isinstance(times, list) else float(times))
    return int(total) if total == int(total) else total  # 18, not 18.0, in JSON


def price_of_one(model: Model, body: dict[str, Any]) -> float | None:
    """Return the credits for one of what the price counts; None if no price is declared."""
    declared = model.price
    if declared is None:
        return None
    if not isinstance(declared.credits, dict):
        return declared.credits
    given = get_pointer(body, declared.by)
    return declared.credits[price_key(declared.by_default if given is None else given)]


def price_key(value: Any) -> str:
    """Return the name of a value in a table of prices: true and false as in JSON."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def count(model: Model, body: dict[str, Any]) -> int:
    """Return the number of results of the task; 1 if no argument holds it."""
    argument = count_argument(model)
    given = argument and get_pointer(body, argument.path)
    return int(given or (argument and argument.default) or 1)


def count_argument(model: Model) -> Argument | None:
    """Return the argument that holds the number of results; None if the model has none."""
    return next((argument for argument in model.arguments if argument.holds == "count"), None)


def unit(credit_price: tuple[float, str] | None) -> tuple[float, str]:
    """Return what a credit costs and in which unit; credits are their own unit without a price list."""
    return credit_price or (1.0, "credits")


def in_money(credits_: float, credit_price: tuple[float, str] | None) -> str:
    """Return a number of credits, and what they cost in money if that is declared."""
    if credit_price is None:
        return f"{credits_:g} credits"
    price, currency = credit_price
    return f"{credits_:g} credits, about {currency} {credits_ * price:.2f}"
