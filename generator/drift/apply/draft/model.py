"""Writes the spec entry of a model that the spec does not have yet, from its page.

The entry is two schemas (the body and its input), one for each nested object, an item of `oneOf`, and a
member of the discriminator mapping. What a page does not have, such as prices, must be added by hand.
"""

import itertools
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml.comments import CommentedMap

from generator.contract.defaults import completed
from generator.contract.load import Document
from generator.contract.names import resource
from generator.diagnostics import Diagnostic, InputError, Location
from generator.drift.apply.draft.held_facts import hold_known_facts
from generator.drift.apply.draft.names import choose_names
from generator.drift.apply.draft.page_values import check_samples
from generator.drift.apply.draft.result_media import guess_result_media
from generator.drift.apply.draft.schema import SchemaDrafter, reference
from generator.drift.apply.draft.todo import Todo
from generator.drift.apply.yaml_edit import EditableYaml, blank_line_after, put_after, put_item
from generator.drift.compare.claims import ModelEntry, model_entries, value_at
from generator.drift.read.facts import Facts
from generator.runtime.contract.pointer import parse_pointer


class ModelDraft(NamedTuple):
    """The text of the spec with the new model, the new schemas, and what is left to do by hand."""

    text: str
    python_name: str
    schemas: list[str]
    todo: list[Todo]


def draft_model(facts: Facts, document: Document) -> ModelDraft:
    """Add the model of the page to the spec. Raises `InputError`."""
    entries = model_entries(document)
    model = _new_model(facts, document, entries)
    entry = next(iter(entries.values()))
    names = choose_names(model, document.data, entries)
    body_name, input_name = f"{names.schema_prefix}Request", f"{names.schema_prefix}Input"
    yaml = EditableYaml(document.text)
    schemas: CommentedMap = yaml.at(("components", "schemas"))
    drafter = SchemaDrafter(facts, set(schemas))
    head: dict[str, Any] = {
        "description": f"A task of {model}.",
        "externalDocs": CommentedMap(description=model, url=_page_address(facts, document, entry)),
    }
    if names.python_name != resource(model):
        head["x-python-name"] = names.python_name
    media = guess_result_media(model, completed(document.data))
    if media is not None:
        head["x-media"] = media
    drafter.add_body(body_name, input_name, head)
    input_ = drafter.schemas.get(input_name, CommentedMap())
    properties: CommentedMap = input_.get("properties", CommentedMap())
    hold_known_facts(properties, document, entries)
    places = [_last_schema_of_models(document.data, entries), *drafter.schemas]
    for before, name in itertools.pairwise(places):
        put_after(schemas, before, name, drafter.schemas[name])
    for before in places[:-1]:
        blank_line_after(schemas, before)
    choice = next(schema for schema in schemas.values() if "discriminator" in schema)
    put_item(choice["oneOf"], len(choice["oneOf"]), CommentedMap({"$ref": reference(body_name)}))
    mapping = choice["discriminator"]["mapping"]
    put_after(mapping, list(mapping)[-1], model, reference(body_name))
    todo = [*_contradicting_names(facts), *drafter.todo]
    todo += check_samples(facts, body_name, drafter.schemas)
    if media is not None:
        message = f"check x-media: by the name of the model, its results are {media['types'][1]}"
        todo.append(Todo(body_name, message))
    todo += [
        Todo(f"input.{name}", "add `repaints` to x-image when the colour that the service repaints is known")
        for name, schema in properties.items()
        if schema.get("x-image", {}).get("role") == "mask"
    ]
    todo += [
        Todo(f"{body_name}, {input_name}", "write the descriptions in your own words"),
        Todo(body_name, "add x-price when the price list has the model"),
    ]
    return ModelDraft(yaml.text(), names.python_name, list(drafter.schemas), todo)


def _new_model(facts: Facts, document: Document, entries: dict[str, ModelEntry]) -> str:
    """Return the model of the page, which the spec must not have yet."""
    entry = next(iter(entries.values()))
    model = facts.model
    place = facts.of("operation", "path")
    if model is None or not any(s.value == entry.path for s in place):
        stated = f"is about {place[0].value}" if place else "states no endpoint"
        named = f"names the model {model}" if model else "names no model"
        message = f"the page {stated} and {named}; expected {entry.method} {entry.path} and a model"
        location = Location(Path(facts.source), place[0].line if place else 1, 1)
        raise InputError([Diagnostic(location, message, "page-other-endpoint")])
    if model in entries:
        location = document.locate(*entries[model].schema)
        message = f"the spec already has '{model}'; run `python -m generator reconcile PAGE`"
        raise InputError([Diagnostic(location, message, "draft-known")])
    return model


def _contradicting_names(facts: Facts) -> list[Todo]:
    """Report each other name that the page has for its model."""
    lines: dict[str, int] = {}
    for mention in facts.model_mentions:
        lines.setdefault(str(mention.value), mention.line)
    model = str(facts.model)
    return [
        Todo("model", f"the page names '{model}' and '{name}'; '{model}' was written", (lines[model], line))
        for name, line in lines.items()
        if name != model
    ]


def _page_address(facts: Facts, document: Document, entry: ModelEntry) -> str:
    """Return the address of the page. That of a file is derived from the address of another model."""
    if "://" in facts.source:
        return facts.source.removesuffix(".md")
    docs = value_at(document.data, (*entry.schema, "externalDocs"))
    docs = docs or value_at(document.data, (*entry.operation, "externalDocs"))
    return str(docs["url"]).replace(entry.model, str(facts.model))


def _last_schema_of_models(data: dict[str, Any], entries: dict[str, ModelEntry]) -> str:
    """Return the last schema that is a body of a model or within one."""
    schemas = data["components"]["schemas"]
    found: set[str] = set()
    pending = [str(entry.schema[-1]) for entry in entries.values()]
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += [parse_pointer(target)[-1] for target in _references(schemas[name])]
    return max(found, key=list(schemas).index)


def _references(node: Any) -> list[str]:
    """Return every `$ref` below a node."""
    if isinstance(node, list):
        return [target for item in node for target in _references(item)]
    if not isinstance(node, dict):
        return []
    below = [target for member in node.values() for target in _references(member)]
    return [*below, node["$ref"]] if isinstance(node.get("$ref"), str) else below
