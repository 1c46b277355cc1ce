"""Checks `x-codes`: each code of a reply means one thing to the client."""

import builtins
import re

from generator.contract.lint.reader.node import Node, Report, Spec
from generator.contract.reserved import error_classes

CODE = re.compile(r"[1-9][0-9]{2}")


def check_codes(spec: Spec, report: Report) -> None:
    """Report faults of the code table."""
    if spec.by_status:
        _check_status_codes(spec, report)
        return
    if spec.openapi["x-codes"]:
        message = "x-codes belongs to the schema of the codes, because x-envelope says where a body has one"
        report.fault(spec.openapi["x-codes"], message, "codes")
    body_code = spec.codes
    codes = body_code["x-codes"]
    accepted = [str(code.value) for code in spec.openapi["x-envelope"]["accepted"].items()]
    if spec.schemas and not codes:
        message = "a schema needs x-codes, which says what each code means for the client"
        report.fault(spec.schemas, message, "codes")
    for name, schema in spec.schemas.members():
        if name != body_code.name and schema["x-codes"]:
            report.fault(schema["x-codes"], f"the schema {body_code.name} already has x-codes", "codes")
    _check_coverage(body_code, codes, accepted, report)
    _check_entries(spec, codes, accepted, report)


def _check_status_codes(spec: Spec, report: Report) -> None:
    """Check the table of an API whose HTTP status is the verdict."""
    for _, schema in spec.schemas.members():
        if schema["x-codes"]:
            message = "x-codes belongs to the document: without x-envelope, the codes are HTTP statuses"
            report.fault(schema["x-codes"], message, "codes")
    codes = spec.openapi["x-codes"]
    for code, entry in codes.members():
        if not CODE.fullmatch(code) or code.startswith("2"):
            report.fault(entry, f"'{code}' is not the HTTP status of a refusal, such as '404'", "codes")
    _check_entries(spec, codes, [], report)


def _check_entries(spec: Spec, codes: Node, accepted: list[str], report: Report) -> None:
    seen: dict[str, str] = {}
    declared = spec.openapi["x-package"]
    taken = error_classes() | {declared["base-error"].text or f"{declared['client'].text}Error"}
    for code, entry in codes.members():
        _check_entry(code, entry, accepted, report)
        exception = entry["exception"]
        if not exception.text:
            continue
        if exception.text in seen:
            message = f"{exception.text} is the class of code {seen[exception.text]}; each code needs its own"
            report.fault(exception, message, "code-exception")
        elif exception.text in taken or hasattr(builtins, exception.text):
            message = f"{exception.text} is already a class of the client or of Python; choose another name"
            report.fault(exception, message, "code-exception")
        seen.setdefault(exception.text, code)


def _check_coverage(body_code: Node, codes: Node, accepted: list[str], report: Report) -> None:
    values = [str(item.value) for item in body_code["enum"].items()]
    for item in body_code["enum"].items():
        if codes and str(item.value) not in codes:
            report.fault(item, f"{item.value} needs an entry under x-codes", "codes")
    for code, entry in codes.members():
        if not CODE.fullmatch(code):
            report.fault(entry, f"'{code}' is not a code; write three digits in quotes", "codes")
        elif entry["status-only"] and code in values:
            message = f"{code} is in the enum, so it cannot be `status-only`"
            report.fault(entry["status-only"], message, "codes")
        elif not entry["status-only"] and code not in values:
            message = f"{code} is not in the enum; add it there, or write `status-only: true` here"
            report.fault(entry, message, "codes")
    for code in accepted:
        if codes and code not in codes:
            report.fault(codes, f"{code}, which x-envelope accepts, needs an entry", "codes")


def _check_entry(code: str, entry: Node, accepted: list[str], report: Report) -> None:
    """Check that an entry is consistent.

    Most important: only a refused submission may be sent again.
    """
    create = entry["create"]
    if (create.text == "accepted") != (code in accepted):
        message = (
            f"x-envelope accepts {', '.join(accepted) or 'no code'}; exactly those need `create: accepted`"
        )
        report.fault(create, message, "codes")
    if create.text == "accepted":
        for name in ("exception", "query", "repeat", "charged"):
            if name in entry:
                report.fault(entry[name], f"an accepted code must not have '{name}'", "codes")
        return
    for name in ("exception", "charged"):
        if isinstance(entry.value, dict) and name not in entry:
            report.fault(entry, f"a code that is not accepted needs '{name}'", "codes")
    repeat = entry["repeat"].texts()
    if "create" in repeat and create.text != "refused":
        message = (
            "a submission may be sent again only if it is certainly refused: this needs `create: refused`"
        )
        report.fault(entry["repeat"], message, "code-repeat")
    if "create" in repeat and entry["charged"].text != "no":
        message = "a submission may be sent again only if it is not charged: this needs `charged: 'no'`"
        report.fault(entry["repeat"], message, "code-repeat")
    if entry["query"].text == "failed" and repeat:
        message = "this code says that the task failed, so a query must not be repeated; remove `repeat`"
        report.fault(entry["repeat"], message, "code-repeat")
