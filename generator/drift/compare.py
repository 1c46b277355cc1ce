"""Compares the facts of a page with the spec, by meaning: one changed statement is one finding."""

from pathlib import Path
from typing import Any

from generator.contract.load import Document
from generator.diagnostics import Diagnostic, InputError, Location
from generator.drift import claims
from generator.drift.claims import Claim, Claims
from generator.drift.examples import compare_examples
from generator.drift.facts import LISTS, Facts, Part, Statement
from generator.drift.findings import Report, plain, value_words
from generator.drift.grades import Grade, grade, noun, worst
from generator.drift.known import KnownDrift
from generator.drift.wording import Recorded, compare_wording

_PARTS: tuple[Part, ...] = ("header", "request", "response")
# Facts every field of a page states if one does; silence about the others is a statement too.
_TABULAR = {"type", "required"}


def compare(facts: Facts, document: Document, known: KnownDrift, recorded: Recorded | None = None) -> Report:
    """Everything in which the page and the spec differ; `recorded` is the page last reconciled.

    Raises `InputError` when the page is about another operation than the spec's create call.
    """
    report = Report(facts.source, known, facts.model_mentions)
    entry = _entry(facts, document, report)
    if entry is None:
        return report
    spec = claims.claims_of(document, entry)
    comparison = _Comparison(facts, spec, report)
    for path in ("method", "path", "server", "content-type"):
        comparison.operation(path)
    for part in _PARTS:
        comparison.fields(part)
    comparison.codes()
    compare_examples(facts, spec, report)
    compare_wording(facts, recorded, report)
    _unused(facts, spec, known, report)
    return report


def _entry(facts: Facts, document: Document, report: Report) -> claims.Entry | None:
    """The spec's entry for the page's model; a page of an unknown model is one finding."""
    entries = claims.entries(document)
    first = next(iter(entries.values()))
    spoken = [s for s in facts.of("operation") if s.path in ("method", "path")]
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
        report.find("model-unknown", "model", "breaking", message, mentions, at, key="model")
        rest = [s for s in facts.statements if s not in mentions]
        report.settle(rest, "not compared: the spec has no such model")
        return None
    entry = entries[facts.model]
    at = document.locate(*entry.schema)
    others = [s for s in mentions if s.value != facts.model]
    if others:
        message = f"the page names '{others[-1].value}' here and '{facts.model}' elsewhere"
        report.find("contradiction", "model", "breaking", message, others, at, key="model")
    report.settle(mentions, "same", at)
    return entry


def _is_call(facts: Facts, entry: claims.Entry) -> bool:
    """Whether one of the page's addresses is the spec's create call."""
    return any(s.value == entry.path for s in facts.of("operation", "path"))


