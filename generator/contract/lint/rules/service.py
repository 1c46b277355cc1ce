"""Checks the verdicts and the facts of members, which the sandbox needs."""

from generator.contract.lint.reader.node import Report, Spec
from generator.contract.lint.rules.requests import reply_schemas, request_schemas
from generator.contract.lint.rules.schemas import types
from generator.runtime.contract.suggest import did_you_mean

# The facts that a member of a request or a reply may hold, by the names that the sandbox knows.
SENT = [
    "file.content",
    "file.base64",
    "file.source",
    "file.folder",
    "file.name",
    "result.url",
    "seed",
    "count",
]
RECEIVED = [
    "task.id",
    "task.model",
    "task.state",
    "task.request",
    "task.result",
    "task.url",
    "task.urls",
    "task.fail-code",
    "task.fail-msg",
    "task.seconds",
    "task.completed",
    "task.created",
    "task.credits",
    "file.stored",
    "file.name",
    "file.path",
    "file.url",
    "file.size",
    "file.type",
    "file.time",
    "link.url",
    "account.credits",
]


def check_service_facts(spec: Spec, report: Report) -> None:
    """Report faults of verdicts and of what members hold."""
    _check_verdicts(spec, report)
    _check_holds(spec, report)


def _check_verdicts(spec: Spec, report: Report) -> None:
    """Check that a verdict has a declared code that fits its situation."""
    codes = spec.openapi["x-codes"] if spec.by_status else spec.codes["x-codes"]
    accepted = [code.value for code in spec.openapi["x-envelope"]["accepted"].items()]
    if spec.by_status:
        accepted = [200]
    for owner in (spec.openapi, *spec.calls()):
        for situation, verdict in owner["x-verdicts"].members():
            code = verdict["code"]
            if code.number is None or not codes:
                continue
            if str(code.value) not in codes and code.value not in accepted:
                report.fault(code, f"{code.value} needs an entry under x-codes", "verdict")
            elif (code.value in accepted) != (situation in ("accepted", "succeeded")):
                expected = "must not be" if code.value in accepted else "must be"
                message = (
                    f"the code of '{situation}' {expected} one that x-envelope accepts, got {code.value}"
                )
                report.fault(code, message, "verdict")


def _check_holds(spec: Spec, report: Report) -> None:
    for known, found in ((SENT, request_schemas(spec)), (RECEIVED, reply_schemas(spec))):
        for schema in found:
            fact = schema["x-holds"]
            if fact.text and fact.text not in known:
                where = "request" if known is SENT else "reply"
                hint = did_you_mean(fact.text, known) or f"; it may hold {', '.join(known)}"
                message = f"a member of a {where} cannot hold '{fact.text}'{hint}"
                report.fault(fact, message, "holds")
            values = [str(item.value) for item in schema["enum"].items()]
            if fact.text == "count" and types(schema) != ["integer"] and not _are_digits(values):
                report.fault(fact, "a count must be an integer, or an enum of digits", "holds")


def _are_digits(values: list[str]) -> bool:
    return bool(values) and all(map(str.isdecimal, values))
