"""Checks the examples and samples of a page, which must be valid under the spec."""

from typing import Any

from generator.drift.compare.claims import Claims
from generator.drift.compare.findings import COVERED, DriftReport, Subject, format_json, format_unquoted
from generator.drift.read.facts import Facts
from generator.drift.read.statements import Part, Statement

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def compare_examples(facts: Facts, claims: Claims, report: DriftReport) -> None:
    """Report each example and each member of a sample that the spec does not allow."""
    for part in ("request", "response"):
        for example in facts.of(part, key="example"):
            _compare_example(part, example, claims, report, "example")
        _compare_sample(part, facts, claims, report)


def _compare_sample(part: Part, facts: Facts, claims: Claims, report: DriftReport) -> None:
    members = facts.of("sample", key=part)
    claimed = claims.field_paths(part)
    for member in members:
        if member.path in claimed:
            _compare_example(part, member, claims, report, "sample")
            continue
        path = next(path for path in _path_prefixes(member.path) if path not in claimed)
        if not report.covers(path):
            message = f"a sample has '{path}', the spec has no such field"
            subject, location = Subject("sample", path, part), claims.document.locate(*claims.entry.schema)
            report.add_finding("sample-field-unknown", subject, "wording", message, [member], location)
        report.set_verdict([member], COVERED)
    in_sample = {path for member in members for path in _path_prefixes(member.path)}
    for path in claimed if members else []:
        required = claims.get(part, path, "required")
        parent = path.rpartition(".")[0]
        missing = (
            required and required.value and path not in in_sample and (not parent or parent in in_sample)
        )
        if required and missing and not report.covers(path):
            message = f"no sample has '{path}', which the spec requires"
            subject = Subject("sample", path, part)
            report.add_finding(
                "sample-lacks-field", subject, "wording", message, [], required.location, near=members[0]
            )


def _path_prefixes(path: str) -> list[str]:
    """Return the paths of the fields around a field, the outermost first, and its own."""
    names = path.split(".")
    return [".".join(names[: count + 1]) for count in range(len(names))]


def _compare_example(
    part: Part, statement: Statement, claims: Claims, report: DriftReport, noun: str
) -> None:
    type_, options = claims.get(part, statement.path, "type"), claims.get(part, statement.path, "option")
    if type_ is None or statement in report.model_mentions:
        return
    allowed = map(format_unquoted, options.value) if options else None
    valid = _has_type(statement.value, type_.value) and (
        allowed is None or format_unquoted(statement.value) in allowed
    )
    location = (options or type_).location
    if valid or report.covers(statement.path):
        report.set_verdict([statement], "valid" if valid else COVERED, location)
        return
    message = f"the {noun} {format_json(statement.value)} is not valid under the spec"
    subject = Subject(part, statement.path, noun)
    report.add_finding(f"{noun}-impossible", subject, "wording", message, [statement], location)


def _has_type(value: Any, type_: dict[str, Any]) -> bool:
    types = _TYPES.get(str(type_["type"]), (object,))
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        return False
    items = type_.get("items")
    return not (items and isinstance(value, list)) or all(_has_type(item, items) for item in value)
