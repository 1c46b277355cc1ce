"""A declared price is computed from the body of a submission."""

from typing import Any

import pytest

from generator.contract.lower.price import price as lowered
from generator.runtime.contract.model import Argument, Model
from generator.runtime.contract.pricing import count, price

BODY = {
    "properties": {
        "input": {
            "properties": {
                "speed": {"type": "string", "enum": ["FAST", "SLOW"]},
                "sound": {"type": "boolean", "default": False},
                "seconds": {"type": "number", "default": 5},
                "pictures": {"type": "array"},
                "number": {"type": "string", "enum": ["1", "2"], "default": "1"},
            }
        }
    }
}
BY_SPEED = {"by": "/input/speed", "credits": {"FAST": 4, "SLOW": 2.5}, "assumed": {"by": "SLOW"}}

# The price as declared, the input of a submission, and the credits.
PRICES: dict[str, tuple[dict[str, Any], dict[str, Any], float]] = {
    "the same for every task": ({"credits": 7}, {}, 7),
    "by an option": (BY_SPEED, {"speed": "FAST"}, 4),
    "by an option without a default": (BY_SPEED, {}, 2.5),
    "by a switch": ({"by": "/input/sound", "credits": {"true": 9, "false": 6}}, {"sound": True}, 9),
    "by a switch that is omitted": ({"by": "/input/sound", "credits": {"true": 9, "false": 6}}, {}, 6),
    "per second": ({"times": "/input/seconds", "credits": 2}, {"seconds": 2.5}, 5),
    "per second of the default": ({"times": "/input/seconds", "credits": 2}, {}, 10),
    "per item": ({"times": "/input/pictures", "credits": 2}, {"pictures": ["a", "b", "c"]}, 6),
    "per assumed item": ({"times": "/input/pictures", "credits": 2, "assumed": {"times": 1}}, {}, 2),
    "by an option and a number": (BY_SPEED | {"times": "/input/number"}, {"speed": "FAST", "number": "2"}, 8),
}


@pytest.mark.parametrize("case", PRICES)
def test_price(case: str) -> None:
    declared, given, credits_ = PRICES[case]
    model = Model("made-up", "made_up", (), True, price=lowered({}, BODY | {"x-price": declared}))
    assert price(model, {"input": given}) == credits_


def test_model_without_a_price_has_none() -> None:
    assert price(Model("made-up", "made_up", (), True, price=lowered({}, BODY)), {}) is None


@pytest.mark.parametrize(("given", "number"), [({"number": "2"}, 2), ({}, 1)])
def test_number_of_results(given: dict[str, Any], number: int) -> None:
    counted = Argument("number", ("input", "number"), "1", "count")
    assert count(Model("made-up", "made_up", (counted,), True), {"input": given}) == number


def test_task_without_a_number_has_one_result() -> None:
    assert count(Model("made-up", "made_up", (), True), {"input": {}}) == 1
