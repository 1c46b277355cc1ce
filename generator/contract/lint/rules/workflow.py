"""Checks that the client can run the workflow and that it fits its operations."""

from collections.abc import Iterator, Sequence

from generator.contract.lint.reader.expressions import object_of, response_schema_at
from generator.contract.lint.reader.node import Node, Report, Spec, accepted_replies, free_parameters
from generator.contract.lint.rules.schemas import types
from generator.contract.openapi import accepted_status
from generator.contract.pointer import CONDITION, STEP_OUTPUT, expression_pointer
from generator.runtime.contract.suggest import did_you_mean

# The types that each output of the poll may have, by what the client makes of it.
OUTPUTS = {
    "id": ("string",),
    "model": ("string",),
    "state": ("string",),
    "urls": ("array", "string", "object"),
    "fail_code": ("string",),
    "fail_msg": ("string",),
    "created_at": ("integer", "number", "string"),
    "completed_at": ("integer", "number", "string"),
    "credits": ("integer", "number"),
    "request": ("string",),
}
TIMES = ("created_at", "completed_at")


def check_workflow(spec: Spec, report: Report) -> None:
    """Report faults of the two steps, their outputs, states and waiting times."""
    for step in (*spec.creates, spec.poll):
        place = step["operationId"]
        if place.text and place.text not in spec.operations:
            message = f"there is no operation '{place.text}'{did_you_mean(place.text, list(spec.operations))}"
            report.fault(place, message, "workflow-operation")
    for flow in spec.arazzo["workflows"].items():
        _check_create(spec, flow, report)
    _check_same_poll(spec, report)
    _check_poll(spec, report)
    _check_wait(spec, report)
    if spec.data(spec.operation(spec.poll))["$ref"]:
        _check_outputs(spec, report)
        _check_states(spec, report)


def _check_same_poll(spec: Spec, report: Report) -> None:
    """Check that all workflows poll alike: a client has one waiter."""
    for flow in spec.arazzo["workflows"].items():
        if flow["steps"][1] and flow["steps"][1].value != spec.poll.value:
            message = "the poll step must be the same as in the first workflow; use a YAML alias"
            report.fault(flow["steps"][1], message, "workflow-operation")
        for name in ("stepId", "outputs"):
            if flow["steps"][0] and flow["steps"][0][name].value != spec.create[name].value:
                message = f"the first steps of all workflows need the same {name}"
                report.fault(flow["steps"][0][name], message, "workflow-operation")


def _check_create(spec: Spec, flow: Node, report: Report) -> None:
    step, operation = flow["steps"][0], spec.operation(flow["steps"][0])
    if operation:
        if (
            operation.name != "post"
            or not operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        ):
            message = (
                "the create step must call a POST whose body is application/json with a $ref to a schema"
            )
            report.fault(step["operationId"], message, "workflow-operation")
        if operation["x-repeatable"]:
            message = (
                "the operation that creates tasks must not be repeatable: the account could be charged twice"
            )
            report.fault(operation["x-repeatable"], message, "workflow-operation")
        if spec.by_status and not spec.data(operation):
            message = "the reply of a submission needs a JSON body, which has the task's id"
            report.fault(operation["responses"], message, "workflow-operation")
    payload = step["requestBody"]["payload"]
    inputs = flow["inputs"]
    known = [f"$inputs.{name}" for name, _ in inputs["properties"].members()]
    if payload.text and payload.text not in known:
        report.fault(payload, f"'{payload.text}' is not one of the inputs {', '.join(known)}", "expression")
    for name in inputs["required"].items():
        if name.text not in inputs["properties"]:
            report.fault(name, f"'{name.text}' is not one of the inputs", "expression")


def _check_poll(spec: Spec, report: Report) -> None:
    step, operation = spec.poll, spec.operation(spec.poll)
    parameter = step["parameters"][0]
    free = free_parameters(operation)
    declared = [entry["name"].text for entry in free]
    if operation:
        if operation.name != "get":
            report.fault(step["operationId"], "the poll step must call a GET", "workflow-operation")
        if [parameter["name"].text] != declared or free[0]["required"].value is not True:
            message = (
                "the poll's operation must have one parameter, which is required and which the step gives"
            )
            report.fault(parameter["name"] or step, message, "workflow-operation")
        elif parameter["in"].text != free[0]["in"].text:
            message = f"the operation has this parameter in the {free[0]['in'].text}"
            report.fault(parameter["in"], message, "workflow-operation")
        if not spec.data(operation)["$ref"]:
            report.fault(
                operation,
                "the data of the poll's reply must refer to a schema under components",
                "workflow-operation",
            )
    expected = f"$steps.{spec.create['stepId'].text}.outputs.id"
    if parameter["value"].text and parameter["value"].text != expected:
        report.fault(parameter["value"], f"expected {expected}, the id of the created task", "expression")


