"""Compares the facts of a page with the spec: a changed statement is one finding."""

from collections.abc import Collection
from itertools import zip_longest
from pathlib import Path
from typing import Any, NoReturn

from generator.contract.load import Document
from generator.diagnostics import Diagnostic, InputError, Location
from generator.drift.compare.claims import Claim, Claims, ModelEntry, model_entries, read_claims
from generator.drift.compare.examples import compare_examples
from generator.drift.compare.findings import DriftReport, Subject, format_unquoted, format_value
from generator.drift.compare.grades import Grade, grade_difference, id_prefix, worst_grade
from generator.drift.compare.wording import compare_wording, is_same_page
from generator.drift.read.facts import Facts
from generator.drift.read.statements import LIST_KEYS, Part, Statement
from generator.drift.state.known_drift import PAGE_GONE, AcceptedFinding, KnownDrift
from generator.drift.state.page_record import PageRecord

_FIELD_PARTS: tuple[Part, ...] = ("header", "request", "response")
# Missing on a field, these keys are a finding only if the page states them for other fields.
_OPTIONAL_KEYS = {"type", "required"}

_NO_MODEL = (
    "the page does not name a model; expected a sentence such as 'use the vendor/name model' or "
    "'基于 `vendor/name` 模型', a field `model` with its default or options, or a sample with \"model\""
)


def compare_records(
    records: Collection[PageRecord], document: Document, known: KnownDrift
) -> list[DriftReport]:
    """Compare each recorded page, and report the accepted findings that no recorded page needs."""
    reports = [compare_page(record.facts, document, known, record) for record in records]
    used = {entry for report in reports for entry in report.used_entries}
    if len(model_entries(document)) > 1:  # with one model, its page has reported them
        for entry in known.entries:
            if entry.model is None and entry not in used:
                _report_unused_entry(entry, [], reports[-1])
    return reports


def compare_page(
    facts: Facts, document: Document, known: KnownDrift, record: PageRecord | None = None
) -> DriftReport:
    """Report every difference between the page and the spec.

    `record` is the page of the model that was last reconciled. Raises `InputError` if the page is about
    another operation than the create operation of the spec.
    """
    report = DriftReport(facts.source, known.of_model(facts.model), facts.model_mentions)
    entry = _find_model_entry(facts, document, report)
    if entry is None:
        return report
    claims = read_claims(document, entry)
    old_record = record if record and is_same_page(facts, record.facts) else None
    comparer = _FactsComparer(facts, claims, report, old_record.facts if old_record else None)
    for path in ("method", "path", "server", "content-type"):
        comparer.compare_operation(path)
    for part in _FIELD_PARTS:
        comparer.compare_fields(part)
    comparer.compare_codes()
    compare_examples(facts, claims, report)
    compare_wording(facts, old_record, report)
    # An entry without a model may be needed by the page of another model.
    only_model = len(model_entries(document)) == 1
    _report_unused_entries(facts, claims, report, only_model)
    return report


def _find_model_entry(facts: Facts, document: Document, report: DriftReport) -> ModelEntry | None:
    """Return the spec's entry for the model of the page.

    An unknown model is a finding.
    """
    entries = model_entries(document)
    first = next(iter(entries.values()))
    if facts.model is None or (facts.model not in entries and not _is_about_create(facts, first)):
        _reject_page(facts, first)
    mentions = report.model_mentions
    subject = Subject("model", "model", "name")
    if facts.model not in entries:
        location = document.locate(*first.operation)
        message = (
            f"the page is about model '{facts.model}', the spec has {', '.join(entries)}; nothing else on "
            "the page was compared; run `draft` to write the spec entry of a new model"
        )
        report.add_finding("model-unknown", subject, "breaking", message, mentions, location)
        rest = [s for s in facts.statements if s not in mentions]
        report.set_verdict(rest, "not compared: the spec does not have this model")
        return None
    entry = entries[facts.model]
    location = document.locate(*entry.schema)
    others = [s for s in mentions if s.value != facts.model]
    if others:
        line = next(s.line for s in mentions if s.value == facts.model)
        message = f"the page names '{others[0].value}' here and '{facts.model}' on line {line}"
        report.add_finding("contradiction", subject, "breaking", message, others, location)
    report.set_verdict(mentions, "same", location)
    return entry


def _reject_page(facts: Facts, entry: ModelEntry) -> NoReturn:
    """Reject a page that does not name a model, or is about another operation."""
    endpoint = [s for s in facts.of("operation") if s.path in ("method", "path")]
    location = Location(Path(facts.source), endpoint[0].line if endpoint else 1, 1)
    if facts.model is None and _is_about_create(facts, entry):
        raise InputError([Diagnostic(location, _NO_MODEL, "page-no-model")])
    method, path = (facts.first("operation", key, "name") for key in ("method", "path"))
    operation = f"{method} {path}" if endpoint else "no operation"
    model = "names no model" if facts.model is None else f"model {facts.model}"
    message = (
        f"the page is about {operation} and {model}; "
        f"drift compares pages about {entry.method} {entry.path} only"
    )
    raise InputError([Diagnostic(location, message, "page-other-endpoint")])


