"""Holds a value written in the spec to its schema."""

from typing import Any
from urllib.parse import quote
from weakref import WeakKeyDictionary

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from generator.contract.lint.reader.node import Node, Report, follow
from generator.contract.load import Document
from generator.runtime.contract.json_schema import URI

FORMATS = FormatChecker(formats=())
FORMATS.checks("uri")(lambda value: not isinstance(value, str) or URI.match(value) is not None)

_registries: WeakKeyDictionary[Document, Registry[Any]] = WeakKeyDictionary()


def of_type(value: Any, kind: str) -> bool:
    """Whether a value is of a type of JSON Schema."""
    return bool(Draft202012Validator.TYPE_CHECKER.is_type(value, kind))


def sound(schema: Node, value: Node, rule: str, report: Report) -> None:
    """Add a fault, under `rule`, for each way in which a value breaks a schema."""
    document = schema.document
    registry = _registries.get(document)
    if registry is None:
        resource = DRAFT202012.create_resource(document.data)
        registry = _registries[document] = Registry().with_resource("urn:spec", resource)
    pointer = "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in schema.pointer)
    validator = Draft202012Validator(
        {"$ref": f"urn:spec#/{quote(pointer, safe='/~')}"}, registry=registry, format_checker=FORMATS
    )
    for error in validator.iter_errors(value.value):
        # Of a choice none of whose branches fits, the fault that lies deepest says most.
        while error.context:
            error = max(error.context, key=lambda inner: len(inner.absolute_path))
        place = follow(value, tuple(error.absolute_path))
        report.fault(place, f"its own schema refuses the {rule}: {error.message}", rule)
