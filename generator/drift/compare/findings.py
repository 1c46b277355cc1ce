"""What a comparison yields: findings, and one verdict for every statement of the page."""

import json
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from generator.diagnostics import Location
from generator.drift.compare.grades import Grade
from generator.drift.facts import Statement
from generator.drift.state.known_drift import Accepted, KnownDrift

PART = "part of the finding about this field"
# A field that one side lacks; its members go with it.
FIELDS = {"field-only-in-docs", "field-only-in-spec"}


class Subject(NamedTuple):
    """What a finding is about: a part of the page, a field's path (or the like), and a key."""

    part: str
    path: str
    key: str


class Finding(NamedTuple):
    """One disagreement between the page and the spec; the last two members are for `reconcile`."""

    id: str
    path: str
    grade: Grade
    message: str
    quote: str
    page: str
    spec: str
    subject: Subject
    values: tuple[Any, Any] = (None, None)  # the page's, the spec's

    def to_json(self) -> dict[str, str]:
        """The published members."""
        members = self._asdict()
        return {name: members[name] for name in ("id", "path", "grade", "message", "quote", "page", "spec")}


class Verdict(NamedTuple):
    """What became of one statement, or (without one) of something that only the spec says."""

    statement: Statement | None
    verdict: str
    against: str


@dataclass
class Report:
    """The findings and verdicts about one page."""

    source: str
    known: KnownDrift
    mentions: list[Statement] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    silent: list[Verdict] = field(default_factory=list)
    settled: dict[int, Verdict] = field(default_factory=dict)
    met: set[Accepted] = field(default_factory=set)

    def settle(self, statements: list[Statement], verdict: str, against: Location | str = "") -> None:
        """Nothing is to report about these statements, unless something was already."""
        for statement in statements:
            self.settled.setdefault(id(statement), Verdict(statement, verdict, str(against)))

    def accepts(self, finding: str, path: str, value: object, against: Location) -> bool:
        """Whether a finding about something that the spec alone says is accepted."""
        entry = self.known.entry(finding, path, value)
        if entry:
            self.met.add(entry)
            self.silent.append(Verdict(None, f"accepted: {finding}", str(against)))
        return entry is not None

    @property
    def unused(self) -> list[Accepted]:
        """Accepted findings that did not occur."""
        return [entry for entry in self.known.entries if entry not in self.met]

    def find(
        self,
        finding: str,
        subject: Subject,
        grade: Grade,
        message: str,
        said: list[Statement],
        against: Location,
        *,
        values: tuple[Any, Any] = (None, None),
        narrow: bool = False,
        near: Statement | None = None,
    ) -> None:
        """Report a finding about the statements `said` (none: only the spec speaks), unless it is accepted.

        `narrow` says that an accepted entry has to name the value: one code of many. `near` is
        where the page would say what it does not.
        """
        value = next((value for value in values if value is not None), None) if narrow else None
        verdict = finding
        entry = self.known.entry(finding, subject.path, value)
        if entry:
            self.met.add(entry)
            verdict = f"accepted: {finding}"
        else:
            place = said[0] if said else near
            page = f"{self.source}:{place.line if place else 1}"
            quote = place.quote if place else ""
            self.findings.append(
                Finding(finding, subject.path, grade, message, quote, page, str(against), subject, values)
            )
        for statement in said:
            self.settled[id(statement)] = Verdict(statement, verdict, str(against))
        if not said:
            self.silent.append(Verdict(None, verdict, str(against)))

    def explained(self, statement: Statement) -> bool:
        """Whether a finding is about `statement`, or about something around it."""
        verdict = self.settled.get(id(statement))
        return verdict is not None and verdict.verdict in {PART, *(f.id for f in self.findings)}

    def found_at(self, path: str) -> bool:
        """Whether a finding explains what becomes of `path`: one about it, or about a field around it."""
        return any(
            finding.path == path or (finding.id in FIELDS and path.startswith(f"{finding.path}."))
            for finding in self.findings
        )

    @property
    def verdicts(self) -> list[Verdict]:
        """The verdicts in the order of the page; what only the spec says comes last."""
        return (
            sorted(self.settled.values(), key=lambda v: v.statement.line if v.statement else 0) + self.silent
        )

    def ordered(self) -> list[Finding]:
        """The findings in the order of the page."""
        return sorted(self.findings, key=lambda f: (_line(f.page), f.path, f.id, f.spec, f.message))


def show(value: Any) -> str:
    """A value as the page's reader writes it."""
    return json.dumps(value, ensure_ascii=False)


def value_words(key: str, value: Any) -> str:
    """`show`, with a type as pages write it: `string<uri>[]`."""
    if key != "type":
        return show(value)
    if value["type"] == "array":
        return f"{value_words('type', value['items'])}[]" if value.get("items") else "array"
    return f"{value['type']}<{value['format']}>" if "format" in value else str(value["type"])


def plain(value: Any) -> str:
    """A value as its reader sees it: pages do not tell `1` from `"1"`; their types do."""
    return value if isinstance(value, str) else show(value)


def _line(place: str) -> int:
    tail = place.rpartition(":")[2]
    return int(tail) if tail.isdecimal() else 1 << 30
