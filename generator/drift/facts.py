"""The facts of a page: every statement it makes, and the same as one JSON object.

A `Statement` is one thing said in one place; nothing is merged, so that a page which
contradicts itself still shows both sides. `Facts.to_json` is the merged view.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from generator.diagnostics import Diagnostic
from generator.drift.read.words import values

Part = Literal["operation", "model", "request", "response", "header", "code", "sample", "text"]

# Keywords of a schema that are facts under their own name.
SCHEMA_KEYS = (
    *("default", "minLength", "maxLength", "minimum", "maximum", "multipleOf", "minItems", "maxItems"),
    "pattern",
)
# The members of a path item that are operations.
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

# Keys of a field that hold a list of statements instead of one.
LISTS = {"option", "excludes"}
_MODEL_KEYS = {"option", "default", "example"}
# The order of a field's keys in JSON.
_ORDER = (
    *("line", "type", "format", "items", "required", "enum", "default", "minLength", "maxLength"),
    *("minimum", "maximum", "multipleOf", "pattern", "minItems", "maxItems", "mediaTypes", "maxBytes"),
    *(
        "maxTotalBytes",
        "used",
        "sameSizeAs",
        "excludes",
        "in",
        "scheme",
        "deprecated",
        "example",
        "prose",
        "contradicts",
    ),
)


class Statement(NamedTuple):
    """One thing a page says in one place.

    `path` is a field's path, `code`, `model`, `path`, `method` or empty; `key` is what is said
    of it (`name` for that it exists); `prose` marks what only a sentence says.
    """

    part: Part
    path: str
    key: str
    value: Any
    line: int
    quote: str
    prose: bool = False


@dataclass(frozen=True)
class Facts:
    """What one page states."""

    source: str
    form: Literal["prose", "openapi"]
    language: Literal["zh", "en"]
    statements: list[Statement]
    problems: list[Diagnostic] = field(default_factory=list)

    def of(self, part: Part, path: str | None = None, key: str | None = None) -> list[Statement]:
        """The statements of a part, in page order."""
        return [
            statement
            for statement in self.statements
            if statement.part == part and path in (None, statement.path) and key in (None, statement.key)
        ]

    def first(self, part: Part, path: str, key: str) -> Any:
        """The first value stated, or None."""
        return next((statement.value for statement in self.of(part, path, key)), None)

    @property
    def model_mentions(self) -> list[Statement]:
        """Every place that names the model: sentences, the field's values, the sample."""
        return [
            statement
            for statement in self.statements
            if statement.part == "model"
            or (statement.path == "model" and statement.part == "request" and statement.key in _MODEL_KEYS)
            or (statement.path == "model" and statement.part == "sample" and statement.key == "request")
        ]

    @property
    def model(self) -> str | None:
        """The model's name: what most places say, the earliest of equals."""
        said = [str(statement.value) for statement in self.model_mentions]
        return max(said, key=said.count) if said else None

    def to_json(self) -> dict[str, Any]:
        """The published shape; only what the page states."""
        return {
            "source": self.source,
            "form": self.form,
            "language": self.language,
            "operation": {
                "method": self.first("operation", "method", "name"),
                "path": self.first("operation", "path", "name"),
            },
            "model": self.model,
            "fields": _fields(self.of("request")),
            "response": _fields(self.of("response"), [code.path for code in self.of("code")]),
            "codes": _codes(self.of("code")),
            "notes": _notes(self.statements),
        }


def settled(statements: Iterable[Statement]) -> list[Statement]:
    """Statements whose values have their field's type: only the whole page tells what `1` is."""
    said = list(statements)
    types = {(s.part, s.path): s.value for s in reversed(said) if s.key == "type"}
    formats = {(s.part, s.path): s.value for s in said if s.key == "format"}
    done = []
    for statement in said:
        place = statement.part, statement.path
        if statement.key in ("default", "option") and place in types:
            done.append(statement._replace(value=values.typed(statement.value, types[place])))
        elif statement.key == "type" and place in formats and "format" not in statement.value:
            done.append(statement._replace(value={**statement.value, "format": formats[place]}))
        elif statement.key != "format":
            done.append(statement)
    return done


def _fields(statements: list[Statement], codes: Iterable[str] = ()) -> dict[str, dict[str, Any]]:
    fields: dict[str, dict[str, Any]] = {}
    for statement in statements:
        said = fields.setdefault(statement.path, {})
        if statement.key == "name":
            said.setdefault("line", statement.line)
        elif statement.key == "type":
            _put(said, statement, **statement.value)
        elif statement.key == "option":
            said.setdefault("enum", [])
            said["enum"] += [statement.value] * (statement.value not in said["enum"])
        elif statement.key == "excludes":
            said.setdefault("excludes", [])
            said["excludes"] += [statement.value] * (statement.value not in said["excludes"])
        else:
            _put(said, statement, **{statement.key: statement.value})
    if "code" in fields and codes:
        fields["code"]["enum"] = [int(code) for code in dict.fromkeys(codes)]
    for path, said in fields.items():
        prose = _only_in_prose([s for s in statements if s.path == path])
        if prose:
            said["prose"] = prose
    return {path: {key: said[key] for key in _ORDER if key in said} for path, said in fields.items()}


def _put(said: dict[str, Any], statement: Statement, **stated: Any) -> None:
    for key, value in stated.items():
        if key in said and said[key] != value:
            said.setdefault("contradicts", []).append({"key": key, "value": value, "line": statement.line})
        said.setdefault(key, value)


def _only_in_prose(statements: list[Statement]) -> list[str]:
    labelled = {s.key for s in statements if not s.prose}
    spoken = {s.key for s in statements if s.prose} - labelled
    return sorted(("enum" if key == "option" else key for key in spoken), key=_ORDER.index)


def _codes(statements: list[Statement]) -> dict[str, str]:
    meanings = {s.path: s.value for s in reversed(statements) if s.key == "meaning"}
    return {s.path: meanings.get(s.path, "") for s in statements}


def _notes(statements: list[Statement]) -> list[dict[str, Any]]:
    notes: dict[tuple[int, str, str], dict[str, Any]] = {}
    for statement in statements:
        spoken = statement.prose or statement.part in ("header", "text", "model")
        if not spoken or statement.key == "heading":
            continue
        note = notes.setdefault((statement.line, statement.path, statement.quote), {"line": statement.line})
        if statement.path:
            note["path"] = statement.path
        note["text"] = statement.quote
        if statement.part == "model":
            note["says"] = {"model": statement.value}
        elif statement.key == "option":
            note.setdefault("says", {}).setdefault("enum", []).append(statement.value)
        elif statement.key != "text":
            note.setdefault("says", {})[statement.key] = _said(statement)
    return list(notes.values())


def _said(statement: Statement) -> Any:
    """A type on its own reads as one word."""
    if statement.key == "type" and set(statement.value) == {"type"}:
        return statement.value["type"]
    return statement.value
