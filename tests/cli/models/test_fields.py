"""The options of a model are its own."""

import inspect
from typing import Any

import pytest

from kie_ideogram._contract import CONTRACT
from kie_ideogram._runtime.cli.options.fields import parameters

# The schema of a field, and the type of its option.
TYPES: dict[str, tuple[dict[str, Any], Any]] = {
    "text": ({"type": "string"}, str),
    "number": ({"type": "number"}, float),
    "switch": ({"type": "boolean"}, bool),
    "texts": ({"type": "array", "items": {"type": "string"}}, list[str]),
    "numbers": ({"type": "array", "items": {"type": "integer"}}, list[int]),
}


@pytest.mark.parametrize("case", TYPES)
def test_option_has_the_type_of_its_field(case: str) -> None:
    schema, kind = TYPES[case]
    model = next(iter(CONTRACT.models.values()))
    (seed,) = [argument for argument in model.arguments if argument.name == "seed"]
    body = {
        "properties": {"input": {"properties": {"seed": schema}, "required": ["seed"]}},
        "required": ["input"],
    }
    made = model._replace(arguments=(seed,), images=(), schema=body)
    (option,) = parameters(made, {"seed": "A seed."})
    assert option.default is inspect.Parameter.empty
    assert option.annotation.__origin__ == kind
