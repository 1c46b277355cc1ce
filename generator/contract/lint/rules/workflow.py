"""The workflow is the one that the waiter understands, and fits the operations that it names."""

import re

from generator.contract.lint.reader.expressions import body_place
from generator.contract.lint.reader.node import Node, Report, Spec
from generator.contract.lint.rules.schemas import types
from generator.contract.lower_runtime import CONDITION
from generator.runtime.contract.suggest import did_you_mean

OUTPUT = re.compile(r"\$steps\.(?P<step>\w+)\.outputs\.(?P<name>\w+)")

# What the client makes of each output of the poll, and so the types that it may have.
OUTPUTS = {
    "id": ("string",),
    "model": ("string",),
    "state": ("string",),
    "urls": ("array",),
    "fail_code": ("string",),
    "fail_msg": ("string",),
    "created_at": ("integer", "number"),
    "completed_at": ("integer", "number"),
    "credits": ("integer", "number"),
    "request": ("string",),
}
TIMES = ("created_at", "completed_at")


def check(spec: Spec, report: Report) -> None:
    """Add faults of the workflow."""
    for step in (spec.create, spec.poll):
        place = step["operationId"]
        if place.text and place.text not in spec.operations:
            message = f"no operation '{place.text}'{did_you_mean(place.text, list(spec.operations))}"
            report.fault(place, message, "workflow-operation")
    _create(spec, report)
    _poll(spec, report)
    _wait(spec, report)
    if spec.data(spec.operation(spec.poll))["$ref"]:
        _outputs(spec, report)
        _states(spec, report)


def _create(spec: Spec, report: Report) -> None:
    step, operation = spec.create, spec.operation(spec.create)
    if operation:
        if (
            operation.name != "post"
            or spec.body(operation).pointer != spec.schemas["CreateTaskRequest"].pointer
        ):
            message = "the create step must call a POST whose body is CreateTaskRequest"
            report.fault(step["operationId"], message, "workflow-operation")
        if not operation["callbacks"]:
            report.fault(operation, "the create call must declare its callback", "callback")
        if operation["x-repeatable"]:
            message = "a create is never repeatable: it could pay twice"
            report.fault(operation["x-repeatable"], message, "workflow-operation")
    payload = step["requestBody"]["payload"]
    inputs = spec.arazzo["workflows"][0]["inputs"]
    known = [f"$inputs.{name}" for name, _ in inputs["properties"].members()]
    if payload.text and payload.text not in known:
        report.fault(payload, f"'{payload.text}' is none of the inputs {', '.join(known)}", "expression")
    for name in inputs["required"].items():
        if name.text not in inputs["properties"]:
            report.fault(name, f"'{name.text}' is none of the inputs", "expression")


def _poll(spec: Spec, report: Report) -> None:
    step, operation = spec.poll, spec.operation(spec.poll)
    parameter = step["parameters"][0]
    declared = [entry["name"].text for entry in operation["parameters"].items()]
    if operation:
        if operation.name != "get":
            report.fault(step["operationId"], "the poll step must call a GET", "workflow-operation")
        if [parameter["name"].text] != declared or operation["parameters"][0]["required"].value is not True:
            message = (
                "the poll's operation must take one parameter, required, and the step must give that one"
            )
            report.fault(parameter["name"] or step, message, "workflow-operation")
        if not spec.data(operation)["$ref"]:
            report.fault(
                operation,
                "the data of the poll's reply must refer to a schema under components",
                "workflow-operation",
            )
    expected = f"$steps.{spec.create['stepId'].text}.outputs.id"
    if parameter["value"].text and parameter["value"].text != expected:
        report.fault(parameter["value"], f"expected {expected}, the id of the created task", "expression")


def _outputs(spec: Spec, report: Report) -> None:
    data = spec.openapi["x-envelope"]["data"].text
    for step in (spec.create, spec.poll):
        operation = spec.operation(step)
        for name, place in step["outputs"].members():
            if not place.text or not operation or name not in OUTPUTS:
                continue
            schema, problem = body_place(spec, operation, place.text)
            parts = place.text.partition("#/")[2].split("/")
            if problem:
                report.fault(place, problem, "expression")
            elif parts[0] != data or (len(parts) != 2 and name != "urls"):
                report.fault(
                    place, f"expected $response.body#/{data}/member, one below the data", "expression"
                )
            elif schema:
                _output(name, place, schema, report)
                required = schema.parent.parent["required"].texts()
                certain = step is spec.create or name == "state"
                if certain and schema.name not in required:
                    message = f"'{parts[1]}' must be required in the reply: the client cannot do without it"
                    report.fault(place, message, "expression")
    for _, place in spec.arazzo["workflows"][0]["outputs"].members():
        match = OUTPUT.fullmatch(place.text)
        steps = {step["stepId"].text: step for step in (spec.create, spec.poll)}
        if place.text and not (
            match and match["step"] in steps and match["name"] in steps[match["step"]]["outputs"]
        ):
            report.fault(place, f"'{place.text}' is no output of a step", "expression")


