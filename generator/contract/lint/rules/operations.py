"""Checks operations: each can be called, and its replies can be distinguished."""

import re

from generator.contract.lint.reader.expressions import response_schema_at
from generator.contract.lint.reader.node import Node, Report, Spec, accepted_replies, accepted_response
from generator.contract.lint.rules.schemas import types
from generator.contract.openapi import FAILURE_TYPES
from generator.runtime.contract.suggest import did_you_mean

PATH = re.compile(r"(/([^{}?#\s/]+|\{[A-Za-z][A-Za-z0-9_]*\}))+")
HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
VALUE = re.compile(r"[!-~]([ -~]*[!-~])?")
REQUESTS = ("application/json", "multipart/form-data")
# Headers that the HTTP client or the client's own requests set, in lower case.
OWN_HEADERS = (
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "transfer-encoding",
    "user-agent",
)
FAILURES = (*FAILURE_TYPES, "text/html", "text/plain")


def check_operations(spec: Spec, report: Report) -> None:
    """Report faults of operations, their servers, tags, security, responses and links."""
    for path, item in spec.openapi["paths"].members():
        if not PATH.fullmatch(path):
            message = (
                f"'{path}' must begin with a slash and have no query or slash at its end; a parameter is a "
                "whole part of it, such as {id}"
            )
            report.fault(item, message, "path")
    _check_operation_ids(spec, report)
    _check_headers(spec, report)
    _check_failure_role(spec, report)
    _check_tags(spec, report)
    _check_servers(spec, report)
    _check_same_callback(spec, report)
    for operation in (*spec.calls(), spec.callback()):
        _check_security(spec, operation, report)
    for operation in spec.calls():
        for name, content in operation["requestBody"]["content"].members():
            if name not in REQUESTS:
                report.fault(content, f"'{name}' is not one of {', '.join(REQUESTS)}", "media-type")
        _check_responses(spec, operation, report)
        _check_links(spec, operation, report)
        _check_path_parameters(operation, report)
        _check_repeatable(spec, operation, report)
        if operation["callbacks"] and spec.operation(spec.create) and not spec.is_create(operation):
            report.fault(
                operation["callbacks"],
                "only the operation that creates tasks may have a callback",
                "callback",
            )


def _check_headers(spec: Spec, report: Report) -> None:
    """Check that neither the API key nor a fixed header replaces a header of every request."""
    schemes = [scheme for _, scheme in spec.openapi["components"]["securitySchemes"].members()]
    parameters = [one for operation in spec.calls() for one in operation["parameters"].items()]
    for place in (*schemes, *parameters):
        name = place["name"]
        if place["in"].text != "header":
            continue
        if name.text.lower() in OWN_HEADERS:
            report.fault(name, f"the client sets the header {name.text} itself", "header")
        if name.text and not HEADER.fullmatch(name.text):
            report.fault(name, f"'{name.text}' is not the name of a header, such as X-Version", "header")
        value = place["schema"].resolved()["const"]
        if value.text and not VALUE.fullmatch(value.text):
            message = "the value of a header must be printable ASCII, without a space at its beginning or end"
            report.fault(value, message, "header")


def _check_same_callback(spec: Spec, report: Report) -> None:
    """Check that all submissions have the same callback, or none: a package verifies one kind."""
    declared = [found for step in spec.creates if (found := spec.operation(step)["callbacks"])]
    for callbacks in declared[1:]:
        if callbacks.value != declared[0].value:
            message = "all submissions need the same callback; use a YAML alias"
            report.fault(callbacks, message, "callback")


def _check_path_parameters(operation: Node, report: Report) -> None:
    """Check that a path and the operation's parameters name the same parts."""
    path = operation.parent.name
    names = re.findall(r"\{([^{}/]*)\}", path)
    declared = [one for one in operation["parameters"].items() if one["in"].text == "path"]
    for name in names:
        if name not in [one["name"].text for one in declared]:
            report.fault(operation, f"'{{{name}}}' of the path needs a parameter with `in: path`", "path")
    for one in declared:
        if one["name"].text not in names:
            report.fault(one["name"], f"the path {path} has no part '{{{one['name'].text}}}'", "path")
        elif one["required"].value is not True:
            report.fault(one, "a part of the path needs `required: true`", "path")


def _check_repeatable(spec: Spec, operation: Node, report: Report) -> None:
    """Check that every call that may cost money is a submission."""
    if (
        operation.name not in ("post", "patch")
        or spec.is_create(operation)
        or not spec.operation(spec.create)
    ):
        return
    if operation["x-repeatable"].value is not True:
        message = (
            f"a {operation.name.upper()} may cost money: begin a workflow with it, or declare "
            "`x-repeatable: true` if sending it twice does no harm"
        )
        report.fault(operation, message, "paid-call")


def _check_operation_ids(spec: Spec, report: Report) -> None:
    first: dict[str, Node] = {}
    for operation in (*spec.calls(), spec.callback()):
        place = operation["operationId"]
        if place.text in first:
            taken = first[place.text].parent
            message = (
                f"the operationId '{place.text}' is already used by the {taken.name} of {taken.parent.name}"
            )
            report.fault(place, message, "operation-id")
        elif place.text:
            first[place.text] = place


def _check_failure_role(spec: Spec, report: Report) -> None:
    """Check that one schema is the body of a refusal, which the client reads messages from."""
    marked = [schema["x-role"] for _, schema in spec.schemas.members() if schema["x-role"]]
    if spec.schemas and not marked:
        report.fault(spec.schemas, "a schema needs `x-role: failure`: the body of a refusal", "role")
    for role in marked[1:]:
        message = f"the schema {spec.failure.name} already has the role {role.text}"
        report.fault(role, message, "role")


