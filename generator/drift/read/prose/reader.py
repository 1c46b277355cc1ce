"""Reads a page in prose: headings, bold names, labels, tables and samples."""

import re
from dataclasses import dataclass

from generator.drift.read.markdown import Block, Fence, Heading, Line, Paragraph, Run, Table, lines_of
from generator.drift.read.prose import attributes
from generator.drift.read.prose.attributes import InlineField, Label
from generator.drift.read.prose.samples import Sample, read_auth_scheme, read_body_sample, read_curl_sample
from generator.drift.read.prose.statement_builder import StatementBuilder
from generator.drift.read.prose.tables import read_table, table_lines
from generator.drift.read.statements import Statement
from generator.drift.read.words import values

_ENDPOINT = re.compile(
    r"`?(?:(?P<method>GET|POST|PUT|PATCH|DELETE)`?\s+`?)?(?:https?://[^/\s]+)?(?P<path>/[\w/{}.-]+)`?"
)
_PLAIN_LABEL = re.compile(r"[^:：/`]{1,20}[:：]\s*")
_MEDIA_TYPE = re.compile(r"\s*[（(]\s*`?([a-z]+/[\w.+-]+)`?\s*[）)]")
# Labels whose value is all the words of the line, not the first sentence only.
_WHOLE_LINE_KEYS = {None, "description", "example", "endpoint", "method", "model", "sample"}
# The rank of a field in a paragraph, below that of every heading. Its list depth is added.
_PARAGRAPH_RANK = 10


@dataclass
class _PendingLabel:
    """A label whose value is expected in the lines or the code block below it."""

    key: str
    depth: int
    item: bool


