"""Reads the tables of a prose page.

A row is about a field, an attribute or a body code.
"""

from collections.abc import Iterator
from typing import NamedTuple

from generator.drift.read.markdown import Line, Run, Table
from generator.drift.read.prose import attributes
from generator.drift.read.prose.attributes import Label
from generator.drift.read.words import vocabulary


class Row(NamedTuple):
    """One row: a body code, or attributes of the named or the current field."""

    line: Line
    labels: list[Label]
    name: str | None = None
    code: tuple[str, str] | None = None


def read_table(table: Table, *, in_field: bool) -> Iterator[Row]:
    """Read the rows of `table`. With `in_field`, the page is describing a field."""
    headers = [" ".join(line.bare for line in cell).strip().lower() for cell in table.header]
    keys = [attributes.label_key(header) for header in headers]
    first_column = [_join_lines(row[0]) for row in table.rows if row]
    if headers[0] in vocabulary.CODE_COLUMNS and all(_is_code(words) for words in first_column):
        for row in table.rows:
            meaning = _join_lines(row[1]).bare if row[1:] else ""
            yield Row(_join_cells(row), [], code=(_join_lines(row[0]).bare, meaning))
    elif _lists_attributes(headers, first_column):
        for row in [table.header, *table.rows]:
            key = attributes.label_key(_join_lines(row[0]).bare)
            yield Row(_join_cells(row), [Label(key, _join_lines(row[1]))] if key and row[1:] else [])
    elif headers[0] in vocabulary.NAME_COLUMNS and any(keys):
        for row in table.rows:
            yield _field_row(row, keys)
    elif in_field and all(keys):
        for row in table.rows:
            yield Row(_join_cells(row), _labels(row, keys))
    else:
        for row in table.rows:
            yield Row(_join_cells(row), [])


def table_lines(table: Table) -> list[Line]:
    """Return the rows as lines of text, the header first."""
    return [_join_cells(row) for row in (table.header, *table.rows)]


def _lists_attributes(headers: list[str], first_column: list[Line]) -> bool:
    """Return whether at least half of the first column is labels: `| 类型 | string |`."""
    keys = [attributes.label_key(words.bare) for words in first_column]
    return len(headers) >= 2 and bool(keys) and sum(key is not None for key in keys) * 2 >= len(keys)


def _field_row(row: list[list[Line]], keys: list[str | None]) -> Row:
    name = attributes.parse_field_name(_join_lines(row[0]).bare, dashes=True)
    line = _join_cells(row)
    return Row(line, _labels(row[1:], keys[1:]), name=name) if name else Row(line, [])


def _labels(row: list[list[Line]], keys: list[str | None]) -> list[Label]:
    """Label each cell with the key of its column.

    A column with an unknown header may contain rules, so it is read like a description.
    """
    labels: list[Label] = []
    for cell, key in zip(row, keys, strict=False):
        if _join_lines(cell).bare.lower() in vocabulary.NOTHING:
            continue
        if key in (None, "description"):
            labels += [label for line in cell for label in _description_labels(line)]
        else:
            labels.append(Label(key, _join_lines(cell)))
    return labels


def _description_labels(line: Line) -> list[Label]:
    """Label a line of a description, which may contain labels too (`可用选项: …`)."""
    head, labels = attributes.split_labels(line)
    return [Label("description", part) for part in (head,) if part.text] + labels


def _join_lines(cell: list[Line]) -> Line:
    runs = [run for line in cell for run in (*line.runs, Run(" "))]
    return Line(tuple(runs[:-1]), cell[0].number)


def _join_cells(row: list[list[Line]]) -> Line:
    runs = [run for cell in row for run in (*_join_lines(cell).runs, Run(" | "))]
    return Line(tuple(runs[:-1]), row[0][0].number)


def _is_code(words: Line) -> bool:
    return words.bare.isdecimal() and len(words.bare) == 3
