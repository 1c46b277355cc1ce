"""Checks that each price can be computed from the body of a submission."""

from generator.contract.lint.reader.expressions import schema_at
from generator.contract.lint.reader.node import Node, Report, Spec
from generator.contract.lint.reader.values import check_value
from generator.contract.lint.rules.schemas import types
from generator.runtime.contract.pricing import price_key


def check_prices(spec: Spec, report: Report) -> None:
    """Report prices that depend on an unknown member, a value without a price, or an invalid count."""
    for body in spec.bodies.values():
        price = body["x-price"]
        by_value = isinstance(price["credits"].value, dict)
        if by_value and not price["by"]:
            message = "credits by value need 'by', a pointer to the member whose values they are"
            report.fault(price["credits"], message, "price")
        elif price["by"] and price["credits"].number is not None:
            message = "'by' needs credits by value; write a mapping of values to credits, or remove it"
            report.fault(price["by"], message, "price")
        by, times = _member(body, "by", report), _member(body, "times", report)
        if by and by_value:
            _check_values(price, by, report)
        if times:
            _check_count(price, times, report)


def _member(body: Node, name: str, report: Report) -> Node:
    """Return the member that a price depends on; a place without value if there is none."""
    place, assumed = body["x-price"][name], body["x-price"]["assumed"][name]
    nowhere = Node(body.document, place.pointer, None)
    if not place.text:
        if assumed:
            report.fault(assumed, f"there is no '{name}' for which this is assumed; remove it", "price")
        return nowhere
    found, problem = schema_at(body, place.text)
    if problem:
        report.fault(place, problem, "price")
    if not found:
        return nowhere
    always = bool(found["default"]) or found.name in found.parent.parent["required"].texts()
    if not always and not assumed:
        message = (
            f"'{found.name}' must be required, have a default, or be listed under 'assumed': "
            "the price depends on it"
        )
        report.fault(place, message, "price")
    elif always and assumed:
        message = f"'{found.name}' is never without a value, so nothing is assumed for it; remove this"
        report.fault(assumed, message, "price")
    elif assumed and types(found) != ["array"]:
        check_value(found, assumed, "price", report)
    return found


def _check_values(price: Node, by: Node, report: Report) -> None:
    """Check that each value of the member has a price, and no other."""
    values = [price_key(item.value) for item in by["enum"].items()]
    if types(by) == ["boolean"]:
        values = ["true", "false"]
    elif not values:
        message = f"'{by.name}' must be an enum or a boolean, so that each of its values can have a price"
        report.fault(price["by"], message, "price")
        return
    for value in values:
        if value not in price["credits"]:
            report.fault(price["credits"], f"the value '{value}' of '{by.name}' needs a price", "price")
    for value, entry in price["credits"].members():
        if value not in values:
            report.fault(entry, f"'{by.name}' has no value '{value}'; remove its price", "price")


def _check_count(price: Node, times: Node, report: Report) -> None:
    """Check that a member is a number, such as seconds, or a list, whose items count."""
    kind, counts = types(times), [str(item.value) for item in times["enum"].items()]
    if kind not in (["integer"], ["number"], ["array"]) and not (counts and all(map(str.isdecimal, counts))):
        message = f"'{times.name}' must be a number, an enum of digits, or a list, to be a count"
        report.fault(price["times"], message, "price")
    assumed = price["assumed"]["times"]
    if kind == ["array"] and assumed and (not isinstance(assumed.value, int) or assumed.value < 0):
        report.fault(assumed, f"'{times.name}' is a list, so assume the number of its items", "price")
