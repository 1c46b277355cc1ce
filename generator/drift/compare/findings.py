"""Defines the result of a comparison: findings, and a verdict on every statement."""

import json
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from generator.diagnostics import Location
from generator.drift.compare.grades import Grade
from generator.drift.read.statements import Statement
from generator.drift.state.known_drift import AcceptedFinding, KnownDrift

COVERED = "covered by the finding about this field"
# Findings about a whole field, which cover the members of the field too.
_FIELD_FINDINGS = {"field-only-in-docs", "field-only-in-spec"}


class Subject(NamedTuple):
    """What a finding is about: a part of the page, a path, and a key."""

    part: str
    path: str
    key: str


class Finding(NamedTuple):
    """One difference between the page and the spec.

    `subject` and `values` (of the page and of the spec) are for `reconcile` and are not published.
    """

    id: str
    path: str
    grade: Grade
    message: str
    quote: str
    page: str
    spec: str
    subject: Subject
    values: tuple[Any, Any] = (None, None)

    def to_json(self) -> dict[str, str]:
        """Return the published members."""
        members = self._asdict()
        return {name: members[name] for name in ("id", "path", "grade", "message", "quote", "page", "spec")}


class Verdict(NamedTuple):
    """The result for one statement.

    Without a statement, it is the result for a claim that only the spec makes.
    """

    statement: Statement | None
    verdict: str
    against: str


@dataclass
class DriftReport:
    """The findings and verdicts about one page.

    `verdict_by_id` has the verdicts by the `id()` of their statement, because a page may make equal
    statements. `spec_verdicts` has those without a statement.
    """

    source: str
    known: KnownDrift
    model_mentions: list[Statement] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    spec_verdicts: list[Verdict] = field(default_factory=list)
    verdict_by_id: dict[int, Verdict] = field(default_factory=dict)
    used_entries: set[AcceptedFinding] = field(default_factory=set)

    def set_verdict(self, statements: list[Statement], verdict: str, against: Location | str = "") -> None:
        """Set the verdict on statements without a finding.

        An earlier verdict is not replaced.
        """
        for statement in statements:
            self.verdict_by_id.setdefault(id(statement), Verdict(statement, verdict, str(against)))

    def accept_if_known(self, finding: str, path: str, value: object, against: Location) -> bool:
        """Return whether a finding about a claim of the spec is accepted; record if so."""
        entry = self.known.find_entry(finding, path, value)
        if entry:
            self.used_entries.add(entry)
            self.spec_verdicts.append(Verdict(None, f"accepted: {finding}", str(against)))
        return entry is not None

    @property
    def unused_entries(self) -> list[AcceptedFinding]:
        """The accepted findings that did not occur."""
        return [entry for entry in self.known.entries if entry not in self.used_entries]

    def add_finding(
        self,
        finding: str,
        subject: Subject,
        grade: Grade,
        message: str,
        statements: list[Statement],
        against: Location,
        *,
        values: tuple[Any, Any] = (None, None),
        entry_names_value: bool = False,
        near: Statement | None = None,
    ) -> None:
        """Add a finding about `statements`, unless it is accepted.

        Without statements, the finding is about a claim that only the spec makes, and `near` is
        where the page would make the statement. With `entry_names_value`, an entry of the known drift
        may name the value, such as one code of many.
        """
        value = next((value for value in values if value is not None), None) if entry_names_value else None
        verdict = finding
        entry = self.known.find_entry(finding, subject.path, value)
        if entry:
            self.used_entries.add(entry)
            verdict = f"accepted: {finding}"
        else:
            place = statements[0] if statements else near
            page = f"{self.source}:{place.line if place else 1}"
            quote = place.quote if place else ""
            self.findings.append(
                Finding(finding, subject.path, grade, message, quote, page, str(against), subject, values)
            )
        for statement in statements:
            self.verdict_by_id[id(statement)] = Verdict(statement, verdict, str(against))
        if not statements:
            self.spec_verdicts.append(Verdict(None, verdict, str(against)))

    def is_in_finding(self, statement: Statement) -> bool:
        """Return whether a finding is about `statement` or covers it."""
        verdict = self.verdict_by_id.get(id(statement))
        return verdict is not None and verdict.verdict in {COVERED, *(f.id for f in self.findings)}

    def covers(self, path: str) -> bool:
        """Return whether there is a finding about `path` or about a whole field around it."""
        return any(
            finding.path == path or (finding.id in _FIELD_FINDINGS and path.startswith(f"{finding.path}."))
            for finding in self.findings
        )

    @property
    def verdicts(self) -> list[Verdict]:
        """The verdicts in page order, then those without a statement."""
        on_page = self.verdict_by_id.values()
        return sorted(on_page, key=lambda v: v.statement.line if v.statement else 0) + self.spec_verdicts

    def in_page_order(self) -> list[Finding]:
        """Return the findings in page order."""
        return sorted(self.findings, key=lambda f: (_line_number(f.page), f.path, f.id, f.spec, f.message))


def format_json(value: Any) -> str:
    """Format a value as JSON, in its own script."""
    return json.dumps(value, ensure_ascii=False)


def format_value(key: str, value: Any) -> str:
    """Format the value of a key as JSON, or a type as pages do: `string<uri>[]`."""
    if key != "type":
        return format_json(value)
    if value.get("type") == "array":
        return f"{format_value('type', value['items'])}[]" if value.get("items") else "array"
    words = f"{value.get('type')}<{value['format']}>" if "format" in value else str(value.get("type"))
    limits = [
        f"{name} {format_json(value[name])}" for name in value if name not in ("type", "format", "items")
    ]
    return f"{words} ({', '.join(limits)})" if limits else words


def format_unquoted(value: Any) -> str:
    """Format a value as JSON, but a string without quotes.

    Pages write `1` and `"1"` alike.
    """
    return value if isinstance(value, str) else format_json(value)


def _line_number(place: str) -> int:
    line = place.rpartition(":")[2]
    return int(line) if line.isdecimal() else 1 << 30
