"""Checks a drafted schema against the default, the examples and the samples of its page."""

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from ruamel.yaml.comments import CommentedMap

from generator.contract.lint.reader.values import FORMATS
from generator.drift.apply.draft.todo import Todo
from generator.drift.compare.findings import format_json, format_value
from generator.drift.read.facts import Facts
from generator.drift.read.statements import Statement

# The words for the value of a statement's key.
_NOUNS = {"default": "default", "example": "example", "request": "sample"}
_KEYWORDS = {"default": "default", "example": "examples"}
# Longer messages of a validator are cut off.
_MAX_MESSAGE = 160


def check_page_values(facts: Facts, path: str, schema: CommentedMap) -> list[Todo]:
    """Remove from `schema` what the page contradicts elsewhere, and report both places.

    A rule of a sentence gives way to a value: the sentence may have been misread. A default or an
    example gives way to a type, a list of options or a limit with a label.
    """
    statements = facts.of("request", path)
    todo = []
    for statement in [*statements, *facts.of("sample", path, "request")]:
        if not _is_written(statement, schema):
            continue
        noun = f"the {_NOUNS[statement.key]} {format_json(statement.value)}"
        while rule := _broken_rule(schema, statement.value):
            place = _place_of_rule(statements, rule)
            lines = (statement.line, place.line if place else 0)
            stated = f"{rule} {_format_rule(rule, schema)}"
            if place and place.prose and rule in schema:
                message = f"{noun} contradicts {stated} of a sentence, which was left out"
                del schema[rule]
                schema.pop("x-enum-varnames" if rule == "enum" else rule, None)
                todo.append(Todo(path, message, lines))
                continue
            if statement.key != "request":  # `check_samples` reports the samples
                message = f"{noun} contradicts {stated}, so this {_NOUNS[statement.key]} was left out"
                schema.pop(_KEYWORDS[statement.key], None)
                todo.append(Todo(path, message, lines))
            break
    return todo


def check_samples(facts: Facts, body: str, schemas: dict[str, CommentedMap]) -> list[Todo]:
    """Report each part of the page's samples that the drafted `schemas` refuse."""
    root = {"components": {"schemas": schemas}}
    registry: Registry[Any] = Registry().with_resource("urn:draft", DRAFT202012.create_resource(root))
    schema = {"$ref": f"urn:draft#/components/schemas/{body}"}
    validator = Draft202012Validator(schema, registry=registry, format_checker=FORMATS)
    todo = []
    for sample, lines in _samples(facts):
        for error in validator.iter_errors(sample):
            names = [part for part in error.absolute_path if isinstance(part, str)]
            path = ".".join(names)
            line = next((lines[key] for key in lines if key == path), None)
            line = line or next((lines[key] for key in lines if path.startswith(f"{key}.")), None)
            line = line or min(lines.values())
            stated = [s for s in facts.of("request") if s.path.replace("[]", "") == path]
            place = _place_of_rule(stated, str(error.validator)) or next(iter(stated), None)
            message = f"the page's own sample is refused: {shorten(error.message)}"
            todo.append(Todo(path or "the body", message, (line, place.line if place else 0)))
    return list(dict.fromkeys(todo))


def _samples(facts: Facts) -> Iterator[tuple[dict[str, Any], dict[str, int]]]:
    """Yield each sample of the request with the lines of its members. A repeated path begins another."""
    sample: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for statement in facts.of("sample", key="request"):
        if statement.path in lines:
            yield sample, lines
            sample, lines = {}, {}
        lines[statement.path] = statement.line
        owner = sample
        *parents, name = statement.path.split(".")
        for parent in parents:
            owner = owner.setdefault(parent, {})
        owner[name] = statement.value
    if sample:
        yield sample, lines


def _is_written(statement: Statement, schema: CommentedMap) -> bool:
    """Return whether a statement is a sample, or the default or the example of the schema."""
    if statement.key == "default":
        return "default" in schema and format_json(schema["default"]) == format_json(statement.value)
    if statement.key == "example":
        return "examples" in schema and format_json(schema["examples"][0]) == format_json(statement.value)
    return statement.part == "sample"


def shorten(message: str) -> str:
    """Shorten the message of a validator, which may list many options."""
    return message if len(message) <= _MAX_MESSAGE else f"{message[: _MAX_MESSAGE - 1]}…"


def _broken_rule(schema: CommentedMap, value: Any) -> str | None:
    """Return the keyword that `value` breaks, or None."""
    plain = {key: member for key, member in schema.items() if key not in ("default", "examples")}
    error = next(Draft202012Validator(plain, format_checker=FORMATS).iter_errors(value), None)
    return None if error is None else str(error.absolute_schema_path[0])


def _place_of_rule(statements: list[Statement], rule: str) -> Statement | None:
    key = {"enum": "option", "format": "type", "items": "type"}.get(rule, rule)
    return next((s for s in sorted(statements, key=lambda s: s.prose) if s.key == key), None)


def _format_rule(rule: str, schema: CommentedMap) -> str:
    if rule in ("type", "items"):
        return format_value(
            "type", {key: schema[key] for key in ("type", "format", "items") if key in schema}
        )
    return format_json(schema[rule])
