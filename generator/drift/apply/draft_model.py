"""The spec entry of a model that the spec does not have yet, from its page.

Two schemas (the body and its input), a place in the body's `oneOf` and one in the mapping of the
discriminator. What a page cannot say (prices, our own words) is left to add by hand.
"""

from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap

from generator.contract.load import Document
from generator.contract.names import pascal
from generator.diagnostics import Diagnostic, InputError, Location
from generator.drift.apply.edits import field_schema, option_keywords
from generator.drift.apply.yaml_edit import YamlText, blank_line_after, flow, put_after, put_item
from generator.drift.compare import claims
from generator.drift.facts import Facts

REF = "#/components/schemas/"


def drafted(facts: Facts, document: Document) -> tuple[str, list[str]]:
    """The text of the spec with the page's model in it, and what is left to do. Raises `InputError`."""
    entries = claims.entries(document)
    entry = next(iter(entries.values()))
    model = facts.model
    if model is None or not any(s.value == entry.path for s in facts.of("operation", "path")):
        message = f"the page is no page of {entry.method} {entry.path} with a model; a draft needs both"
        raise InputError([Diagnostic(Location(Path(facts.source)), message, "page-other-endpoint")])
    if model in entries:
        where = document.locate(*entries[model].schema)
        message = f"the spec has '{model}' already; run `python -m generator reconcile PAGE`"
        raise InputError([Diagnostic(where, message, "draft-known")])
    name = pascal(model.rpartition("/")[2].replace(".", "-"))
    body, inner = f"{name}Request", f"{name}Input"
    tree = YamlText(document.text)
    schemas: CommentedMap = tree.at(("components", "schemas"))
    taken = [schema for schema in (body, inner) if schema in schemas]
    if taken:
        message = f"the spec has a schema {taken[0]} already; rename it first"
        raise InputError(
            [Diagnostic(document.locate("components", "schemas", taken[0]), message, "draft-name")]
        )
    left: list[str] = []
    last = max(list(schemas).index(str(e.schema[-1])) for e in entries.values())
    follower = list(schemas)[last + 1]  # the input of the last model stands behind its body
    put_after(schemas, follower, body, _body(facts, document, entry, inner, left))
    put_after(schemas, body, inner, _input(facts, left))
    for before in (follower, body):
        blank_line_after(schemas, before)
    choice = next(schema for schema in schemas.values() if "discriminator" in schema)
    put_item(choice["oneOf"], len(choice["oneOf"]), CommentedMap({"$ref": REF + body}))
    mapping = choice["discriminator"]["mapping"]
    put_after(mapping, list(mapping)[-1], model, REF + body)
    left += [
        f"{body}, {inner}: put the descriptions into your own words",
        f"{body}: add x-price when the price list has the model",
    ]
    return tree.text(), left


def _body(facts: Facts, document: Document, entry: claims.Entry, inner: str, left: list[str]) -> CommentedMap:
    docs = claims.at(document.data, (*entry.schema, "externalDocs"))
    docs = docs or claims.at(document.data, (*entry.operation, "externalDocs"))
    address = str(docs["url"]).replace(entry.model, str(facts.model))
    properties = CommentedMap()
    for path in _members(facts, ""):
        if path == "input":
            properties[path] = CommentedMap({"$ref": REF + inner})
        elif path == "model":
            properties[path] = CommentedMap(
                {
                    "type": "string",
                    "description": "The model that runs the task; this body belongs to one model only.",
                    **option_keywords([facts.model]),
                    "default": facts.model,
                    "examples": flow([facts.model]),
                }
            )
        else:
            _add(properties, facts, path, path, left)
    return CommentedMap(
        type="object",
        description=f"A task of {facts.model}.",
        externalDocs=CommentedMap(description=str(facts.model), url=address),
        required=flow([path for path in properties if path == "model" or _required(facts, path)]),
        additionalProperties=False,
        properties=properties,
    )


def _input(facts: Facts, left: list[str]) -> CommentedMap:
    properties, excluded = CommentedMap(), CommentedMap()
    for path in _members(facts, "input"):
        name = path.rpartition(".")[2]
        _add(properties, facts, path, name, left)
        if others := facts.of("request", path, "excludes"):
            excluded[name] = {"propertyNames": {"not": {"const": others[0].value}}}
    schema: dict[str, Any] = {
        "type": "object",
        "description": f"What {facts.model} works from.",
        "required": flow([name for name in properties if _required(facts, f"input.{name}")]),
        "additionalProperties": False,
        "dependentSchemas": excluded,
        "properties": properties,
    }
    return CommentedMap({key: value for key, value in schema.items() if value != CommentedMap()})


def _add(properties: CommentedMap, facts: Facts, path: str, name: str, left: list[str]) -> None:
    schema = field_schema(facts, facts.of("request", path))
    if schema is None:
        left.append(f"{path}: an object or a list of objects; write its schema by hand")
        return
    properties[name] = schema
    roles = [other["x-image"]["role"] for other in properties.values() if "x-image" in other]
    if len(roles) > len(set(roles)):
        role = schema.pop("x-image")["role"]
        left.append(f"{path}: the model has a {role} already; write its x-image by hand")


def _members(facts: Facts, parent: str) -> list[str]:
    return [s.path for s in facts.of("request", key="name") if s.path.rpartition(".")[0] == parent]


def _required(facts: Facts, path: str) -> bool:
    return facts.first("request", path, "required") is True
