"""Checks that extensions name existing things and are consistent."""

from collections.abc import Iterator
from string import Formatter

from generator.contract.lint.reader.expressions import schema_at
from generator.contract.lint.reader.node import Node, Report, Spec, accepted_replies
from generator.contract.lint.rules.requests import schemas_within
from generator.contract.lint.rules.schemas import all_schemas, types
from generator.contract.pointer import REQUEST_BODY, expression_pointer
from generator.runtime.contract.model import is_mask
from generator.runtime.contract.pointer import format_pointer
from generator.runtime.contract.suggest import did_you_mean


def check_extensions(spec: Spec, report: Report) -> None:
    """Report extensions that name something unknown or contradict themselves."""
    _check_envelope(spec, report)
    _check_rate_limits(spec, report)
    _check_retry(spec, report)
    _check_signature(spec, report)
    bodies = {body.pointer for body in spec.bodies.values()}
    arguments = {member.pointer for body in spec.bodies.values() for member in _arguments(body)}
    deeper = {part.pointer for body in spec.bodies.values() for part in schemas_within(body)} - arguments
    for schema in all_schemas(spec.openapi):
        if schema["x-image"]:
            _check_image(schema, report)
        _check_file(schema, deeper, bodies, report)
        renew = schema["x-lifetime"]["renew-with"]
        if renew.text and renew.text not in spec.operations:
            message = f"there is no operation '{renew.text}'{did_you_mean(renew.text, list(spec.operations))}"
            report.fault(renew, message, "lifetime")
        elif renew.text and not _makes_links(spec, spec.operations[renew.text]):
            message = (
                f"'{renew.text}' needs an argument with `x-holds: result.url` and a reply with a member with "
                "`x-holds: link.url`"
            )
            report.fault(renew, message, "lifetime")
        _check_renewal(schema["x-lifetime"], report)
    for body in spec.bodies.values():
        repaints, sizes = 0, 0
        for schema in schemas_within(body):
            if schema["x-client-default"]:
                message = "the client must not add defaults to a model's request; the service applies its own"
                report.fault(schema["x-client-default"], message, "client-default")
            if schema["x-image"]["repaints"] and is_mask(schema["x-image"]["role"].text):
                repaints += 1
                if repaints > 1:
                    message = "another mask of this model has 'repaints'; the argument repaint is about one"
                    report.fault(schema["x-image"]["repaints"], message, "image")
            if schema["x-pixels"]:
                sizes += 1
                _check_pixels(schema, sizes, report)


def _check_envelope(spec: Spec, report: Report) -> None:
    envelope = spec.openapi["x-envelope"]
    failure = spec.failure
    if spec.by_status:
        for name in ("ok", "accepted"):
            if envelope[name]:
                message = f"'{name}' needs 'code', the member with the verdict; without it, the HTTP status"
                report.fault(envelope[name], f"{message} is the verdict", "envelope")
        replies = [reply for operation in spec.calls() for reply in accepted_replies(spec, operation)]
        if envelope["data"].text and replies and not any(map(spec.wrapped, replies)):
            message = f"no reply has the member '{envelope['data'].text}'"
            report.fault(envelope["data"], message, "envelope")
        for reply in replies:
            _check_wrapper(spec, reply, report)
        named = [*envelope["message"].items()]
    else:
        named = [envelope["code"], envelope["data"], envelope["ok"], *envelope["message"].items()]
    known = [name for name, _ in failure["properties"].members()]
    for place in named:
        if place.text and known and place.text not in known:
            report.fault(
                place,
                f"{failure.name} has no member '{place.text}'{did_you_mean(place.text, known)}",
                "envelope",
            )
    if failure and not spec.by_status and envelope["code"].text not in failure["required"].texts():
        report.fault(failure, f"{failure.name} must require '{envelope['code'].text}'", "envelope")


def _check_wrapper(spec: Spec, reply: Node, report: Report) -> None:
    """Check that a reply whose member is the data has it always, and requires nothing else."""
    data = spec.wrapped(reply)
    if not data:
        return
    if data.name not in reply["required"].texts():
        report.fault(data, f"a reply must require '{data.name}', which has the data", "envelope")
    for name in reply["required"].items():
        if name.text != data.name:
            message = f"'{name.text}' must not be required: the client reads only '{data.name}' of this reply"
            report.fault(name, message, "envelope")


