"""Holds the facts of a page: all its statements, unmerged.

Statements are not merged, so that a page that contradicts itself shows both sides.
`facts_json` has the merged view.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from generator.diagnostics import Diagnostic
from generator.drift.read.statements import Part, Statement
from generator.drift.read.words import values

_MODEL_KEYS = {"option", "default", "example"}


@dataclass(frozen=True)
class Facts:
    """All statements of one page."""

    source: str
    form: Literal["prose", "openapi"]
    language: Literal["zh", "en"]
    statements: list[Statement]
    problems: list[Diagnostic] = field(default_factory=list)

    def of(self, part: Part, path: str | None = None, key: str | None = None) -> list[Statement]:
        """Return the statements of a part in page order, filtered by path and key."""
        return [
            statement
            for statement in self.statements
            if statement.part == part and path in (None, statement.path) and key in (None, statement.key)
        ]

    def first(self, part: Part, path: str, key: str) -> Any:
        """Return the value of the first matching statement, or None."""
        return next((statement.value for statement in self.of(part, path, key)), None)

    @property
    def model_mentions(self) -> list[Statement]:
        """Every statement that names the model: a sentence, a field value or a sample."""
        return [
            statement
            for statement in self.statements
            if statement.part == "model"
            or (statement.path == "model" and statement.part == "request" and statement.key in _MODEL_KEYS)
            or (statement.path == "model" and statement.part == "sample" and statement.key == "request")
        ]

    @property
    def model(self) -> str | None:
        """The model name that the page uses most often; on a tie, the one it uses first."""
        names = [str(statement.value) for statement in self.model_mentions]
        return max(names, key=names.count) if names else None


def apply_field_types(statements: Iterable[Statement]) -> list[Statement]:
    """Convert defaults and options to their field's type; merge formats into types.

    This needs the whole page: whether `1` is a number or a string depends on a type that the page
    may state later.
    """
    originals = list(statements)
    types = {(s.part, s.path): s.value for s in reversed(originals) if s.key == "type"}
    formats = {(s.part, s.path): s.value for s in originals if s.key == "format"}
    converted = []
    for statement in originals:
        place = statement.part, statement.path
        if statement.key in ("default", "option") and place in types:
            value = values.convert_to_type(statement.value, types[place])
            converted.append(statement._replace(value=value))
        elif statement.key == "type" and place in formats and "format" not in statement.value:
            converted.append(statement._replace(value={**statement.value, "format": formats[place]}))
        elif statement.key != "format":
            converted.append(statement)
    return converted
