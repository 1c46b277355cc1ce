"""The file of failures: the rows that failed, in the format of their file, to be corrected and run again."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ...core import atomic_write
from ...core.errors import DownloadError
from ...media.inputs import is_url
from ..input.columns import KEY, columns
from ..input.rows import Row
from ..input.table import Cells, Layout

if TYPE_CHECKING:
    from ...contract.model import Model

FILES = ("failures.csv", "failures.jsonl")


class GivenRow(NamedTuple):
    """A row as it was given, with its key. Pictures are absolute paths or URLs."""

    model: Model
    values: dict[str, Any]


def given_row(row: Row, cells: Cells) -> GivenRow:
    """Return a row as it was given. A picture that was given as bytes is None."""
    own = columns(row.model)
    values: dict[str, Any] = {KEY: row.key}
    for name, value in cells.values.items():
        column = own.get(name.replace("-", "_"))
        if name != KEY:
            values[name] = _each(_shown, row.arguments[column.name]) if column and column.image else value
    return GivenRow(row.model, values)


def failures_name(layout: Layout) -> str:
    """Return the name of the file."""
    return FILES[0] if layout.format == "csv" else FILES[1]


def failures(layout: Layout, rows: Iterable[GivenRow], folder: Path | None) -> bytes:
    """Return the content of the file. Pictures have paths relative to `folder`, if there is one."""
    values = [_relative(row, folder) if folder else row.values for row in rows]
    return _csv(layout, values) if layout.format == "csv" else _jsonl(values)


def write_failures(folder: Path, layout: Layout, rows: list[GivenRow]) -> Path | None:
    """Write the rows that failed, and return the path of the file. Without rows, an older file is removed.

    Raises `DownloadError`.
    """
    path = folder / failures_name(layout)
    try:
        for other in FILES:
            if not rows or other != path.name:
                (folder / other).unlink(missing_ok=True)
        if not rows:
            return None
        folder.mkdir(parents=True, exist_ok=True)
        return atomic_write.write(path, failures(layout, rows, folder), overwrite=True)
    except OSError as error:
        raise DownloadError(f"{path}: {error.strerror}") from error


def find_failures(folder: Path) -> Path | None:
    """Return the file of failures in a folder."""
    return next((folder / name for name in FILES if (folder / name).exists()), None)


def _shown(picture: Any) -> str | None:
    return os.fspath(picture) if isinstance(picture, str | os.PathLike) else None


def _relative(row: GivenRow, folder: Path) -> dict[str, Any]:
    images = {column.name for column in columns(row.model).values() if column.image}

    def relative(picture: str | None) -> str | None:
        return picture if picture is None or is_url(picture) else os.path.relpath(picture, folder)

    return {
        name: _each(relative, value) if name.replace("-", "_") in images else value
        for name, value in row.values.items()
    }


def _each(function: Any, value: Any) -> Any:
    return [function(one) for one in value] if isinstance(value, list | tuple) else function(value)


def _csv(layout: Layout, values: list[dict[str, Any]]) -> bytes:
    header = layout.header if KEY in layout.header else (KEY, *layout.header)
    names = [name.replace("-", "_") for name in header]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=layout.delimiter, lineterminator="\n")
    writer.writerow(header)
    for row in values:
        left = {
            name.replace("-", "_"): list(one) if isinstance(one, list) else [one] for name, one in row.items()
        }
        writer.writerow([left[name].pop(0) if left.get(name) else "" for name in names])
    return text.getvalue().encode("utf-8-sig" if layout.mark else "utf-8")


def _jsonl(values: list[dict[str, Any]]) -> bytes:
    lines = [json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in values]
    return "".join(lines).encode("utf-8", "backslashreplace")