@dataclass
class ProseReader:
    """Reads the blocks of a page in order and adds what they state to a builder."""

    builder: StatementBuilder
    pending: _PendingLabel | None = None
    heading_level: int = 0

    def read(self, blocks: list[Block]) -> None:
        """Read all `blocks`, in order."""
        for block, after in zip(blocks, [*blocks[1:], None], strict=True):
            match block:
                case Heading():
                    self.heading_level = block.level
                    self._read_heading(block)
                case Paragraph() if isinstance(after, Table) and self._is_caption(block):
                    self._read_heading(Heading(block.lines[0], self.heading_level + 1))
                case Paragraph():
                    self._read_paragraph(block)
                case Fence():
                    self._read_fence(block)
                case Table():
                    self._read_table(block)
        self.builder.demote_fields_without_attributes()

    def _is_caption(self, block: Paragraph) -> bool:
        """Return whether a paragraph above a table is a heading in bold: `**Members of input**`."""
        if len(block.lines) != 1 or block.depth:
            return False
        line = block.lines[0]
        words = line.bare.rstrip(":： ")
        is_bold = bool(words) and all(run.strong for run in line.runs if run.text.strip(" :："))
        return is_bold and attributes.label_key(words) is None and not self._parse_bold_name(line)

    def _read_heading(self, block: Heading) -> None:
        self.pending = None
        opened = self.builder.outline.enter_heading(block)
        name = self.builder.outline.parse_field_name(block.line.bare)
        if opened == "field" and name:
            self._begin_field(name, block.line, block.level)
            return
        if opened == "section":
            self.builder.open_fields = []
        self.builder.add_text(self._take_media_type(block.line), "heading")

    def _take_media_type(self, line: Line) -> Line:
        """State the media type in `Body (application/json)`; return the other words."""
        match = _MEDIA_TYPE.search(line.text)
        if not match or self.builder.outline.part != "request":
            return line
        self.builder.statements.append(
            Statement("operation", "content-type", "name", match[1], line.number, line.text)
        )
        return Line((Run(_MEDIA_TYPE.sub("", line.text)),), line.number)

    def _parse_bold_name(self, line: Line) -> str | None:
        outline = self.builder.outline
        if not outline.describes_fields:
            return None
        return attributes.parse_bold_name(line, dashes=outline.part == "header")

    def _begin_field(self, name: str, line: Line, rank: int) -> None:
        self.pending = None
        self.builder.begin_field(name, line, rank)

    # -- Paragraphs and lists --------------------------------------------------------------------

    def _read_paragraph(self, block: Paragraph) -> None:
        if self.pending and not self._continues_label(block, self.pending):
            self.pending = None
        for index, line in enumerate(block.lines):
            if line.text:
                self._read_line(line, block.depth, item=block.item and index == 0)

    def _continues_label(self, block: Paragraph, pending: _PendingLabel) -> bool:
        """Return whether the paragraph may hold the value of the label above it."""
        return block.depth > pending.depth or (not pending.item and block.depth > 0) or not block.item

    def _read_line(self, line: Line, depth: int, *, item: bool) -> None:
        if self.builder.outline.in_other_operation:
            self.builder.add_text(line)
            return
        name = self._parse_bold_name(line)
        if name:
            self._begin_field(name, line, _PARAGRAPH_RANK + depth)
            return
        if self._read_endpoint(line):
            return
        inline = attributes.parse_inline_field(line)
        if inline and self._read_inline_field(inline, line, depth):
            return
        head, labels = attributes.split_labels(line)
        if labels:
            self.pending = None
            self._read_before_labels(head, depth)
            for label in labels:
                self._read_label(label, line, depth, item=item)
        elif self.pending and self._read_pending_value(self.pending.key, line, item=item):
            return
        elif self._in_codes() and (code := values.parse_code_meaning(line.bare)):
            self.builder.add_code(*code, line)
        else:
            self.builder.add_sentences(line)

    def _read_inline_field(self, inline: InlineField, line: Line, depth: int) -> bool:
        """Read a field in one line. Returns False where the page does not describe fields."""
        if not self.builder.outline.describes_fields:
            message = f"'{inline.name}' is in no part of the request or the response and was read as text"
            self.builder.add_problem(line.number, message)
            return False
        self._begin_field(inline.name, line, _PARAGRAPH_RANK + depth)
        self._add_attribute("type", inline.type, line)
        if inline.required is not None:
            self.builder.add_fact("required", inline.required, line)
        if inline.words.text:
            head, labels = attributes.split_labels(inline.words)
            if head.text:
                self.builder.add_sentences(head)
            for label in labels:
                self._read_label(label, line, depth, item=False)
        return True

    def _read_before_labels(self, head: Line, depth: int) -> None:
        """Read the words before a line's first label: a bold name or a sentence."""
        if not head.text.strip(" -–—·|"):
            return
        runs = tuple(run for run in head.runs if run.text.strip(" -–—·|"))
        name = self._parse_bold_name(Line(runs, head.number))
        if name:
            self._begin_field(name, head, _PARAGRAPH_RANK + depth)
        else:
            self.builder.add_sentences(head)

    def _read_label(self, label: Label, line: Line, depth: int, *, item: bool) -> None:
        """Read a label, its value, and the sentences after the value."""
        words, rest = (label.words, None)
        if label.key not in _WHOLE_LINE_KEYS:
            words, rest = attributes.split_first_sentence(label.words)
        if not self._read_label_value(label.key, words, line, depth, item=item):
            self.builder.add_sentences(line)
        elif rest:
            self.builder.add_sentences(rest)

    def _read_label_value(self, key: str | None, words: Line, line: Line, depth: int, *, item: bool) -> bool:
        """Read the value of a label.

        Returns False if the line should be read as sentences instead.
        """
        if key in ("option", "example", "endpoint", "mediaTypes") and not words.text:
            self.pending = _PendingLabel(key, depth, item)
        elif key == "option" and words.text:
            self._add_options(words, line)
        elif key == "description":
            self.builder.add_sentences(words if words.text else line)
        elif key == "model":
            self.builder.add_model(words.codes[0] if words.codes else words.bare, line)
        elif key in (None, "sample") and not words.text:
            self.builder.add_text(line, "heading")
        else:
            return key != "sample" and self._add_attribute(key, words, line)
        return True

    def _add_attribute(self, key: str | None, words: Line, line: Line) -> bool:
        """Add an attribute of the current field.

        Returns False if the label is not an attribute.
        """
        field = self.builder.current_field
        if not field or key in (None, "endpoint", "method"):
            return False
        assert key
        facts = attributes.parse_label_value(key, words)
        if facts is None:
            if words.text and key != "format":
                message = f"cannot read '{words.bare}' as {key}; the rest of the field was read"
                self.builder.add_problem(line.number, message)
            return False
        if key == "type":
            field.type = facts["type"].get("type")
        if key in ("in", "example") and (key == "in") != (field.part == "header"):
            return False
        for fact, value in facts.items():
            self.builder.add_fact(fact, value, line)
        return True

    def _read_pending_value(self, key: str, line: Line, *, item: bool) -> bool:
        """Read `line` as a value, or a part of it, of the label `key` above it."""
        if key == "option" and item:
            value, meaning = attributes.parse_option_item(line)
            self._add_option(value, meaning, line)
            return True
        if key in ("option", "mediaTypes", "example") and (line.codes or item):
            if key == "option":
                self._add_options(line, line)
                return True
            return self._add_attribute(key, line, line)
        return False

    def _add_options(self, words: Line, line: Line) -> None:
        for value in attributes.parse_options(words):
            self._add_option(value, "", line)

    def _add_option(self, value: str, meaning: str, line: Line) -> None:
        if self._in_codes():
            self.builder.add_code(value, meaning, line)
        elif self.builder.current_field:
            self.builder.add_fact("option", value, line)
        else:
            self.builder.add_text(line)

    def _in_codes(self) -> bool:
        """Return whether the page is listing body codes."""
        field = self.builder.current_field
        in_code_field = field is not None and (field.part, field.path) == ("response", "code")
        return in_code_field or self.builder.outline.part == "code"

    # -- Endpoints, code blocks and tables -------------------------------------------------------

    def _read_endpoint(self, line: Line) -> bool:
        """Read the line as an endpoint. Returns False if it is not one.

        An endpoint under a further heading may open another operation, which is not read.
        """
        _, labels = attributes.split_labels(line)
        labelled = len(labels) == 1 and labels[0].key in ("endpoint", "method")
        words = labels[0].words.text if labelled and labels[0].key == "endpoint" else line.text
        # A label that is not bold may be part of a sentence, so only a method makes it an endpoint.
        label = _PLAIN_LABEL.match(words)
        if label and not labelled and attributes.label_key(label[0]) == "endpoint":
            words = words[label.end() :]
        match = _ENDPOINT.fullmatch(words)
        pending = self.pending is not None and self.pending.key == "endpoint"
        if not match or not (match["method"] or labelled or pending):
            return False
        self.pending = None
        stated = {key: match[key] for key in ("method", "path") if match[key]}
        first = {s.path: s.value for s in reversed(self.builder.statements) if s.part == "operation"}
        differs = any(first.get(key, value) != value for key, value in stated.items())
        if self.builder.outline.enter_endpoint(differs=differs):
            self.builder.open_fields = []
            self.builder.add_problem(line.number, f"another operation, {line.bare}, was ignored")
            self.builder.add_text(line)
            return True
        for key, value in stated.items():
            self.builder.statements.append(Statement("operation", key, "name", value, line.number, line.text))
        return True

    def _read_fence(self, block: Fence) -> None:
        text = block.content.strip()
        first_line = Line((Run(text.split("\n")[0].strip()),), block.number)
        if self.builder.outline.in_other_operation or not text:
            self._add_lines(block)
        elif text.startswith("curl"):
            self._add_sample(read_curl_sample(block), block)
        elif not self._read_endpoint(first_line) and not self._read_json(text, block):
            scheme = read_auth_scheme(block, text)
            self.builder.statements += scheme
            if not scheme:
                self._add_lines(block)
        self.pending = None

    def _add_lines(self, block: Fence) -> None:
        for line in lines_of(block):
            self.builder.add_text(line)

    def _add_sample(self, sample: Sample, block: Fence) -> None:
        self.builder.statements += sample.statements
        if sample.problem:
            self.builder.add_problem(block.number, sample.problem)

    def _read_json(self, text: str, block: Fence) -> bool:
        """Read the block as a JSON sample or example. Returns False if it is neither."""
        try:
            value = values.parse_json(text)
        except ValueError:
            if block.info == "json":
                self.builder.add_problem(block.number, "this sample is not valid JSON and was ignored")
            return block.info == "json"
        sample = None if self.pending else read_body_sample(block, value)
        field = self.builder.current_field
        if sample:
            self._add_sample(sample, block)
        elif field and field.part != "header":
            self.builder.add_fact("example", value, Line((Run(" ".join(text.split())),), block.number))
        else:
            return False
        return True

    def _read_table(self, block: Table) -> None:
        if self.builder.outline.in_other_operation:
            for line in table_lines(block):
                self.builder.add_text(line)
            return
        for row in read_table(block, in_field=self.builder.current_field is not None):
            if row.code:
                self.builder.add_code(*row.code, row.line)
                continue
            if row.name and self.builder.outline.describes_fields:
                self._begin_field(row.name, row.line, _PARAGRAPH_RANK)
            if row.labels and self.builder.current_field:
                for label in row.labels:
                    self._read_label(label, row.line, 0, item=False)
            else:
                self.builder.add_sentences(row.line)
