"""Checks a value written in the spec, such as a default, against its schema."""

from typing import Any
from urllib.parse import quote
from weakref import WeakKeyDictionary

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from generator.contract.lint.reader.node import Node, Report, follow
from generator.contract.load import Document
from generator.runtime.contract.json_schema import URI
from generator.runtime.contract.pointer import format_pointer

FORMATS = FormatChecker(formats=())
FORMATS.checks("uri")(lambda value: not isinstance(value, str) or URI.match(value) is not None)

_registries: WeakKeyDictionary[Document, Registry[Any]] = WeakKeyDictionary()


def is_of_type(value: Any, kind: str) -> bool:
    """Return whether a value is of a type of JSON Schema."""
    return bool(Draft202012Validator.TYPE_CHECKER.is_type(value, kind))


def check_value(schema: Node, value: Node, rule: str, report: Report) -> None:
    """Report, under the id `rule`, each way in which a value breaks its schema."""
    document = schema.document
    registry = _registries.get(document)
    if registry is None:
        resource = DRAFT202012.create_resource(document.data)
        registry = _registries[document] = Registry().with_resource("urn:spec", resource)
    pointer = quote(format_pointer(schema.pointer), safe="/~")
    validator = Draft202012Validator(
        {"$ref": f"urn:spec#{pointer}"}, registry=registry, format_checker=FORMATS
    )
    for error in validator.iter_errors(value.value):
        # If no branch of an anyOf fits, the most deeply nested error is the most specific.
        while error.context:
            error = max(error.context, key=lambda inner: len(inner.absolute_path))
        place = follow(value, tuple(error.absolute_path))
        report.fault(place, f"this {rule} does not satisfy its schema: {error.message}", rule)