def _is_about_create(facts: Facts, entry: ModelEntry) -> bool:
    """Return whether one of the page's paths is that of the create operation."""
    return any(s.value == entry.path for s in facts.of("operation", "path"))


class _FactsComparer:
    """Compares facts with claims and adds the differences to a report.

    `old_facts` are those of the recorded page, if the page is a version of it.
    """

    def __init__(self, facts: Facts, claims: Claims, report: DriftReport, old_facts: Facts | None) -> None:
        self.facts = facts
        self.claims = claims
        self.report = report
        self.old_facts = old_facts

    def compare_operation(self, path: str) -> None:
        """Compare the method, path, server or content type."""
        statements = self.facts.of("operation", path)
        claim = self.claims.get("operation", path, "name")
        if statements and claim:
            self._compare_value(Subject("operation", path, path), statements, claim)

    def compare_fields(self, part: Part) -> None:
        """Compare the fields of one part."""
        names = {s.path: s for s in reversed(self.facts.of(part, key="name"))}
        claimed = self.claims.field_paths(part)
        for path in dict.fromkeys(s.path for s in self.facts.of(part)):
            if path in claimed:
                self._compare_field(part, path, names.get(path))
            else:
                self._report_new_field(Subject(part, path, "name"), self.facts.of(part, path))
        for path in claimed if names or self._had_before(part, "name") else []:
            if path not in names and not self.report.covers(path):
                subject = Subject(part, path, "name")
                location = self.claims.by_subject[subject].location
                message = f"the spec has a field '{path}', the page does not"
                near = names.get(path.rpartition(".")[0], next(iter(names.values()), None))
                self.report.add_finding(
                    "field-only-in-spec", subject, "breaking", message, [], location, near=near
                )

    def compare_codes(self) -> None:
        """Compare the body codes, unless the page does not list any and never did."""
        claim = self.claims.get("code", "code", "name")
        statements = self.facts.of("code", key="code")
        subject = Subject("code", "code", "code")
        if claim and statements:
            self._compare_list(subject, statements, claim)
        elif claim and self._had_before("code", "code") and not self.report.covers("code"):
            message = f"the spec lists the codes {', '.join(claim.value)}, the page no longer lists any"
            self.report.add_finding("code-only-in-spec", subject, "breaking", message, [], claim.location)

    def _had_before(self, part: Part, key: str) -> bool:
        """Return whether the recorded page had such statements.

        A page without them may omit them.
        """
        return self.old_facts is not None and bool(self.old_facts.of(part, key=key))

    def _report_new_field(self, subject: Subject, statements: list[Statement]) -> None:
        if self.report.covers(subject.path):
            self.report.set_verdict(statements, "covered by the finding about the field around it")
            return
        required = subject.part == "request" and any(s.key == "required" and s.value for s in statements)
        parent = self.claims.get(subject.part, subject.path.rpartition(".")[0], "name")
        document = self.claims.document
        location = parent.location if parent else document.locate(*self.claims.entry.schema)
        message = f"the page has a field '{subject.path}', the spec does not"
        grade: Grade = "breaking" if required else "additive"
        self.report.add_finding("field-only-in-docs", subject, grade, message, statements[:1], location)
        self.report.set_verdict(statements, "covered by field-only-in-docs", location)

    def _compare_field(self, part: Part, path: str, name: Statement | None) -> None:
        """Compare a field that both sides have. `name` is where the page introduces it."""
        by_key: dict[str, list[Statement]] = {}
        for statement in self.facts.of(part, path):
            if statement.key == "name":
                location = self.claims.by_subject[part, path, "name"].location
                self.report.set_verdict([statement], "same", location)
            elif statement.key != "example" and statement not in self.report.model_mentions:
                by_key.setdefault(statement.key, []).append(statement)
        for key, statements in by_key.items():
            subject, claim = Subject(part, path, key), self.claims.get(part, path, key)
            if claim is None:
                self._report_only_in_docs(subject, statements)
            elif key in LIST_KEYS:
                self._compare_list(subject, statements, claim)
            else:
                self._compare_value(subject, statements, claim)
        for key in self.claims.keys(part, path) if name else []:
            expected = key not in _OPTIONAL_KEYS or bool(self.facts.of(part, key=key))
            # In a block, a field that no list names is optional.
            optional = key == "required" and self.facts.form == "openapi"
            expected = expected and not (optional and self.claims.by_subject[part, path, key].value is False)
            if key not in by_key and expected and not (path == "model" and key in ("default", "option")):
                self._report_only_in_spec(Subject(part, path, key), name)

    def _report_only_in_docs(self, subject: Subject, statements: list[Statement]) -> None:
        key = subject.key
        value = [s.value for s in statements] if key in LIST_KEYS else statements[0].value
        message = f"the page says {key} {format_value(key, value)}, the spec says nothing"
        grade = "breaking" if key == "option" else grade_difference(key, value, None, subject.part)
        location = self.claims.by_subject[subject.part, subject.path, "name"].location
        options = self.claims.get(subject.part, subject.path, "option")
        if options and _are_within(options.value, key, value):
            self.report.set_verdict(statements, "same: every option is within this limit", options.location)
            return
        finding = f"{id_prefix(key)}-only-in-docs"
        self.report.add_finding(finding, subject, grade, message, statements, location, values=(value, None))

    def _report_only_in_spec(self, subject: Subject, name: Statement | None) -> None:
        key, claim = subject.key, self.claims.by_subject[subject]
        message = f"the spec says {key} {format_value(key, claim.value)}, the page says nothing"
        grade = "additive" if key == "option" else grade_difference(key, None, claim.value, subject.part)
        finding = f"{id_prefix(key)}-only-in-spec"
        values = (None, claim.value)
        self.report.add_finding(
            finding, subject, grade, message, [], claim.location, values=values, near=name
        )

    def _compare_value(self, subject: Subject, statements: list[Statement], claim: Claim) -> None:
        """Compare one value: it is the same, it changed, or the page contradicts itself."""
        key = subject.key
        differing = [s for s in statements if not _equal(s.value, claim.value)]
        self.report.set_verdict([s for s in statements if s not in differing], "same", claim.location)
        if not differing:
            return
        lines = {format_value(key, s.value): f" (line {s.line})" for s in statements}
        grade = worst_grade([grade_difference(key, s.value, claim.value, subject.part) for s in differing])
        finding = f"{id_prefix(key)}-changed" if len(lines) == 1 else "contradiction"
        words = " and ".join(value + line * (len(lines) > 1) for value, line in sorted(lines.items()))
        message = f"the page says {key} {words}, the spec says {format_value(key, claim.value)}"
        values = (differing[0].value, claim.value)
        self.report.add_finding(finding, subject, grade, message, differing, claim.location, values=values)

    def _compare_list(self, subject: Subject, statements: list[Statement], claim: Claim) -> None:
        """Compare a list of options or codes. What only one side lists is paired in order."""
        prefix = id_prefix(subject.key)
        locations = dict(zip(map(format_unquoted, claim.value), claim.item_locations, strict=True))
        by_value: dict[str, list[Statement]] = {}
        for statement in statements:
            by_value.setdefault(format_unquoted(statement.value), []).append(statement)
        for value, same in by_value.items():
            if value in locations:
                self.report.set_verdict(same, "same", locations[value])
        new = [value for value in by_value if value not in locations]
        gone = [
            value
            for value in locations
            if value not in by_value
            and not self.report.accept_if_known(
                f"{prefix}-only-in-spec", subject.path, value, locations[value]
            )
        ]
        for added, removed in zip_longest(new, gone):
            if added is None:
                suffix, message = "only-in-spec", f"the spec lists '{removed}', the page does not"
            elif removed is None:
                suffix, message = "only-in-docs", f"the page lists '{added}', the spec does not"
            else:
                suffix, message = "changed", f"the page lists '{added}' where the spec has '{removed}'"
            stating = [] if added is None else by_value[added]
            values = (stating[0].value if stating else None, removed)
            self.report.add_finding(
                f"{prefix}-{suffix}",
                subject,
                grade_difference(subject.key, *values, subject.part),
                message,
                stating,
                claim.location if removed is None else locations[removed],
                values=values,
                entry_names_value=True,
                near=statements[0],
            )


