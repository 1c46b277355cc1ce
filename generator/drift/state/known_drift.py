"""Disagreements with the page that somebody looked at and accepted: spec/known-drift.yaml."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

from generator.contract import load
from generator.diagnostics import Diagnostic, InputError, Location

_REQUIRED = ("id", "path", "reason", "date")


class Accepted(NamedTuple):
    """One accepted finding; `value` narrows it to one option or code of a list."""

    id: str
    path: str
    value: str | None
    reason: str
    at: Location


class KnownDrift(NamedTuple):
    """The accepted findings."""

    entries: tuple[Accepted, ...] = ()

    def entry(self, finding: str, path: str, value: object = None) -> Accepted | None:
        """The entry that accepts a finding, if any."""
        text = None if value is None else str(value)
        fitting = (e for e in self.entries if (e.id, e.path) == (finding, path) and e.value in (None, text))
        return next(fitting, None)


def read_known_drift(path: Path) -> KnownDrift:
    """The file at `path`; an absent one accepts nothing. Raises `InputError`."""
    if not path.exists():
        return KnownDrift()
    document = load.load(path)
    faults: list[Diagnostic] = []
    entries: list[Accepted] = []
    accepted = document.data.get("accepted")
    if not isinstance(accepted, list) or set(document.data) != {"accepted"}:
        message = "expected one key, `accepted`, with a list of findings"
        raise InputError([Diagnostic(document.locate(), message, "known-drift-shape")])
    for index, entry in enumerate(accepted):
        where = document.locate("accepted", index)
        missing = [
            key for key in _REQUIRED if not (isinstance(entry, dict) and str(entry.get(key) or "").strip())
        ]
        if missing:
            faults.append(
                Diagnostic(where, f"an accepted finding needs {', '.join(missing)}", "known-drift-shape")
            )
            continue
        unknown = sorted(set(entry) - {*_REQUIRED, "value"})
        faults += [Diagnostic(where, f"unknown key '{key}'", "known-drift-shape") for key in unknown]
        try:
            date.fromisoformat(str(entry["date"]))
        except ValueError:
            faults.append(
                Diagnostic(where, f"'{entry['date']}' is no date; write '2026-01-31'", "known-drift-shape")
            )
        value = entry.get("value")
        entries.append(
            Accepted(
                entry["id"], entry["path"], None if value is None else str(value), entry["reason"], where
            )
        )
    if faults:
        raise InputError(faults)
    return KnownDrift(tuple(entries))
