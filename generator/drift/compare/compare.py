"""Compares the facts of a page with the spec, by meaning: one changed statement is one finding."""

from itertools import zip_longest
from pathlib import Path
from typing import Any

from generator.contract.load import Document
from generator.diagnostics import Diagnostic, InputError, Location
from generator.drift.compare import claims
from generator.drift.compare.claims import Claim, Claims
from generator.drift.compare.examples import compare_examples
from generator.drift.compare.findings import Report, Subject, plain, value_words
from generator.drift.compare.grades import Grade, grade, noun, worst
from generator.drift.compare.wording import Recorded, compare_wording, is_edition
from generator.drift.facts import LISTS, Facts, Part, Statement
from generator.drift.state.known_drift import KnownDrift

_PARTS: tuple[Part, ...] = ("header", "request", "response")
# Facts every field of a page states if one does; silence about the others is a statement too.
_TABULAR = {"type", "required"}

_NO_MODEL = (
    "the page names no model that can be read; expected a sentence such as 'use the vendor/name model' or "
    "'基于 `vendor/name` 模型', a field `model` with its default or options, or a sample with \"model\""
)


def compare(facts: Facts, document: Document, known: KnownDrift, recorded: Recorded | None = None) -> Report:
    """Everything in which the page and the spec differ; `recorded` is the page last reconciled.

    Raises `InputError` when the page is about another operation than the spec's create call.
    """
    report = Report(facts.source, known, facts.model_mentions)
    entry = _entry(facts, document, report)
    if entry is None:
        return report
    spec = claims.claims_of(document, entry)
    edition = recorded if recorded and is_edition(facts, recorded.facts) else None
    comparison = _Comparison(facts, spec, report, edition.facts if edition else None)
    for path in ("method", "path", "server", "content-type"):
        comparison.operation(path)
    for part in _PARTS:
        comparison.fields(part)
    comparison.codes()
    compare_examples(facts, spec, report)
    compare_wording(facts, edition, report)
    if recorded is None or recorded.facts.model == facts.model:
        _unused(facts, spec, report)
    return report


def _entry(facts: Facts, document: Document, report: Report) -> claims.Entry | None:
    """The spec's entry for the page's model; a page of an unknown model is one finding."""
    entries = claims.entries(document)
    first = next(iter(entries.values()))
    spoken = [s for s in facts.of("operation") if s.path in ("method", "path")]
    if facts.model is None and _is_call(facts, first):
        where = Location(Path(facts.source), spoken[0].line, 1)
        raise InputError([Diagnostic(where, _NO_MODEL, "page-no-model")])
    if facts.model is None or (facts.model not in entries and not _is_call(facts, first)):
        where = Location(Path(facts.source), spoken[0].line if spoken else 1, 1)
        told = f"{facts.first('operation', 'method', 'name')} {facts.first('operation', 'path', 'name')}"
        message = (
            f"the page is about {told if spoken else 'no operation'} and "
            f"{'names no model' if facts.model is None else 'model ' + facts.model}; "
            f"drift compares pages of {first.method} {first.path}"
        )
        raise InputError([Diagnostic(where, message, "page-other-endpoint")])
    mentions = report.mentions
    at = document.locate(*first.operation)
    if facts.model not in entries:
        message = (
            f"the page is about model '{facts.model}', the spec has {', '.join(entries)}; "
            "`draft` writes the entry of a new model, nothing else on the page was compared"
        )
        report.find("model-unknown", Subject("model", "model", "name"), "breaking", message, mentions, at)
        rest = [s for s in facts.statements if s not in mentions]
        report.settle(rest, "not compared: the spec has no such model")
        return None
    entry = entries[facts.model]
    at = document.locate(*entry.schema)
    others = [s for s in mentions if s.value != facts.model]
    if others:
        message = f"the page names '{others[0].value}' here and '{facts.model}' elsewhere"
        report.find("contradiction", Subject("model", "model", "name"), "breaking", message, others, at)
    report.settle(mentions, "same", at)
    return entry


