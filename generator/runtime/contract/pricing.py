"""Computes the declared price of a task, and words it."""

from typing import Any

from .model import Model, Pointer
from .pointer import get_pointer


def price(model: Model, body: dict[str, Any]) -> float | None:
    """Return the credits for a task with this body; None if no price is declared."""
    each = price_of_one(model, body)
    return None if each is None else each * count(model, body)


def price_of_one(model: Model, body: dict[str, Any]) -> float | None:
    """Return the credits for one image of the task; None if no price is declared."""
    return model.price and model.price.credits[str(_value(model, body, model.price.by))]


def count(model: Model, body: dict[str, Any]) -> int:
    """Return the number of images of the task; 1 if the contract does not declare it."""
    return int(_value(model, body, model.price.times)) if model.price else 1


def in_money(credits_: float, credit_price: tuple[float, str]) -> str:
    """Return a number of credits, and what they cost in money."""
    price, currency = credit_price
    return f"{credits_:g} credits, about {currency} {credits_ * price:.2f}"


def _value(model: Model, body: dict[str, Any], pointer: Pointer) -> Any:
    """Return a member of the body, or its declared default."""
    given = get_pointer(body, pointer)
    return next(a.default for a in model.arguments if a.path == pointer) if given is None else given
