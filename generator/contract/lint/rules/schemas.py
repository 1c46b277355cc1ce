"""Checks schemas: each is described, consistent, and can become a typed model."""

import re
from collections import Counter
from functools import lru_cache

from generator.contract.lint.reader.node import Node, Report, Spec
from generator.contract.lint.reader.references import mappings
from generator.contract.lint.reader.values import check_value, is_of_type
from generator.runtime.contract.suggest import did_you_mean

# Values that openapi-python-client can turn into the names of an enum's members.
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")
TIMES = ("integer", "number")
LIMITS = (
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minimum", "maximum"),
    ("exclusiveMinimum", "exclusiveMaximum"),
)


def check_schemas(spec: Spec, report: Report) -> None:
    """Report faults of every schema of the document."""
    for schema in all_schemas(spec.openapi):
        _check_description(schema, report)
        _check_object(schema, report)
        _check_limits(schema, report)
        if schema["enum"]:
            _check_enum(schema, report)
        elif schema["x-enum-varnames"]:
            message = "x-enum-varnames needs an enum next to it"
            report.fault(schema["x-enum-varnames"], message, "enum-names")
        unit = schema["x-unit"].text
        allowed = ("string",) if unit == "iso-8601" else TIMES
        if unit and types(schema)[:1] not in ([kind] for kind in allowed):
            message = f"a time in {unit} must be {'text' if unit == 'iso-8601' else 'an integer or a number'}"
            report.fault(schema["x-unit"], message, "unit")
        if schema["contentSchema"] and schema["contentMediaType"].text != "application/json":
            message = "contentSchema needs `contentMediaType: application/json` next to it"
            report.fault(schema["contentSchema"], message, "content-schema")


@lru_cache(maxsize=1)  # several rules ask for those of the same document, one after the other
def all_schemas(root: Node) -> list[Node]:
    """Return every schema of the document, without references."""
    places = [entry for _, entry in root["components"]["schemas"].members()]
    places += [node["schema"] for node in mappings(root) if isinstance(node["schema"].value, dict)]
    found: dict[tuple[str | int, ...], Node] = {}
    for place in places:
        found.update((node.pointer, node) for node in mappings(place) if _is_schema(node, place))
    return [node for node in found.values() if not node["$ref"]]


def types(schema: Node) -> list[str]:
    """Return the types that a schema declares."""
    kind = schema["type"]
    return [kind.text] if kind.text else kind.texts()


def _is_schema(node: Node, root: Node) -> bool:
    """Return whether a mapping is a schema, by the keywords that lead to it."""
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


def _check_description(schema: Node, report: Report) -> None:
    member = len(schema.pointer) > 1 and schema.pointer[-2] in ("properties", "schemas")
    if member and not schema["description"]:
        report.fault(
            schema, f"'{schema.name}' needs a description, which becomes documentation", "description"
        )


def _check_object(schema: Node, report: Report) -> None:
    properties = schema["properties"]
    if (properties or "object" in types(schema)) and schema.pointer[:-1] != ("components", "schemas"):
        message = "an object must be a schema under components, with a $ref to it here"
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


def _check_limits(schema: Node, report: Report) -> None:
    for low, high in LIMITS:
        bottom, top = schema[low].number, schema[high].number
        if bottom is not None and top is not None and bottom > top:
            report.fault(schema[low], f"{low} {bottom} is above {high} {top}, so no value is valid", "limits")


def _check_enum(schema: Node, report: Report) -> None:
    values = [item.value for item in schema["enum"].items()]
    declared = types(schema)
    if declared not in (["string"], ["integer"], ["number"]):
        message = "an enum needs `type: string`, `type: integer` or `type: number`"
        report.fault(schema["enum"], message, "enum-type")
        return
    for item in schema["enum"].items():
        if not is_of_type(item.value, declared[0]) or not str(item.value).isprintable() or item.value == "":
            report.fault(item, f"{item.value!r} must be a printable {declared[0]}", "enum-type")
        if values.index(item.value) != item.pointer[-1]:
            report.fault(item, f"{item.value!r} is in the enum twice", "enum-duplicate")
    names = schema["x-enum-varnames"]
    if declared == ["number"]:  # these values have no class, so they need no names
        if names:
            report.fault(names, "numbers have no names; remove x-enum-varnames", "enum-names")
        return
    if not names:
        _check_plain_names(schema, declared[0], report)
        return
    if len(names.texts()) != len(values):
        message = (
            f"{len(names.texts())} names for {len(values)} values; each value needs a name, in the same order"
        )
        report.fault(names, message, "enum-names")
    for item in names.items():
        if item.value in names.value[: item.pointer[-1]]:
            report.fault(item, f"two values are named '{item.text}'; each needs its own name", "enum-names")


def _check_plain_names(schema: Node, kind: str, report: Report) -> None:
    texts = schema["enum"].texts()
    folded = Counter(text.upper() for text in set(texts))
    wrong = [text for text in texts if not PLAIN.fullmatch(text) or folded[text.upper()] > 1]
    if kind == "integer" or wrong:
        reason = f"{wrong[0]!r} cannot become a unique name" if wrong else "integers cannot become names"
        report.fault(schema["enum"], f"{reason}; add x-enum-varnames", "enum-names")


def check_defaults_and_examples(spec: Spec, report: Report) -> None:
    """Report defaults and examples that do not satisfy their schemas."""
    for schema in all_schemas(spec.openapi):
        for place in (schema["default"], schema["x-client-default"]):
            if place:
                check_value(schema, place, "default", report)
        for place in schema["examples"].items():
            check_value(schema, place, "example", report)
    for node in mappings(spec.openapi):
        if isinstance(node["schema"].value, dict) and node.name != "properties":
            if "example" in node:
                check_value(node["schema"], node["example"], "example", report)
            for _, example in node["examples"].members():
                check_value(node["schema"], example["value"], "example", report)
