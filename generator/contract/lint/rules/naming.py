"""Checks names: each name of the API becomes a valid and free name of Python.

Where openapi-python-client makes the same name, both must come to the same result.
"""

import builtins
import keyword
import re
from collections.abc import Iterable, Iterator

from generator.contract.lint.reader.node import Node, Report, Spec, free_parameters
from generator.contract.lint.rules.schemas import all_schemas
from generator.contract.names import pascal, picture, resource, snake
from generator.contract.reserved import (
    CLIENT_CLASSES,
    COMMAND_NAMES,
    METHOD_NAMES,
    MODEL_NAMES,
    MODULE_CLASSES,
    base_url_arguments,
    client_attributes,
    client_classes,
)

FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# openapi-python-client names the class of an enum after its member; it splits these names as names.py does.
ENUM_FIELD = re.compile(r"[a-z]+[0-9]*(_[a-z]+[0-9]*)*|[a-z]+([A-Z][a-z]+)*")
MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")


def check_names(spec: Spec, report: Report) -> None:
    """Report names that are not valid in Python, and names that collide."""
    classes = _check_classes(spec, report)
    _check_fields(spec, report)
    _check_resources(spec, classes, report)
    servers = dict.fromkeys(server["x-name"].text for server in spec.servers())
    options = COMMAND_NAMES | set(base_url_arguments(servers))
    for name, body in spec.bodies.items():
        members = _model_arguments(spec.discriminator(name), body)
        _check_arguments(members, f"the resource of {name}", report)
        _check_file_arguments(members, report)
        _check_options(members, options, report)
    for operation in spec.calls():
        members = [parameter["name"] for parameter in free_parameters(operation)]
        if not spec.is_create(operation):
            members += [member for _, member in spec.body(operation)["properties"].members()]
        _check_arguments(members, f"the operation {operation['operationId'].text}", report)
    _check_methods(spec, report)
    bodies = {body.pointer for body in spec.bodies.values()}
    purposes = {"x-python-name": "names a model's resource", "x-command": "names a model's command"}
    for schema in all_schemas(spec.openapi):
        for extension, purpose in purposes.items():
            if schema[extension] and schema.pointer not in bodies:
                message = f"{extension} {purpose}, so it belongs to the body of a model"
                report.fault(schema[extension], message, "name")


def _check_classes(spec: Spec, report: Report) -> dict[str, Node]:
    """Check the names of schemas and enums; return each class that they become."""
    classes: dict[str, Node] = {}
    for name, schema in spec.schemas.members():
        if pascal(name) != name or not FIELD.fullmatch(name):
            hint = f", such as {pascal(name)}" if FIELD.fullmatch(pascal(name)) else ""
            report.fault(schema, f"the schema '{name}' must have the name of a class{hint}", "name")
        elif name in MODULE_CLASSES or hasattr(builtins, name):
            report.fault(
                schema, f"the class {name} already exists in Python or the package", "name-collision"
            )
        classes.setdefault(name, schema)
    for owner, schema in spec.schemas.members():
        for wire, member in schema["properties"].members():
            if not member["enum"]:
                continue
            name = owner + pascal(wire)
            if not ENUM_FIELD.fullmatch(wire):
                report.fault(
                    member, f"'{wire}' has an enum, so its name must be snake_case or camelCase", "name"
                )
            elif name in classes:
                message = f"the class of this enum would be {name}, which already exists"
                report.fault(member, message, "name-collision")
            classes.setdefault(name, member)
    return classes


def _check_fields(spec: Spec, report: Report) -> None:
    for owner, schema in spec.schemas.members():
        seen: dict[str, str] = {}
        for wire, member in schema["properties"].members():
            if not FIELD.fullmatch(wire):
                message = f"{wire!r} must be ASCII letters, digits and underscores, and begin with a letter"
                report.fault(member, message, "name")
                continue
            name = snake(wire)
            if name in MODEL_NAMES or name == snake(owner):
                message = f"'{wire}' would be the attribute {name}, a name that the model's code uses itself"
                report.fault(member, message, "name-collision")
            elif name in seen:
                message = f"'{wire}' and '{seen[name]}' are both {name} in Python"
                report.fault(member, message, "name-collision")
            seen.setdefault(name, wire)


def _model_arguments(choice: str, body: Node) -> list[Node]:
    """Return the members that become arguments of a model's resource."""
    inner: list[Node] = []
    outer: list[Node] = []
    for wire, member in body["properties"].members():
        parts = [part for _, part in member.resolved()["properties"].members()]
        if parts:
            inner += parts
        elif wire != choice:
            outer.append(member)
    return inner + outer


def _check_arguments(members: Iterable[Node], what: str, report: Report) -> None:
    seen: dict[str, Node] = {}
    for member in members:
        # The name of a parameter is a value of the document, that of a property is a key.
        wire = (member.text or member.name).replace("-", "_" if member.text else "-")
        if not FIELD.fullmatch(wire):
            if member.text:
                message = f"{wire!r} must be ASCII letters, digits and underscores, and begin with a letter"
                report.fault(member, message, "name")
            continue
        name = snake(wire)
        if name in METHOD_NAMES:
            message = f"'{wire}' would be the argument {name}, a name that the method uses itself"
            report.fault(member, message, "name-collision")
        elif name in seen and seen[name].parent.pointer != member.parent.pointer:
            other = seen[name].text or seen[name].name
            message = f"'{wire}' and '{other}' are both the argument {name} of {what}"
            report.fault(member, message, "name-collision")
        seen.setdefault(name, member)


