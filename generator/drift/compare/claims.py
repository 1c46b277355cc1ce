"""Reads what the spec claims about a model, in the terms of a page's statements."""

import copy
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from generator.contract.load import Document, Pointer
from generator.contract.openapi import METHODS, accepted_status, file_extension, key_header
from generator.contract.pointer import resolve
from generator.diagnostics import Diagnostic, InputError, Location
from generator.drift.read.statements import ITEM_KEYS, SCHEMA_KEYS
from generator.runtime.contract.pointer import parse_pointer

# Keyword of `x-image` → key of the statement.
IMAGE_KEYS = {
    "media-types": "mediaTypes",
    "max-bytes": "maxBytes",
    "max-total-bytes": "maxTotalBytes",
    "used": "used",
    "same-size-as": "sameSizeAs",
}


class Claim(NamedTuple):
    """One value in the spec with its location.

    A list also has the location of each item.
    """

    value: Any
    location: Location
    pointer: Pointer
    item_locations: tuple[Location, ...] = ()


class ModelEntry(NamedTuple):
    """The create operation and the request schema of one model."""

    method: str
    path: str
    model: str
    operation: Pointer
    schema: Pointer


@dataclass
class Claims:
    """The claims about one model, by part, path and key."""

    document: Document
    entry: ModelEntry
    by_subject: dict[tuple[str, str, str], Claim] = field(default_factory=dict)

    def get(self, part: str, path: str, key: str) -> Claim | None:
        """Return the claim about a key of a field, or None."""
        return self.by_subject.get((part, path, key))

    def field_paths(self, part: str) -> list[str]:
        """Return the paths of the fields of a part, in the order of the spec."""
        return [path for owner, path, key in self.by_subject if owner == part and key == "name"]

    def keys(self, part: str, path: str) -> list[str]:
        """Return the keys that the spec has for a field, without `name`."""
        return [
            key for owner, place, key in self.by_subject if (owner, place) == (part, path) and key != "name"
        ]


def model_entries(document: Document) -> dict[str, ModelEntry]:
    """Return an entry for each model in the mapping of an operation that submits.

    Raises `InputError` if there is no such operation.
    """
    found: dict[str, ModelEntry] = {}
    for path, item in document.data.get("paths", {}).items():
        for method in METHODS:
            content = (
                item.get(method, {}).get("requestBody", {}).get("content", {}).get("application/json", {})
            )
            schema = resolve(document.data, content.get("schema")) or {}
            operation: Pointer = ("paths", path, method)
            for model, reference in schema.get("discriminator", {}).get("mapping", {}).items():
                found[model] = ModelEntry(method.upper(), path, model, operation, parse_pointer(reference))
    if found:
        return found
    message = "no operation has a request body with a discriminator mapping, which drift needs to find models"
    raise InputError([Diagnostic(Location(document.path), message, "drift-no-create")])


def only_adds_models(old: Document, new: Document) -> bool:
    """Return whether a spec is another one with more models: nothing that both have differs."""
    before, after = (copy.deepcopy(document.data) for document in (old, new))
    schemas, known = after["components"]["schemas"], before["components"]["schemas"]
    for name in [name for name in schemas if name not in known]:
        del schemas[name]
    for document in (before, after):
        for schema in document["components"]["schemas"].values():
            if "discriminator" in schema:
                mapping = schema["discriminator"]["mapping"]
                kept = {
                    model: target for model, target in mapping.items() if parse_pointer(target)[-1] in known
                }
                schema["discriminator"]["mapping"] = kept
                schema["oneOf"] = [choice for choice in schema["oneOf"] if choice["$ref"] in kept.values()]
    return bool(before == after)


def read_claims(document: Document, entry: ModelEntry) -> Claims:
    """Read everything that the spec says about a model and a page could say too."""
    claims = Claims(document, entry)
    reader = _ClaimsReader(claims)
    operation = value_at(document.data, entry.operation)
    reader.add("operation", "path", "name", entry.path, entry.operation[:2])
    reader.add("operation", "method", "name", entry.method, entry.operation)
    reader.add("operation", "server", "name", document.data["servers"][0]["url"], ("servers", 0, "url"))
    content: Pointer = (*entry.operation, "requestBody", "content", "application/json")
    reader.add("operation", "content-type", "name", "application/json", content)
    reader.read_security(operation)
    reader.read_properties("request", "", entry.schema)
    reader.read_response(entry.operation)
    return claims


def value_at(data: Any, pointer: Pointer) -> Any:
    """Return the value at `pointer`, through mappings and lists, or None."""
    for key in pointer:
        if isinstance(data, list):
            data = data[key] if isinstance(key, int) and key < len(data) else None
        else:
            data = data.get(key) if isinstance(data, dict) else None
    return data


