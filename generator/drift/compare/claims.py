"""What the spec says of a model, in the terms of a page's statements, each with its place."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from generator.contract.load import Document, Pointer
from generator.diagnostics import Diagnostic, InputError, Location
from generator.drift.facts import METHODS, SCHEMA_KEYS

# Keywords of `x-image` → what a page's sentence states.
IMAGE_KEYS = {
    "media-types": "mediaTypes",
    "max-bytes": "maxBytes",
    "max-total-bytes": "maxTotalBytes",
    "used": "used",
    "same-size-as": "sameSizeAs",
}

Place = tuple[str, str, str]


class Claim(NamedTuple):
    """One value of the spec and where it stands; a list's members have places of their own."""

    value: Any
    at: Location
    pointer: Pointer
    members: tuple[Location, ...] = ()


class Entry(NamedTuple):
    """The create operation and the request schema of one model."""

    method: str
    path: str
    model: str
    operation: Pointer
    schema: Pointer


@dataclass
class Claims:
    """The claims of one model's entry, keyed by part, path and key of a statement."""

    document: Document
    entry: Entry
    said: dict[Place, Claim] = field(default_factory=dict)

    def get(self, part: str, path: str, key: str) -> Claim | None:
        """What the spec says there."""
        return self.said.get((part, path, key))

    def paths(self, part: str) -> list[str]:
        """The fields of a part, in the order of the spec."""
        return [path for owner, path, key in self.said if owner == part and key == "name"]

    def keys(self, part: str, path: str) -> list[str]:
        """What the spec says of a field, besides that it exists."""
        return [key for owner, place, key in self.said if (owner, place) == (part, path) and key != "name"]


def entries(document: Document) -> dict[str, Entry]:
    """The models of the spec: the mapping of the discriminator in the create operation's body."""
    for path, item in document.data.get("paths", {}).items():
        for method in METHODS:
            pointer: Pointer = ("paths", path, method)
            content = (
                item.get(method, {}).get("requestBody", {}).get("content", {}).get("application/json", {})
            )
            schema, _ = resolve(document, content.get("schema"), pointer)
            mapping = (schema or {}).get("discriminator", {}).get("mapping", {})
            if mapping:
                return {
                    model: Entry(method.upper(), path, model, pointer, target(reference))
                    for model, reference in mapping.items()
                }
    message = (
        "no operation takes a body with a discriminator mapping; drift compares such an operation with a page"
    )
    raise InputError([Diagnostic(Location(document.path), message, "drift-no-create")])


def claims_of(document: Document, entry: Entry) -> Claims:
    """Everything the spec says of the model of `entry` that a page could say too."""
    claims = Claims(document, entry)
    reader = _Reader(claims)
    operation = at(document.data, entry.operation)
    reader.put("operation", "path", "name", entry.path, entry.operation[:2])
    reader.put("operation", "method", "name", entry.method, entry.operation)
    reader.put("operation", "server", "name", document.data["servers"][0]["url"], ("servers", 0, "url"))
    content: Pointer = (*entry.operation, "requestBody", "content", "application/json")
    reader.put("operation", "content-type", "name", "application/json", content)
    reader.security(operation)
    reader.properties("request", "", entry.schema)
    reader.response(operation, entry.operation)
    return claims