def _file(member: Node) -> Node:
    """Return what a member declares about the file whose URL it holds."""
    schema = member.resolved()
    return schema["x-image"] or schema["x-file"]


def _check_file_arguments(members: list[Node], report: Report) -> None:
    """Check the argument that takes a file itself, in place of its URL."""
    taken = {snake(member.name): member.name for member in members}
    for member in members:
        file = _file(member)
        if not file or not FIELD.fullmatch(member.name):
            continue
        name = picture(member.name, file["argument"].text)
        if keyword.iskeyword(name):
            report.fault(file["argument"], f"'{name}' is a keyword of Python", "name-collision")
        other = "the method itself" if name in METHOD_NAMES else f"'{taken.get(name, member.name)}'"
        if other != f"'{member.name}'":
            message = f"the file of '{member.name}' would be the argument {name}, a name used by {other}"
            report.fault(member, message, "name-collision")
        taken[name] = member.name


def _check_options(members: list[Node], taken: frozenset[str], report: Report) -> None:
    """Check the command-line option of each argument, or of its file."""
    for member in members:
        if not FIELD.fullmatch(member.name):
            continue
        file = _file(member)
        name = picture(member.name, file["argument"].text) if file else snake(member.name)
        if name in taken and name not in METHOD_NAMES:
            option = f"--{name.replace('_', '-')}"
            message = f"'{member.name}' would be the option {option}, which the command line uses itself"
            report.fault(member, message, "name-collision")


def _check_resources(spec: Spec, classes: dict[str, Node], report: Report) -> None:
    """Check the names of resources.

    Each becomes an attribute of the client, a module and two classes.
    """
    places: list[tuple[str, str, Node]] = []
    nothing = Node(spec.openapi.document, (), None)
    clients = frozenset(client_classes(spec.openapi["x-package"]["client"].text))
    for model, entry in _submitted(spec):
        declared = spec.bodies.get(model, nothing)["x-python-name"]
        name = resource(model, declared.text)
        if not MODEL.fullmatch(model):
            report.fault(entry, f"'{model}' must be a path of letters, digits, '.', '-' and '_'", "name")
        elif not name.isidentifier():
            message = f"the name of '{model}' cannot become a name of Python; add x-python-name to its body"
            if not declared:  # an invalid declared name is a fault of its form
                report.fault(entry, message, "name")
        else:
            places.append((name, f"model '{model}'", declared if declared else entry))
    names = [tag["name"] for tag in spec.openapi["tags"].items() if tag["name"].text]
    places += [(snake(name.text), f"tag '{name.text}'", name) for name in names]
    seen: dict[str, str] = {}
    seen_classes: dict[str, str] = {}
    for name, what, place in places:
        same_class = seen_classes.setdefault(pascal(name), what)
        if name in seen:
            report.fault(
                place, f"the {what} and the {seen[name]} are both the resource {name}", "name-collision"
            )
        elif same_class != what:
            message = f"the {what} and the {same_class} both have the class {pascal(name)}"
            report.fault(place, message, "name-collision")
        elif name in client_attributes() or keyword.iskeyword(name):
            message = f"the {what} would be the resource {name}, a name that the client uses itself"
            report.fault(place, message, "name-collision")
        for class_name in (pascal(name), f"Async{pascal(name)}"):
            if class_name in classes or class_name in MODULE_CLASSES | CLIENT_CLASSES | clients:
                message = f"the class of the {what} would be {class_name}, which already exists"
                report.fault(place, message, "name-collision")
        seen.setdefault(name, what)


def _submitted(spec: Spec) -> Iterator[tuple[str, Node]]:
    """Yield the name of each model, and the place that names it."""
    for step, request in zip(spec.creates, spec.submissions, strict=True):
        if request["discriminator"]:
            yield from request["discriminator"]["mapping"].members()
        elif request:
            yield step["operationId"].text, spec.operation(step)["operationId"]


def _check_methods(spec: Spec, report: Report) -> None:
    seen: dict[tuple[str, str], str] = {}
    poll = spec.operation(spec.poll)
    for operation in spec.calls():
        tag, operation_id = operation["tags"][0].text, operation["operationId"].text
        place = operation["x-python-name"] or operation["operationId"]
        name = operation["x-python-name"].text or snake(operation_id)
        key = tag, name
        if keyword.iskeyword(name):
            report.fault(place, f"'{name}' is a keyword of Python", "name-collision")
        elif key in seen:
            message = f"'{name}' is already the method of {seen[key]}"
            report.fault(place, message, "name-collision")
        elif name == "with_raw_response" or (
            name in ("wait", "settled") and poll and tag == poll["tags"][0].text
        ):
            message = f"'{name}' is a method that the client adds to this resource itself"
            report.fault(place, message, "name-collision")
        seen.setdefault(key, operation_id)
