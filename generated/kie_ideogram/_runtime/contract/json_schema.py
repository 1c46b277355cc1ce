"""Checks values against JSON Schema, with messages that say what was expected.

`compile_schema` turns a schema into a function once; calling it is cheap. The generator's lint accepts
only the keywords in `KEYWORDS`, so no constraint of the spec is skipped here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sized
from operator import ge, gt, le, lt
from typing import TYPE_CHECKING, Any

from ..core.errors import Fault, InvalidInputError
from .describe import describe, show
from .suggest import did_you_mean

if TYPE_CHECKING:
    from .model import Schema

Check = Callable[[Any, str, list[Fault]], None]

# A scheme, a colon, and only printable ASCII. RFC 3986 forbids a few more characters.
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+\Z")

# A dollar sign that means the end of the text, or an escape or a character class, where it does not.
_DOLLAR = re.compile(r"(\\.|\[(?:\\.|[^\]\\])*\])|\$")

_KINDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "string": ("a string", lambda value: isinstance(value, str)),
    "integer": ("an integer", lambda value: isinstance(value, int) and not isinstance(value, bool)),
    "number": (
        "a finite number",
        lambda value: isinstance(value, int | float) and not isinstance(value, bool) and value - value == 0,
    ),
    "boolean": ("true or false", lambda value: isinstance(value, bool)),
    "array": ("a list", lambda value: isinstance(value, list | tuple)),
    "object": ("an object", lambda value: isinstance(value, Mapping)),
    "null": ("null", lambda value: value is None),
}


def compile_schema(schema: Schema) -> Check:
    """Return a function that checks values against a schema."""
    if schema is True:
        return lambda value, path, faults: None
    if schema is False:
        return lambda value, path, faults: faults.append(Fault(path, "false", "is not allowed"))
    checks = [KEYWORDS[keyword](schema[keyword], schema) for keyword in KEYWORDS if keyword in schema]
    types = _types(schema)
    if types is None:
        return lambda value, path, faults: _all(checks, value, path, faults)
    expected = " or ".join(_KINDS[name][0] for name in types)
    tests = [_KINDS[name][1] for name in types]

    def check(value: Any, path: str, faults: list[Fault]) -> None:
        for test in tests:
            if test(value):
                _all(checks, value, path, faults)
                return
        faults.append(
            Fault(path, "type", f"expected {expected}, got {describe(value)}{_advice(value, types, schema)}")
        )

    return check


def validate(check: Check, value: Any, root: str = "") -> None:
    """Check a value. Raises `InvalidInputError` with every fault."""
    faults: list[Fault] = []
    check(value, root, faults)
    if faults:
        raise InvalidInputError(faults)


def _types(schema: dict[str, Any]) -> list[str] | None:
    declared = schema.get("type")
    return [declared] if isinstance(declared, str) else declared


def _all(checks: list[Check], value: Any, path: str, faults: list[Fault]) -> None:
    for check in checks:
        check(value, path, faults)


def _advice(value: Any, types: list[str], schema: dict[str, Any]) -> str:
    if types == ["array"] and isinstance(value, str):
        return "; put it in a list"
    if "string" in types and isinstance(value, int | float) and str(value) in schema.get("enum", ()):
        return f"; write '{value}'"
    return ""


def _join(path: str, name: str | int) -> str:
    if isinstance(name, int):
        return f"{path}[{name}]"
    return f"{path}.{name}" if path else name


def _size(
    rule: str, kinds: tuple[type[Sized], ...], unit: str, breaks: Callable[[int, int], bool], bound: str
) -> Callable[[Any, dict[str, Any]], Check]:
    """Make a keyword that limits the size of values of some types; `bound` is "at least" or "at most"."""

    def keyword(limit: Any, schema: dict[str, Any]) -> Check:
        def check(value: Any, path: str, faults: list[Fault]) -> None:
            if isinstance(value, kinds) and breaks(len(value), limit):
                size = f"{len(value):,} {unit}{'' if len(value) == 1 else 's'}"
                faults.append(Fault(path, rule, f"{size}, {bound} {limit:,}"))

        return check

    return keyword


def _enum(allowed: list[Any], schema: dict[str, Any]) -> Check:
    def check(value: Any, path: str, faults: list[Fault]) -> None:
        # `True == 1` in Python, not in JSON.
        if value not in allowed or isinstance(value, bool) != isinstance(allowed[allowed.index(value)], bool):
            options = ", ".join(map(str, allowed))
            hint = did_you_mean(value, [str(option) for option in allowed]) if isinstance(value, str) else ""
            faults.append(Fault(path, "enum", f"{show(value)} is not one of {options}{hint}"))

    return check


def _const(expected: Any, schema: dict[str, Any]) -> Check:
    def check(value: Any, path: str, faults: list[Fault]) -> None:
        if value != expected or isinstance(value, bool) != isinstance(expected, bool):
            faults.append(Fault(path, "const", f"must be {expected!r}, got {describe(value)}"))

    return check


def _pattern(pattern: str, schema: dict[str, Any]) -> Check:
    # JSON Schema's `$` is the end of the text; Python's is also before a last line break.
    regex = re.compile(_DOLLAR.sub(lambda found: found[1] or r"\Z", pattern))

    def check(value: Any, path: str, faults: list[Fault]) -> None:
        if isinstance(value, str) and not regex.search(value):
            faults.append(Fault(path, "pattern", f"{show(value)} does not match {pattern}"))

    return check


def _format(name: str, schema: dict[str, Any]) -> Check:
    def check(value: Any, path: str, faults: list[Fault]) -> None:
        if name == "uri" and isinstance(value, str) and not URI.match(value):
            faults.append(
                Fault(path, "format", f"must be a URI such as https://example.com/path, got {show(value)}")
            )

    return check


def _unique(wanted: bool, schema: dict[str, Any]) -> Check:
    def check(value: Any, path: str, faults: list[Fault]) -> None:
        if wanted and isinstance(value, list | tuple) and len(set(map(_identity, value))) < len(value):
            faults.append(Fault(path, "uniqueItems", "contains the same item twice"))

    return check


# Separates the identities of booleans, and of values that JSON cannot contain, from those of lists.
_OTHER = object()


def _identity(value: Any) -> Any:
    """Return a hashable value that equal JSON values share."""
    if isinstance(value, list | tuple):
        return tuple(map(_identity, value))
    if isinstance(value, Mapping):
        return frozenset((name, _identity(member)) for name, member in value.items())
    if isinstance(value, bool):
        return _OTHER, value  # `True == 1` in Python, not in JSON
    return value if isinstance(value, Hashable) else (_OTHER, id(value))


def _items(items: Schema, schema: dict[str, Any]) -> Check:
    inner = compile_schema(items)

    def check(value: Any, path: str, faults: list[Fault]) -> None:
        if isinstance(value, list | tuple):
            for index, item in enumerate(value):
                inner(item, _join(path, index), faults)

    return check


def _properties(properties: dict[str, Schema], schema: dict[str, Any]) -> Check:
    inner = [(name, compile_schema(member)) for name, member in properties.items()]

    def check(value: Any, path: str, faults: list[Fault]) -> None:
        if isinstance(value, Mapping):
            for name, member in inner:
                if name in value:
                    member(value[name], _join(path, name), faults)

    return check


def _required(names: list[str], schema: dict[str, Any]) -> Check:
    def check(value: Any, path: str, faults: list[Fault]) -> None:
        if isinstance(value, Mapping):
            faults.extend(
                Fault(_join(path, name), "required", "is missing") for name in names if name not in value
            )

    return check


def _additional(allowed: Schema, schema: dict[str, Any]) -> Check:
    known = list(schema.get("properties", {}))
    inner = compile_schema(allowed)

    def check(value: Any, path: str, faults: list[Fault]) -> None:
        if not isinstance(value, Mapping):
            return
        for name in value:
            if name in known:
                continue
            where = _join(path, name)
            if allowed is not False:
                inner(value[name], where, faults)
            elif not any(fault.path == where for fault in faults):
                message = f"no such field; the fields are {', '.join(known)}{did_you_mean(str(name), known)}"
                faults.append(Fault(where, "additionalProperties", message))

    return check


def _property_names(names: Schema, schema: dict[str, Any]) -> Check:
    inner = compile_schema(names)

    def check(value: Any, path: str, faults: list[Fault]) -> None:
        if isinstance(value, Mapping):
            for name in value:
                found: list[Fault] = []
                inner(name, "", found)
                faults.extend(Fault(_join(path, name), "propertyNames", "is not allowed") for _ in found[:1])

    return check


def _dependent(dependents: dict[str, Schema], schema: dict[str, Any]) -> Check:
    inner = {name: compile_schema(dependent) for name, dependent in dependents.items()}

    def check(value: Any, path: str, faults: list[Fault]) -> None:
        if not isinstance(value, Mapping):
            return
        for name, dependent in inner.items():
            if name in value:
                found: list[Fault] = []
                dependent(value, path, found)
                faults.extend(
                    Fault(fault.path, "dependentSchemas", f"{fault.message} together with '{name}'")
                    for fault in found
                )

    return check


def _not(unwanted: Schema, schema: dict[str, Any]) -> Check:
    inner = compile_schema(unwanted)

    def check(value: Any, path: str, faults: list[Fault]) -> None:
        found: list[Fault] = []
        inner(value, path, found)
        if not found:
            faults.append(Fault(path, "not", f"{show(value)} is not allowed"))

    return check


def _any_of(choices: list[Schema], schema: dict[str, Any]) -> Check:
    inner = [compile_schema(choice) for choice in choices]

    def check(value: Any, path: str, faults: list[Fault]) -> None:
        best: list[Fault] | None = None
        for choice in inner:
            found: list[Fault] = []
            choice(value, path, found)
            if not found:
                return
            best = found if best is None or len(found) < len(best) else best
        faults.extend(best or ())

    return check


def _all_of(parts: list[Schema], schema: dict[str, Any]) -> Check:
    inner = [compile_schema(part) for part in parts]
    return lambda value, path, faults: _all(inner, value, path, faults)


def _number(
    rule: str, breaks: Callable[[Any, Any], bool], requirement: str
) -> Callable[[Any, dict[str, Any]], Check]:
    """Make a keyword that compares numbers with a limit; `requirement` describes the valid ones."""

    def keyword(limit: Any, schema: dict[str, Any]) -> Check:
        def check(value: Any, path: str, faults: list[Fault]) -> None:
            if isinstance(value, int | float) and not isinstance(value, bool) and breaks(value, limit):
                faults.append(Fault(path, rule, f"must be {requirement} {limit}, got {show(value)}"))

        return check

    return keyword


def _is_multiple(value: float, of: float) -> bool:
    if isinstance(value, int) and isinstance(of, int):
        return value % of == 0
    try:
        quotient = value / of
    except OverflowError:
        return False
    return abs(quotient - round(quotient)) <= 1e-9


# In the order in which faults are reported. `dependentSchemas` is before `additionalProperties`, which
# reports only fields without another fault.
KEYWORDS: dict[str, Callable[[Any, dict[str, Any]], Check]] = {
    "required": _required,
    "properties": _properties,
    "dependentSchemas": _dependent,
    "propertyNames": _property_names,
    "additionalProperties": _additional,
    "allOf": _all_of,
    "anyOf": _any_of,
    "not": _not,
    "const": _const,
    "enum": _enum,
    "minLength": _size("minLength", (str,), "character", lt, "at least"),
    "maxLength": _size("maxLength", (str,), "character", gt, "at most"),
    "pattern": _pattern,
    "format": _format,
    "minimum": _number("minimum", lt, "at least"),
    "maximum": _number("maximum", gt, "at most"),
    "exclusiveMinimum": _number("exclusiveMinimum", le, "greater than"),
    "exclusiveMaximum": _number("exclusiveMaximum", ge, "less than"),
    "multipleOf": _number("multipleOf", lambda v, n: not _is_multiple(v, n), "a multiple of"),
    "minItems": _size("minItems", (list, tuple), "item", lt, "at least"),
    "maxItems": _size("maxItems", (list, tuple), "item", gt, "at most"),
    "uniqueItems": _unique,
    "items": _items,
}
