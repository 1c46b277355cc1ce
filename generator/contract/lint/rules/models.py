"""The create call's body: one entry for each model, in step everywhere, with a price that can be told."""

from collections import Counter

from generator.contract.lint.reader.expressions import walk
from generator.contract.lint.reader.node import Node, Report, Spec
from generator.contract.lint.rules.schemas import types


def check(spec: Spec, report: Report) -> None:
    """Add faults of the discriminator and of prices."""
    _discriminator(spec, report)
    for body in spec.bodies.values():
        _price(body, report)


def _discriminator(spec: Spec, report: Report) -> None:
    request = spec.schemas["CreateTaskRequest"]
    for name, schema in spec.schemas.members():
        if schema["discriminator"] and name != "CreateTaskRequest":
            report.fault(
                schema["discriminator"], "only CreateTaskRequest is chosen by a model", "discriminator"
            )
        if schema["oneOf"] and name != "CreateTaskRequest":
            report.fault(
                schema["oneOf"], "oneOf stands in CreateTaskRequest only; write anyOf", "discriminator"
            )
    mapping, choices = request["discriminator"]["mapping"], request["oneOf"]
    if request and not (mapping and choices):
        report.fault(
            request, "CreateTaskRequest needs a oneOf and a discriminator with a mapping", "discriminator"
        )
        return
    listed = {choice["$ref"].text for choice in choices.items()}
    mapped = Counter(entry.text for _, entry in mapping.members())
    for choice in choices.items():
        if choice["$ref"].text not in mapped:
            report.fault(choice, "no entry of the discriminator's mapping leads here", "discriminator")
    for model, entry in mapping.members():
        if entry.text not in listed:
            report.fault(entry, f"'{entry.text}' is missing in oneOf", "discriminator")
        elif mapped[entry.text] > 1:
            report.fault(entry, f"'{entry.text}' stands for two models", "discriminator")
        else:
            _chosen(request["discriminator"]["propertyName"].text, model, entry, spec.bodies[model], report)


def _chosen(name: str, model: str, entry: Node, body: Node, report: Report) -> None:
    if not body["properties"]:
        return
    member = body["properties"][name]
    if member["enum"].value != [model] or member["default"].value != model:
        message = f"'{name}' in this body needs `enum: [{model}]` and `default: {model}`"
        report.fault(member or body, message, "discriminator")
    if name not in body["required"].texts():
        report.fault(body, f"'{name}' must be required: it chooses the body", "discriminator")


def _price(body: Node, report: Report) -> None:
    price = body["x-price"]
    places = {}
    for name in ("by", "times"):
        if not price[name].text:
            return
        found, problem = walk(body, price[name].text)
        if problem:
            report.fault(price[name], problem, "price")
        if not found:
            return
        if not found["default"] and found.name not in found.parent.parent["required"].texts():
            message = f"'{found.name}' needs a default or must be required, else there is no price without it"
            report.fault(price[name], message, "price")
        places[name] = found
    by = [str(item.value) for item in places["by"]["enum"].items()]
    for value in by:
        if value not in price["credits"]:
            report.fault(price["credits"], f"no price for '{value}' of '{places['by'].name}'", "price")
    for value, entry in price["credits"].members():
        if value not in by:
            report.fault(entry, f"'{value}' is no value of '{places['by'].name}'", "price")
    times = places["times"]
    counts = [str(item.value) for item in times["enum"].items()]
    if types(times) != ["integer"] and not (counts and all(count.isdecimal() for count in counts)):
        report.fault(price["times"], f"'{times.name}' is not a count", "price")
