"""Every name of the API becomes a name of Python that is free, and the same one for both makers of code."""

import builtins
import keyword
import re
from collections.abc import Iterable

from generator.contract.lint.reader.node import Node, Report, Spec
from generator.contract.names import pascal, picture, resource, snake
from generator.runtime.client import AsyncClient, SyncClient

FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# openapi-python-client and names.py split these alike; it names the class of an enum after its member.
ENUM_FIELD = re.compile(r"[a-z]+[0-9]*(_[a-z]+[0-9]*)*|[a-z]+([A-Z][a-z]+)*")
MODEL = re.compile(r"[a-z0-9][a-z0-9.-]*(/[a-z0-9][a-z0-9.-]*)*")

CLIENT = {*dir(SyncClient), *dir(AsyncClient), "core"}
# Names that a rendered method uses itself.
ARGUMENTS = {
    "self",
    "key",
    "create",
    "unknown",
    "arguments",
    "core",
    "model",
    "body",
    "data",
    "result",
    "task",
    "timeout",
    "repaint",
    "save_to",
    "overwrite",
    "dry_run",
    "progress",
    "contact_sheet",
    "as_json",
    "typed",
    "opened",
    "dict",
    "str",
}
# Names that a rendered module imports or defines beside the models.
MODULE = {
    "Argument",
    "Image",
    "Model",
    "Price",
    "Any",
    "Count",
    "AsyncKie",
    "AsyncTask",
    "DryRun",
    "File",
    "Kie",
    "Literal",
    "Mapping",
    "Never",
    "Picture",
    "Progress",
    "Result",
    "Sequence",
    "Task",
}
# Names that a model of openapi-python-client uses itself.
FIELDS = {
    "cls",
    "d",
    "src_dict",
    "field_dict",
    "prop",
    "prop_name",
    "prop_dict",
    "additional_properties",
    "additional_keys",
    "to_dict",
    "from_dict",
}


def check(spec: Spec, report: Report) -> None:
    """Add faults of names."""
    classes = _classes(spec, report)
    _fields(spec, report)
    _resources(spec, classes, report)
    for name, body in spec.bodies.items():
        _arguments(_model_arguments(spec, body), f"the resource of {name}", report)
        _pictures(_model_arguments(spec, body), report)
    for operation in spec.calls():
        members = [parameter["name"] for parameter in operation["parameters"].items()]
        if operation.value is not spec.operation(spec.create).value:
            members += [member for _, member in spec.body(operation)["properties"].members()]
        _arguments(members, f"the operation {operation['operationId'].text}", report)
    _methods(spec, report)


def _classes(spec: Spec, report: Report) -> dict[str, Node]:
    """Every class of the models, by its name."""
    classes: dict[str, Node] = {}
    for name, schema in spec.schemas.members():
        if pascal(name) != name or not FIELD.fullmatch(name):
            hint = f", such as {pascal(name)}" if FIELD.fullmatch(pascal(name)) else ""
            report.fault(schema, f"schema '{name}' must be named as a class is{hint}", "name")
        elif name in MODULE or hasattr(builtins, name):
            report.fault(schema, f"the class name {name} is taken by Python or the package", "name-collision")
        classes.setdefault(name, schema)
    for owner, schema in spec.schemas.members():
        for wire, member in schema["properties"].members():
            if not member["enum"]:
                continue
            name = owner + pascal(wire)
            if not ENUM_FIELD.fullmatch(wire):
                report.fault(member, f"'{wire}' has an enum, so it must be snake_case or camelCase", "name")
            elif name in classes:
                message = f"the class of this enum would be {name}, which exists already"
                report.fault(member, message, "name-collision")
            classes.setdefault(name, member)
    return classes


def _fields(spec: Spec, report: Report) -> None:
    for owner, schema in spec.schemas.members():
        seen: dict[str, str] = {}
        for wire, member in schema["properties"].members():
            if not FIELD.fullmatch(wire):
                message = f"{wire!r} must consist of ASCII letters, digits and underscores, a letter first"
                report.fault(member, message, "name")
                continue
            name = snake(wire)
            if name in FIELDS or name == snake(owner):
                message = f"'{wire}' is a name that the model's own code uses"
                report.fault(member, message, "name-collision")
            elif name in seen:
                message = f"'{wire}' and '{seen[name]}' are both {name} in Python"
                report.fault(member, message, "name-collision")
            seen.setdefault(name, wire)


