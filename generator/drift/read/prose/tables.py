"""Tables of a prose page: a row a field, a row an attribute, or a row a code."""

from collections.abc import Iterator
from typing import NamedTuple

from generator.drift.read.prose import attributes
from generator.drift.read.prose.attributes import Label
from generator.drift.read.prose.markdown import Line, Run, Table
from generator.drift.read.words import labels


class Row(NamedTuple):
    """What one row says: a code, or (of the named field or the current one) attributes."""

    line: Line
    cells: list[Label]
    name: str | None = None
    code: tuple[str, str] | None = None


def read_rows(table: Table, *, inside: bool) -> Iterator[Row]:
    """The rows of `table`; `inside` says that a field is being described."""
    heads = [" ".join(line.bare for line in cell).strip().lower() for cell in table.header]
    keys = [attributes.key_of(head) for head in heads]
    first = [_whole(row[0]) for row in table.rows if row]
    if heads[0] in labels.CODE_COLUMNS and all(_is_code(words) for words in first):
        for row in table.rows:
            yield Row(_joined(row), [], code=(_whole(row[0]).bare, _whole(row[1]).bare if row[1:] else ""))
    elif _attribute_rows(heads, first):
        for row in [table.header, *table.rows]:
            key = attributes.key_of(_whole(row[0]).bare)
            yield Row(_joined(row), [Label(key, _whole(row[1]))] if key and row[1:] else [])
    elif heads[0] in labels.NAME_COLUMNS and any(keys):
        for row in table.rows:
            yield _field_row(row, keys)
    elif inside and all(keys):
        for row in table.rows:
            yield Row(_joined(row), _cells(row, keys))
    else:
        for row in table.rows:
            yield Row(_joined(row), [])


def lines(table: Table) -> list[Line]:
    """The rows as lines of text, the header first."""
    return [_joined(row) for row in (table.header, *table.rows)]


def _attribute_rows(heads: list[str], first: list[Line]) -> bool:
    """Whether the first column holds labels: `| 类型 | string |`."""
    known = [attributes.key_of(words.bare) for words in first]
    return len(heads) >= 2 and bool(known) and sum(key is not None for key in known) * 2 >= len(known)


def _field_row(row: list[list[Line]], keys: list[str | None]) -> Row:
    name = attributes.as_name(_whole(row[0]).bare, dashes=True)
    line = _joined(row)
    return Row(line, _cells(row[1:], keys[1:]), name=name) if name else Row(line, [])


def _cells(row: list[list[Line]], keys: list[str | None]) -> list[Label]:
    """What the cells say; a column whose head is unknown may hold rules, so it is read as words."""
    cells: list[Label] = []
    for cell, key in zip(row, keys, strict=False):
        if _whole(cell).bare.lower() in labels.NOTHING:
            continue
        if key in (None, "description"):
            cells += [label for line in cell for label in _described(line)]
        else:
            cells.append(Label(key, _whole(cell)))
    return cells


def _described(line: Line) -> list[Label]:
    """A line of a description, which may itself begin with a label (`可用选项: …`)."""
    head, found = attributes.labels_in(line)
    return [Label("description", part) for part in (head,) if part.text] + found


def _whole(cell: list[Line]) -> Line:
    runs = [run for line in cell for run in (*line.runs, Run(" "))]
    return Line(tuple(runs[:-1]), cell[0].number)


def _joined(row: list[list[Line]]) -> Line:
    runs = [run for cell in row for run in (*_whole(cell).runs, Run(" | "))]
    return Line(tuple(runs[:-1]), row[0][0].number)


def _is_code(words: Line) -> bool:
    return words.bare.isdecimal() and len(words.bare) == 3
