"""What a prose page has told so far: its statements, and which field it is speaking of."""

from dataclasses import dataclass, field
from pathlib import Path

from generator.diagnostics import Diagnostic, Location
from generator.drift.facts import Part, Statement
from generator.drift.read.prose.markdown import Line, Run
from generator.drift.read.prose.outline import DESCRIBED, Outline
from generator.drift.read.words.sentences import read_sentences


@dataclass
class Field:
    """A field that the page is describing, or describes a member of."""

    part: Part
    path: str
    rank: int  # of its heading, or 10 and the depth of its list
    kind: str | None = None


@dataclass
class Told:
    """Collects statements; each goes to the field spoken of, or to none."""

    path: Path
    outline: Outline = field(default_factory=Outline)
    statements: list[Statement] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)

    @property
    def subject(self) -> Field | None:
        """The field that is spoken of."""
        return self.fields[-1] if self.fields else None

    def problem(self, line: int, message: str) -> None:
        """A part of the page that cannot be read."""
        self.problems.append(Diagnostic(Location(self.path, line, 1), message, "page-part", "warning"))

    def begin(self, name: str, line: Line, rank: int) -> None:
        """A field starts here."""
        part, prefix = self.outline.part, self.outline.prefix
        assert part
        while self.fields and self.fields[-1].rank >= rank:
            self.fields.pop()
        path = name
        parent = self.subject
        if prefix and not name.startswith(f"{prefix[1]}."):
            path = f"{prefix[1]}.{name}"
        elif parent and parent.kind == "object" and "." not in name:
            path = f"{parent.path}.{name}"
        self.fields.append(Field(part, path, rank))
        self.say("name", name, line)

    def sentences(self, line: Line) -> None:
        """What the sentences of `line` state, and the rest as text."""
        for sentence in read_sentences(line.text):
            words = Line((Run(sentence.text),), line.number)
            says = sentence.says if self.subject and self.subject.part != "header" else []
            if sentence.model:
                self.model(sentence.model, words)
            for key, value in says:
                self.say(key, value, words, prose=True)
            if not says and not sentence.model:
                self.text(words)

    def model(self, name: str, line: Line) -> None:
        """A sentence that names the model."""
        self.statements.append(Statement("model", "model", "name", name.strip("`"), line.number, line.text))

    def code(self, code: str, meaning: str, line: Line) -> None:
        """A body code, and the words behind it."""
        if not code.isdecimal():
            self.problem(line.number, f"'{code}' is no body code; expected a number")
            self.text(line)
            return
        self.statements.append(Statement("code", code, "code", code, line.number, line.text))
        if meaning:
            self.statements.append(Statement("code", code, "meaning", meaning, line.number, line.text))

    def text(self, line: Line, key: str = "text") -> None:
        """Words without a rule."""
        path = self.subject.path if self.subject else ""
        self.statements.append(Statement("text", path, key, line.text, line.number, line.text))

    def say(self, key: str, value: object, line: Line, *, prose: bool = False) -> None:
        """A fact about the field spoken of."""
        assert self.subject
        part, path = self.subject.part, self.subject.path
        self.statements.append(Statement(part, path, key, value, line.number, line.text, prose))

    def drop_phantoms(self) -> None:
        """A bold word or a heading without any attribute is no field; what it says stays as text."""
        known = {(s.part, s.path) for s in self.statements if s.key not in ("name", "text") and not s.prose}
        for index, statement in enumerate(self.statements):
            if statement.part not in DESCRIBED or (statement.part, statement.path) in known:
                continue
            self.statements[index] = statement._replace(
                part="text", path="", key="text", value=statement.quote, prose=False
            )
            if statement.key == "name":
                message = f"'{statement.quote}' has no type or other attribute; not a field"
                self.problem(statement.line, message)
