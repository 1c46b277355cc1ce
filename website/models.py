"""The reference of the models, from the contract: a new model appears without a change here."""

from collections.abc import Mapping
from importlib import import_module
from inspect import isclass
from typing import Any

from kie_ideogram._contract import CONTRACT
from kie_ideogram._help import COMMANDS, HELP
from kie_ideogram._runtime.contract.catalog import Field, fields, model_facts
from kie_ideogram._runtime.contract.model import Model

_FILES = {"picture": "portrait.png", "mask": "mask.png", "reference": "reference.png"}
"""Role of an image → the file that the examples of the documentation use for it."""


def pages() -> dict[str, str]:
    """Return the page of each model, and the page that lists them."""
    listed = "\n".join(f"models/{model.resource}" for model in CONTRACT.models.values())
    rows = "".join(
        f"| [`{model.name}`](models/{model.resource}.md) | {_summary(model)} | {_cheapest(model)} |\n"
        for model in CONTRACT.models.values()
    )
    index = (
        "# Models\n\nThese pages are made from the contract, as the client is. `kie-ideogram models` and "
        "`kie-ideogram show MODEL` print the same facts.\n\n"
        f"| Model | What it does | Price from |\n| --- | --- | --- |\n{rows}\n"
        f"```{{toctree}}\n:hidden:\n\n{listed}\n```\n"
    )
    return {"reference/models.md": index} | {
        f"reference/models/{model.resource}.md": page(model) for model in CONTRACT.models.values()
    }


def page(model: Model) -> str:
    """Return the page of a model: its price, fields, rules and an example."""
    facts = model_facts(CONTRACT, model, HELP[model.name])
    parts = [f"# `{model.name}`\n", _summary(model) + "\n", f"In Python it is `kie.{model.resource}`.\n"]
    parts += ["## Price\n", _price(facts["price"])]
    parts += ["## Fields\n", *(_field(field) for field in facts["fields"])]
    if facts["rules"]:
        parts += ["## Rules for several fields\n", "".join(f"- {rule}\n" for rule in facts["rules"])]
    parts += ["## Example\n", f"```python\n{example(model)}```\n", f"```sh\n{command(model)}```\n"]
    return "\n".join(parts)


def example(model: Model) -> str:
    """Return a program that runs the model with its required fields."""
    given = "".join(f"        {field.name}={_value(field)!r},\n" for field in _required(model))
    return (
        "from kie_ideogram import Kie\n\nwith Kie() as kie:\n"
        f"    result = kie.{model.resource}.run(\n{given}"
        '        save_to="out/",\n    )\n    print(*result.paths, sep="\\n")\n'
    ).replace("'", '"')


def command(model: Model) -> str:
    """Return a command that runs the model with its required fields."""
    given = " ".join(f"--{field.name.replace('_', '-')} {_word(_value(field))}" for field in _required(model))
    name, entry = next(
        (name, models[model.name]) for name, models in COMMANDS.items() if model.name in models
    )
    return f"kie-ideogram {name} --model {entry.name} {given} -o out/\n"


def _required(model: Model) -> list[Field]:
    return [field for field in fields(model, HELP[model.name]) if field.required]


def _value(field: Field) -> Any:
    """Return a valid value of a field."""
    schema = field.schema
    if field.image:
        return _FILES.get(field.image.role, _FILES["picture"])
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema["type"]
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    return {"boolean": True, "array": ["A calm smile"]}.get(kind, "A calm smile")


def _word(value: Any) -> str:
    text = str(value)
    return f'"{text}"' if " " in text else text


def _summary(model: Model) -> str:
    """Return the first line of the docstring of the model's calls."""
    module = import_module(f"kie_ideogram.resources.{model.resource}")
    kind = next(value for value in vars(module).values() if isclass(value) and hasattr(value, "submit"))
    return (kind.__doc__ or "").strip().splitlines()[0]


def _cheapest(model: Model) -> str:
    price = model_facts(CONTRACT, model, HELP[model.name])["price"]
    if price is None:
        return "not declared"
    return f"{price['currency']} {min(one['money'] for one in price['values'].values()):.2f}"


def _price(price: Mapping[str, Any] | None) -> str:
    if price is None:
        return "The service declares no price.\n"
    rows = "".join(
        f"| `{value}` | {one['credits']:g} | {price['currency']} {one['money']:.2f} |\n"
        for value, one in price["values"].items()
    )
    times = f", and `{price['times']}` multiplies it" if price["times"] else ""
    return (
        f"`{price['by']}` sets the price of one picture{times}.\n\n"
        f"| `{price['by']}` | Credits | About |\n| --- | --- | --- |\n{rows}"
    )


def _default(value: Any) -> str:
    return "an empty text" if value == "" else f"`{value}`"


def _field(field: Mapping[str, Any]) -> str:
    facts = [field["type"], "required" if field["required"] else "optional", *field["limits"]]
    if field["choices"]:
        facts.append("one of " + ", ".join(f"`{choice}`" for choice in field["choices"]))
    if field["default"] is not None:
        facts.append(f"the default is {_default(field['default'])}")
    return f"`{field['name']}` ({'; '.join(facts)})\n: {field['text']}\n"
