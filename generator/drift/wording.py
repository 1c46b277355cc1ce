"""Words and examples that carry no rule, against the page last reconciled.

The spec says such things in words of its own, so only an edition of the recorded page can be
compared: same model, form and language, and most of its sentences known. A page in other words is
not drift.
"""

from collections.abc import Callable
from typing import NamedTuple

from generator.diagnostics import Location
from generator.drift.facts import Facts, Statement
from generator.drift.findings import Report, Subject, show

# How much of the recorded text must stand on a page to call it an edition of the same page.
SHARE = 0.5


# Findings that are settled once the page is recorded.
IDS = {"text-changed", "text-added", "text-removed", "example-changed", "sample-changed", "meaning-changed"}


class Recorded(NamedTuple):
    """The facts of the page last reconciled, and where they are kept."""

    facts: Facts
    at: Location


def compare_wording(facts: Facts, recorded: Recorded | None, report: Report) -> None:
    """Report what reads otherwise than on the recorded page; of other pages, that nothing was compared."""
    if recorded is None or not _is_edition(facts, recorded.facts):
        report.settle(facts.of("text"), "text without a rule; not an edition of the recorded page")
        report.settle([s for s in facts.of("code") if s.key == "meaning"], "text; the spec has its own words")
        return
    for path in dict.fromkeys(s.path for s in (*facts.of("text"), *recorded.facts.of("text"))):
        _texts(path, facts, recorded, report)
    for noun, picked in _KINDS.items():
        _values(noun, picked, facts, recorded, report)


def _is_edition(facts: Facts, recorded: Facts) -> bool:
    known = {s.value for s in recorded.of("text")}
    met = known & {s.value for s in facts.of("text")}
    alike = (facts.form, facts.language, facts.model) == (recorded.form, recorded.language, recorded.model)
    return alike and len(met) >= len(known) * SHARE


def _texts(path: str, facts: Facts, recorded: Recorded, report: Report) -> None:
    """The sentences about one field: each that changed is a finding, unless another finding explains it."""
    said = facts.of("text", path)
    known = [s.value for s in recorded.facts.of("text", path)]
    report.settle([s for s in said if s.value in known], "same as recorded", recorded.at)
    new = [s for s in said if s.value not in known]
    gone = [value for value in known if value not in {s.value for s in said}]
    if path and report.found_at(path):
        report.settle(new, "part of the finding about this field", recorded.at)
        return
    subject = Subject("text", path, "text")
    for statement, value in zip(new, gone, strict=False):
        message = f"the page says '{statement.value}', it said '{value}'"
        report.find("text-changed", subject, "wording", message, [statement], recorded.at)
    for statement in new[len(gone) :]:
        message = f"the page now says '{statement.value}'; check that it is no rule"
        report.find("text-added", subject, "wording", message, [statement], recorded.at)
    for value in gone[len(new) :]:
        message = f"the page no longer says '{value}'"
        report.find("text-removed", subject, "wording", message, [], recorded.at)


_KINDS: dict[str, Callable[[Statement], bool]] = {
    "example": lambda s: s.key == "example" and s.part in ("request", "response"),
    "sample": lambda s: s.part == "sample",
    "meaning": lambda s: s.key == "meaning",
}


def _values(
    noun: str, picked: Callable[[Statement], bool], facts: Facts, recorded: Recorded, report: Report
) -> None:
    """Examples, samples and meanings of codes whose value is another than on the recorded page."""
    known = {(s.part, s.path, s.key): s.value for s in recorded.facts.statements if picked(s)}
    for statement in filter(picked, facts.statements):
        place = statement.part, statement.path, statement.key
        path = "code" if noun == "meaning" else statement.path
        if known.get(place, statement.value) == statement.value:
            verdict = "same as recorded" if place in known else "new; nothing to compare"
            report.settle([statement], verdict, recorded.at)
        elif report.found_at(path):
            report.settle([statement], "part of the finding about this field", recorded.at)
        else:
            message = f"the page shows {show(statement.value)}, it showed {show(known[place])}"
            subject = Subject(statement.part, path, noun)
            report.find(f"{noun}-changed", subject, "wording", message, [statement], recorded.at)
