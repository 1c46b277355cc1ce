"""Checks that the discriminator is consistent."""

from collections import Counter

from generator.contract.lint.reader.node import Node, Report, Spec


def check_models(spec: Spec, report: Report) -> None:
    """Report faults of the discriminator."""
    _check_unions(spec, report)
    for request in spec.submissions:
        if request["oneOf"] or request["discriminator"]:
            _check_discriminator(spec, request, report)


def _check_unions(spec: Spec, report: Report) -> None:
    """Check that only the bodies of submissions are chosen by a member."""
    bodies = {request.pointer for request in spec.submissions}
    if not any(spec.submissions):
        return
    for _, schema in spec.schemas.members():
        if schema["discriminator"] and schema.pointer not in bodies:
            message = "only the body of a submission may have a discriminator"
            report.fault(schema["discriminator"], message, "discriminator")
        if schema["oneOf"] and schema.pointer not in bodies:
            message = "only the body of a submission may have oneOf; write anyOf"
            report.fault(schema["oneOf"], message, "discriminator")


def _check_discriminator(spec: Spec, request: Node, report: Report) -> None:
    mapping, choices = request["discriminator"]["mapping"], request["oneOf"]
    if not (mapping and choices):
        report.fault(
            request, f"{request.name} needs a oneOf and a discriminator with a mapping", "discriminator"
        )
        return
    listed = {choice["$ref"].text for choice in choices.items()}
    mapped = Counter(entry.text for _, entry in mapping.members())
    for choice in choices.items():
        if choice["$ref"].text not in mapped:
            report.fault(
                choice, "the discriminator's mapping needs an entry for this schema", "discriminator"
            )
    for model, entry in mapping.members():
        if entry.text not in listed:
            report.fault(entry, f"oneOf needs an entry for '{entry.text}'", "discriminator")
        elif mapped[entry.text] > 1:
            report.fault(
                entry, f"two models have the schema '{entry.text}'; each needs its own", "discriminator"
            )
        else:
            _check_choice(
                request["discriminator"]["propertyName"].text, model, entry, spec.bodies[model], report
            )


def _check_choice(name: str, model: str, entry: Node, body: Node, report: Report) -> None:
    if not body["properties"]:
        return
    member = body["properties"][name]
    if member["enum"].value != [model] or member["default"].value != model:
        message = f"'{name}' of this request needs `enum: [{model}]` and `default: {model}`"
        report.fault(member or body, message, "discriminator")
    if name not in body["required"].texts():
        report.fault(
            body, f"'{name}' must be required: the service chooses the schema by it", "discriminator"
        )
