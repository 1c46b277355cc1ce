"""Makes rows of cells: values of the right types, files that exist, one key each."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ...contract.describe import describe
from ...contract.pricing import price
from ...contract.suggest import did_you_mean
from ...core.errors import Fault, InvalidInputError
from ...media.files import BUFFERS, sha256_of
from ...media.inputs import is_url
from ...tasks.submit.body import MAX_IDEMPOTENCY_KEY, argument_faults, build_body, is_text, model_named
from .columns import KEY, MODEL, REPAINT, Column, columns
from .table import Cells, Table

if TYPE_CHECKING:
    from ...contract.model import Model
    from ...http.session import Session

# An idempotency key also has the number of the attempt.
MAX_KEY = MAX_IDEMPOTENCY_KEY - 10

ATTEMPT = re.compile(r"(.*)~(\d+)", re.DOTALL)
"""An idempotency key with the number of an attempt."""


class Row(NamedTuple):
    """A row that can be submitted, as far as that is known without opening its pictures."""

    key: str
    line: int
    model: Model
    arguments: dict[str, Any]
    """The arguments of the model's `run`, without None; paths are absolute."""
    repaint: Any
    credits: float | None
    """The declared price."""


class RowReader:
    """Reads the rows of one table. Collects what is wrong with them in `faults`."""

    def __init__(self, session: Session, table: Table, defaults: Mapping[str, str]) -> None:
        self.faults: list[Fault] = []
        self._session = session
        self._table = table
        self._columns: dict[str, dict[str, Column]] = {}
        self._hashes = ContentHashes()
        self._exists: dict[str, str] = {}
        self._defaults = {name.replace("-", "_"): value for name, value in defaults.items()}

    def rows(self) -> list[Row]:
        """Return all rows without faults. A column that is missing is one fault, not one for each row."""
        self._check_header()
        if self.faults:
            return []
        rows: list[Row] = []
        lines: dict[str, int] = {}
        for cells in self._table.rows:
            row = self._row(cells)
            if row is None:
                continue
            if row.key in lines:
                first = self._table.place(lines[row.key])
                what = f"{describe(row.key)} is also the key of {first}"
                if KEY not in cells.values:
                    what = f"the row is the same as {first}; add a column {KEY!r} to run it twice"
                self._fault(cells.line, KEY, "unique", what)
                continue
            lines[row.key] = cells.line
            rows.append(row)
        return rows

    def request(self, row: Row) -> dict[str, Any]:
        """Return what makes two rows the same: their model and values, with hashes in place of files."""
        own = self._columns_of(row.model)
        given = {
            name: self._hashes.of_value(value) if own[name].image else value
            for name, value in row.arguments.items()
        }
        if row.repaint:
            given[REPAINT] = row.repaint
        return {MODEL: row.model.name, **given}

    def _columns_of(self, model: Model) -> dict[str, Column]:
        if model.name not in self._columns:
            self._columns[model.name] = columns(model)
        return self._columns[model.name]

    def _check_header(self) -> None:
        """Check the names of a CSV file's columns and of the defaults."""
        models = list(self._session.contract.models.values())
        known = {KEY, MODEL, *(name for model in models for name in self._columns_of(model))}
        for name in self._defaults:
            if name not in known - {KEY}:
                message = f"{name}: {_no_such_column(name, known - {KEY})}"
                self.faults.append(Fault("defaults", "column", message))
        header = [name.replace("-", "_") for name in self._table.layout.header]
        for name in dict.fromkeys(header):
            if name not in known:
                self._fault(1, name or "(empty)", "column", _no_such_column(name, known))
            elif header.count(name) > 1 and not any(
                name in self._columns_of(model) and self._columns_of(model)[name].listed for model in models
            ):
                self._fault(1, name, "column", "appears twice, and takes one value")
        if self._table.layout.format == "csv" and MODEL not in header:
            model = self._model(self._defaults.get(MODEL), 1)
            given = {*header, *self._defaults}
            for column in self._columns_of(model).values() if model else ():
                if column.required and column.name not in given:
                    self._fault(1, column.name, "required", "missing column")

    def _model(self, name: Any, line: int) -> Model | None:
        """Return the model of that name, which may also be its resource; the first model for None."""
        models = self._session.contract.models
        if name is None:
            return next(iter(models.values()))
        for model in models.values():
            if name in (model.name, model.resource):
                return model
        try:
            return model_named(self._session.contract, name)
        except InvalidInputError as error:
            self._fault(line, MODEL, "enum", error.faults[0].message)
            return None

    def _row(self, cells: Cells) -> Row | None:
        before = len(self.faults)
        given = {name.replace("-", "_"): value for name, value in cells.values.items()}
        for name, default in self._defaults.items():
            given.setdefault(name, default)
        key = given.pop(KEY, None)
        model = self._model(given.pop(MODEL, None), cells.line)
        if model is None:
            return None
        own = self._columns_of(model)
        arguments: dict[str, Any] = {}
        for name, value in given.items():
            if value is None:
                continue
            if name not in own:
                message = _no_such_column(name, {KEY, MODEL, *own}, model.name)
                self._fault(cells.line, name, "column", message)
                continue
            arguments[name] = self._value(own[name], value, cells.line)
        repaint = arguments.pop(REPAINT, None) if REPAINT in own else None
        named = {fault.path for fault in self.faults[before:]}
        body = self._body(model, own, arguments)
        for fault in self._body_faults(model, own, body):
            place = self._table.place(cells.line, fault.path)
            if place not in named:
                self.faults.append(fault._replace(path=place))
        if len(self.faults) > before:
            return None
        row = Row("", cells.line, model, arguments, repaint, price(model, body))
        return row._replace(key=self._key(row)) if key is None else self._with_key(row, key)

    def _with_key(self, row: Row, key: Any) -> Row | None:
        text = str(key).strip() if isinstance(key, str | int) and not isinstance(key, bool) else key
        if not is_text(text, MAX_KEY) or ATTEMPT.fullmatch(text):
            message = f"must be a text of 1 to {MAX_KEY} characters that does not end in ~ and a number"
            self._fault(row.line, KEY, "type", message)
            return None
        return row._replace(key=text)

    def _key(self, row: Row) -> str:
        content = json.dumps(self.request(row), sort_keys=True, default=str)
        return f"row-{sha256(content.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"

    def _value(self, column: Column, value: Any, line: int) -> Any:
        if column.listed and isinstance(value, list | tuple):
            return [self._one(column, one, line) for one in value]
        return self._one(column, value, line)

    def _one(self, column: Column, value: Any, line: int) -> Any:
        # The values of JSON and of a caller have types already, except those of `defaults`. In a list of
        # choices, a number may stand for a text, such as 2 for "2".
        is_text = (
            self._table.layout.format == "csv" or column.name in self._defaults or "enum" in column.schema
        )
        is_choice = "enum" in column.schema and isinstance(value, int) and not isinstance(value, bool)
        try:
            if is_choice or (is_text and isinstance(value, str)):
                value = column.parse(str(value))
        except ValueError as error:
            self._fault(line, column.name, "type", str(error))
            return None
        return self._picture(column, value, line) if column.image else value

    def _picture(self, column: Column, value: Any, line: int) -> Any:
        """Return a picture with an absolute path, and check that its file is there."""
        if is_url(value) or isinstance(value, BUFFERS):
            return value
        if not isinstance(value, str | os.PathLike):
            message = f"must be a path, bytes or a URL, got {describe(value)}"
            self._fault(line, column.name, "type", message)
            return value
        path = os.path.join(self._table.folder, value)  # noqa: PTH118 # ten times as fast for thousands of rows
        if path not in self._exists:
            self._exists[path] = _problem(path)
        if self._exists[path]:
            self._fault(line, column.name, "readable", f"{value}: {self._exists[path]}")
        return path

    def _body(self, model: Model, own: dict[str, Column], arguments: dict[str, Any]) -> dict[str, Any]:
        """Return the body of the submission, with placeholders for pictures."""
        given = dict(arguments)
        for argument in model.arguments:
            column = next((c for c in own.values() if c.image and c.image.path == argument.path), None)
            if column is None or column.name not in given:
                continue
            pictures = given.pop(column.name)
            links = [_link(one) for one in (pictures if isinstance(pictures, list) else [pictures])]
            given[argument.name] = links if column.listed else links[0]
        return build_body(self._session, model, given, {})

    def _body_faults(self, model: Model, own: dict[str, Column], body: dict[str, Any]) -> Iterable[Fault]:
        names = {
            argument.name: column.name
            for argument in model.arguments
            for column in own.values()
            if column.image and column.image.path == argument.path
        }
        for fault in argument_faults(self._session, model, body):
            yield fault._replace(path=names.get(fault.path, fault.path))

    def _fault(self, line: int, column: str, rule: str, message: str) -> None:
        self.faults.append(Fault(self._table.place(line, column), rule, message))


