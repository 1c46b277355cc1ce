"""Parses a Markdown page into a flat list of blocks, with line numbers.

The parser is markdown-it. It numbers blocks only, so this module counts the lines inside a block.
"""

from collections.abc import Iterator
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from generator.drift.read.words.typography import plain_typography

_PARSER = MarkdownIt("commonmark").enable("table")


class Run(NamedTuple):
    """Text in one style."""

    text: str
    code: bool = False
    strong: bool = False


class Line(NamedTuple):
    """One line of text, without Markdown syntax."""

    runs: tuple[Run, ...]
    number: int

    @property
    def text(self) -> str:
        """The text, with code in backticks."""
        return "".join(f"`{run.text}`" if run.code else run.text for run in self.runs).strip()

    @property
    def bare(self) -> str:
        """The text without backticks."""
        return "".join(run.text for run in self.runs).strip()

    @property
    def codes(self) -> list[str]:
        """The code spans, in order."""
        return [run.text for run in self.runs if run.code]


class Heading(NamedTuple):
    """A heading; `level` counts from 1."""

    line: Line
    level: int


class Paragraph(NamedTuple):
    """Lines of text, `depth` lists deep; `item` means the first of a list item."""

    lines: list[Line]
    depth: int
    item: bool


class Fence(NamedTuple):
    """A code block; `number` is the line number of the first line inside it."""

    info: str
    content: str
    number: int


class Table(NamedTuple):
    """A table. Each cell is a list of lines, separated by `<br>`."""

    header: list[list[Line]]
    rows: list[list[list[Line]]]


Block = Heading | Paragraph | Fence | Table


def lines_of(block: Block) -> list[Line]:
    """Return the lines of a block. Empty lines of code are left out."""
    match block:
        case Heading():
            return [block.line]
        case Paragraph():
            return block.lines
        case Table():
            return [line for row in (block.header, *block.rows) for cell in row for line in cell]
        case Fence():
            rows = enumerate(block.content.splitlines(), block.number)
            return [Line((Run(row.strip()),), number) for number, row in rows if row.strip()]


def read_blocks(text: str, first_line: int = 1) -> list[Block]:
    """Parse Markdown `text`, whose first line is line `first_line` of the page."""
    return list(_blocks(_PARSER.parse(text), first_line))


def _blocks(tokens: list[Token], first_line: int) -> Iterator[Block]:
    depth, starts_item = 0, False
    for index, token in enumerate(tokens):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            depth += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            depth -= 1
        elif token.type == "list_item_open":
            starts_item = True
        elif token.type == "heading_open":
            yield Heading(_lines(tokens[index + 1], first_line)[0], int(token.tag[1]))
        elif token.type == "paragraph_open":
            yield Paragraph(_lines(tokens[index + 1], first_line), depth, starts_item)
            starts_item = False
        elif token.type in ("fence", "code_block", "html_block"):
            start = (token.map or [0])[0] + (token.type == "fence")
            yield Fence(token.info.strip().lower(), token.content, start + first_line)
        elif token.type == "table_open":
            yield _table(tokens, index, first_line)


def _table(tokens: list[Token], index: int, first_line: int) -> Table:
    rows: list[list[list[Line]]] = []
    for token in tokens[index:]:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            lines = _lines(token, first_line)
            # A table row is one line of the page, so a `<br>` does not start a new one.
            rows[-1].append([Line(line.runs, lines[0].number) for line in lines])
    return Table(rows[0], rows[1:])


def _lines(token: Token, first_line: int) -> list[Line]:
    number = (token.map or [0])[0] + first_line
    lines: list[list[Run]] = [[]]
    strong, target = 0, ""
    for child in token.children or []:
        if child.type in ("softbreak", "hardbreak") or child.content.lower() in ("<br>", "<br/>", "<br />"):
            lines.append([])
        elif child.type == "strong_open":
            strong += 1
        elif child.type == "strong_close":
            strong -= 1
        elif child.type == "link_open":
            target = str(child.attrGet("href") or "")
        elif child.type == "link_close":
            lines[-1].append(Run(f" ({target})"))
        elif child.type == "code_inline":
            lines[-1].append(Run(child.content, True, strong > 0))
        elif child.content:
            lines[-1].append(Run(plain_typography(child.content), False, strong > 0))
    return [Line(_merged(runs), number + offset) for offset, runs in enumerate(lines)]


def _merged(runs: list[Run]) -> tuple[Run, ...]:
    """Merge adjacent runs of one style. The parser splits text at entities."""
    merged: list[Run] = []
    for run in runs:
        if merged and merged[-1][1:] == run[1:] == (False, run.strong):
            merged[-1] = run._replace(text=merged[-1].text + run.text)
        else:
            merged.append(run)
    return tuple(merged)
