"""Examples and samples of a page, which must be possible under the spec's own words."""

from typing import Any

from generator.diagnostics import Location
from generator.drift.compare.claims import Claims
from generator.drift.compare.findings import PART, Report, Subject, plain, show
from generator.drift.facts import Facts, Part, Statement

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def compare_examples(facts: Facts, spec: Claims, report: Report) -> None:
    """Each example of a field and each member of a sample must fit the spec's field."""
    for part in ("request", "response"):
        for example in facts.of(part, key="example"):
            _value(part, example, spec, report, "example")
        _sample(part, facts, spec, report)


def _sample(part: Part, facts: Facts, spec: Claims, report: Report) -> None:
    members = facts.of("sample", key=part)
    known = spec.paths(part)
    for member in members:
        if member.path in known:
            _value(part, member, spec, report, "sample")
            continue
        path = next(path for path in _around(member.path) if path not in known)
        if not report.found_at(path):
            message = f"a sample has '{path}', the spec has no such field"
            at = spec.document.locate(*spec.entry.schema)
            report.find(
                "sample-field-unknown", Subject("sample", path, part), "wording", message, [member], at
            )
        report.settle([member], PART)
    shown = {path for member in members for path in _around(member.path)}
    for path in known if members else []:
        required = spec.get(part, path, "required")
        outer = path.rpartition(".")[0]
        lacks = required and required.value and path not in shown and (not outer or outer in shown)
        if required and lacks and not report.found_at(path):
            message = f"no sample shows '{path}', which the spec requires"
            subject = Subject("sample", path, part)
            report.find("sample-lacks-field", subject, "wording", message, [], required.at, near=members[0])


def _around(path: str) -> list[str]:
    """A path with the paths around it, the outermost first."""
    parts = path.split(".")
    return [".".join(parts[: count + 1]) for count in range(len(parts))]


def _value(part: Part, said: Statement, spec: Claims, report: Report, noun: str) -> None:
    kind, options = spec.get(part, said.path, "type"), spec.get(part, said.path, "option")
    if kind is None or said in report.mentions:
        return
    fits = _fits(said.value, kind.value) and (not options or plain(said.value) in map(plain, options.value))
    at: Location = options.at if options else kind.at
    if fits or report.found_at(said.path):
        report.settle([said], "possible" if fits else PART, at)
        return
    message = f"the {noun} {show(said.value)} is impossible under the spec"
    subject = Subject(part, said.path, noun)
    report.find(f"{noun}-impossible", subject, "wording", message, [said], at)


def _fits(value: Any, kind: dict[str, Any]) -> bool:
    types = _TYPES.get(str(kind["type"]), (object,))
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        return False
    items = kind.get("items")
    return not (items and isinstance(value, list)) or all(_fits(item, items) for item in value)