def _check_outputs(spec: Spec, report: Report) -> None:
    for step in (*spec.creates, spec.poll):
        operation = spec.operation(step)
        wrapped = next(map(spec.wrapped, accepted_replies(spec, operation)), None)
        for name, place in step["outputs"].members():
            if not place.text or not operation or name not in OUTPUTS:
                continue
            schema, problem = response_schema_at(spec, operation, place.text)
            parts = expression_pointer(place.text)
            if problem:
                report.fault(place, problem, "expression")
            elif wrapped and (parts[0] != wrapped.name or len(parts) == 1):
                message = f"expected $response.body#/{wrapped.name}/member, a member of the data"
                report.fault(place, message, "expression")
            elif schema:
                _check_output(name, place, schema, report)
                if step is not spec.poll or name == "state":
                    for missing in optional_parts(spec, operation, parts):
                        message = f"the reply must require '{missing}': the client cannot work without it"
                        report.fault(place, message, "expression")
    for flow in spec.arazzo["workflows"].items():
        _check_workflow_outputs(flow, report)


def optional_parts(spec: Spec, operation: Node, parts: Sequence[str]) -> Iterator[str]:
    """Yield each member that leads to a place of a reply and that the reply may leave out."""
    for reply in accepted_replies(spec, operation):
        node = reply
        for name in parts:
            inner = object_of((node["contentSchema"] or node).resolved())
            if name not in inner["required"].texts():
                yield name
            node = inner["properties"][name].resolved()


def _check_workflow_outputs(flow: Node, report: Report) -> None:
    for _, place in flow["outputs"].members():
        match = STEP_OUTPUT.fullmatch(place.text)
        steps = {step["stepId"].text: step for step in flow["steps"].items()}
        if place.text and not (
            match and match["step"] in steps and match["name"] in steps[match["step"]]["outputs"]
        ):
            report.fault(place, f"'{place.text}' is not an output of a step", "expression")


def _check_output(name: str, place: Node, schema: Node, report: Report) -> None:
    found = [kind for choice in (schema, *schema["anyOf"].items()) for kind in types(choice.resolved())]
    if name == "state":
        return  # `_check_states` requires an exact form
    if not found or not set(found) <= {*OUTPUTS[name], "null"}:
        declared = ", ".join(found) or "no type"
        message = f"{name} must be {' or '.join(OUTPUTS[name])}; the schema declares {declared}"
        report.fault(place, message, "expression")
    elif name in TIMES and not schema["x-unit"]:
        report.fault(
            place, f"{name} is a time, so '{schema.name}' needs x-unit, such as unix-ms", "expression"
        )
    elif name == "urls" and "array" in found:
        _check_items(place, schema["items"].resolved(), report)
    elif name in TIMES and (schema["x-unit"].text == "iso-8601") != ("string" in found):
        report.fault(place, f"{name} is text exactly if its x-unit is iso-8601", "expression")


def _check_items(place: Node, item: Node, report: Report) -> None:
    """Check that each item of the results is a URL, or an object with one."""
    if types(item) == ["string"]:
        return
    members = {name: member.resolved() for name, member in item["properties"].members()}
    declared = (member for member in members.values() if member["x-holds"].text == "task.url")
    url = next(declared, members.get("url"))
    if not members:
        report.fault(place, "urls must be a list of strings, or of objects with a member 'url'", "expression")
    elif url is None or types(url)[:1] != ["string"]:
        message = f"'{item.name}' needs a member with the URL: 'url', or one with `x-holds: task.url`"
        report.fault(place, message, "expression")


