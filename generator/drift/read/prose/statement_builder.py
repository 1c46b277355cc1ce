"""Collects the statements of a prose page and tracks the field it describes."""

from dataclasses import dataclass, field
from pathlib import Path

from generator.diagnostics import Diagnostic, Location
from generator.drift.read.markdown import Line, Run
from generator.drift.read.prose.outline import FIELD_PARTS, Outline
from generator.drift.read.statements import Part, Statement
from generator.drift.read.words.sentences import read_sentences


@dataclass
class Field:
    """A field that the page is describing, or whose members it is describing.

    `rank` is the level of the field's heading, or 10 plus the depth of its list.
    """

    part: Part
    path: str
    rank: int
    type: str | None = None


@dataclass
class StatementBuilder:
    """Collects statements about the current field, or about the page if there is none."""

    path: Path
    outline: Outline = field(default_factory=Outline)
    statements: list[Statement] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)
    open_fields: list[Field] = field(default_factory=list)

    @property
    def current_field(self) -> Field | None:
        """The field that the page is describing."""
        return self.open_fields[-1] if self.open_fields else None

    def add_problem(self, line: int, message: str) -> None:
        """Add a warning that a part of the page cannot be read."""
        self.problems.append(Diagnostic(Location(self.path, line, 1), message, "page-part", "warning"))

    def begin_field(self, name: str, line: Line, rank: int) -> None:
        """Start a field, and end the fields of the same or a higher rank."""
        part, prefix = self.outline.part, self.outline.member_prefix
        assert part
        while self.open_fields and self.open_fields[-1].rank >= rank:
            self.open_fields.pop()
        path = name
        parent = self.current_field
        if prefix and not name.startswith(f"{prefix[1]}."):
            path = f"{prefix[1]}.{name}"
        elif parent and parent.type == "object" and "." not in name:
            path = f"{parent.path}.{name}"
        self.open_fields.append(Field(part, path, rank))
        self.add_fact("name", name, line)

    def add_sentences(self, line: Line) -> None:
        """Add the facts in the sentences of `line`.

        A sentence without facts is added as text.
        """
        for sentence in read_sentences(line.text):
            words = Line((Run(sentence.text),), line.number)
            facts = sentence.facts if self.current_field and self.current_field.part != "header" else []
            if sentence.model:
                self.add_model(sentence.model, words)
            for key, value in facts:
                self.add_fact(key, value, words, prose=True)
            if not facts and not sentence.model:
                self.add_text(words)

    def add_model(self, name: str, line: Line) -> None:
        """Add the model that a sentence names."""
        self.statements.append(Statement("model", "model", "name", name.strip("`"), line.number, line.text))

    def add_code(self, code: str, meaning: str, line: Line) -> None:
        """Add a body code and, if there is one, its meaning."""
        if not code.isdecimal():
            self.add_problem(line.number, f"'{code}' is not a body code; expected a number")
            self.add_text(line)
            return
        self.statements.append(Statement("code", code, "code", code, line.number, line.text))
        if meaning:
            self.statements.append(Statement("code", code, "meaning", meaning, line.number, line.text))

    def add_text(self, line: Line, key: str = "text") -> None:
        """Add words that state no fact."""
        path = self.current_field.path if self.current_field else ""
        self.statements.append(Statement("text", path, key, line.text, line.number, line.text))

    def add_fact(self, key: str, value: object, line: Line, *, prose: bool = False) -> None:
        """Add a fact about the current field."""
        assert self.current_field
        part, path = self.current_field.part, self.current_field.path
        self.statements.append(Statement(part, path, key, value, line.number, line.text, prose))

    def demote_fields_without_attributes(self) -> None:
        """Turn fields without attributes into text: they are bold words or headings."""
        with_attributes = {
            (s.part, s.path) for s in self.statements if s.key not in ("name", "text") and not s.prose
        }
        for index, statement in enumerate(self.statements):
            if statement.part not in FIELD_PARTS or (statement.part, statement.path) in with_attributes:
                continue
            self.statements[index] = statement._replace(
                part="text", path="", key="text", value=statement.quote, prose=False
            )
            if statement.key == "name":
                message = f"'{statement.quote}' has no type or other attribute and was read as text"
                self.add_problem(statement.line, message)
