"""The record of a batch: `results.jsonl`, one line for each row that has ended."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...core.errors import DownloadError, Fault, InvalidInputError
from ..input.columns import KEY
from ..input.rows import Row
from ..input.table import Table
from .outcome import Outcome

RESULTS = "results.jsonl"


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