def _check_states(spec: Spec, report: Report) -> None:
    """Check that each state is named by exactly one of success, failure and pending."""
    poll = spec.poll
    expression = poll["outputs"]["state"].text
    place = response_schema_at(spec, spec.operation(poll), expression)[0]
    open_set = place["anyOf"]
    states = open_set[0].resolved()["enum"].texts()
    if place and not (
        open_set[0]["$ref"].text and states and open_set[1].value == {"type": "string"} and not open_set[2]
    ):
        message = "a state must be `anyOf` of a $ref to the enum of the known states and `type: string`"
        report.fault(place, message, "states")
        return
    failure, retry = poll["onFailure"][0], poll["onFailure"][1]
    for step in spec.creates:
        _check_success(spec, step, report)
    named: dict[str, str] = {}
    for kind, criteria in (
        ("success", _check_success(spec, poll, report)),
        ("failure", list(failure["criteria"].items())),
        ("pending", list(retry["criteria"].items())),
    ):
        if kind == "success" and len(criteria) != 1:
            report.fault(
                poll["successCriteria"], "exactly one criterion must name the states of success", "condition"
            )
        for criterion in criteria:
            _check_condition(criterion["condition"], expression, states, kind, named, report)
    missing = [state for state in states if state not in named]
    if any(fault.rule == "condition" for fault in report.faults):
        return
    if missing:
        message = f"no condition names {', '.join(missing)}; each state must be success, failure or pending"
        report.fault(poll["onFailure"], message, "states")
    initial = retry["x-wait"]["initial-state"]
    if initial.text and initial.text not in missing and named.get(initial.text) != "pending":
        report.fault(initial, f"'{initial.text}' must be a pending state", "states")


def _check_success(spec: Spec, step: Node, report: Report) -> list[Node]:
    """Check the criteria of the HTTP status and the envelope; return the others."""
    envelope, criteria = spec.openapi["x-envelope"], step["successCriteria"]
    code = f"$response.body#/{envelope['code'].text}"
    accepted = " || ".join(f"{code} == {entry.value}" for entry in envelope["accepted"].items())
    responses = spec.operation(step)["responses"].members()
    status = accepted_status(status for status, _ in responses) or "200"
    expected = [f"$statusCode == {status}", *([] if spec.by_status else [accepted])]
    rest = list(criteria.items())
    for text in expected:
        # The one that is as expected, or else another about the same value.
        about = [one for one in rest if one["condition"].text.split()[:1] == text.split()[:1]]
        right = [one for one in about if one["condition"].text == text]
        for one in (right or about)[:1]:
            rest.remove(one)
            if not right:
                message = f"expected '{text}', as openapi.yaml declares; the client always checks it"
                report.fault(one, message, "condition")
        if criteria and not about:
            message = f"the condition '{text}' is missing; the client always checks it"
            report.fault(criteria, message, "condition")
    if step is not spec.poll:
        for criterion in rest:
            report.fault(
                criterion,
                f"remove it: the create step has only the conditions {' and '.join(expected)}",
                "condition",
            )
    return rest


def _check_condition(
    place: Node, expression: str, states: list[str], kind: str, named: dict[str, str], report: Report
) -> None:
    if not place.text:
        return
    matches = list(CONDITION.finditer(place.text))
    if " || ".join(match.group() for match in matches) != place.text:
        message = f"a condition must be of the form {expression} == 'state', several joined with ' || '"
        report.fault(place, message, "condition")
        return
    for match in matches:
        state = match["value"]
        if f"$response.body#{match['pointer']}" != expression:
            report.fault(place, f"a condition must compare the state, {expression}", "condition")
        elif state not in states:
            report.fault(place, f"there is no state '{state}'{did_you_mean(state, states)}", "states")
        elif named.setdefault(state, kind) != kind:
            report.fault(place, f"'{state}' is already a {named[state]} state", "states")


def _check_wait(spec: Spec, report: Report) -> None:
    retry = spec.poll["onFailure"][1]
    wait = retry["x-wait"]
    starts = [step["after"].number or 0 for step in wait["schedule"].items()]
    if starts and (starts[0] != 0 or starts != sorted(set(starts))):
        report.fault(wait["schedule"], "the schedule must start at 0 and ascend", "wait")
    deadline = wait["deadline"].number
    after, limit = retry["retryAfter"].number, retry["retryLimit"].number
    if after is not None and limit is not None:
        most = after * limit
        deadline = most if deadline is None else deadline
        if deadline > most:
            message = f"must be at most retryAfter * retryLimit, {most:g} s: other runners stop there"
            report.fault(wait["deadline"], message, "wait")
    if deadline is None:
        return
    for name in ("not-visible-grace", "empty-result-grace"):
        grace = wait[name].number
        if grace is not None and grace > deadline:
            report.fault(wait[name], f"must be at most the deadline, {deadline:g} s", "wait")
    for step in wait["schedule"].items():
        start = step["after"].number
        if start is not None and start >= deadline:
            report.fault(step["after"], f"must be before the deadline, {deadline:g} s", "wait")
