"""Checks values against the spec's schemas with `jsonschema`.

This is independent of the client's own checks.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend

from generator.runtime.contract.pointer import format_pointer

_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("uri", raises=ValueError)
def _is_uri(value: object) -> bool:
    if not isinstance(value, str):
        return True
    # RFC 3986 requires a scheme and something after it, not a host.
    scheme, _, rest = value.partition(":")
    return bool(urlsplit(value).scheme == scheme.lower() and rest) and value.isascii() and " " not in value


def _media_type(validator: Any, media_type: str, value: Any, schema: Any) -> Iterator[ValidationError]:
    """Check that a string contains JSON; the empty string means no value."""
    if media_type != "application/json" or not isinstance(value, str) or not value:
        return
    try:
        json.loads(value)
    except ValueError as error:
        yield ValidationError(f"the text is not JSON: {error}")


def _content(validator: Any, inner: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    """Check the JSON inside a string against its schema."""
    if isinstance(value, str) and value and not [*_media_type(validator, "application/json", value, schema)]:
        yield from validator.descend(json.loads(value), inner)


# For JSON Schema these two keywords are annotations; here they are checked.
_Validator: Any = extend(  # type: ignore[no-untyped-call]  # the stubs leave it untyped
    Draft202012Validator, {"contentMediaType": _media_type, "contentSchema": _content}
)


def schema_faults(document: dict[str, Any], schema: dict[str, Any], value: Any) -> list[tuple[str, str]]:
    """Return the faults of `value`: a JSON pointer into it and a message each.

    References in `schema` are resolved in `document`, the OpenAPI document.
    """
    rooted = {**schema, "components": document.get("components", {})}
    validator = _Validator(rooted, format_checker=_FORMATS)
    return sorted({found for error in validator.iter_errors(value) for found in _leaves(error)})


def _leaves(error: ValidationError) -> Iterator[tuple[str, str]]:
    if error.context:
        branches: dict[Any, list[ValidationError]] = {}
        for part in error.context:
            branches.setdefault(part.schema_path[0], []).append(part)
        for part in min(branches.values(), key=_distance):
            yield from _leaves(part)
        return
    at = format_pointer(error.absolute_path)
    if error.validator == "required":
        # The place of a missing member is where it should be.
        instance: Any = error.instance
        required: Any = error.validator_value
        yield from ((f"{at}/{name}", "is missing") for name in required if name not in instance)
    else:
        yield at, error.message


def _distance(errors: list[ValidationError]) -> tuple[int, int]:
    """Return how badly a branch fits: by constants, which distinguish branches, first."""
    return sum(error.validator in ("const", "not", "enum") for error in errors), len(errors)