def _check_rate_limits(spec: Spec, report: Report) -> None:
    names: set[str] = set()
    limited: set[str] = set()
    for limit in spec.openapi["x-rate-limits"].items():
        if limit["name"].text in names:
            report.fault(
                limit["name"],
                f"two limits are named '{limit['name'].text}'; each needs its own name",
                "rate-limit",
            )
        names.add(limit["name"].text)
        for operation in limit["operations"].items():
            if operation.text not in spec.operations:
                hint = did_you_mean(operation.text, list(spec.operations))
                message = f"there is no operation '{operation.text}'{hint}"
                report.fault(operation, message, "rate-limit")
            elif operation.text in limited:
                report.fault(
                    operation,
                    f"'{operation.text}' already has a limit; an operation has at most one",
                    "rate-limit",
                )
            limited.add(operation.text)


def _check_retry(spec: Spec, report: Report) -> None:
    retry = spec.openapi["x-retry"]
    cap = retry["cap"].number
    for name in ("base", "refused-base"):
        value = retry[name].number
        if value is not None and cap is not None and value > cap:
            report.fault(retry[name], f"{name} is {value}, must be at most the cap, {cap}", "retry")


def _check_signature(spec: Spec, report: Report) -> None:
    callback = spec.callback()
    declared = callback["x-signature"]
    body = callback["requestBody"]["content"]["application/json"]["schema"]
    _check_callback_body(spec, callback, body, report)
    headers = [parameter["name"].text for parameter in callback["parameters"].items()]
    for name in ("signature-header", "timestamp-header"):
        place = declared[name]
        if place.text and place.text not in headers:
            suggestion = did_you_mean(place.text, headers)
            message = f"the callback has no header parameter '{place.text}'{suggestion}"
            report.fault(place, message, "signature")
    text = declared["text"]
    if text.text and _placeholders(text.text) != ["task-id", "timestamp"]:
        report.fault(
            text,
            "the text must contain {task-id} and {timestamp}, each once, and no other braces",
            "signature",
        )
    # The other places are those where the documentation contradicts itself, so the schema may lack them.
    first = declared["task-id"][0]
    if first.text and body.resolved():
        found, problem = schema_at(body.resolved(), first.text)
        if problem or types(found) != ["string"]:
            report.fault(first, problem or "the task's id must be a string", "signature")
        elif spec.by_status or spec.wrapped(body.resolved()):
            _check_reported_record(spec, body.resolved(), first, report)
    if not callback:
        return
    address = REQUEST_BODY.fullmatch(callback.parent.name)
    if not address:
        report.fault(callback.parent, "the address must be of the form {$request.body#/member}", "callback")
        return
    member = address["member"]
    bodies = [body for body in spec.bodies.values() if body["properties"]]
    if bodies and not any(member in body["properties"] for body in bodies):
        names = " or ".join(f"'{body.name}'" for body in bodies)
        report.fault(callback.parent, f"{names} has no member '{member}'", "callback")


def _check_reported_record(spec: Spec, body: Node, first: Node, report: Report) -> None:
    """Check that a callback has the record that the poll has: the client and the sandbox expect it there."""
    output = spec.poll["outputs"]["id"]
    if not output:
        message = "signed callbacks need the output 'id': the place of the task's id in the record"
        report.fault(spec.poll["outputs"], message, "signature")
        return
    polled = next(map(spec.wrapped, accepted_replies(spec, spec.operation(spec.poll))), None)
    inner = expression_pointer(output.text)[1 if polled else 0 :]
    member = spec.wrapped(body)
    expected = format_pointer((member.name, *inner) if member else inner)
    if inner and first.text != expected:
        message = f"expected {expected}, because a callback has the record of the task, as the poll's reply"
        report.fault(first, message, "signature")


def _check_callback_body(spec: Spec, callback: Node, body: Node, report: Report) -> None:
    if callback and not body["$ref"]:
        report.fault(
            callback, "a callback's body must be application/json with a $ref to a schema", "callback"
        )
    data = spec.openapi["x-envelope"]["data"].text if not spec.by_status else ""
    if data and body.resolved() and data not in body.resolved()["required"].texts():
        report.fault(body, f"a callback's body must require '{data}', the reported task", "callback")


def _placeholders(text: str) -> list[str]:
    try:
        parsed = list(Formatter().parse(text))
    except ValueError:
        return []
    plain = all(not spec and not conversion for _, name, spec, conversion in parsed if name is not None)
    return sorted(name for _, name, _, _ in parsed if name is not None) if plain else []


