"""Checks a drafted schema against the default, the examples and the samples of its own page."""

from typing import Any

from jsonschema import Draft202012Validator
from ruamel.yaml.comments import CommentedMap

from generator.contract.lint.reader.values import FORMATS
from generator.drift.apply.todo import Todo
from generator.drift.compare.findings import format_json, format_value
from generator.drift.read.facts import Facts
from generator.drift.read.statements import Statement

# The words for the value of a statement's key.
_NOUNS = {"default": "default", "example": "example", "request": "sample"}


def check_page_values(facts: Facts, path: str, schema: CommentedMap) -> list[Todo]:
    """Remove from `schema` what the page contradicts elsewhere, and report both places.

    A rule of a sentence gives way to a value: the sentence may have been misread. A default or an
    example gives way to a type, a list of options or a limit with a label.
    """
    statements = facts.of("request", path)
    todo = []
    samples = facts.of("sample", path, "request")
    for statement in [s for s in (*statements, *samples) if s.key in _NOUNS]:
        while rule := _broken_rule(schema, statement.value):
            place = _place_of_rule(statements, rule)
            noun = f"the {_NOUNS[statement.key]} {format_json(statement.value)}"
            stated = f"{rule} {_format_rule(rule, schema)}"
            lines = (statement.line, place.line if place else 0)
            if place and place.prose and rule in schema:
                del schema[rule]
                schema.pop("x-enum-varnames" if rule == "enum" else rule, None)
                message = f"{noun} contradicts {stated} of a sentence, which was left out"
            elif statement.key == "request":
                message = f"{noun} contradicts {stated}, which was written, so the client refuses this sample"
                todo.append(Todo(path, message, lines))
                break
            else:
                keyword = "default" if statement.key == "default" else "examples"
                schema.pop(keyword, None)
                todo.append(
                    Todo(
                        path, f"{noun} contradicts {stated}; the {_NOUNS[statement.key]} was left out", lines
                    )
                )
                break
            todo.append(Todo(path, message, lines))
    return todo


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
