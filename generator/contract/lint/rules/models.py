"""Checks that the discriminator is consistent and each price can be computed."""

from collections import Counter

from generator.contract.lint.reader.expressions import schema_at
from generator.contract.lint.reader.node import Node, Report, Spec
from generator.contract.lint.rules.schemas import types


def check_models(spec: Spec, report: Report) -> None:
    """Report faults of the discriminator and of prices."""
    _check_discriminator(spec, report)
    for body in spec.bodies.values():
        _check_price(body, report)


def _check_discriminator(spec: Spec, report: Report) -> None:
    request = spec.submission
    if not request:
        return
    for _, schema in spec.schemas.members():
        if schema["discriminator"] and schema.pointer != request.pointer:
            report.fault(
                schema["discriminator"], f"only {request.name} may have a discriminator", "discriminator"
            )
        if schema["oneOf"] and schema.pointer != request.pointer:
            report.fault(schema["oneOf"], f"only {request.name} may have oneOf; write anyOf", "discriminator")
    mapping, choices = request["discriminator"]["mapping"], request["oneOf"]
    if not (mapping and choices):
        report.fault(
            request, f"{request.name} needs a oneOf and a discriminator with a mapping", "discriminator"
        )
        return
    listed = {choice["$ref"].text for choice in choices.items()}
    mapped = Counter(entry.text for _, entry in mapping.members())
    for choice in choices.items():
        if choice["$ref"].text not in mapped:
            report.fault(
                choice, "the discriminator's mapping needs an entry for this schema", "discriminator"
            )
    for model, entry in mapping.members():
        if entry.text not in listed:
            report.fault(entry, f"oneOf needs an entry for '{entry.text}'", "discriminator")
        elif mapped[entry.text] > 1:
            report.fault(
                entry, f"two models have the schema '{entry.text}'; each needs its own", "discriminator"
            )
        else:
            _check_choice(
                request["discriminator"]["propertyName"].text, model, entry, spec.bodies[model], report
            )


def _check_choice(name: str, model: str, entry: Node, body: Node, report: Report) -> None:
    if not body["properties"]:
        return
    member = body["properties"][name]
    if member["enum"].value != [model] or member["default"].value != model:
        message = f"'{name}' of this request needs `enum: [{model}]` and `default: {model}`"
        report.fault(member or body, message, "discriminator")
    if name not in body["required"].texts():
        report.fault(
            body, f"'{name}' must be required: the service chooses the schema by it", "discriminator"
        )


def _check_price(body: Node, report: Report) -> None:
    price = body["x-price"]
    places = {}
    for name in ("by", "times"):
        if not price[name].text:
            return
        found, problem = schema_at(body, price[name].text)
        if problem:
            report.fault(price[name], problem, "price")
        if not found:
            return
        if not found["default"] and found.name not in found.parent.parent["required"].texts():
            message = f"'{found.name}' must be required or have a default: the price depends on it"
            report.fault(price[name], message, "price")
        places[name] = found
    by = [str(item.value) for item in places["by"]["enum"].items()]
    for value in by:
        if value not in price["credits"]:
            report.fault(
                price["credits"], f"the value '{value}' of '{places['by'].name}' needs a price", "price"
            )
    for value, entry in price["credits"].members():
        if value not in by:
            report.fault(entry, f"'{places['by'].name}' has no value '{value}'; remove its price", "price")
    times = places["times"]
    counts = [str(item.value) for item in times["enum"].items()]
    if types(times) != ["integer"] and not (counts and all(count.isdecimal() for count in counts)):
        report.fault(
            price["times"], f"'{times.name}' must be an integer, or an enum of digits, to be a count", "price"
        )
