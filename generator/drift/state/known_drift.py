"""Reads spec/known-drift.yaml, the differences from the page that were accepted."""

from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from generator.contract import load
from generator.diagnostics import Diagnostic, InputError, Location

KNOWN_DRIFT_FILE = "known-drift.yaml"

# The id of an entry about a page that the service has removed. Its record remains.
PAGE_GONE = "page-gone"

_REQUIRED = ("id", "path", "reason", "date")
_OPTIONAL = ("value", "model")


class AcceptedFinding(NamedTuple):
    """One accepted finding.

    `value` narrows it to one option or code of a list, and `model` to the page of one model.
    """

    id: str
    path: str
    value: str | None
    model: str | None
    reason: str
    location: Location


class KnownDrift(NamedTuple):
    """The accepted findings, and the path of the table of facts from the folder of the spec."""

    entries: tuple[AcceptedFinding, ...] = ()
    facts_table: str = ""

    def of_model(self, model: str | None) -> "KnownDrift":
        """Return what is accepted on the page of a model: its own entries, and those without a model."""
        return KnownDrift(tuple(entry for entry in self.entries if entry.model in (None, model)))

    def is_page_gone(self, model: str) -> bool:
        """Return whether the service is known to have removed the page of a model."""
        return any((entry.id, entry.model) == (PAGE_GONE, model) for entry in self.entries)

    def find_entry(self, finding: str, path: str, value: object = None) -> AcceptedFinding | None:
        """Return the entry that accepts a finding, or None."""
        text = None if value is None else str(value)
        for entry in self.entries:
            if (entry.id, entry.path) == (finding, path) and entry.value in (None, text):
                return entry
        return None


def read_known_drift(path: Path) -> KnownDrift:
    """Read the file at `path`. A missing file accepts nothing. Raises `InputError`."""
    if not path.exists():
        return KnownDrift()
    document = load.load(path)
    accepted = document.data.get("accepted")
    table = document.data.get("facts-table", "")
    is_known = set(document.data) <= {"accepted", "facts-table"}
    if not isinstance(accepted, list) or not isinstance(table, str) or not is_known:
        message = (
            "expected the key `accepted` with a list of findings, and optionally `facts-table` with a path"
        )
        raise InputError([Diagnostic(document.locate(), message, "known-drift-shape")])
    faults: list[Diagnostic] = []
    entries: list[AcceptedFinding] = []
    for index, entry in enumerate(accepted):
        location = document.locate("accepted", index)
        messages = _entry_faults(entry)
        faults += [Diagnostic(location, message, "known-drift-shape") for message in messages]
        if not messages:
            value, model = (None if entry.get(key) is None else str(entry[key]) for key in _OPTIONAL)
            entries.append(
                AcceptedFinding(entry["id"], entry["path"], value, model, entry["reason"], location)
            )
    if faults:
        raise InputError(faults)
    return KnownDrift(tuple(entries), table)


def _entry_faults(entry: Any) -> list[str]:
    """Return what is wrong with one entry of the file."""
    missing = [
        key for key in _REQUIRED if not (isinstance(entry, dict) and str(entry.get(key) or "").strip())
    ]
    if missing:
        return [f"the accepted finding lacks {', '.join(missing)}"]
    faults = [f"unknown key '{key}'" for key in sorted(set(entry) - {*_REQUIRED, *_OPTIONAL})]
    try:
        date.fromisoformat(str(entry["date"]))
    except ValueError:
        faults.append(f"'{entry['date']}' is not a date; expected the form '2026-01-31'")
    return faults