def _model_arguments(spec: Spec, body: Node) -> list[Node]:
    """The members that become arguments of a model's resource, as `lower` finds them."""
    choice = spec.schemas["CreateTaskRequest"]["discriminator"]["propertyName"].text
    inner: list[Node] = []
    outer: list[Node] = []
    for wire, member in body["properties"].members():
        parts = [part for _, part in member.resolved()["properties"].members()]
        if parts:
            inner += parts
        elif wire != choice:
            outer.append(member)
    return inner + outer


def _arguments(members: Iterable[Node], what: str, report: Report) -> None:
    seen: dict[str, Node] = {}
    for member in members:
        # A parameter's name is a value of the document, a property's is a key.
        wire = member.text or member.name
        if not FIELD.fullmatch(wire):
            if member.text:
                message = f"{wire!r} must consist of ASCII letters, digits and underscores, a letter first"
                report.fault(member, message, "name")
            continue
        name = snake(wire)
        if name in ARGUMENTS:
            message = f"'{wire}' is a name that the method's own code uses"
            report.fault(member, message, "name-collision")
        elif name in seen and seen[name].parent.pointer != member.parent.pointer:
            other = seen[name].text or seen[name].name
            message = f"'{wire}' and '{other}' are both the argument {name} of {what}"
            report.fault(member, message, "name-collision")
        seen.setdefault(name, member)


def _pictures(members: list[Node], report: Report) -> None:
    """A picture is an argument of its own, in place of its URL."""
    taken = {snake(member.name): member.name for member in members}
    for member in members:
        if not member.resolved()["x-image"] or not FIELD.fullmatch(member.name):
            continue
        name = picture(member.name)
        other = "the method's own code" if name in ARGUMENTS else f"'{taken.get(name, member.name)}'"
        if other != f"'{member.name}'":
            message = f"the picture of '{member.name}' would be the argument {name}, taken by {other}"
            report.fault(member, message, "name-collision")
        taken[name] = member.name


def _resources(spec: Spec, classes: dict[str, Node], report: Report) -> None:
    """Resources are attributes of the client, and modules and classes of their own."""
    places: list[tuple[str, str, Node]] = []
    for model, entry in spec.schemas["CreateTaskRequest"]["discriminator"]["mapping"].members():
        if not MODEL.fullmatch(model) or not resource(model).isidentifier():
            message = (
                f"'{model}' must be a path of small letters and digits whose last part is a name of Python"
            )
            report.fault(entry, message, "name")
        else:
            places.append((resource(model), f"model '{model}'", entry))
    names = [tag["name"] for tag in spec.openapi["tags"].items() if tag["name"].text]
    places += [(snake(name.text), f"tag '{name.text}'", name) for name in names]
    seen: dict[str, str] = {}
    for name, what, place in places:
        if name in seen:
            report.fault(
                place, f"the {what} and the {seen[name]} are both the resource {name}", "name-collision"
            )
        elif name in CLIENT or keyword.iskeyword(name):
            report.fault(place, f"the {what} would be {name}, which the client has already", "name-collision")
        for class_name in (pascal(name), f"Async{pascal(name)}"):
            if class_name in classes or class_name in MODULE:
                message = f"the class of the {what} would be {class_name}, which exists already"
                report.fault(place, message, "name-collision")
        seen.setdefault(name, what)


def _methods(spec: Spec, report: Report) -> None:
    seen: dict[tuple[str, str], str] = {}
    poll = spec.operation(spec.poll)
    for operation in spec.calls():
        place, tag = operation["x-python-name"], operation["tags"][0].text
        key = tag, place.text
        if keyword.iskeyword(place.text):
            report.fault(place, f"'{place.text}' is a word of Python", "name-collision")
        elif key in seen:
            message = f"'{place.text}' is the method of {seen[key]} already"
            report.fault(place, message, "name-collision")
        elif place.text in ("wait", "settled") and poll and tag == poll["tags"][0].text:
            report.fault(place, f"'{place.text}' is the waiter's own method", "name-collision")
        seen.setdefault(key, operation["operationId"].text)