def _makes_links(spec: Spec, operation: Node) -> bool:
    """Whether an operation takes the link of a result and returns a new one."""
    sent = [*schemas_within(spec.body(operation))]
    sent += [parameter["schema"].resolved() for parameter in operation["parameters"].items()]
    return any(schema["x-holds"].text == "result.url" for schema in sent) and any(
        schema["x-holds"].text == "link.url" for schema in schemas_within(spec.data(operation))
    )


def _check_renewal(lifetime: Node, report: Report) -> None:
    seconds, stored = lifetime["seconds"].number, lifetime["stored"].number
    if lifetime["stored"] and not lifetime["renew-with"]:
        report.fault(
            lifetime["stored"], "'stored' needs 'renew-with', the operation that makes a new link", "lifetime"
        )
    elif seconds is not None and stored is not None and stored < seconds:
        report.fault(
            lifetime["stored"],
            f"{stored} seconds is less than the lifetime of the link, {seconds} seconds",
            "lifetime",
        )


def _arguments(body: Node) -> Iterator[Node]:
    """Yield the members that are arguments: those of the body, and those of its objects."""
    for _, member in body["properties"].members():
        yield member.resolved()
        for _, part in member.resolved()["properties"].members():
            yield part.resolved()


def _check_file(
    schema: Node, deeper: set[tuple[str | int, ...]], bodies: set[tuple[str | int, ...]], report: Report
) -> None:
    """Check what x-image and x-file have in common, and the place of x-media."""
    kind = types(schema)
    for extension, rule in (("x-image", "image"), ("x-file", "file")):
        file = schema[extension]
        if not file:
            continue
        if kind not in (["string"], ["array"]):
            message = f"{extension} needs `type: string` or `type: array`: a URL or a list of URLs"
            report.fault(file, message, rule)
        elif kind == ["array"] and types(schema["items"].resolved()) not in (["string"], []):
            report.fault(file, f"{extension} of a list needs items of `type: string`: URLs", rule)
        elif schema.pointer in deeper:
            message = f"{extension} applies to an argument of a model only; a member of an item takes a URL"
            report.fault(file, message, rule)
        for name in ("max-total-bytes", "used"):
            if file[name] and kind != ["array"]:
                report.fault(file[name], f"'{name}' applies to a list of URLs only; remove it", rule)
        for media_type in file["media-types"].items():
            if (rule == "image") != media_type.text.startswith("image/"):
                other = "x-file" if rule == "image" else "x-image, which checks pictures"
                message = f"{extension} does not apply to {media_type.text}; use {other}"
                report.fault(media_type, message, rule)
    if schema["x-image"] and schema["x-file"]:
        report.fault(schema["x-file"], "a member has x-image or x-file, not both; remove one", "file")
    if schema["x-media"] and schema.pointer not in bodies:
        report.fault(schema["x-media"], "x-media applies to the body of a model only", "file")


def _check_pixels(schema: Node, number: int, report: Report) -> None:
    """Check that each size of the one member that selects it is known in pixels."""
    pixels, values = schema["x-pixels"], schema["enum"].texts()
    if number > 1:
        report.fault(pixels, "another member of this model selects the size of its results", "pixels")
    for value in values:
        if value not in pixels:
            report.fault(pixels, f"the value '{value}' of '{schema.name}' needs its pixels", "pixels")
    for value, entry in pixels.members():
        if value not in values:
            report.fault(entry, f"'{schema.name}' has no value '{value}'; remove its pixels", "pixels")


def _check_image(schema: Node, report: Report) -> None:
    image, siblings = schema["x-image"], schema.parent
    if image["repaints"] and not is_mask(image["role"].text):
        report.fault(image["repaints"], "'repaints' applies to a mask only; remove it", "image")
    twin = image["same-size-as"]
    if not twin.text:
        return
    other = siblings[twin.text]
    known = [name for name, member in siblings.members() if member["x-image"] and name != schema.name]
    if twin.text not in known:
        report.fault(
            twin, f"there is no other image '{twin.text}' here{did_you_mean(twin.text, known)}", "image"
        )
    elif other["x-image"]["same-size-as"].text != schema.name:
        report.fault(twin, f"'{twin.text}' must declare `same-size-as: {schema.name}` in return", "image")
