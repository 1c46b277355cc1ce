"""The files of a batch: `results.jsonl`, one line for each row that has ended, and the file of failures."""

from __future__ import annotations

import csv
import io
import json
import os
import threading
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...core import atomic_write
from ...core.errors import DownloadError, Fault, InvalidInputError
from ...media.inputs import is_url
from ..input.columns import KEY, Column, columns
from ..input.rows import Row
from ..input.table import Cells, Table
from .outcome import Outcome

RESULTS = "results.jsonl"
FAILURES = "failures"


class Results:
    """The results of the batch in one folder. Threads and processes may add to them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / RESULTS
        self._lock = threading.Lock()

    def read(self) -> dict[str, Outcome]:
        """Return the last outcome of each row, by key. A damaged line is left out, such as one cut off."""
        found: dict[str, Outcome] = {}
        try:
            with self._path.open("rb") as file:
                for line in file:
                    with suppress(ValueError, KeyError, TypeError, AttributeError, RecursionError):
                        outcome = self._outcome(json.loads(line))
                        found.pop(outcome.key, None)
                        found[outcome.key] = outcome
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise DownloadError(f"{self._path}: {error.strerror}") from error
        return found

    def add(self, outcome: Outcome) -> None:
        """Append an outcome. Raises `DownloadError`."""
        line = json.dumps(self._facts(outcome), ensure_ascii=True) + "\n"
        try:
            with self._lock, self._path.open("ab", buffering=0) as file:
                # One write, so that lines of several processes do not mix. After a line that was cut off, a
                # new one begins.
                start = b"" if self._ends_complete() else b"\n"
                file.write(start + line.encode())
                os.fsync(file.fileno())
        except OSError as error:
            raise DownloadError(f"{self._path}: {error.strerror}") from error

    def _ends_complete(self) -> bool:
        with self._path.open("rb") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return True
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    def _facts(self, outcome: Outcome) -> dict[str, Any]:
        facts = outcome._asdict()
        del facts["earlier"]
        facts["paths"] = [os.path.relpath(path, self.folder) for path in outcome.paths]
        return facts

    def _outcome(self, facts: dict[str, Any]) -> Outcome:
        paths = tuple(self.folder / path for path in facts.pop("paths"))
        return Outcome(**facts, paths=paths, earlier=True)


def write_failures(folder: Path, table: Table, rows: Iterable[Row], failed: Collection[str]) -> None:
    """Write the rows that failed in the format of their file, to be run again; remove an older file.

    Each row has its key, and pictures by paths relative to the folder.
    """
    chosen = [row for row in rows if row.key in failed]
    cells = {one.line: one for one in table.rows}
    suffix = ".csv" if table.format == "csv" else ".jsonl"
    path = folder / f"{FAILURES}{suffix}"
    try:
        if not chosen:
            path.unlink(missing_ok=True)
            return
        values = [_values(row, cells[row.line], folder) for row in chosen]
        content = _csv(table, values) if table.format == "csv" else _jsonl(values)
        atomic_write.write(path, content, overwrite=True)
    except OSError as error:
        raise DownloadError(f"{path}: {error.strerror}") from error


def _values(row: Row, cells: Cells, folder: Path) -> dict[str, Any]:
    own = columns(row.model)
    values: dict[str, Any] = {KEY: row.key}
    for name, value in cells.values.items():
        column = own.get(name.replace("-", "_"))
        if name != KEY:
            values[name] = _relative(row, column, folder) if column and column.image else value
    return values


def _relative(row: Row, column: Column, folder: Path) -> Any:
    """Return the pictures of a row by paths relative to another folder."""
    given = row.arguments[column.name]
    paths = [
        os.path.relpath(one, folder) if isinstance(one, str | os.PathLike) and not is_url(one) else one
        for one in (given if isinstance(given, list) else [given])
    ]
    return paths if isinstance(given, list) else paths[0]


def _csv(table: Table, values: list[dict[str, Any]]) -> bytes:
    header = table.header if KEY in table.header else (KEY, *table.header)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    for row in values:
        left = {name: list(one) if isinstance(one, list) else [one] for name, one in row.items()}
        writer.writerow([left[name].pop(0) if left.get(name) else "" for name in header])
    return text.getvalue().encode()


def _jsonl(values: list[dict[str, Any]]) -> bytes:
    lines = [json.dumps(row, ensure_ascii=False, default=_unwritable) + "\n" for row in values]
    return "".join(lines).encode("utf-8", "backslashreplace")


def _unwritable(value: Any) -> Any:
    """Stand for a value of the caller's that JSON cannot hold, such as the content of a picture."""
    return str(value) if isinstance(value, os.PathLike) else None


def changed_faults(
    table: Table, row: Row, before: Mapping[str, Any], request: Mapping[str, Any]
) -> InvalidInputError:
    """Return the error of a row that differs from the one which had its key. It shows both."""
    differences = [
        f"{name} was {_shown(before.get(name))} and is now {_shown(request.get(name))}"
        for name in dict.fromkeys((*before, *request))
        if before.get(name) != request.get(name)
    ]
    message = (
        f"{row.key!r} had a different row before: {'; '.join(differences)}. Restore the row, or use a new key"
    )
    return InvalidInputError([Fault(table.place(row.line, KEY), "changed", message)])


def _shown(value: Any) -> str:
    text = "empty" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 100 else f"{text[:97]}…"
