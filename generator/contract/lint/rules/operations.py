"""Every operation can be called, and its replies can be told apart."""

from collections.abc import Iterator

from generator.contract.lint.reader.expressions import body_place
from generator.contract.lint.reader.node import Node, Report, Spec, accepted
from generator.contract.lint.rules.schemas import types
from generator.runtime.contract.suggest import did_you_mean

REQUESTS = ("application/json", "multipart/form-data")
FAILURES = ("application/json", "text/html", "text/plain")


def check(spec: Spec, report: Report) -> None:
    """Add faults of operations."""
    for path, item in spec.openapi["paths"].members():
        if not path.startswith("/") or any(sign in path for sign in "{}?# ") or path.endswith("/"):
            message = f"'{path}' must begin with a slash and hold no template, query or last slash"
            report.fault(item, message, "path")
    _unique(spec, report)
    _tags(spec, report)
    _servers(spec, report)
    for operation in (*spec.calls(), spec.callback()):
        _security(spec, operation, report)
    for operation in spec.calls():
        for name, content in operation["requestBody"]["content"].members():
            if name not in REQUESTS:
                report.fault(content, f"'{name}' is none of {', '.join(REQUESTS)}", "media-type")
        _responses(spec, operation, report)
        _links(spec, operation, report)
        create = spec.operation(spec.create)
        if operation["callbacks"] and create and operation.pointer != create.pointer:
            report.fault(operation["callbacks"], "only the create call has a callback", "callback")


def _unique(spec: Spec, report: Report) -> None:
    first: dict[str, Node] = {}
    for operation in (*spec.calls(), spec.callback()):
        place = operation["operationId"]
        if place.text in first:
            taken = first[place.text].parent
            message = f"operationId '{place.text}' is taken by the {taken.name} of {taken.parent.name}"
            report.fault(place, message, "operation-id")
        elif place.text:
            first[place.text] = place


def _tags(spec: Spec, report: Report) -> None:
    declared = {tag["name"].text: tag for tag in spec.openapi["tags"].items()}
    used = set()
    for operation in (*spec.calls(), spec.callback()):
        for tag in operation["tags"].items():
            used.add(tag.text)
            if tag.text not in declared:
                message = f"tag '{tag.text}' is not declared{did_you_mean(tag.text, list(declared))}"
                report.fault(tag, message, "tag")
    for name, tag in declared.items():
        if name not in used:
            report.fault(tag, f"no operation has the tag '{name}'", "tag")


def _servers(spec: Spec, report: Report) -> None:
    """A server's name is an argument of the client, so it stands for one URL."""
    urls: dict[str, str] = {}
    for server in _every_server(spec):
        name, url = server["x-name"].text, server["url"].text
        if urls.setdefault(name, url) != url:
            report.fault(server["url"], f"server '{name}' is {urls[name]} elsewhere", "server")


def _every_server(spec: Spec) -> Iterator[Node]:
    yield from spec.openapi["servers"].items()
    for _, item in spec.openapi["paths"].members():
        yield from item["servers"].items()
    for operation in spec.calls():
        yield from operation["servers"].items()


def _security(spec: Spec, operation: Node, report: Report) -> None:
    schemes = [name for name, _ in spec.openapi["components"]["securitySchemes"].members()]
    for place in (spec.openapi, operation):
        for entry in place["security"].items():
            for name, member in entry.members():
                if name not in schemes:
                    report.fault(
                        member, f"no security scheme '{name}'{did_you_mean(name, schemes)}", "security"
                    )


def _responses(spec: Spec, operation: Node, report: Report) -> None:
    failure = spec.schemas["FailureResponse"]
    for status, entry in operation["responses"].members():
        response = entry.resolved()
        content = response["content"]
        if response and not content["application/json"]:
            report.fault(content or response, f"the response {status} needs application/json", "response")
        for name, media in content.members():
            if name not in FAILURES or (status == "200" and name != "application/json"):
                message = f"the client cannot read '{name}' in the response {status}"
                report.fault(media, message, "response")
        schema = content["application/json"]["schema"]
        if status == "200":
            _accepted(spec, operation, schema, report)
        elif schema and schema.resolved().pointer != failure.pointer:
            report.fault(schema, f"the response {status} must be a FailureResponse", "response")


def _accepted(spec: Spec, operation: Node, schema: Node, report: Report) -> None:
    """A 200 is the accepted reply or a failure, told apart by the code's `const`."""
    if not schema:
        return
    choices = [choice.resolved() for choice in schema["anyOf"].items()]
    yes = accepted(spec, operation)
    failures = [choice for choice in choices if choice.pointer == spec.schemas["FailureResponse"].pointer]
    if len(choices) != 2 or len(yes) != 1 or len(failures) != 1:
        message = (
            "a 200 is `anyOf` the accepted reply, with a `const` code of x-envelope, and FailureResponse"
        )
        report.fault(schema, message, "response")
        return
    envelope = spec.openapi["x-envelope"]
    reply, names = yes[0], [envelope["code"].text, envelope["data"].text]
    for name in names:
        if name not in reply["properties"]:
            report.fault(reply, f"an accepted reply has the member '{name}' of x-envelope", "envelope")
        elif name not in reply["required"].texts():
            report.fault(reply, f"an accepted reply requires '{name}'", "envelope")
    data = spec.data(operation).resolved()
    if data and not types(data):
        report.fault(data, "the data of an accepted reply needs a `type`", "response")


def _links(spec: Spec, operation: Node, report: Report) -> None:
    for name, link in operation["responses"]["200"]["links"].members():
        place = link["operationId"]
        linked = spec.operations.get(place.text)
        if linked is None:
            report.fault(
                place, f"no operation '{place.text}'{did_you_mean(place.text, list(spec.operations))}", "link"
            )
            continue
        known = [parameter["name"].text for parameter in linked["parameters"].items()]
        for parameter, expression in link["parameters"].members():
            if parameter not in known:
                report.fault(expression, f"'{place.text}' has no parameter '{parameter}'", "link")
            problem = body_place(spec, operation, expression.text)[1]
            if problem:
                report.fault(expression, f"link '{name}': {problem}", "link")
