"""What the service says in a situation, and what its requests and replies hold."""

from generator.contract.lint.reader.node import Report, Spec
from generator.contract.lint.rules.requests import received, sent
from generator.runtime.contract.suggest import did_you_mean

# What a member may hold, in a request and in a reply: the words by which a server finds its facts.
SENT = ["file.content", "file.base64", "file.source", "file.folder", "file.name", "result.url", "seed"]
RECEIVED = [
    "task.id",
    "task.model",
    "task.state",
    "task.request",
    "task.result",
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


def check(spec: Spec, report: Report) -> None:
    """Add faults of verdicts and of what members hold."""
    _verdicts(spec, report)
    _holds(spec, report)


def _verdicts(spec: Spec, report: Report) -> None:
    """A verdict has a declared code, and says yes exactly where the situation does."""
    codes = spec.schemas["BodyCode"]["x-codes"]
    accepted = [code.value for code in spec.openapi["x-envelope"]["accepted"].items()]
    for owner in (spec.openapi, *spec.calls()):
        for situation, verdict in owner["x-verdicts"].members():
            code = verdict["code"]
            if code.number is None or not codes:
                continue
            if str(code.value) not in codes:
                report.fault(code, f"{code.value} has no entry under x-codes", "verdict")
            elif (code.value in accepted) != (situation in ("accepted", "succeeded")):
                report.fault(code, f"{code.value} does not mean '{situation}'", "verdict")


def _holds(spec: Spec, report: Report) -> None:
    for known, found in ((SENT, sent(spec)), (RECEIVED, received(spec))):
        for schema in found:
            fact = schema["x-holds"]
            if fact.text and fact.text not in known:
                where = "request" if known is SENT else "reply"
                hint = did_you_mean(fact.text, known) or f"; it may hold {', '.join(known)}"
                message = f"a {where} holds no '{fact.text}'{hint}"
                report.fault(fact, message, "holds")
    for operation in spec.calls():
        data = spec.data(operation).resolved()
        facts = {name for name, member in data["properties"].members() if member.resolved()["x-holds"]}
        for name in data["required"].items():
            if facts and name.text not in facts:
                report.fault(
                    name, f"'{name.text}' is required, so it needs x-holds: what does it hold?", "holds"
                )
