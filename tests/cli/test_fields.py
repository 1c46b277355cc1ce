"""The options of a package with two models."""

from typing import Any

from kie_ideogram.__main__ import package
from kie_ideogram._contract import CONTRACT
from kie_ideogram._runtime.cli.options.fields import fields
from kie_ideogram._runtime.contract.catalog import Field

FIRST, OTHER = "ideogram/character-edit", "ideogram/other"


def both() -> dict[str, Field]:
    """The options when another model has only a prompt, and a seed that it needs."""
    model = CONTRACT.models[FIRST]
    whole: Any = model.schema
    schema = whole["properties"]["input"]
    wanted = [a for a in model.arguments if a.name in ("prompt", "seed")]
    other = model._replace(
        name=OTHER,
        arguments=tuple(wanted),
        images=(),
        schema={
            **whole,
            "properties": {"input": {**schema, "required": ["prompt", "seed"]}},
        },
    )
    own = package()
    made = own._replace(
        contract=CONTRACT._replace(models={FIRST: model, OTHER: other}),
        help={FIRST: own.help[FIRST], OTHER: {"prompt": "Other words.", "seed": "A seed."}},
    )
    return {field.name: field for field in fields(made)}


def test_shared_option_has_the_help_of_the_first_model() -> None:
    prompt = both()["prompt"]
    assert (prompt.required, prompt.text) == (True, package().help[FIRST]["prompt"])


def test_option_of_one_model_names_the_model() -> None:
    found = both()
    assert found["mask"].text.endswith(f" Only for {FIRST}. Required for {FIRST}.")
    assert found["style"].text.endswith(f" Only for {FIRST}.")
    assert found["seed"].text.endswith(f" Required for {OTHER}.")
    assert not any(found[name].required for name in ("mask", "style", "seed"))
