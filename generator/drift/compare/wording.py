"""Compares words and examples with the page that was last reconciled.

The spec has its own words, so a page can only be compared with an older version of itself: same
model, form and language, and at least half of the recorded sentences. Different words on a
different page are not drift.
"""

from collections.abc import Callable

from generator.diagnostics import Location
from generator.drift.compare.findings import COVERED, DriftReport, Subject, format_json
from generator.drift.read.facts import Facts
from generator.drift.read.statements import Statement
from generator.drift.read.words.typography import plain_typography
from generator.drift.state.page_record import PageRecord

# The share of the recorded sentences that a version of the same page has.
_MIN_SHARED = 0.5

# The findings that recording the page settles.
WORDING_FINDINGS = {
    f"{noun}-{suffix}"
    for noun in ("text", "example", "sample", "meaning")
    for suffix in ("changed", "added", "removed")
}

_SELECTORS: dict[str, Callable[[Statement], bool]] = {
    "example": lambda s: s.key == "example" and s.part in ("request", "response"),
    "sample": lambda s: s.part == "sample",
    "meaning": lambda s: s.key == "meaning",
}


def compare_wording(facts: Facts, record: PageRecord | None, report: DriftReport) -> None:
    """Report the words and examples that differ from the record of the same page."""
    if record is None:
        report.set_verdict(facts.of("text"), "text without a rule; the recorded page is not this page")
        meanings = [s for s in facts.of("code") if s.key == "meaning"]
        report.set_verdict(meanings, "text; the spec has its own words")
        return
    new, old = _sentences(facts), _sentences(record.facts)
    for path in dict.fromkeys((*new, *old)):
        _compare_sentences(path, new.get(path, {}), [*old.get(path, {})], record.location, report)
    for noun in _SELECTORS:
        _compare_examples_with_record(noun, facts, record, report)
    _report_lost_labels(facts, record, report)
    _report_lost_samples(facts, record, report)


def is_same_page(facts: Facts, recorded: Facts) -> bool:
    """Return whether a page is the recorded one, possibly in another version."""
    old_texts = {s.value for s in recorded.of("text")}
    shared = old_texts & {s.value for s in facts.of("text")}
    same_kind = (facts.form, facts.language, facts.model) == (
        recorded.form,
        recorded.language,
        recorded.model,
    )
    return same_kind and len(shared) >= len(old_texts) * _MIN_SHARED


def _sentences(facts: Facts) -> dict[str, dict[str, list[Statement]]]:
    """Group sentences and headings by path and words.

    One sentence may make several statements.
    """
    sentences: dict[str, dict[str, list[Statement]]] = {}
    for statement in facts.statements:
        if statement.part in ("text", "model") or statement.prose:
            words = str(statement.value) if statement.part == "text" else statement.quote
            words = " ".join(plain_typography(words).split())  # the record may be older than this rule
            sentences.setdefault(statement.path, {}).setdefault(words, []).append(statement)
    return sentences


def _compare_sentences(
    path: str,
    sentences: dict[str, list[Statement]],
    recorded: list[str],
    location: Location,
    report: DriftReport,
) -> None:
    """Compare the sentences about one field, unless a finding covers them."""
    same = [s for words in recorded for s in sentences.get(words, [])]
    report.set_verdict(same, "same as recorded", location)
    new = [words for words in sentences if words not in recorded]
    gone = [words for words in recorded if words not in sentences]
    if path and report.covers(path):
        report.set_verdict([s for words in new for s in sentences[words]], COVERED, location)
        return
    subject = Subject("text", path, "text")
    for words, old in zip(new, gone, strict=False):
        message = f"the page says '{words}', the recorded page said '{old}'"
        report.add_finding("text-changed", subject, "wording", message, sentences[words], location)
    for words in new[len(gone) :]:
        hint = "" if sentences[words][0].prose else "; check whether it states a rule"
        message = f"the page now says '{words}'{hint}"
        report.add_finding("text-added", subject, "wording", message, sentences[words], location)
    near = next((s for statements in sentences.values() for s in statements), None)
    for words in gone[len(new) :]:
        message = f"the page no longer says '{words}'"
        report.add_finding("text-removed", subject, "wording", message, [], location, near=near)