def _report_unused_entries(facts: Facts, claims: Claims, report: DriftReport, only_model: bool) -> None:
    """Report each accepted finding of the model that was looked for and did not occur."""
    names = {s.path for part in _FIELD_PARTS for s in facts.of(part, key="name")}
    claimed = {path for part in _FIELD_PARTS for path in claims.field_paths(part)}
    for entry in report.unused_entries:
        if entry.id == PAGE_GONE or (entry.model is None and not only_model):
            compared = False
        elif entry.id.startswith("code-"):
            compared = bool(facts.of("code"))
        else:
            compared = entry.path in names or entry.path not in claimed
        if not compared:
            continue
        statements = [s for s in facts.statements if entry.path in (s.path, s.key)]
        statements = [s for s in statements if entry.value in (None, format_unquoted(s.value))]
        _report_unused_entry(entry, statements[:1], report)


def _report_unused_entry(entry: AcceptedFinding, statements: list[Statement], report: DriftReport) -> None:
    value = f" ({entry.value})" if entry.value else ""
    message = f"the accepted finding {entry.id} of '{entry.path}'{value} no longer occurs; remove its entry"
    subject = Subject("", entry.path, "")
    report.add_finding("known-drift-unused", subject, "wording", message, statements, entry.location)


def _are_within(options: list[Any], key: str, limit: Any) -> bool:
    """Return whether a range adds nothing to options that are numbers, or texts with numbers."""
    try:
        numbers = [float(option) for option in options]
    except (TypeError, ValueError):
        return False
    return (key == "minimum" and min(numbers) >= limit) or (key == "maximum" and max(numbers) <= limit)


def _equal(page: Any, spec: Any) -> bool:
    if isinstance(page, list) and isinstance(spec, list):
        return sorted(map(format_unquoted, page)) == sorted(map(format_unquoted, spec))
    return format_unquoted(page) == format_unquoted(spec)
