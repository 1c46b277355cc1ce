"""Every schema says what a value is in a way that the models and the client keep."""

import re
from collections import Counter
from functools import lru_cache

from generator.contract.lint.reader.node import Node, Report, Spec
from generator.contract.lint.reader.references import walk
from generator.contract.lint.reader.values import of_type, sound
from generator.runtime.contract.suggest import did_you_mean

# What a value of a plain enum becomes a member's name from.
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")
TIMES = ("integer", "number")
LIMITS = (
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minimum", "maximum"),
    ("exclusiveMinimum", "exclusiveMaximum"),
)


def check(spec: Spec, report: Report) -> None:
    """Add faults of schemas, wherever they stand."""
    for schema in schemas(spec.openapi):
        _described(schema, report)
        _object(schema, report)
        _limits(schema, report)
        if schema["enum"]:
            _enum(schema, report)
        elif schema["x-enum-varnames"]:
            report.fault(
                schema["x-enum-varnames"], "names the values of an enum that is not there", "enum-names"
            )
        if schema["x-unit"] and types(schema)[:1] not in ([kind] for kind in TIMES):
            report.fault(schema["x-unit"], "a time in unix-ms must be an integer or a number", "unit")
        if schema["contentSchema"] and schema["contentMediaType"].text != "application/json":
            message = "contentSchema says something only with contentMediaType: application/json"
            report.fault(schema["contentSchema"], message, "content-schema")


@lru_cache(maxsize=1)  # several checks ask for those of the same document, one after the other
def schemas(root: Node) -> list[Node]:
    """Every schema of the document, references left out."""
    places = [entry for _, entry in root["components"]["schemas"].members()]
    places += [node["schema"] for node in walk(root) if isinstance(node["schema"].value, dict)]
    found: dict[tuple[str | int, ...], Node] = {}
    for place in places:
        found.update((node.pointer, node) for node in walk(place) if _is_schema(node, place))
    return [node for node in found.values() if not node["$ref"]]


def types(schema: Node) -> list[str]:
    """The types that a schema declares."""
    kind = schema["type"]
    return [kind.text] if kind.text else kind.texts()


def _is_schema(node: Node, root: Node) -> bool:
    """Whether a mapping below a schema is a schema, by the keyword that it stands under."""
    if node.pointer == root.pointer:
        return True
    below = node.pointer[len(root.pointer) :]
    single = {"items", "not", "additionalProperties", "propertyNames", "contentSchema"}
    named = {"properties", "dependentSchemas"}
    lists = {"oneOf", "anyOf"}
    while below:
        if below[0] in single:
            below = below[1:]
        elif len(below) > 1 and below[0] in named | lists:
            below = below[2:]
        else:
            return False
    return True


def _described(schema: Node, report: Report) -> None:
    member = len(schema.pointer) > 1 and schema.pointer[-2] in ("properties", "schemas")
    if member and not schema["description"]:
        report.fault(schema, f"'{schema.name}' needs a description; it becomes documentation", "description")


def _object(schema: Node, report: Report) -> None:
    properties = schema["properties"]
    if (properties or "object" in types(schema)) and schema.pointer[:-1] != ("components", "schemas"):
        message = "an object must be a schema of its own under components, and referred to"
        report.fault(schema, message, "inline-object")
    if properties and types(schema) != ["object"]:
        report.fault(properties, "a schema with properties needs `type: object`", "object-type")
    known = [name for name, _ in properties.members()]
    named = [(item, item.text) for item in schema["required"].items()]
    named += [(member, name) for name, member in schema["dependentSchemas"].members()]
    for place, name in named:
        if name not in known:
            report.fault(
                place, f"there is no property '{name}'{did_you_mean(name, known)}", "property-unknown"
            )


def _limits(schema: Node, report: Report) -> None:
    for low, high in LIMITS:
        bottom, top = schema[low].number, schema[high].number
        if bottom is not None and top is not None and bottom > top:
            report.fault(schema[low], f"{low} {bottom} is above {high} {top}; no value fits", "limits")


def _enum(schema: Node, report: Report) -> None:
    values = [item.value for item in schema["enum"].items()]
    declared = types(schema)
    if declared not in (["string"], ["integer"]):
        report.fault(schema["enum"], "an enum needs `type: string` or `type: integer`", "enum-type")
        return
    for item in schema["enum"].items():
        if not of_type(item.value, declared[0]) or not str(item.value).isprintable() or item.value == "":
            report.fault(item, f"{item.value!r} is not a printable {declared[0]}", "enum-type")
        if values.index(item.value) != item.pointer[-1]:
            report.fault(item, f"{item.value!r} stands in the enum twice", "enum-duplicate")
    names = schema["x-enum-varnames"]
    if not names:
        _plain_names(schema, declared[0], report)
        return
    if len(names.texts()) != len(values):
        message = (
            f"{len(names.texts())} names for {len(values)} values; each value needs one, in the same order"
        )
        report.fault(names, message, "enum-names")
    for item in names.items():
        if item.value in names.value[: item.pointer[-1]]:
            report.fault(item, f"'{item.text}' names two values", "enum-names")


def _plain_names(schema: Node, kind: str, report: Report) -> None:
    texts = schema["enum"].texts()
    folded = Counter(text.upper() for text in set(texts))
    wrong = [text for text in texts if not PLAIN.fullmatch(text) or folded[text.upper()] > 1]
    if kind == "integer" or wrong:
        shown = f"; {wrong[0]!r} gives none of its own" if wrong else ""
        report.fault(schema["enum"], f"its values need names under x-enum-varnames{shown}", "enum-names")


def check_values(spec: Spec, report: Report) -> None:
    """Add defaults and examples that their own schemas refuse. For schemas that can be applied."""
    for schema in schemas(spec.openapi):
        for place in (schema["default"], schema["x-client-default"]):
            if place:
                sound(schema, place, "default", report)
        for place in schema["examples"].items():
            sound(schema, place, "example", report)
    for node in walk(spec.openapi):
        if isinstance(node["schema"].value, dict) and node.name != "properties":
            if "example" in node:
                sound(node["schema"], node["example"], "example", report)
            for _, example in node["examples"].members():
                sound(node["schema"], example["value"], "example", report)