def _compare_examples_with_record(noun: str, facts: Facts, record: PageRecord, report: DriftReport) -> None:
    """Compare the examples, the samples or the meanings of codes."""
    old_by_subject, new_by_subject = (_select(noun, one) for one in (record.facts, facts))
    location = record.location
    for found_at, statements in new_by_subject.items():
        old = [s.value for s in old_by_subject.get(found_at, [])]
        new = [s for s in statements if s.value not in old and not report.is_in_finding(s)]
        report.set_verdict([s for s in statements if s not in new], "same as recorded", location)
        subject = _example_subject(noun, found_at)
        if report.covers(subject.path) or (noun == "meaning" and not old):
            report.set_verdict(new, COVERED, location)
        elif new:
            suffix, before = ("changed", format_json(old[0])) if old else ("added", "none")
            message = f"the page shows {format_json(new[0].value)}, the recorded page showed {before}"
            report.add_finding(f"{noun}-{suffix}", subject, "wording", message, new, location)
    for found_at, statements in old_by_subject.items():
        subject = _example_subject(noun, found_at)
        near = _statement_near(found_at, facts)
        if found_at not in new_by_subject and near and not report.covers(subject.path):
            message = f"the page no longer shows {format_json(statements[0].value)}"
            report.add_finding(f"{noun}-removed", subject, "wording", message, [], location, near=near)


def _example_subject(noun: str, found_at: Subject) -> Subject:
    """Return the subject of a finding.

    Findings about meanings are about the list of codes.
    """
    return Subject(found_at.part, "code" if noun == "meaning" else found_at.path, noun)


def _report_lost_samples(facts: Facts, record: PageRecord, report: DriftReport) -> None:
    """Report once, not per member, that the page no longer has a sample of a side."""
    for side in ("request", "response"):
        if record.facts.of("sample", key=side) and not facts.of("sample", key=side):
            message = f"the page no longer shows a sample of the {side}"
            subject = Subject("sample", "", side)
            report.add_finding("sample-removed", subject, "wording", message, [], record.location)


def _report_lost_labels(facts: Facts, record: PageRecord, report: DriftReport) -> None:
    """Report what a label and a sentence stated, and now only the sentence states."""
    labelled = {s[:3] for s in facts.statements if not s.prose}
    in_prose = {s[:3]: s for s in facts.statements if s.prose}
    for part, path, key, value, _, _, prose in record.facts.statements:
        near = None if prose else in_prose.get((part, path, key))
        if near and (part, path, key) not in labelled and not report.covers(path):
            message = (
                f"the page no longer has a label with {key} {format_json(value)}; a sentence still has it"
            )
            subject = Subject(part, path, key)
            report.add_finding("text-removed", subject, "wording", message, [], record.location, near=near)


def _select(noun: str, facts: Facts) -> dict[Subject, list[Statement]]:
    """Group the examples, the samples or the meanings of codes by subject."""
    by_subject: dict[Subject, list[Statement]] = {}
    for statement in filter(_SELECTORS[noun], facts.statements):
        subject = Subject(statement.part, statement.path, statement.key)
        by_subject.setdefault(subject, []).append(statement)
    return by_subject


def _statement_near(subject: Subject, facts: Facts) -> Statement | None:
    """Return a statement about the same field, code or object of a sample."""
    parent = subject.path.rpartition(".")[0]
    prefix = f"{parent}." if parent else ""
    for statement in facts.statements:
        if statement.part != subject.part:
            continue
        if subject.part == "sample":
            if statement.key == subject.key and statement.path.startswith(prefix):
                return statement
        elif statement.path == subject.path:
            return statement
    return None