class ContentHashes:
    """The hashes of files, each read once."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of_value(self, value: Any) -> Any:
        """Return a picture, or several, by the hashes of their contents. URLs stay what they are."""
        if isinstance(value, list):
            return [self.of_value(one) for one in value]
        if is_url(value):
            return value
        if isinstance(value, BUFFERS):
            return f"sha256:{sha256(value).hexdigest()}"
        if value not in self._known:
            try:
                with Path(value).open("rb") as file:
                    self._known[value] = f"sha256:{sha256_of(file)}"
            except OSError as error:
                raise InvalidInputError([Fault(str(value), "readable", str(error.strerror))]) from None
        return self._known[value]


def _problem(path: str) -> str:
    """Return why a picture's file cannot be read; empty if it can, as far as that is known."""
    try:
        status = Path(path)
        if not status.exists():
            return "no such file"
        if not status.is_file():
            return "is not a regular file"
    except (OSError, ValueError) as error:
        return str(error)
    return "" if os.access(path, os.R_OK) else "permission denied"


def _link(picture: Any) -> str:
    return picture if is_url(picture) else "urn:sha256:0"


def _no_such_column(name: str, known: Iterable[str], model: str = "") -> str:
    of = f" of {model}" if model else ""
    names = sorted(known)
    return f"no such column{of}; the columns are {', '.join(names)}{did_you_mean(name, names)}"
