"""Every code of a reply means one thing to the client."""

import builtins
import re

from generator.contract.lint.reader.node import Node, Report, Spec
from generator.runtime.core import errors

CODE = re.compile(r"[1-9][0-9]{2}")


def check(spec: Spec, report: Report) -> None:
    """Add faults of the code table and of what else names codes."""
    body_code = spec.schemas["BodyCode"]
    codes = body_code["x-codes"]
    accepted = [str(code.value) for code in spec.openapi["x-envelope"]["accepted"].items()]
    if not codes and body_code:
        report.fault(body_code, "BodyCode needs x-codes: what each code means for the client", "codes")
    for name, schema in spec.schemas.members():
        if name != "BodyCode" and schema["x-codes"]:
            report.fault(schema["x-codes"], "x-codes belongs to the schema BodyCode", "codes")
    _coverage(body_code, codes, accepted, report)
    seen: dict[str, str] = {}
    for code, entry in codes.members():
        _entry(code, entry, accepted, report)
        exception = entry["exception"]
        if not exception.text:
            continue
        if exception.text in seen:
            message = (
                f"{exception.text} already stands for {seen[exception.text]}; each code has its own class"
            )
            report.fault(exception, message, "code-exception")
        elif hasattr(errors, exception.text) or hasattr(builtins, exception.text):
            message = f"{exception.text} is taken by the client or by Python"
            report.fault(exception, message, "code-exception")
        seen.setdefault(exception.text, code)


def _coverage(body_code: Node, codes: Node, accepted: list[str], report: Report) -> None:
    values = [str(item.value) for item in body_code["enum"].items()]
    for item in body_code["enum"].items():
        if codes and str(item.value) not in codes:
            report.fault(item, f"{item.value} has no entry under x-codes", "codes")
    for code, entry in codes.members():
        if not CODE.fullmatch(code):
            report.fault(entry, f"'{code}' is not a code: three digits in quotes", "codes")
        elif entry["status-only"] and code in values:
            message = f"{code} stands in the enum, so it is not `status-only`"
            report.fault(entry["status-only"], message, "codes")
        elif not entry["status-only"] and code not in values:
            message = f"{code} is not in the enum; add it there, or `status-only: true` here"
            report.fault(entry, message, "codes")
    for code in accepted:
        if codes and code not in codes:
            report.fault(codes, f"{code}, which x-envelope accepts, has no entry", "codes")


def _entry(code: str, entry: Node, accepted: list[str], report: Report) -> None:
    """What an entry says must hold together; above all, only a refused create may be repeated."""
    create = entry["create"]
    if (create.text == "accepted") != (code in accepted):
        message = f"x-envelope accepts {', '.join(accepted)}; `create: accepted` stands at exactly those"
        report.fault(create, message, "codes")
    if create.text == "accepted":
        for name in ("exception", "query", "repeat", "charged"):
            if name in entry:
                report.fault(entry[name], f"an accepted code has no '{name}'", "codes")
        return
    for name in ("exception", "charged"):
        if isinstance(entry.value, dict) and name not in entry:
            report.fault(entry, f"a code that is not accepted needs '{name}'", "codes")
    repeat = entry["repeat"].texts()
    if "create" in repeat and create.text != "refused":
        message = "a create is repeated only after a code that says `create: refused`: it could pay twice"
        report.fault(entry["repeat"], message, "code-repeat")
    if "create" in repeat and entry["charged"].text != "no":
        message = "a create is repeated only after a code that says `charged: 'no'`: it could pay twice"
        report.fault(entry["repeat"], message, "code-repeat")
    if entry["query"].text == "failed" and repeat:
        message = "a query whose code says that the task failed is settled and not repeated"
        report.fault(entry["repeat"], message, "code-repeat")
