"""What our extensions name exists, and what they say holds together."""

from string import Formatter

from generator.contract.lint.reader.expressions import walk
from generator.contract.lint.reader.node import Node, Report, Spec
from generator.contract.lint.rules.requests import parts
from generator.contract.lint.rules.schemas import schemas, types
from generator.runtime.contract.suggest import did_you_mean


def check(spec: Spec, report: Report) -> None:
    """Add faults of extensions."""
    _envelope(spec, report)
    _rate_limits(spec, report)
    _retry(spec, report)
    _signature(spec, report)
    for schema in schemas(spec.openapi):
        if schema["x-image"]:
            _image(schema, report)
        renew = schema["x-lifetime"]["renew-with"]
        if renew.text and renew.text not in spec.operations:
            message = f"no operation '{renew.text}'{did_you_mean(renew.text, list(spec.operations))}"
            report.fault(renew, message, "lifetime")
        _kept(schema["x-lifetime"], report)
    for body in spec.bodies.values():
        roles: set[str] = set()
        for schema in parts(body):
            if schema["x-client-default"]:
                message = "a model's defaults are the service's; the client adds none"
                report.fault(schema["x-client-default"], message, "client-default")
            role = schema["x-image"]["role"]
            if role.text in roles:
                report.fault(role, f"another picture is the {role.text} already", "image")
            roles |= {role.text} if role.text else set()


def _envelope(spec: Spec, report: Report) -> None:
    envelope = spec.openapi["x-envelope"]
    known = [name for name, _ in spec.schemas["FailureResponse"]["properties"].members()]
    for place in (envelope["code"], envelope["data"], envelope["ok"], *envelope["message"].items()):
        if place.text and known and place.text not in known:
            report.fault(
                place, f"FailureResponse has no '{place.text}'{did_you_mean(place.text, known)}", "envelope"
            )
    failure = spec.schemas["FailureResponse"]
    if failure and envelope["code"].text not in failure["required"].texts():
        report.fault(failure, f"FailureResponse must require '{envelope['code'].text}'", "envelope")


def _rate_limits(spec: Spec, report: Report) -> None:
    names: set[str] = set()
    limited: set[str] = set()
    for limit in spec.openapi["x-rate-limits"].items():
        if limit["name"].text in names:
            report.fault(limit["name"], f"'{limit['name'].text}' names two limits", "rate-limit")
        names.add(limit["name"].text)
        for operation in limit["operations"].items():
            if operation.text not in spec.operations:
                message = (
                    f"no operation '{operation.text}'{did_you_mean(operation.text, list(spec.operations))}"
                )
                report.fault(operation, message, "rate-limit")
            elif operation.text in limited:
                report.fault(operation, f"'{operation.text}' has a limit already", "rate-limit")
            limited.add(operation.text)


def _retry(spec: Spec, report: Report) -> None:
    retry = spec.openapi["x-retry"]
    cap = retry["cap"].number
    for name in ("base", "refused-base"):
        value = retry[name].number
        if value is not None and cap is not None and value > cap:
            report.fault(retry[name], f"{name} {value} is above the cap {cap}", "retry")


def _signature(spec: Spec, report: Report) -> None:
    callback = spec.callback()
    declared = callback["x-signature"]
    headers = [parameter["name"].text for parameter in callback["parameters"].items()]
    for name in ("signature-header", "timestamp-header"):
        place = declared[name]
        if place.text and place.text not in headers:
            suggestion = did_you_mean(place.text, headers)
            message = f"no parameter of the callback is the header '{place.text}'{suggestion}"
            report.fault(place, message, "signature")
    text = declared["text"]
    if text.text and _placeholders(text.text) != ["task-id", "timestamp"]:
        report.fault(
            text, "the text must hold {task-id} and {timestamp}, each once, and no other braces", "signature"
        )
    body = callback["requestBody"]["content"]["application/json"]["schema"]
    if callback and not body["$ref"]:
        report.fault(callback, "a callback's body must be application/json and refer to a schema", "callback")
    data = spec.openapi["x-envelope"]["data"].text
    if body.resolved() and data not in body.resolved()["required"].texts():
        report.fault(body, f"a callback's body must require '{data}', the reported task", "callback")
    # The other places are where the documentation contradicts itself; the schema need not know them.
    first = declared["task-id"][0]
    if first.text and body.resolved():
        found, problem = walk(body.resolved(), first.text)
        if problem or types(found) != ["string"]:
            report.fault(first, problem or "the task's id must be a string", "signature")
    address = callback.parent.name
    expected = "{$request.body#/"
    if callback and not (address.startswith(expected) and address.endswith("}")):
        report.fault(callback.parent, f"the address must be {expected}member}}", "callback")
        return
    member = address.removeprefix(expected).removesuffix("}")
    for body in spec.bodies.values():
        if callback and body["properties"] and member not in body["properties"]:
            report.fault(callback.parent, f"'{body.name}' has no member '{member}'", "callback")


def _placeholders(text: str) -> list[str]:
    try:
        parsed = list(Formatter().parse(text))
    except ValueError:
        return []
    plain = all(not spec and not conversion for _, name, spec, conversion in parsed if name is not None)
    return sorted(name for _, name, _, _ in parsed if name is not None) if plain else []


def _kept(lifetime: Node, report: Report) -> None:
    seconds, kept = lifetime["seconds"].number, lifetime["kept"].number
    if lifetime["kept"] and not lifetime["renew-with"]:
        report.fault(lifetime["kept"], "'kept' needs 'renew-with', which makes the new link", "lifetime")
    elif seconds is not None and kept is not None and kept < seconds:
        report.fault(lifetime["kept"], f"{kept} is less than the link's own life, {seconds}", "lifetime")


def _image(schema: Node, report: Report) -> None:
    image, siblings = schema["x-image"], schema.parent
    kind = types(schema)
    if kind not in (["string"], ["array"]):
        report.fault(image, "x-image stands at a URL or a list of URLs", "image")
    for name in ("max-total-bytes", "used"):
        if image[name] and kind != ["array"]:
            report.fault(image[name], f"'{name}' says something about a list only", "image")
    if image["repaints"] and image["role"].text != "mask":
        report.fault(image["repaints"], "'repaints' says something about a mask only", "image")
    twin = image["same-size-as"]
    if not twin.text:
        return
    other = siblings[twin.text]
    known = [name for name, member in siblings.members() if member["x-image"] and name != schema.name]
    if twin.text not in known:
        report.fault(
            twin, f"no other picture '{twin.text}' beside it{did_you_mean(twin.text, known)}", "image"
        )
    elif other["x-image"]["same-size-as"].text != schema.name:
        report.fault(twin, f"'{twin.text}' does not say the same of '{schema.name}'", "image")