@dataclass
class _Reader:
    claims: Claims

    def put(self, part: str, path: str, key: str, value: Any, pointer: Pointer) -> None:
        document = self.claims.document
        members: tuple[Location, ...] = ()
        if isinstance(value, list):
            members = tuple(document.locate(*pointer, index) for index in range(len(value)))
        self.claims.said[part, path, key] = Claim(value, document.locate(*pointer), pointer, members)

    def security(self, operation: dict[str, Any]) -> None:
        name = next(iter(operation["security"][0]))
        pointer: Pointer = ("components", "securitySchemes", name)
        scheme = at(self.claims.document.data, pointer)
        for key, value in (
            *(("name", "Authorization"), ("type", {"type": "string"}), ("in", "header"), ("required", True)),
            ("scheme", scheme["scheme"]),
        ):
            self.put(
                "header", "Authorization", key, value, (*pointer, "scheme") if key == "scheme" else pointer
            )

    def properties(self, part: str, path: str, pointer: Pointer) -> None:
        schema = at(self.claims.document.data, pointer)
        required = schema.get("required", [])
        for name, member in schema.get("properties", {}).items():
            place, below = f"{path}.{name}" if path else name, (*pointer, "properties", name)
            self.put(part, place, "name", name, below)
            where = (*pointer, "required", required.index(name)) if name in required else below
            self.put(part, place, "required", name in required, where)
            self.field(part, place, *resolve(self.claims.document, member, below))
            if name in schema.get("dependentSchemas", {}):
                self.excludes(part, place, (*pointer, "dependentSchemas", name))

    def field(self, part: str, path: str, schema: dict[str, Any], pointer: Pointer) -> None:
        kind = _type(self.claims.document, schema)
        if kind:
            self.put(part, path, "type", kind, (*pointer, "type"))
        for key in SCHEMA_KEYS:
            if key in schema:
                self.put(part, path, key, schema[key], (*pointer, key))
        if "enum" in schema:
            self.put(part, path, "option", schema["enum"], (*pointer, "enum"))
        for keyword, key in IMAGE_KEYS.items():
            if keyword in schema.get("x-image", {}):
                value = schema["x-image"][keyword]
                value = ("mask" if "mask" in value else "image") if key == "sameSizeAs" else value
                self.put(part, path, key, value, (*pointer, "x-image", keyword))
        if schema.get("type") == "object":
            self.properties(part, path, pointer)

    def excludes(self, part: str, path: str, pointer: Pointer) -> None:
        below: Pointer = (*pointer, "propertyNames", "not", "const")
        excluded = at(self.claims.document.data, below)
        if excluded is not None:
            self.put(part, path, "excludes", [excluded], below)

    def response(self, operation: dict[str, Any], pointer: Pointer) -> None:
        """The reply of success; its code is any of the table of codes."""
        below: Pointer = (*pointer, "responses", "200", "content", "application/json", "schema")
        schema, place = resolve(self.claims.document, at(self.claims.document.data, below), below)
        if "anyOf" in schema:
            _, place = resolve(self.claims.document, schema["anyOf"][0], (*place, "anyOf", 0))
        self.properties("response", "", place)
        codes = next((p for p, s in schemas(self.claims.document) if "x-codes" in s), None)
        if codes:
            table = at(self.claims.document.data, codes)
            self.put("code", "code", "name", [str(code) for code in table["enum"]], (*codes, "enum"))


def schemas(document: Document) -> Iterator[tuple[Pointer, dict[str, Any]]]:
    """The named schemas of the spec."""
    for name, schema in document.data.get("components", {}).get("schemas", {}).items():
        yield ("components", "schemas", name), schema


def target(reference: str) -> Pointer:
    """Where a `$ref` inside the document leads."""
    return tuple(
        part.replace("~1", "/").replace("~0", "~") for part in reference.removeprefix("#/").split("/")
    )


def at(data: Any, pointer: Pointer) -> Any:
    """The value at `pointer`, or None."""
    for key in pointer:
        known = isinstance(data, dict) and key in data
        known = known or (isinstance(data, list) and isinstance(key, int) and key < len(data))
        data = data[key] if known else None
    return data


def resolve(document: Document, schema: Any, pointer: Pointer) -> tuple[Any, Pointer]:
    """Follow `$ref`s from `schema`, which stands at `pointer`."""
    seen: set[Pointer] = set()
    while isinstance(schema, dict) and "$ref" in schema and pointer not in seen:
        seen.add(pointer)
        pointer = target(schema["$ref"])
        schema = at(document.data, pointer)
    return schema, pointer


def _type(document: Document, schema: dict[str, Any]) -> dict[str, Any] | None:
    if "type" not in schema:
        return None
    kind: dict[str, Any] = {"type": schema["type"]}
    if "format" in schema:
        kind["format"] = schema["format"]
    if "items" in schema:
        items, _ = resolve(document, schema["items"], ())
        kind["items"] = _type(document, items) or {}
    return kind