class _Comparison:
    def __init__(self, facts: Facts, spec: Claims, report: Report) -> None:
        self.facts = facts
        self.spec = spec
        self.report = report

    def operation(self, path: str) -> None:
        """The address, the method, the host and the body's form."""
        said = self.facts.of("operation", path)
        claim = self.spec.get("operation", path, "name")
        if said and claim:
            self._single("request", path, "operation", said, claim, f"{path}-changed")

    def fields(self, part: Part) -> None:
        """The fields of one part: which there are, then what is said of each."""
        names = {s.path: s for s in self.facts.of(part, key="name")}
        known = self.spec.paths(part)
        for path, name in names.items():
            said = self.facts.of(part, path)
            if path in known:
                self.report.settle([name], "same", self._at(part, path, "name"))
                continue
            required = part == "request" and self.facts.first(part, path, "required") is True
            message = f"the page has a field '{path}', the spec has none"
            level: Grade = "breaking" if required else "additive"
            at = self._near(part, path)
            self.report.find("field-only-in-docs", path, level, message, [name], at, key="name", part=part)
            self.report.settle(said, "part of field-only-in-docs", at)
        for path in known if names else []:
            if path not in names:
                message = f"the spec has a field '{path}', the page has none"
                at = self._at(part, path, "name")
                self.report.find(
                    "field-only-in-spec", path, "breaking", message, [], at, key="name", part=part
                )
        for path in dict.fromkeys(s.path for s in self.facts.of(part)):
            if path in known:
                self._field(part, path, documented=path in names)

    def _field(self, part: Part, path: str, *, documented: bool) -> None:
        said: dict[str, list[Statement]] = {}
        for statement in self.facts.of(part, path):
            if statement.key not in ("name", "example", "text") and statement not in self.report.mentions:
                said.setdefault(statement.key, []).append(statement)
        for key, statements in said.items():
            claim = self.spec.get(part, path, key)
            if claim is None:
                self._only_in_docs(part, path, key, statements)
            elif key in LISTS:
                self._list(part, path, key, statements, claim)
            else:
                self._single(part, path, key, statements, claim)
        for key in self.spec.keys(part, path) if documented else []:
            if key not in said and not (path == "model" and key in ("default", "option")):
                self._only_in_spec(part, path, key)

    def _only_in_docs(self, part: Part, path: str, key: str, said: list[Statement]) -> None:
        value = [s.value for s in said] if key in LISTS else said[0].value
        message = f"the page says {key} {value_words(key, value)}, the spec says nothing"
        level = "breaking" if key == "option" else grade(key, value, None, part)
        at = self._at(part, path, "name")
        self.report.find(
            f"{noun(key)}-only-in-docs",
            path,
            level,
            message,
            said,
            at,
            key=key,
            part=part,
            values=(value, None),
        )

    def _only_in_spec(self, part: Part, path: str, key: str) -> None:
        claim = self.spec.get(part, path, key)
        assert claim
        if key in _TABULAR and not self.facts.of(part, key=key):
            return
        message = f"the spec says {key} {value_words(key, claim.value)}, the page says nothing"
        level = "additive" if key == "option" else grade(key, None, claim.value, part)
        self.report.find(
            f"{noun(key)}-only-in-spec",
            path,
            level,
            message,
            [],
            claim.at,
            key=key,
            part=part,
            values=(None, claim.value),
        )

    def _single(
        self, part: Part, path: str, key: str, said: list[Statement], claim: Claim, finding: str | None = None
    ) -> None:
        """One value: same, changed, or the page contradicts itself."""
        differing = [s for s in said if not _equal(s.value, claim.value)]
        self.report.settle([s for s in said if s not in differing], "same", claim.at)
        if not differing:
            return
        several = {value_words(key, s.value) for s in said}
        level = worst([grade(key, s.value, claim.value, part) for s in differing])
        values = (differing[-1].value, claim.value)
        finding = "contradiction" if len(several) > 1 else finding or f"{noun(key)}-changed"
        spec = value_words(key, claim.value)
        message = f"the page says {key} {' and '.join(sorted(several))}, the spec says {spec}"
        self.report.find(
            finding, path, level, message, differing, claim.at, key=key, part=part, values=values
        )

    def _list(self, part: Part, path: str, key: str, said: list[Statement], claim: Claim) -> None:
        """A list of options or codes: what one side lists and the other does not, paired in order."""
        name = noun(key)
        listed = [plain(value) for value in claim.value]
        places = dict(zip(listed, claim.members, strict=False))
        for statement in said:
            if plain(statement.value) in listed:
                self.report.settle([statement], "same", places.get(plain(statement.value), claim.at))
        spoken = {plain(s.value) for s in said}
        new = list({plain(s.value): s for s in said if plain(s.value) not in listed}.values())
        gone = [value for value in listed if value not in spoken]
        for value in [v for v in gone if self.report.known.accepts(f"{name}-only-in-spec", path, v)]:
            gone.remove(value)
            self.report.accept(f"{name}-only-in-spec", places[value])
        for statement, value in zip(new, gone, strict=False):
            message = f"the page lists {name} '{plain(statement.value)}' where the spec has '{value}'"
            self._listed(
                f"{name}-changed",
                part,
                path,
                key,
                message,
                [statement],
                places[value],
                (statement.value, value),
            )
        for statement in new[len(gone) :]:
            message = f"the page lists {name} '{plain(statement.value)}', the spec does not"
            self._listed(
                f"{name}-only-in-docs",
                part,
                path,
                key,
                message,
                [statement],
                claim.at,
                (statement.value, None),
            )
        for value in gone[len(new) :]:
            message = f"the spec lists {name} '{value}', the page does not"
            self._listed(f"{name}-only-in-spec", part, path, key, message, [], places[value], (None, value))

    def _listed(
        self,
        finding: str,
        part: str,
        path: str,
        key: str,
        message: str,
        said: list[Statement],
        at: Location,
        values: tuple[Any, Any],
    ) -> None:
        level = grade(key, *values, part)
        self.report.find(
            finding, path, level, message, said, at, key=key, part=part, values=values, narrow=True
        )

    def codes(self) -> None:
        """The body codes; a page that lists none says nothing about them."""
        claim = self.spec.get("code", "code", "name")
        said = self.facts.of("code", key="code")
        if claim and said:
            self._list("code", "code", "code", said, claim)

    def _at(self, part: str, path: str, key: str) -> Location:
        claim = self.spec.get(part, path, key)
        return claim.at if claim else self._near(part, path)

    def _near(self, part: str, path: str) -> Location:
        """Where a field that the spec lacks would stand: at its parent."""
        parent = self.spec.get(part, path.rpartition(".")[0], "name")
        return parent.at if parent else self.spec.document.locate(*self.spec.entry.schema)


def _unused(facts: Facts, spec: Claims, known: KnownDrift, report: Report) -> None:
    """An accepted finding that no longer occurs has to go; it is reported where the page now agrees."""
    names = {s.path for part in _PARTS for s in facts.of(part, key="name")}
    fields = {path for part in _PARTS for path in spec.paths(part)}
    for entry in known.unused:
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
        report.find("known-drift-unused", entry.path, "wording", message, said[:1], entry.at, key="known")


def _equal(page: Any, spec: Any) -> bool:
    if isinstance(page, list) and isinstance(spec, list):
        return sorted(map(plain, page)) == sorted(map(plain, spec))
    return plain(page) == plain(spec)