@dataclass
class _ClaimsReader:
    claims: Claims

    def add(self, part: str, path: str, key: str, value: Any, pointer: Pointer) -> None:
        document = self.claims.document
        items: tuple[Location, ...] = ()
        if isinstance(value, list):
            items = tuple(document.locate(*pointer, index) for index in range(len(value)))
        self.claims.by_subject[part, path, key] = Claim(value, document.locate(*pointer), pointer, items)

    def read_security(self, operation: dict[str, Any]) -> None:
        data = self.claims.document.data
        # An operation that names no scheme has the only one.
        names = operation.get("security") or [data["components"]["securitySchemes"]]
        pointer: Pointer = ("components", "securitySchemes", next(iter(names[0])))
        name, _ = key_header(data)
        header = {"name": name, "type": {"type": "string"}, "in": "header", "required": True}
        for key, value in header.items():
            self.add("header", name, key, value, pointer)
        scheme = value_at(data, (*pointer, "scheme"))
        if scheme is not None:
            self.add("header", name, "scheme", scheme, (*pointer, "scheme"))

    def read_properties(self, part: str, path: str, pointer: Pointer) -> None:
        schema = value_at(self.claims.document.data, pointer)
        required = schema.get("required", [])
        for name, member in schema.get("properties", {}).items():
            field_path, below = f"{path}.{name}" if path else name, (*pointer, "properties", name)
            self.add(part, field_path, "name", name, below)
            place = (*pointer, "required", required.index(name)) if name in required else below
            self.add(part, field_path, "required", name in required, place)
            self.read_field(part, field_path, *self.follow_references(member, below))
            if name in schema.get("dependentSchemas", {}):
                self.read_exclusion(part, field_path, (*pointer, "dependentSchemas", name))

    def read_field(self, part: str, path: str, schema: dict[str, Any], pointer: Pointer) -> None:
        if type_ := _type_of(self.claims.document, schema):
            self.add(part, path, "type", type_, (*pointer, "type"))
        for key in SCHEMA_KEYS:
            if key in schema:
                self.add(part, path, key, schema[key], (*pointer, key))
        if "enum" in schema:
            self.add(part, path, "option", schema["enum"], (*pointer, "enum"))
        extension = file_extension(schema)
        for keyword, key in IMAGE_KEYS.items():
            if keyword in schema.get(extension, {}):
                value = schema[extension][keyword]
                value = ("mask" if "mask" in value else "image") if key == "sameSizeAs" else value
                self.add(part, path, key, value, (*pointer, extension, keyword))
        if schema.get("type") == "object":
            self.read_properties(part, path, pointer)
        if "items" in schema:
            items, below = self.follow_references(schema["items"], (*pointer, "items"))
            if items.get("type") == "object":
                self.read_properties(part, f"{path}[]", below)

    def read_exclusion(self, part: str, path: str, pointer: Pointer) -> None:
        below: Pointer = (*pointer, "propertyNames", "not", "const")
        excluded = value_at(self.claims.document.data, below)
        if excluded is not None:
            self.add(part, path, "excludes", [excluded], below)

    def read_response(self, operation: Pointer) -> None:
        """Read the accepted response, and the table of body codes."""
        data = self.claims.document.data
        responses: Pointer = (*operation, "responses")
        declared = value_at(data, responses)
        status = accepted_status(declared)
        assert status, "lint requires one"
        _, place = self.follow_references(declared[status], (*responses, status))
        content: Pointer = (*place, "content", "application/json", "schema")
        schema, pointer = self.follow_references(value_at(data, content), content)
        if "anyOf" in schema:
            _, pointer = self.follow_references(schema["anyOf"][0], (*pointer, "anyOf", 0))
        self.read_properties("response", "", pointer)
        for name, named_schema in data.get("components", {}).get("schemas", {}).items():
            if "x-codes" in named_schema:
                codes = [str(code) for code in named_schema["enum"]]
                self.add("code", "code", "name", codes, ("components", "schemas", name, "enum"))
                break

    def follow_references(self, schema: Any, pointer: Pointer) -> tuple[Any, Pointer]:
        """Follow the `$ref`s of the schema at `pointer`; return schema and pointer.

        This terminates: `lint` rejects references without a target and circular ones.
        """
        while isinstance(schema, dict) and "$ref" in schema:
            pointer = parse_pointer(schema["$ref"])
            schema = value_at(self.claims.document.data, pointer)
        return schema, pointer


def _type_of(document: Document, schema: dict[str, Any]) -> dict[str, Any] | None:
    if "type" not in schema:
        return None
    type_: dict[str, Any] = {"type": schema["type"]}
    if "format" in schema:
        type_["format"] = schema["format"]
    if "items" in schema:
        items = resolve(document.data, schema["items"])
        limits = {key: items[key] for key in (*ITEM_KEYS, "enum") if key in items}
        type_["items"] = {**(_type_of(document, items) or {}), **limits}
    return type_
