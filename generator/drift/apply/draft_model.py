"""Writes the spec entry of a model that the spec does not have yet, from its page.

The entry is two schemas (the body and its input), an item of `oneOf`, and a member of the
discriminator mapping. What a page does not have, such as prices, must be added by hand.
"""

from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml.comments import CommentedMap

from generator.contract.load import Document
from generator.contract.names import pascal
from generator.diagnostics import Diagnostic, InputError, Location
from generator.drift.apply.field_schema import field_schema, option_keywords
from generator.drift.apply.yaml_edit import EditableYaml, blank_line_after, flow_list, put_after, put_item
from generator.drift.compare.claims import ModelEntry, model_entries, value_at
from generator.drift.read.facts import Facts
from generator.runtime.contract.pointer import format_pointer


class ModelDraft(NamedTuple):
    """The text of the spec with the new model, and what is left to do by hand."""

    text: str
    todo: list[str]


def draft_model(facts: Facts, document: Document) -> ModelDraft:
    """Add the model of the page to the spec. Raises `InputError`."""
    entries = model_entries(document)
    entry = next(iter(entries.values()))
    model = facts.model
    if model is None or not any(s.value == entry.path for s in facts.of("operation", "path")):
        message = f"the page must be about {entry.method} {entry.path} and name a model"
        raise InputError([Diagnostic(Location(Path(facts.source)), message, "page-other-endpoint")])
    if model in entries:
        location = document.locate(*entries[model].schema)
        message = f"the spec already has '{model}'; run `python -m generator reconcile PAGE`"
        raise InputError([Diagnostic(location, message, "draft-known")])
    name = pascal(model.rpartition("/")[2].replace(".", "-"))
    body_name, input_name = f"{name}Request", f"{name}Input"
    yaml = EditableYaml(document.text)
    schemas: CommentedMap = yaml.at(("components", "schemas"))
    taken = [schema for schema in (body_name, input_name) if schema in schemas]
    if taken:
        location = document.locate("components", "schemas", taken[0])
        message = f"the spec already has a schema {taken[0]}; rename it first"
        raise InputError([Diagnostic(location, message, "draft-name")])
    todo: list[str] = []
    last = max(list(schemas).index(str(e.schema[-1])) for e in entries.values())
    last_input = list(schemas)[last + 1]  # the input of a model follows its body
    put_after(schemas, last_input, body_name, _body_schema(facts, document, entry, input_name, todo))
    put_after(schemas, body_name, input_name, _input_schema(facts, todo))
    for before in (last_input, body_name):
        blank_line_after(schemas, before)
    choice = next(schema for schema in schemas.values() if "discriminator" in schema)
    put_item(choice["oneOf"], len(choice["oneOf"]), CommentedMap({"$ref": _reference(body_name)}))
    mapping = choice["discriminator"]["mapping"]
    put_after(mapping, list(mapping)[-1], model, _reference(body_name))
    todo += [
        f"{body_name}, {input_name}: write the descriptions in your own words",
        f"{body_name}: add x-price when the price list has the model",
    ]
    return ModelDraft(yaml.text(), todo)


def _reference(schema: str) -> str:
    return "#" + format_pointer(("components", "schemas", schema))


def _body_schema(
    facts: Facts, document: Document, entry: ModelEntry, input_name: str, todo: list[str]
) -> CommentedMap:
    """Return the schema of the request body.

    `entry` is that of a model that the spec has.
    """
    docs = value_at(document.data, (*entry.schema, "externalDocs"))
    docs = docs or value_at(document.data, (*entry.operation, "externalDocs"))
    address = str(docs["url"]).replace(entry.model, str(facts.model))
    properties = CommentedMap()
    for path in _member_paths(facts, ""):
        if path == "input":
            properties[path] = CommentedMap({"$ref": _reference(input_name)})
        elif path == "model":
            properties[path] = CommentedMap(
                {
                    "type": "string",
                    "description": "The model that runs the task; this body belongs to one model only.",
                    **option_keywords([facts.model]),
                    "default": facts.model,
                    "examples": flow_list([facts.model]),
                }
            )
        else:
            _add_property(properties, facts, path, path, todo)
    return CommentedMap(
        type="object",
        description=f"A task of {facts.model}.",
        externalDocs=CommentedMap(description=str(facts.model), url=address),
        required=flow_list([path for path in properties if path == "model" or _is_required(facts, path)]),
        additionalProperties=False,
        properties=properties,
    )


def _input_schema(facts: Facts, todo: list[str]) -> CommentedMap:
    properties, excluded = CommentedMap(), CommentedMap()
    for path in _member_paths(facts, "input"):
        name = path.rpartition(".")[2]
        _add_property(properties, facts, path, name, todo)
        if others := facts.of("request", path, "excludes"):
            excluded[name] = {"propertyNames": {"not": {"const": others[0].value}}}
    schema: dict[str, Any] = {
        "type": "object",
        "description": f"The input of {facts.model}.",
        "required": flow_list([name for name in properties if _is_required(facts, f"input.{name}")]),
        "additionalProperties": False,
        "dependentSchemas": excluded,
        "properties": properties,
    }
    return CommentedMap({key: value for key, value in schema.items() if value != CommentedMap()})


def _add_property(properties: CommentedMap, facts: Facts, path: str, name: str, todo: list[str]) -> None:
    schema = field_schema(facts, facts.of("request", path))
    if schema is None:
        todo.append(f"{path}: this is an object or a list of objects; write its schema by hand")
        return
    properties[name] = schema
    roles = [other["x-image"]["role"] for other in properties.values() if "x-image" in other]
    if len(roles) > len(set(roles)):
        role = schema.pop("x-image")["role"]
        todo.append(f"{path}: the model already has a {role} image; write the x-image of this one by hand")


def _member_paths(facts: Facts, parent: str) -> list[str]:
    return [s.path for s in facts.of("request", key="name") if s.path.rpartition(".")[0] == parent]


def _is_required(facts: Facts, path: str) -> bool:
    return facts.first("request", path, "required") is True
