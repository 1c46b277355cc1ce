"""Reads rows from CSV or JSON Lines. The content decides which of them it is."""

from __future__ import annotations

import codecs
import csv
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from ...contract.describe import describe
from ...core.errors import Fault, InvalidInputError

STDIN = "-"

# The spreadsheet programs of some countries separate columns by semicolons.
_DELIMITERS = ",;\t"

# What spreadsheet programs store unless they are asked for CSV in UTF-8, by the first bytes.
_OTHER_FORMATS = {
    b"PK\x03\x04": "an Excel or OpenDocument file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


class Cells(NamedTuple):
    """One row: its line in the file, or its number, and its values by column."""

    line: int
    values: dict[str, Any]


class Layout(NamedTuple):
    """How rows are written in their file."""

    format: Literal["csv", "jsonl", "rows"]
    """`rows`: the caller passed them."""
    header: tuple[str, ...] = ()
    """The columns of a CSV file, in order."""
    delimiter: str = ","
    mark: bool = False
    """Whether the file begins with a byte order mark, as spreadsheet programs need it for UTF-8."""


class Table(NamedTuple):
    """The rows of one source."""

    name: str
    """The name of the file for messages; empty for rows that the caller passed."""
    folder: Path
    """What relative paths in the rows are relative to."""
    layout: Layout
    rows: list[Cells]

    def place(self, line: int, column: str = "") -> str:
        """Return where a value is, for messages: `rows.csv:17: prompt`."""
        where = f"{self.name}:{line}" if self.name else f"rows[{line}]"
        return f"{where}: {column}" if column else where


def read_table(source: str | os.PathLike[str] | Iterable[Mapping[str, Any]]) -> Table:
    """Read all rows of a file, of standard input (`-`), or of the caller. Raises `InvalidInputError`."""
    if not isinstance(source, str | os.PathLike):
        return _from_caller(source)
    name, folder, content = _content(source)
    for start, what in _OTHER_FORMATS.items():
        if content.startswith(start):
            raise _fault(name, "format", f"is {what}; save it as CSV in UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _fault(f"{name}:{line}", "encoding", "is not UTF-8; save the file as UTF-8") from None
    if not text.strip():
        raise _fault(name, "rows", "has no rows")
    if text.lstrip().startswith(("{", "[")):
        return Table(name, folder, Layout("jsonl"), list(_json_rows(name, text)))
    header, delimiter, rows = _csv_rows(name, text)
    mark = content.startswith(codecs.BOM_UTF8)
    return Table(name, folder, Layout("csv", header, delimiter, mark), rows)


def _content(source: str | os.PathLike[str]) -> tuple[str, Path, bytes]:
    if source == STDIN:
        if sys.stdin is None or sys.stdin.closed:
            raise _fault("stdin", "readable", "is closed; name a file, or give the rows on standard input")
        return "stdin", Path.cwd(), sys.stdin.buffer.read()
    path = Path(source)
    try:
        return path.name, path.absolute().parent, path.read_bytes()
    except (OSError, ValueError) as error:
        cause = error.strerror if isinstance(error, OSError) else error
        raise _fault(str(source), "readable", str(cause)) from None


def _from_caller(source: Iterable[Mapping[str, Any]]) -> Table:
    rows = []
    for number, row in enumerate(source):
        if not isinstance(row, Mapping):
            raise _fault(f"rows[{number}]", "type", f"must be a mapping, got {describe(row)}")
        rows.append(Cells(number, dict(row)))
    return Table("", Path.cwd(), Layout("rows"), rows)


def _json_rows(name: str, text: str) -> Iterator[Cells]:
    if text.lstrip().startswith("[") and _is_list(text):
        raise _fault(name, "json", "is one list; write one object per line (JSON Lines)")
    # Not `splitlines`: it also splits at characters that JSON allows inside strings.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line, object_pairs_hook=_object)
        except json.JSONDecodeError as error:
            place = f"{name}:{number}:{error.colno}"
            raise _fault(place, "json", f"is not JSON: {error.msg}; write one object per line") from None
        except (ValueError, RecursionError) as error:
            raise _fault(f"{name}:{number}", "json", f"cannot be read: {error}") from None
        if not isinstance(row, dict):
            raise _fault(f"{name}:{number}", "json", f"must be an object, got {describe(row)}")
        yield Cells(number, {column: value for column, value in row.items() if value is not None})


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object. Raises `ValueError` if it has a name twice: one value would be ignored."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} appears twice")
    return found


def _is_list(text: str) -> bool:
    try:
        return any(isinstance(one, dict) for one in json.loads(text))
    except (ValueError, RecursionError):
        return False


def _csv_rows(name: str, text: str) -> tuple[tuple[str, ...], str, list[Cells]]:
    first = next(line for line in text.splitlines() if line.strip())
    delimiter = max(_DELIMITERS, key=first.count)
    # A cell in quotes may have line ends, which a list of lines would not have.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: tuple[str, ...] = ()
    rows: list[Cells] = []
    line = 1
    try:
        for cells in reader:
            if not header:
                header = tuple(cell.strip() for cell in cells)
            elif any(cell.strip() for cell in cells):
                rows.append(Cells(line, _by_column(f"{name}:{line}", header, cells)))
            line = reader.line_num + 1
    except csv.Error as error:
        raise _fault(f"{name}:{line}", "csv", f"is not CSV: {error}") from None
    if not rows:
        raise _fault(name, "rows", "has no rows below its header")
    return header, delimiter, rows


def _by_column(place: str, header: tuple[str, ...], cells: list[str]) -> dict[str, Any]:
    """Return the cells that are not empty. A column that is repeated has a list of values."""
    if len(cells) > len(header):
        message = f"has {len(cells)} cells, but the header has {len(header)} columns; quote cells with commas"
        raise _fault(place, "columns", message)
    values: dict[str, Any] = {}
    for column, cell in zip(header, cells, strict=False):
        if not cell.strip():
            continue
        if header.count(column) > 1:
            values.setdefault(column, []).append(cell)
        else:
            values[column] = cell
    return values


def _fault(place: str, rule: str, message: str) -> InvalidInputError:
    return InvalidInputError([Fault(place, rule, message)])
