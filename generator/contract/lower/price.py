"""Lowers the price of a model's tasks, and the sizes of their results."""

from collections.abc import Iterable
from typing import Any

from generator.contract.pointer import resolve
from generator.runtime.contract import model as runtime_model
from generator.runtime.contract.pointer import parse_pointer


def price(root: dict[str, Any], body: dict[str, Any]) -> runtime_model.Price | None:
    """Return the price of a model's tasks, with the values of omitted members."""
    declared = body.get("x-price")
    if declared is None:
        return None
    assumed = declared.get("assumed", {})
    places = {name: parse_pointer(declared[name]) for name in ("by", "times") if name in declared}
    defaults = {}
    for name, path in places.items():
        member = body
        for wire in path:
            member = resolve(root, member["properties"][wire])
        defaults[f"{name}_default"] = assumed.get(name, member.get("default"))
    return runtime_model.Price(declared["credits"], **places, **defaults)


def pixels(
    members: Iterable[tuple[runtime_model.Pointer, dict[str, Any], str]],
) -> runtime_model.Pixels | None:
    """Return the argument that selects the size of the results; None if there is none."""
    for path, member, _ in members:
        if "x-pixels" in member:
            sizes = {value: (width, height) for value, (width, height) in member["x-pixels"].items()}
            return runtime_model.Pixels(path, member.get("default"), sizes)
    return None