def _is_call(facts: Facts, entry: claims.Entry) -> bool:
    """Whether one of the page's addresses is the spec's create call."""
    return any(s.value == entry.path for s in facts.of("operation", "path"))


class _Comparison:
    def __init__(self, facts: Facts, spec: Claims, report: Report, edition: Facts | None) -> None:
        self.facts = facts
        self.spec = spec
        self.report = report
        self.edition = edition  # what the same page said before

    def operation(self, path: str) -> None:
        """The address, the method, the host and the body's form."""
        said = self.facts.of("operation", path)
        claim = self.spec.get("operation", path, "name")
        if said and claim:
            self._single(Subject("operation", path, path), said, claim)

    def fields(self, part: Part) -> None:
        """The fields of one part: which there are, then what is said of each."""
        names = {s.path: s for s in reversed(self.facts.of(part, key="name"))}
        known = self.spec.paths(part)
        for path in dict.fromkeys(s.path for s in self.facts.of(part)):
            if path in known:
                self._field(part, path, names.get(path))
            else:
                self._new_field(Subject(part, path, "name"), self.facts.of(part, path))
        for path in known if names or self._before(part, "name") else []:
            if path not in names and not self.report.found_at(path):
                claim = self.spec.said[part, path, "name"]
                message = f"the spec has a field '{path}', the page has none"
                near = names.get(path.rpartition(".")[0], next(iter(names.values()), None))
                subject = Subject(part, path, "name")
                self.report.find("field-only-in-spec", subject, "breaking", message, [], claim.at, near=near)

    def _before(self, part: Part, key: str) -> bool:
        """Whether the page said such things before; a page that never did is not asked for them."""
        return self.edition is not None and bool(self.edition.of(part, key=key))

    def _new_field(self, subject: Subject, said: list[Statement]) -> None:
        if self.report.found_at(subject.path):
            self.report.settle(said, "part of the field around it")
            return
        required = subject.part == "request" and any(s.key == "required" and s.value for s in said)
        parent = self.spec.get(subject.part, subject.path.rpartition(".")[0], "name")
        at = parent.at if parent else self.spec.document.locate(*self.spec.entry.schema)
        message = f"the page has a field '{subject.path}', the spec has none"
        grade: Grade = "breaking" if required else "additive"
        self.report.find("field-only-in-docs", subject, grade, message, said[:1], at)
        self.report.settle(said, "part of field-only-in-docs", at)

    def _field(self, part: Part, path: str, name: Statement | None) -> None:
        said: dict[str, list[Statement]] = {}
        for statement in self.facts.of(part, path):
            if statement.key == "name":
                self.report.settle([statement], "same", self.spec.said[part, path, "name"].at)
            elif statement.key != "example" and statement not in self.report.mentions:
                said.setdefault(statement.key, []).append(statement)
        for key, statements in said.items():
            subject, claim = Subject(part, path, key), self.spec.get(part, path, key)
            if claim is None:
                self._only_in_docs(subject, statements)
            elif key in LISTS:
                self._list(subject, statements, claim)
            else:
                self._single(subject, statements, claim)
        for key in self.spec.keys(part, path) if name else []:
            tabular = key not in _TABULAR or self.facts.of(part, key=key)
            if key not in said and tabular and not (path == "model" and key in ("default", "option")):
                self._only_in_spec(Subject(part, path, key), name)

    def _only_in_docs(self, subject: Subject, said: list[Statement]) -> None:
        key = subject.key
        value = [s.value for s in said] if key in LISTS else said[0].value
        message = f"the page says {key} {value_words(key, value)}, the spec says nothing"
        level = "breaking" if key == "option" else grade(key, value, None, subject.part)
        at = self.spec.said[subject.part, subject.path, "name"].at
        self.report.find(f"{noun(key)}-only-in-docs", subject, level, message, said, at, values=(value, None))

    def _only_in_spec(self, subject: Subject, name: Statement | None) -> None:
        key, claim = subject.key, self.spec.said[subject]
        message = f"the spec says {key} {value_words(key, claim.value)}, the page says nothing"
        level = "additive" if key == "option" else grade(key, None, claim.value, subject.part)
        values = (None, claim.value)
        finding = f"{noun(key)}-only-in-spec"
        self.report.find(finding, subject, level, message, [], claim.at, values=values, near=name)

    def _single(self, subject: Subject, said: list[Statement], claim: Claim) -> None:
        """One value: same, changed, or the page contradicts itself."""
        key = subject.key
        differing = [s for s in said if not _equal(s.value, claim.value)]
        self.report.settle([s for s in said if s not in differing], "same", claim.at)
        if not differing:
            return
        told = {value_words(key, s.value): f" (line {s.line})" for s in said}
        level = worst([grade(key, s.value, claim.value, subject.part) for s in differing])
        finding = f"{noun(key)}-changed" if len(told) == 1 else "contradiction"
        words = " and ".join(value + place * (len(told) > 1) for value, place in sorted(told.items()))
        message = f"the page says {key} {words}, the spec says {value_words(key, claim.value)}"
        values = (differing[0].value, claim.value)
        self.report.find(finding, subject, level, message, differing, claim.at, values=values)

    def _list(self, subject: Subject, said: list[Statement], claim: Claim) -> None:
        """A list of options or codes: what one side lists and the other does not, paired in order."""
        name = noun(subject.key)
        places = dict(zip(map(plain, claim.value), claim.members, strict=True))
        for statement in said:
            if plain(statement.value) in places:
                self.report.settle([statement], "same", places[plain(statement.value)])
        spoken = {plain(s.value): s for s in reversed(said)}
        new = [s for s in said if s is spoken[plain(s.value)] and plain(s.value) not in places]
        gone = [value for value in places if value not in spoken]
        accepted = f"{name}-only-in-spec"
        gone = [v for v in gone if not self.report.accepts(accepted, subject.path, v, places[v])]
        for statement, value in zip_longest(new, gone):
            words = plain(statement.value) if statement else None
            if words and value:
                finding, message = "changed", f"the page lists '{words}' where the spec has '{value}'"
            elif words:
                finding, message = "only-in-docs", f"the page lists '{words}', the spec does not"
            else:
                finding, message = "only-in-spec", f"the spec lists '{value}', the page does not"
            values = (statement.value if statement else None, value)
            level = grade(subject.key, *values, subject.part)
            at = places[value] if value else claim.at
            found = [statement] if statement else []
            finding = f"{name}-{finding}"
            self.report.find(
                finding, subject, level, message, found, at, values=values, narrow=True, near=said[0]
            )

    def codes(self) -> None:
        """The body codes; a page that never listed any says nothing about them."""
        claim = self.spec.get("code", "code", "name")
        said = self.facts.of("code", key="code")
        subject = Subject("code", "code", "code")
        if claim and said:
            self._list(subject, said, claim)
        elif claim and self._before("code", "code") and not self.report.found_at("code"):
            message = f"the spec lists the codes {', '.join(claim.value)}, the page none any more"
            self.report.find("code-only-in-spec", subject, "breaking", message, [], claim.at)


def _unused(facts: Facts, spec: Claims, report: Report) -> None:
    """An accepted finding that no longer occurs has to go; it is reported where the page now agrees."""
    names = {s.path for part in _PARTS for s in facts.of(part, key="name")}
    fields = {path for part in _PARTS for path in spec.paths(part)}
    for entry in report.unused:
        if entry.id.startswith("code-"):
            compared = bool(facts.of("code"))
        else:
            compared = entry.path in names or entry.path not in fields
        if not compared:
            continue
        said = [s for s in facts.statements if entry.path in (s.path, s.key)]
        said = [s for s in said if entry.value in (None, plain(s.value))]
        value = f" ({entry.value})" if entry.value else ""
        message = f"{entry.id} of '{entry.path}'{value} is accepted, but not found any more; remove the entry"
        report.find("known-drift-unused", Subject("", entry.path, ""), "wording", message, said[:1], entry.at)


def _equal(page: Any, spec: Any) -> bool:
    if isinstance(page, list) and isinstance(spec, list):
        return sorted(map(plain, page)) == sorted(map(plain, spec))
    return plain(page) == plain(spec)
