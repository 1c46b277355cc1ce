"""Reads a page in prose: fields as headings or bold names, attributes as labels or tables."""

import re
from dataclasses import dataclass

from generator.drift.facts import Statement
from generator.drift.read.prose import attributes, tables
from generator.drift.read.prose.attributes import Label
from generator.drift.read.prose.builder import Told
from generator.drift.read.prose.markdown import Block, Fence, Heading, Line, Paragraph, Run, Table, lines_of
from generator.drift.read.prose.samples import Sample, read_body, read_call, scheme_in
from generator.drift.read.words import values

_ENDPOINT = re.compile(
    r"`?(?:(?P<method>GET|POST|PUT|PATCH|DELETE)`?\s+`?)?(?:https?://[^/\s]+)?(?P<path>/[\w/{}.-]+)`?"
)
# Labels whose words are not one value with sentences behind it.
_WHOLE = {None, "description", "example", "endpoint", "method", "model", "sample"}
_MEDIA_TYPE = re.compile(r"\s*[（(]\s*`?([a-z]+/[\w.+-]+)`?\s*[）)]")


@dataclass
class _Pending:
    """A label whose value stands below it."""

    key: str
    depth: int
    item: bool


@dataclass
class ProseReader:
    """Walks the blocks of a page once and has them told."""

    told: Told
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
        self.told.drop_phantoms()

    def _heading(self, block: Heading) -> None:
        self.pending = None
        opened = self.told.outline.enter(block)
        name = self.told.outline.name(block.line.bare)
        if opened == "field" and name:
            self._begin(name, block.line, block.level)
            return
        if opened == "section":
            self.told.fields = []
        self.told.text(self._without_media_type(block.line), "heading")

    def _without_media_type(self, line: Line) -> Line:
        """A heading without the body's form, which is a statement of its own: `Body (application/json)`."""
        match = _MEDIA_TYPE.search(line.text)
        if not match or self.told.outline.part != "request":
            return line
        self.told.statements.append(
            Statement("operation", "content-type", "name", match[1], line.number, line.text)
        )
        return Line((Run(_MEDIA_TYPE.sub("", line.text)),), line.number)

    def _name_in(self, line: Line) -> str | None:
        dashes = self.told.outline.part == "header"
        return attributes.name_in(line, dashes=dashes) if self.told.outline.describes else None

    def _begin(self, name: str, line: Line, rank: int) -> None:
        self.pending = None
        self.told.begin(name, line, rank)

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
        if self.told.outline.foreign:
            self.told.text(line)
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
            self.told.code(*code, line)
        else:
            self.told.sentences(line)

    def _head(self, head: Line, depth: int) -> None:
        """The words before a line's first label: a bold name, or a sentence."""
        if not head.text.strip(" -–—·|"):
            return
        name = self._name_in(Line(tuple(r for r in head.runs if r.text.strip(" -–—·|")), head.number))
        if name:
            self._begin(name, head, 10 + depth)
        else:
            self.told.sentences(head)

    def _label(self, label: Label, line: Line, depth: int, *, item: bool) -> None:
        """Read a label with the value behind it; more sentences may follow that."""
        words, rest = (label.words, None)
        if label.key not in _WHOLE:
            words, rest = attributes.first_sentence(label.words)
        if not self._labelled(label.key, words, line, depth, item=item):
            self.told.sentences(line)
        elif rest:
            self.told.sentences(rest)

    def _labelled(self, key: str | None, words: Line, line: Line, depth: int, *, item: bool) -> bool:
        """Take a label's value; False when the line says nothing but words."""
        if key in ("option", "example", "endpoint", "mediaTypes") and not words.text:
            self.pending = _Pending(key, depth, item)
        elif key == "option" and words.text:
            self._options(words, line)
        elif key == "description":
            self.told.sentences(words if words.text else line)
        elif key == "model":
            self.told.model(words.codes[0] if words.codes else words.bare, line)
        elif key in (None, "sample") and not words.text:
            self.told.text(line, "heading")
        else:
            return key != "sample" and self._attribute(key, words, line)
        return True

    def _attribute(self, key: str | None, words: Line, line: Line) -> bool:
        """State what a label of the current field says; False when it is no attribute of one."""
        if not self.told.subject or key in (None, "endpoint", "method"):
            return False
        assert key
        stated = attributes.read_value(key, words)
        if stated is None:
            if words.text and key != "format":
                self.told.problem(
                    line.number, f"cannot read '{words.bare}' as {key}; the rest of the field is read"
                )
            return False
        if key == "type":
            self.told.subject.kind = stated["type"].get("type")
        if key in ("in", "example") and (key == "in") != (self.told.subject.part == "header"):
            return False
        for fact, value in stated.items():
            self.told.say(fact, value, line)
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
            self.told.code(value, meaning, line)
        elif self.told.subject:
            self.told.say("option", value, line)
        else:
            self.told.text(line)

    def _is_code(self) -> bool:
        subject = self.told.subject
        listed = subject is not None and (subject.part, subject.path) == ("response", "code")
        return listed or self.told.outline.part == "code"

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
        known = {s.path: s.value for s in reversed(self.told.statements) if s.part == "operation"}
        if self.told.outline.opens_another(
            differs=any(known.get(key, value) != value for key, value in said.items())
        ):
            self.told.fields = []
            self.told.problem(line.number, f"another operation, {line.bare}, is not read")
            self.told.text(line)
            return True
        for key, value in said.items():
            self.told.statements.append(Statement("operation", key, "name", value, line.number, line.text))
        return True

    def _fence(self, block: Fence) -> None:
        text = block.content.strip()
        first = Line((Run(text.split("\n")[0].strip()),), block.number)
        if self.told.outline.foreign or not text:
            self._words(block)
        elif text.startswith("curl"):
            self._sample(read_call(block), block)
        elif not self._endpoint(first) and not self._json(text, block):
            scheme = scheme_in(block, text)
            self.told.statements += scheme
            if not scheme:
                self._words(block)
        self.pending = None

    def _words(self, block: Fence) -> None:
        for line in lines_of(block):
            self.told.text(line)

    def _sample(self, sample: Sample, block: Fence) -> None:
        self.told.statements += sample.statements
        if sample.problem:
            self.told.problem(block.number, sample.problem)

    def _json(self, text: str, block: Fence) -> bool:
        try:
            value = values.from_json(text)
        except ValueError:
            if block.info == "json":
                self.told.problem(block.number, "this sample is not valid JSON; it is not read")
            return block.info == "json"
        sample = None if self.pending else read_body(block, value)
        if sample:
            self._sample(sample, block)
        elif self.told.subject and self.told.subject.part != "header":
            self.told.say("example", value, Line((Run(" ".join(text.split())),), block.number))
        else:
            return False
        return True

    def _table(self, block: Table) -> None:
        if self.told.outline.foreign:
            for line in tables.lines(block):
                self.told.text(line)
            return
        for row in tables.read_rows(block, inside=self.told.subject is not None):
            if row.code:
                self.told.code(*row.code, row.line)
                continue
            if row.name and self.told.outline.describes:
                self._begin(row.name, row.line, 10)
            if row.cells and self.told.subject:
                for label in row.cells:
                    self._label(label, row.line, 0, item=False)
            else:
                self.told.sentences(row.line)