def _check_tags(spec: Spec, report: Report) -> None:
    declared = {tag["name"].text: tag for tag in spec.openapi["tags"].items()}
    used = set()
    for operation in (*spec.calls(), spec.callback()):
        for tag in operation["tags"].items():
            used.add(tag.text)
            if tag.text not in declared:
                message = f"the tag '{tag.text}' is not declared{did_you_mean(tag.text, list(declared))}"
                report.fault(tag, message, "tag")
    for name, tag in declared.items():
        if name not in used:
            report.fault(tag, f"no operation has the tag '{name}'; remove it", "tag")


def _check_servers(spec: Spec, report: Report) -> None:
    """Check that each name of a server, an argument of the client, has one URL."""
    urls: dict[str, str] = {}
    follows: dict[str, str] = {}
    names = list(dict.fromkeys(server["x-name"].text for server in spec.servers()))
    for server in spec.servers():
        name, url = server["x-name"].text, server["url"].text
        if urls.setdefault(name, url) != url:
            report.fault(
                server["url"],
                f"the server '{name}' has the URL {urls[name]} elsewhere; a name has one URL",
                "server",
            )
        followed = server["x-follows"].text
        if follows.setdefault(name, followed) != followed:
            report.fault(
                server["x-follows"] or server,
                f"the server '{name}' has another x-follows elsewhere; state it the same everywhere",
                "server",
            )
        elif followed and (followed not in names or followed == name):
            others = [one for one in names if one != name]
            report.fault(
                server["x-follows"],
                f"'{followed}' is not the x-name of another server{did_you_mean(followed, others)}",
                "server",
            )


def _check_security(spec: Spec, operation: Node, report: Report) -> None:
    schemes = [name for name, _ in spec.openapi["components"]["securitySchemes"].members()]
    for place in (spec.openapi, operation):
        for entry in place["security"].items():
            for name, member in entry.members():
                if name not in schemes:
                    message = f"there is no security scheme '{name}'{did_you_mean(name, schemes)}"
                    report.fault(member, message, "security")


def _check_responses(spec: Spec, operation: Node, report: Report) -> None:
    failure = spec.failure
    _check_statuses(spec, operation, report)
    for status, entry in operation["responses"].members():
        response = entry.resolved()
        content = response["content"]
        good = status.startswith("2")
        types_of_json = FAILURE_TYPES[:1] if good else FAILURE_TYPES
        unreadable = [
            media for name, media in content.members() if name not in (types_of_json if good else FAILURES)
        ]
        for media in unreadable:
            message = f"the client cannot read '{media.name}' in the response {status}"
            report.fault(media, message, "response")
        kind = next((name for name in types_of_json if content[name]), types_of_json[0])
        if response and not content[kind] and not unreadable and status != "204":
            report.fault(content or response, f"the response {status} needs {kind}", "response")
        schema = content[kind]["schema"]
        if good:
            if not spec.by_status:
                _check_accepted(spec, operation, schema, report)
        elif schema and failure and schema.resolved().pointer != failure.pointer:
            report.fault(schema, f"the response {status} must be a {failure.name}", "response")


def _check_statuses(spec: Spec, operation: Node, report: Report) -> None:
    """Check that an operation has one status of success, and it is 200 if the body has the verdict."""
    good = [status for status, _ in operation["responses"].members() if status.startswith("2")]
    if operation["responses"] and len(good) != 1:
        report.fault(operation["responses"], "exactly one response must be a 2xx", "response")
    elif good and not spec.by_status and good != ["200"]:
        message = "the body has the verdict, as x-envelope says, so the response must be 200"
        report.fault(operation["responses"][good[0]], message, "response")


def _check_accepted(spec: Spec, operation: Node, schema: Node, report: Report) -> None:
    """Check that a 200 is the accepted reply or a failure, by the `const` of its code."""
    if not schema or not spec.failure:
        return
    choices = [choice.resolved() for choice in schema["anyOf"].items()]
    yes = accepted_replies(spec, operation)
    failures = [choice for choice in choices if choice.pointer == spec.failure.pointer]
    if len(choices) != 2 or len(yes) != 1 or len(failures) != 1:
        message = (
            "a 200 must be `anyOf` of the accepted reply, whose code is a `const` that x-envelope accepts, "
            f"and {spec.failure.name}"
        )
        report.fault(schema, message, "response")
        return
    envelope = spec.openapi["x-envelope"]
    reply, names = yes[0], [envelope["code"].text, envelope["data"].text]
    for name in names:
        if name not in reply["properties"]:
            report.fault(
                reply, f"an accepted reply must have the member '{name}' that x-envelope names", "envelope"
            )
        elif name not in reply["required"].texts():
            report.fault(reply, f"an accepted reply must require '{name}'", "envelope")
    data = spec.data(operation).resolved()
    if data and not types(data):
        report.fault(data, "the data of an accepted reply needs a `type`", "response")


def _check_links(spec: Spec, operation: Node, report: Report) -> None:
    for name, link in accepted_response(operation)["links"].members():
        place = link["operationId"]
        linked = spec.operations.get(place.text)
        if linked is None:
            hint = did_you_mean(place.text, list(spec.operations))
            report.fault(place, f"there is no operation '{place.text}'{hint}", "link")
            continue
        known = [parameter["name"].text for parameter in linked["parameters"].items()]
        for parameter, expression in link["parameters"].members():
            if parameter not in known:
                report.fault(expression, f"'{place.text}' has no parameter '{parameter}'", "link")
            problem = response_schema_at(spec, operation, expression.text)[1]
            if problem:
                report.fault(expression, f"link '{name}': {problem}", "link")
