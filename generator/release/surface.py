"""Everything about a contract that users of the package can notice."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from generator.contract.model import Contract, Parameter
from generator.contract.names import snake
from generator.contract.pointer import reference_name, resolve
from generator.contract.reserved import base_url_arguments
from generator.contract.source import Source
from generator.runtime.contract import model as runtime_model
from generator.runtime.contract.json_schema import KEYWORDS


class Argument(NamedTuple):
    """An argument of a method, and the checks of its value."""

    required: bool
    default: Any
    checks: dict[str, Any]


class Member(NamedTuple):
    """A member of a document that the service sends."""

    type: str
    required: bool


class Surface(NamedTuple):
    """A contract as its users see it: one mapping from name to value for each kind."""

    resources: dict[str, None]
    methods: dict[str, str]
    arguments: dict[str, Argument]
    errors: dict[str, int]
    codes: dict[str, dict[str, Any]]
    states: dict[str, str]
    members: dict[str, Member]
    constructor: dict[str, None]
    package: dict[str, str]
    variable: str
    settings: dict[str, Any]
    texts: dict[str, str]


def surface(source: Source) -> Surface:
    """Return the surface of a contract."""
    contract, api = source.contract, source.contract.api
    return Surface(
        resources={
            f"{contract.package.name}.{name}": None
            for name in [*(model.name for model in contract.models), *(tag.name for tag in contract.tags)]
        },
        methods=dict(_methods(contract)),
        arguments=dict(_arguments(contract)),
        errors={error.name: error.code for error in contract.errors},
        codes={str(code.code): _code(code) for code in api.codes.values()},
        states=dict(_states(source)),
        members=dict(_members(source)),
        constructor=dict.fromkeys(base_url_arguments(server.name for server in api.servers)),
        package={name.replace("_", "-"): str(value) for name, value in contract.package._asdict().items()},
        variable=api.key_variable,
        settings=dict(_settings(api)),
        texts=dict(_texts(contract)),
    )


def _methods(contract: Contract) -> Iterator[tuple[str, str]]:
    for model in contract.models:
        yield f"{contract.package.name}.{model.name}.create", "Task"
    for tag in contract.tags:
        for method in tag.methods:
            yield (
                f"{contract.package.name}.{tag.name}.{method.name}",
                "Task" if method.kind != "call" else method.returns,
            )


def _arguments(contract: Contract) -> Iterator[tuple[str, Argument]]:
    for model in contract.models:
        declared = contract.api.models[model.model]
        for argument in declared.arguments:
            schema: Any = declared.schema
            required = True
            for part in argument.path:
                required = required and part in schema.get("required", ())
                schema = schema["properties"][part]
            yield (
                f"{contract.package.name}.{model.name}.create({argument.name})",
                Argument(required, argument.default, _checks(schema)),
            )
        # Checks that involve several arguments; `*` means all of them.
        yield (
            f"{contract.package.name}.{model.name}.create(*)",
            Argument(False, None, _joint_checks(declared.schema)),
        )
    for tag in contract.tags:
        for method in tag.methods:
            operation = contract.api.operations[method.operation]
            for parameter in operation.arguments:
                whole: Any = operation.schema
                name = f"{contract.package.name}.{tag.name}.{method.name}({parameter.name})"
                checks = _checks(whole["properties"][parameter.path[0]])
                required = parameter.path[0] in whole["required"] and parameter.default is None
                yield name, Argument(required, parameter.default, checks)


def _checks(schema: Any, prefix: str = "") -> dict[str, Any]:
    """Return the checks of a value by keyword, those of list items under `items.`."""
    if not isinstance(schema, dict):
        return {}
    found: dict[str, Any] = {}
    for keyword in ("type", *KEYWORDS):
        if keyword == "items" and keyword in schema:
            found |= _checks(schema["items"], f"{prefix}items.")
        elif keyword in schema:
            found[prefix + keyword] = schema[keyword]
    return found


def _joint_checks(schema: Any, prefix: str = "") -> dict[str, Any]:
    """Return the checks that involve several members of an object."""
    own = ("type", "properties", "required", "additionalProperties")
    found = {
        name: value for name, value in _checks(schema, prefix).items() if name.rpartition(".")[2] not in own
    }
    for name, member in schema["properties"].items():
        if isinstance(member, dict) and "properties" in member:
            found |= _joint_checks(member, f"{prefix}{name}.")
    return found


def _code(code: runtime_model.Code) -> dict[str, Any]:
    return {name: value for name, value in code._asdict().items() if name not in ("code", "meaning", "error")}


def _states(source: Source) -> Iterator[tuple[str, str]]:
    wait = source.contract.api.workflow.wait
    for kind in ("success", "failure", "pending"):
        for state in getattr(wait, kind):
            yield state, kind


def _members(source: Source) -> Iterator[tuple[str, Member]]:
    """Yield the members of every reply and callback, by generated class and attribute."""
    root = source.openapi.data
    schemas: dict[str, Any] = root["components"]["schemas"]
    for name in sorted(_replies(source)):
        required = schemas[name].get("required", ())
        for wire, member in schemas[name].get("properties", {}).items():
            yield f"models.{name}.{snake(wire)}", Member(_type(root, member), wire in required)


def _replies(source: Source) -> set[str]:
    """Return the object schemas that a reply or a callback refers to."""
    root = source.openapi.data
    found: set[str] = set()

    def visit(node: Any) -> None:
        if isinstance(node, dict):
            name = reference_name(node)
            if name and name not in found:
                found.add(name)
                visit(resolve(root, node))
            for key, value in node.items():
                # The body of a request is not a reply, except that of a callback, which the client receives.
                if key != "requestBody":
                    visit(value)
        elif isinstance(node, list):
            for item in node:
                visit(item)

    visit(root["paths"])
    for callbacks in (
        operation.get("callbacks", {})
        for item in root["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict)
    ):
        for callback in callbacks.values():
            for item in callback.values():
                visit(item["post"]["requestBody"])
    schemas = root["components"]["schemas"]
    return {name for name in found if schemas.get(name, {}).get("type") == "object"}


def _type(root: dict[str, Any], member: dict[str, Any]) -> str:
    """Return the type of a member: the name of a reference, or all types of a choice."""
    if "$ref" in member:
        return reference_name(member)
    if "anyOf" in member:
        return " or ".join(_type(root, choice) for choice in member["anyOf"])
    if member.get("type") == "array":
        return f"list of {_type(root, member.get('items', {}))}"
    kind = member.get("type", "anything")
    return kind if isinstance(kind, str) else " or ".join(kind)


def _settings(api: runtime_model.Contract) -> Iterator[tuple[str, Any]]:
    """Yield the settings of the client, such as URLs, limits and prices."""
    for server in api.servers:
        yield f"server.{server.name}", server.url
    for name, operation in api.operations.items():
        for part in ("method", "server", "path", "body", "repeatable"):
            yield f"operation.{name}.{part}", getattr(operation, part)
    for limit in api.rate_limits:
        yield from _flatten(f"rate-limit.{limit.name}", limit._replace(name=""))
    for name, model in api.models.items():
        yield from _flatten(f"price.{name}", model.price)
        for image in model.images:
            yield from _flatten(f"image.{name}.{'.'.join(image.path)}", image._replace(path=()))
    wait = api.workflow.wait._replace(success=(), failure=(), pending=())  # compared as states
    yield from _flatten("workflow", api.workflow._replace(wait=wait))
    for part in ("envelope", "signature", "retry", "timeouts", "media", "delivery", "credit_price"):
        yield from _flatten(part.replace("_", "-"), getattr(api, part))


def _flatten(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    names = getattr(value, "_fields", None)
    if names is not None:
        value = dict(zip(names, value, strict=True))
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flatten(f"{name}.{str(key).replace('_', '-')}", item)
    elif value not in (None, (), ""):
        yield name, value


def _texts(contract: Contract) -> Iterator[tuple[str, str]]:
    def parameters(owner: str, listed: tuple[Parameter, ...]) -> Iterator[tuple[str, str]]:
        for parameter in listed:
            yield f"{owner}({parameter.name})", parameter.text

    for model in contract.models:
        yield f"{contract.package.name}.{model.name}", f"{model.doc} {model.see}"
        yield from parameters(f"{contract.package.name}.{model.name}.create", model.parameters)
    for tag in contract.tags:
        yield f"{contract.package.name}.{tag.name}", tag.doc
        for method in tag.methods:
            yield f"{contract.package.name}.{tag.name}.{method.name}", f"{method.doc} {method.see}"
            yield from parameters(f"{contract.package.name}.{tag.name}.{method.name}", method.parameters)
    for error in contract.errors:
        yield error.name, f"{error.meaning} {error.charged}"
