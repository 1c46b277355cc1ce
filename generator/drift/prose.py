"""Reads a page in prose: fields as headings or bold names, attributes as labels or tables."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from generator.diagnostics import Diagnostic, Location
from generator.drift import attributes, tables, values
from generator.drift.attributes import Label
from generator.drift.facts import Part, Statement
from generator.drift.markdown import Block, Fence, Heading, Line, Paragraph, Run, Table, lines_of
from generator.drift.outline import DESCRIBED, Outline
from generator.drift.samples import Sample, read_body, read_call, scheme_in
from generator.drift.sentences import read_sentences

_ENDPOINT = re.compile(
    r"`?(?:(?P<method>GET|POST|PUT|PATCH|DELETE)`?\s+`?)?(?:https?://[^/\s]+)?(?P<path>/[\w/{}.-]+)`?"
)
# Labels whose words are not one value with sentences behind it.
_WHOLE = {None, "description", "example", "endpoint", "method", "model", "sample"}
_MEDIA_TYPE = re.compile(r"\s*[（(]\s*`?([a-z]+/[\w.+-]+)`?\s*[）)]")


@dataclass
class _Field:
    part: Part
    path: str
    rank: int  # of its heading, or 10 and the depth of its list
    kind: str | None = None


@dataclass
class _Pending:
    """A label whose value stands below it."""

    key: str
    depth: int
    item: bool


@dataclass
class ProseReader:
    """Walks the blocks of a page once and collects its statements."""

    path: Path
    statements: list[Statement] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)
    outline: Outline = field(default_factory=Outline)
    fields: list[_Field] = field(default_factory=list)
    pending: _Pending | None = None

    def read(self, blocks: list[Block]) -> None:
        """Read all `blocks`, in order."""
        for block in blocks:
            match block:
                case Heading():
                    self._heading(block)
                case Paragraph():
                    self._paragraph(block)
                case Fence():
                    self._fence(block)
                case Table():
                    self._table(block)
        self._drop_phantoms()

    @property
    def _field(self) -> _Field | None:
        return self.fields[-1] if self.fields else None

    def _problem(self, line: int, message: str) -> None:
        self.problems.append(Diagnostic(Location(self.path, line, 1), message, "page-part", "warning"))

    def _heading(self, block: Heading) -> None:
        self.pending = None
        opened = self.outline.enter(block)
        name = self.outline.name(block.line.bare)
        if opened == "field" and name:
            self._begin(name, block.line, block.level)
            return
        if opened == "section":
            self.fields = []
        self._text(self._without_media_type(block.line), "heading")

    def _without_media_type(self, line: Line) -> Line:
        """A heading without the body's form, which is a statement of its own: `Body (application/json)`."""
        match = _MEDIA_TYPE.search(line.text)
        if not match or self.outline.part != "request":
            return line
        self.statements.append(
            Statement("operation", "content-type", "name", match[1], line.number, line.text)
        )
        return Line((Run(_MEDIA_TYPE.sub("", line.text)),), line.number)

    def _name_in(self, line: Line) -> str | None:
        dashes = self.outline.part == "header"
        return attributes.name_in(line, dashes=dashes) if self.outline.describes else None

    def _begin(self, name: str, line: Line, rank: int) -> None:
        """A field starts here."""
        part, prefix = self.outline.part, self.outline.prefix
        assert part
        while self.fields and self.fields[-1].rank >= rank:
            self.fields.pop()
        path = name
        parent = self._field
        if prefix and not name.startswith(f"{prefix[1]}."):
            path = f"{prefix[1]}.{name}"
        elif parent and parent.kind == "object" and "." not in name:
            path = f"{parent.path}.{name}"
        self.fields.append(_Field(part, path, rank))
        self.pending = None
        self._say("name", name, line)

    # -- Paragraphs and lists --------------------------------------------------------------------

    def _paragraph(self, block: Paragraph) -> None:
        if self.pending and not self._continues(block):
            self.pending = None
        for index, line in enumerate(block.lines):
            if line.text:
                self._line(line, block.depth, item=block.item and index == 0)

    def _continues(self, block: Paragraph) -> bool:
        assert self.pending
        return (
            block.depth > self.pending.depth or (not self.pending.item and block.depth > 0) or not block.item
        )

    def _line(self, line: Line, depth: int, *, item: bool) -> None:
        if self.outline.foreign:
            self._text(line)
            return
        name = self._name_in(line)
        if name:
            self._begin(name, line, 10 + depth)
            return
        if self._endpoint(line):
            return
        head, found = attributes.labels_in(line)
        if found:
            self.pending = None
            self._head(head, depth)
            for label in found:
                self._label(label, line, depth, item=item)
        elif self.pending and self._value_below(line, item=item):
            return
        elif self._is_code() and (code := attributes.code_item(line)):
            self._code(*code, line)
        else:
            self._sentences(line)

    def _head(self, head: Line, depth: int) -> None:
        """The words before a line's first label: a bold name, or a sentence."""
        if not head.text.strip(" -–—·|"):
            return
        name = self._name_in(Line(tuple(r for r in head.runs if r.text.strip(" -–—·|")), head.number))
        if name:
            self._begin(name, head, 10 + depth)
        else:
            self._sentences(head)

    def _label(self, label: Label, line: Line, depth: int, *, item: bool) -> None:
        """Read a label with the value behind it; more sentences may follow that."""
        words, rest = (label.words, None)
        if label.key not in _WHOLE:
            words, rest = attributes.first_sentence(label.words)
        if not self._labelled(label.key, words, line, depth, item=item):
            self._sentences(line)
        elif rest:
            self._sentences(rest)

    def _labelled(self, key: str | None, words: Line, line: Line, depth: int, *, item: bool) -> bool:
        """Take a label's value; False when the line says nothing but words."""
        if key in ("option", "example", "endpoint", "mediaTypes") and not words.text:
            self.pending = _Pending(key, depth, item)
        elif key == "option" and words.text:
            self._options(words, line)
        elif key == "description":
            self._sentences(words if words.text else line)
        elif key == "model":
            self._say_model(words.codes[0] if words.codes else words.bare, line)
        elif key in (None, "sample") and not words.text:
            self._text(line, "heading")
        else:
            return key != "sample" and self._attribute(key, words, line)
        return True

    def _attribute(self, key: str | None, words: Line, line: Line) -> bool:
        """State what a label of the current field says; False when it is no attribute of one."""
        if not self._field or key in (None, "endpoint", "method"):
            return False
        assert key
        stated = attributes.read_value(key, words)
        if stated is None:
            if words.text and key != "format":
                self._problem(
                    line.number, f"cannot read '{words.bare}' as {key}; the rest of the field is read"
                )
            return False
        if key == "type":
            self._field.kind = stated["type"].get("type")
        if key in ("in", "example") and (key == "in") != (self._field.part == "header"):
            return False
        for fact, value in stated.items():
            self._say(fact, value, line)
        return True

    def _value_below(self, line: Line, *, item: bool) -> bool:
        """Take `line` as (part of) the value of the label above it."""
        assert self.pending
        key = self.pending.key
        if key == "option" and item:
            value, meaning = attributes.option_item(line)
            self._option(value, meaning, line)
            return True
        if key in ("option", "mediaTypes", "example") and (line.codes or item):
            if key == "option":
                self._options(line, line)
                return True
            return self._attribute(key, line, line)
        return False

    def _options(self, words: Line, line: Line) -> None:
        for value in attributes.options_in(words):
            self._option(value, "", line)

    def _option(self, value: str, meaning: str, line: Line) -> None:
        if self._is_code():
            self._code(value, meaning, line)
        elif self._field:
            self._say("option", value, line)
        else:
            self._text(line)

    def _is_code(self) -> bool:
        if self.outline.part == "code":
            return True
        return self._field is not None and (self._field.part, self._field.path) == ("response", "code")

    # -- Endpoints, code blocks and tables -------------------------------------------------------

    def _endpoint(self, line: Line) -> bool:
        """Whether the line is the operation's address; one under another heading opens another operation."""
        _, found = attributes.labels_in(line)
        labelled = len(found) == 1 and found[0].key in ("endpoint", "method")
        words = found[0].words if labelled and found[0].key == "endpoint" else line
        match = _ENDPOINT.fullmatch(words.text)
        pending = self.pending is not None and self.pending.key == "endpoint"
        if not match or not (match["method"] or labelled or pending):
            return False
        self.pending = None
        said = {key: match[key] for key in ("method", "path") if match[key]}
        known = {s.path: s.value for s in reversed(self.statements) if s.part == "operation"}
        if self.outline.opens_another(
            differs=any(known.get(key, value) != value for key, value in said.items())
        ):
            self.fields = []
            self._problem(line.number, f"another operation, {line.bare}, is not read")
            self._text(line)
            return True
        for key, value in said.items():
            self.statements.append(Statement("operation", key, "name", value, line.number, line.text))
        return True

    def _fence(self, block: Fence) -> None:
        text = block.content.strip()
        first = Line((Run(text.split("\n")[0].strip()),), block.number)
        if self.outline.foreign or not text:
            self._words(block)
        elif text.startswith("curl"):
            self._sample(read_call(block), block)
        elif not self._endpoint(first) and not self._json(text, block):
            scheme = scheme_in(block, text)
            self.statements += scheme
            if not scheme:
                self._words(block)
        self.pending = None

    def _words(self, block: Fence) -> None:
        for line in lines_of(block):
            self._text(line)

    def _sample(self, sample: Sample, block: Fence) -> None:
        self.statements += sample.statements
        if sample.problem:
            self._problem(block.number, sample.problem)

    def _json(self, text: str, block: Fence) -> bool:
        try:
            value = values.from_json(text)
        except ValueError:
            if block.info == "json":
                self._problem(block.number, "this sample is not valid JSON; it is not read")
            return block.info == "json"
        sample = None if self.pending else read_body(block, value)
        if sample:
            self._sample(sample, block)
        elif self._field and self._field.part != "header":
            self._say("example", value, Line((Run(" ".join(text.split())),), block.number))
        else:
            return False
        return True

    def _table(self, block: Table) -> None:
        if self.outline.foreign:
            for line in tables.lines(block):
                self._text(line)
            return
        for row in tables.read_rows(block, inside=self._field is not None):
            if row.code:
                self._code(*row.code, row.line)
                continue
            if row.name and self.outline.describes:
                self._begin(row.name, row.line, 10)
            if row.cells and self._field:
                for label in row.cells:
                    self._label(label, row.line, 0, item=False)
            else:
                self._sentences(row.line)

    # -- Saying ------------------------------------------------------------------------------------

    def _sentences(self, line: Line) -> None:
        for sentence in read_sentences(line.text):
            words = Line((Run(sentence.text),), line.number)
            says = sentence.says if self._field and self._field.part != "header" else []
            if sentence.model:
                self._say_model(sentence.model, words)
            for key, value in says:
                self._say(key, value, words, prose=True)
            if not says and not sentence.model:
                self._text(words)

    def _say_model(self, name: str, line: Line) -> None:
        self.statements.append(Statement("model", "model", "name", name.strip("`"), line.number, line.text))

    def _code(self, code: str, meaning: str, line: Line) -> None:
        if not code.isdecimal():
            self._problem(line.number, f"'{code}' is no body code; expected a number")
            self._text(line)
            return
        self.statements.append(Statement("code", code, "code", code, line.number, line.text))
        if meaning:
            self.statements.append(Statement("code", code, "meaning", meaning, line.number, line.text))

    def _text(self, line: Line, key: str = "text") -> None:
        path = self._field.path if self._field else ""
        self.statements.append(Statement("text", path, key, line.text, line.number, line.text))

    def _say(self, key: str, value: object, line: Line, *, prose: bool = False) -> None:
        assert self._field
        part, path = self._field.part, self._field.path
        self.statements.append(Statement(part, path, key, value, line.number, line.text, prose))

    def _drop_phantoms(self) -> None:
        """A bold word or a heading without any attribute is no field; its sentences stay as text."""
        said = {(s.part, s.path) for s in self.statements if s.key not in ("name", "text") and not s.prose}
        for index, statement in enumerate(self.statements):
            if statement.key != "name" or statement.part not in DESCRIBED:
                continue
            if (statement.part, statement.path) not in said:
                self.statements[index] = statement._replace(
                    part="text", path="", key="text", value=statement.quote
                )
                self._problem(
                    statement.line, f"'{statement.quote}' has no type or other attribute; not a field"
                )
