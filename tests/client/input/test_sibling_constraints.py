"""Each field of the requests of the models next to character edit: invalid values are refused."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kie_ideogram import Kie
from kie_ideogram.errors import InvalidInputError
from tests.contract.facts import SIBLINGS

URL = "https://example.com/a.png"
# For each type, a valid value and one of another type.
VALUES = {"string": ("a", 7), "array": ([URL], URL), "boolean": (True, "yes")}
VALUES |= {"integer": (7, "seven"), "number": (0.5, "half")}
# For each keyword, a value that breaks it.
BREAKS: dict[str, Callable[[Any], Any]] = {
    "maxLength": lambda limit: "a" * (limit + 1),
    "minimum": lambda limit: limit - 1,
    "maximum": lambda limit: limit + 1,
    "minItems": lambda limit: [URL] * (limit - 1),
    "format": lambda _: "not a URL",
}


def valid(model: str) -> dict[str, Any]:
    """Return the smallest body of a model."""
    given: dict[str, Any] = {}
    for name in SIBLINGS[model].required:
        member = SIBLINGS[model].members[name]
        is_url = member.image and member.type == "string"
        given[name] = URL if is_url else (member.options or VALUES[member.type])[0]
    return given


def refused(model: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield a place, a rule, and a body that breaks only this rule there."""
    fact, least = SIBLINGS[model], valid(model)
    body = {"model": model, "input": least}

    def with_input(**given: Any) -> dict[str, Any]:
        return body | {"input": least | given}

    yield "input", "required", {"model": model}
    yield "input", "type", body | {"input": "text"}
    yield "size", "additionalProperties", body | {"size": 7}
    yield "input.size", "additionalProperties", with_input(size=7)
    yield "callBackUrl", "type", body | {"callBackUrl": 7}
    yield "callBackUrl", "format", body | {"callBackUrl": "not a URL"}
    for field, member in fact.members.items():
        at = f"input.{field}"
        yield at, "type", with_input(**{field: VALUES[member.type][1]})
        if member.options:
            yield at, "enum", with_input(**{field: "NONE"})
        if member.type == "array":
            yield f"{at}[0]", "type", with_input(**{field: [7]})
        for keyword, limit in member.limits.items():
            yield at, keyword, with_input(**{field: BREAKS[keyword](limit)})
        for keyword, limit in member.item_limits.items():
            yield f"{at}[0]", keyword, with_input(**{field: [BREAKS[keyword](limit)]})
        if field in least:
            yield at, "required", body | {"input": {name: least[name] for name in least if name != field}}
    for field, excluded in fact.row.get("excludes", {}).items():
        value = fact.members[field].options[0]
        yield f"input.{excluded}", "dependentSchemas", with_input(**{field: value, excluded: "x"})


CASES = [(model, *case) for model in SIBLINGS for case in refused(model)]


@pytest.fixture(scope="module")
def kie() -> Iterator[Kie]:
    with Kie("key") as kie:
        yield kie


@pytest.mark.parametrize(
    ("model", "at", "rule", "body"), CASES, ids=[f"{model} {at} {rule}" for model, at, rule, _ in CASES]
)
def test_invalid_value_is_refused(kie: Kie, model: str, at: str, rule: str, body: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        kie.tasks.create(body)
    assert [(fault.path, fault.rule) for fault in caught.value.faults] == [(at, rule)]