def _output(name: str, place: Node, schema: Node, report: Report) -> None:
    found = [kind for choice in (schema, *schema["anyOf"].items()) for kind in types(choice.resolved())]
    if not found or not set(found) <= {*OUTPUTS[name], "null"}:
        said = ", ".join(found) or "nothing"
        message = f"{name} must be {' or '.join(OUTPUTS[name])}, and the schema says {said}"
        report.fault(place, message, "expression")
    elif name in TIMES and not schema["x-unit"]:
        report.fault(place, f"{name} is a time, so '{schema.name}' needs x-unit: unix-ms", "expression")
    elif name == "urls" and types(schema["items"].resolved()) != ["string"]:
        report.fault(place, "urls must be a list of strings", "expression")


def _states(spec: Spec, report: Report) -> None:
    """Each state is named by exactly one of success, failure and pending."""
    poll = spec.poll
    expression = poll["outputs"]["state"].text
    place = body_place(spec, spec.operation(poll), expression)[0]
    open_set = place["anyOf"]
    states = open_set[0].resolved()["enum"].texts()
    if place and not (
        open_set[0]["$ref"].text and states and open_set[1].value == {"type": "string"} and not open_set[2]
    ):
        message = "a state must be `anyOf`: a reference to the enum of the known states, then `type: string`"
        report.fault(place, message, "states")
        return
    failure, retry = poll["onFailure"][0], poll["onFailure"][1]
    _successes(spec, spec.create["successCriteria"], report)
    named: dict[str, str] = {}
    for kind, criteria in (
        ("success", _successes(spec, poll["successCriteria"], report)),
        ("failure", list(failure["criteria"].items())),
        ("pending", list(retry["criteria"].items())),
    ):
        if kind == "success" and len(criteria) != 1:
            report.fault(
                poll["successCriteria"], "one of the criteria must name the states of success", "condition"
            )
        for criterion in criteria:
            _condition(criterion["condition"], expression, states, kind, named, report)
    missing = [state for state in states if state not in named]
    if any(fault.rule == "condition" for fault in report.faults):
        return
    if missing:
        message = f"no condition names {', '.join(missing)}: each state is success, failure or pending"
        report.fault(poll["onFailure"], message, "states")
    initial = retry["x-wait"]["initial-state"]
    if initial.text and initial.text not in missing and named.get(initial.text) != "pending":
        report.fault(initial, f"'{initial.text}' is not a pending state", "states")


def _successes(spec: Spec, criteria: Node, report: Report) -> list[Node]:
    """The criteria that are not about the envelope, which must be the two that x-envelope declares."""
    envelope = spec.openapi["x-envelope"]
    code = f"$response.body#/{envelope['code'].text}"
    accepted = " || ".join(f"{code} == {entry.value}" for entry in envelope["accepted"].items())
    expected = ["$statusCode == 200", accepted]
    given = list(criteria.items())
    found = [criterion["condition"].text for criterion in given]
    for text in expected:
        if criteria and text not in found:
            report.fault(
                criteria, f"the condition '{text}' is missing; the client always demands it", "condition"
            )
    rest = [criterion for criterion in given if criterion["condition"].text not in expected]
    if criteria.parent.pointer == spec.create.pointer:
        for criterion in rest:
            report.fault(criterion, f"a create is judged by {' and '.join(expected)} only", "condition")
    return rest


def _condition(
    place: Node, expression: str, states: list[str], kind: str, named: dict[str, str], report: Report
) -> None:
    if not place.text:
        return
    matches = list(CONDITION.finditer(place.text))
    if " || ".join(match.group() for match in matches) != place.text:
        message = f"the waiter understands only {expression} == 'state', several joined with ' || '"
        report.fault(place, message, "condition")
        return
    for match in matches:
        state = match["value"]
        if f"$response.body#{match['pointer']}" != expression:
            report.fault(place, f"a condition on the state asks {expression}", "condition")
        elif state not in states:
            report.fault(place, f"no state '{state}'{did_you_mean(state, states)}", "states")
        elif named.setdefault(state, kind) != kind:
            report.fault(place, f"'{state}' is already a state of {named[state]}", "states")


def _wait(spec: Spec, report: Report) -> None:
    retry = spec.poll["onFailure"][1]
    wait = retry["x-wait"]
    starts = [step["after"].number or 0 for step in wait["schedule"].items()]
    if starts and (starts[0] != 0 or starts != sorted(set(starts))):
        report.fault(wait["schedule"], "the schedule must start at 0 and go up", "wait")
    deadline, grace = wait["deadline"].number, wait["not-visible-grace"].number
    after, limit = retry["retryAfter"].number, retry["retryLimit"].number
    if deadline is None:
        return
    if after is not None and limit is not None and deadline > after * limit:
        message = f"lies beyond retryAfter * retryLimit, {after * limit:g} s, where other runners give up"
        report.fault(wait["deadline"], message, "wait")
    if grace is not None and grace > deadline:
        report.fault(wait["not-visible-grace"], f"lies beyond the deadline, {deadline:g} s", "wait")
    for step in wait["schedule"].items():
        start = step["after"].number
        if start is not None and start >= deadline:
            report.fault(step["after"], f"lies beyond the deadline, {deadline:g} s", "wait")
