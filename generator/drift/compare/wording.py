"""Words and examples that carry no rule, against the page last reconciled.

The spec says such things in words of its own, so only an edition of the recorded page can be
compared: same model, form and language, and most of its sentences known. A page in other words is
not drift.
"""

from collections.abc import Callable
from typing import NamedTuple

from generator.diagnostics import Location
from generator.drift.compare.findings import PART, Report, Subject, show
from generator.drift.facts import Facts, Statement

# How much of the recorded text must stand on a page to call it an edition of the same page.
SHARE = 0.5


# Findings that are settled once the page is recorded.
IDS = {
    f"{noun}-{how}"
    for noun in ("text", "example", "sample", "meaning")
    for how in ("changed", "added", "removed")
}


class Recorded(NamedTuple):
    """The facts of the page last reconciled, and where they are kept."""

    facts: Facts
    at: Location


def compare_wording(facts: Facts, recorded: Recorded | None, report: Report) -> None:
    """Report what reads otherwise than in the recorded edition; without one, that nothing was compared."""
    if recorded is None:
        report.settle(facts.of("text"), "text without a rule; not an edition of the recorded page")
        report.settle([s for s in facts.of("code") if s.key == "meaning"], "text; the spec has its own words")
        return
    new, old = _sentences(facts), _sentences(recorded.facts)
    for path in dict.fromkeys((*new, *old)):
        _texts(path, new.get(path, {}), [*old.get(path, {})], recorded.at, report)
    for noun, picked in _KINDS.items():
        _values(noun, picked, facts, recorded, report)
    _lost_labels(facts, recorded, report)
    _lost_samples(facts, recorded, report)


def is_edition(facts: Facts, recorded: Facts) -> bool:
    """Whether a page is the recorded one, then or now."""
    known = {s.value for s in recorded.of("text")}
    met = known & {s.value for s in facts.of("text")}
    alike = (facts.form, facts.language, facts.model) == (recorded.form, recorded.language, recorded.model)
    return alike and len(met) >= len(known) * SHARE


def _sentences(facts: Facts) -> dict[str, dict[str, list[Statement]]]:
    """By path and words, every sentence and heading; one with a rule may be several statements."""
    spoken: dict[str, dict[str, list[Statement]]] = {}
    for statement in facts.statements:
        if statement.part in ("text", "model") or statement.prose:
            spoken.setdefault(statement.path, {}).setdefault(_words(statement), []).append(statement)
    return spoken


def _words(statement: Statement) -> str:
    return str(statement.value) if statement.part == "text" else statement.quote


def _texts(
    path: str, said: dict[str, list[Statement]], known: list[str], at: Location, report: Report
) -> None:
    """The sentences about one field: each that changed is a finding, unless another finding explains it."""
    report.settle([s for words in known for s in said.get(words, [])], "same as recorded", at)
    new = [words for words in said if words not in known]
    gone = [words for words in known if words not in said]
    if path and report.found_at(path):
        report.settle([s for words in new for s in said[words]], PART, at)
        return
    subject = Subject("text", path, "text")
    for words, old in zip(new, gone, strict=False):
        message = f"the page says '{words}', it said '{old}'"
        report.find("text-changed", subject, "wording", message, said[words], at)
    for words in new[len(gone) :]:
        hint = "" if said[words][0].prose else "; check that it is no rule"
        report.find("text-added", subject, "wording", f"the page now says '{words}'{hint}", said[words], at)
    near = next((s for known_here in said.values() for s in known_here), None)
    for words in gone[len(new) :]:
        message = f"the page no longer says '{words}'"
        report.find("text-removed", subject, "wording", message, [], at, near=near)


_KINDS: dict[str, Callable[[Statement], bool]] = {
    "example": lambda s: s.key == "example" and s.part in ("request", "response"),
    "sample": lambda s: s.part == "sample",
    "meaning": lambda s: s.key == "meaning",
}


def _values(
    noun: str, picked: Callable[[Statement], bool], facts: Facts, recorded: Recorded, report: Report
) -> None:
    """Examples, samples and meanings of codes that are not as on the recorded page."""
    known, shown = _by_place(picked, recorded.facts), _by_place(picked, facts)
    for place, statements in shown.items():
        old = [s.value for s in known.get(place, [])]
        new = [s for s in statements if s.value not in old and not report.explained(s)]
        report.settle([s for s in statements if s not in new], "same as recorded", recorded.at)
        subject = Subject(place.part, "code" if noun == "meaning" else place.path, noun)
        if report.found_at(subject.path) or (noun == "meaning" and not old):
            report.settle(new, PART, recorded.at)
        elif new:
            how, was = ("changed", f"it showed {show(old[0])}") if old else ("added", "it showed none")
            message = f"the page shows {show(new[0].value)}, {was}"
            report.find(f"{noun}-{how}", subject, "wording", message, new, recorded.at)
    for place in known:
        subject = Subject(place.part, "code" if noun == "meaning" else place.path, noun)
        near = _around(place, facts)
        if place not in shown and near and not report.found_at(subject.path):
            message = f"the page no longer shows {show(known[place][0].value)}"
            report.find(f"{noun}-removed", subject, "wording", message, [], recorded.at, near=near)


def _lost_samples(facts: Facts, recorded: Recorded, report: Report) -> None:
    """A page without any sample of a side says so once, not member by member."""
    for side in ("request", "response"):
        if recorded.facts.of("sample", key=side) and not facts.of("sample", key=side):
            message = f"the page no longer shows a sample of the {side}"
            report.find("sample-removed", Subject("sample", "", side), "wording", message, [], recorded.at)


def _lost_labels(facts: Facts, recorded: Recorded, report: Report) -> None:
    """What a label stated besides a sentence, and now the sentence alone."""
    labelled = {s[:3] for s in facts.statements if not s.prose}
    spoken = {s[:3]: s for s in facts.statements if s.prose}
    for part, path, key, value, _, _, prose in recorded.facts.statements:
        near = None if prose else spoken.get((part, path, key))
        if near and (part, path, key) not in labelled and not report.found_at(path):
            message = f"the page no longer says {key} {show(value)} twice; a sentence still does"
            subject = Subject(part, path, key)
            report.find("text-removed", subject, "wording", message, [], recorded.at, near=near)


def _by_place(picked: Callable[[Statement], bool], facts: Facts) -> dict[Subject, list[Statement]]:
    """The picked statements by what they are about."""
    places: dict[Subject, list[Statement]] = {}
    for statement in filter(picked, facts.statements):
        places.setdefault(Subject(statement.part, statement.path, statement.key), []).append(statement)
    return places


def _around(place: Subject, facts: Facts) -> Statement | None:
    """What of the page stands around `place`: a field or code itself, or of a sample the object around it."""
    outer = place.path.rpartition(".")[0]
    near = (
        s
        for s in facts.statements
        if s.part == place.part
        and (
            (s.key == place.key and s.path.startswith(f"{outer}." if outer else ""))
            if place.part == "sample"
            else s.path == place.path
        )
    )
    return next(near, None)
