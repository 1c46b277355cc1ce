"""Writes the schemas of a new model: the body, its input, and a named schema for each nested object."""

from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml.comments import CommentedMap

from generator.contract.lint.rules.requests import SCALARS
from generator.contract.names import pascal
from generator.contract.openapi import has_file
from generator.drift.apply.draft.image_names import name_images
from generator.drift.apply.draft.page_values import check_page_values
from generator.drift.apply.draft.todo import Todo
from generator.drift.apply.field_schema import (
    IMAGE_KEYWORDS,
    description,
    field_schema,
    first_values,
    innermost_type,
    listed_options,
    option_keywords,
)
from generator.drift.apply.yaml_edit import flow_list
from generator.drift.compare.findings import format_json, format_unquoted, format_value
from generator.drift.read.facts import Facts
from generator.drift.read.statements import Statement
from generator.runtime.contract.pointer import format_pointer


def reference(schema: str) -> str:
    """Return the `$ref` of a named schema."""
    return "#" + format_pointer(("components", "schemas", schema))


@dataclass
class SchemaDrafter:
    """Writes schemas from the facts of a page.

    `taken` has the names of the schemas and classes that exist. `schemas` collects the new schemas by
    name, in the order of the spec. `todo` collects what the page states and a schema cannot have.
    """

    facts: Facts
    taken: set[str]
    schemas: dict[str, CommentedMap] = field(default_factory=dict)
    todo: list[Todo] = field(default_factory=list)

    def add_body(self, name: str, input_name: str, head: dict[str, Any]) -> None:
        """Add the schema of the request body; `head` has its keywords before `required`."""
        model = self.facts.model
        schema = self._add_object(name, "", head, {"input": input_name})
        properties = schema["properties"]
        order = [path for path in self._member_paths("") if path in properties or path == "model"]
        properties["model"] = CommentedMap(
            {
                "type": "string",
                "description": "The model that runs the task; this body belongs to one model only.",
                **option_keywords([model]),
                "default": model,
                "examples": flow_list([model]),
            }
        )
        for path in order or ["model"]:
            properties.move_to_end(path)
        required = [path for path in properties if path == "model" or path in schema["required"]]
        schema["required"] = flow_list(required)

    def _add_object(self, name: str, path: str, head: dict[str, Any], names: dict[str, str]) -> CommentedMap:
        """Add the schema of an object. `names` has the names of members' schemas that are decided."""
        schema = CommentedMap({"type": "object", **head, "required": flow_list([])})
        self.schemas[name] = schema
        self.taken.add(name)
        properties, excluded = CommentedMap(), CommentedMap()
        for member_path in self._member_paths(path):
            member = member_path.rpartition(".")[2]
            if (path, member) == ("", "model"):
                continue
            properties[member] = self._member(member_path, name, names.get(member))
            for other in self.facts.of("request", member_path, "excludes"):
                excluded[member] = {"propertyNames": {"not": {"const": other.value}}}
        self._remove_images_of_items(path, properties)
        name_images(properties)
        self._remove_one_sided_sizes(path, properties)
        required = [
            member
            for member in properties
            if self.facts.first("request", f"{path}.{member}" if path else member, "required") is True
        ]
        schema["required"] = flow_list(required)
        if not required and path:
            del schema["required"]
        if properties or not path:
            schema["additionalProperties"] = False
        if excluded:
            schema["dependentSchemas"] = excluded
        if properties:
            schema["properties"] = properties
        return schema

    def _member(self, path: str, owner: str, name: str | None) -> CommentedMap:
        statements = self.facts.of("request", path)
        first = first_values(statements)
        inner = innermost_type(first.get("type", {"type": "string"}))
        depth, below = 0, path
        type_ = first.get("type", {})
        while type_.get("type") == "array":
            depth, below, type_ = depth + 1, f"{below}[]", type_.get("items", {})
        if self._member_paths(below) or inner.get("type") == "object":
            return self._object_member(
                path, statements, below, depth, name or owner + pascal(path[path.rfind(".") + 1 :])
            )
        self._report_unwritten(path, statements, first, inner)
        if inner.get("type") not in SCALARS:
            written: dict[str, Any] = {"type": "string"}
            for _ in range(depth):
                written = {"type": "array", "items": written}
            statements = [s for s in statements if s.key != "type"]
            statements.append(statements[0]._replace(key="type", value=written))
        schema = field_schema(self.facts, statements)
        assert schema is not None
        self.todo += check_page_values(self.facts, path, schema)
        return schema

    def _object_member(
        self, path: str, statements: list[Statement], below: str, depth: int, name: str
    ) -> CommentedMap:
        """Return a reference to the schema of an object, or a list of such references."""
        name = self._free_name(name)
        text = description(self.facts, path)
        if depth:
            text = f"One item of `{path.rpartition('.')[2]}`."
        self._add_object(name, below, {"description": text}, {})
        schema = CommentedMap({"$ref": reference(name)})
        for level in range(depth):
            outermost = level == depth - 1
            items = schema
            written = field_schema(self.facts, statements, items) if outermost else None
            schema = written if written is not None else CommentedMap({"type": "array", "items": items})
        if depth:
            schema.pop("default", None)
        return schema

    def _report_unwritten(
        self, path: str, statements: list[Statement], first: dict[str, Any], inner: dict[str, Any]
    ) -> None:
        """Report what the page states about a field and its schema cannot have."""
        name, lines = statements[0], {s.key: s.line for s in reversed(statements)}
        if "type" not in first:
            self._add_todo(path, "the page states no type; check the type that was written", name.line)
        elif inner.get("type") not in SCALARS:
            fault = (
                f"the type '{format_value('type', inner)}' is not one of JSON Schema"
                if inner
                else "the page does not state the type of the items"
            )
            self._add_todo(path, f"{fault}; string was written", lines["type"])
        if inner.get("format") not in (None, "uri"):
            message = f"the client does not check the format '{inner['format']}'; it was left out"
            self._add_todo(path, message, lines["type"])
        schema_types = {
            format_value("type", s.value): s.line
            for s in sorted(statements, key=lambda statement: -statement.line)
            if s.key == "type"
        }
        if len(schema_types) > 1:
            named = " and ".join(sorted(schema_types, key=schema_types.__getitem__))
            message = f"the page states the types {named}; the first one was written"
            self._add_todo(path, message, *sorted(schema_types.values()))
        if first.get("deprecated"):
            self._add_todo(path, "the page marks this field as deprecated", lines["deprecated"])
        written = set(map(format_unquoted, listed_options(statements, first.get("type", {"type": "string"}))))
        for option in (s for s in statements if s.key == "option" and s.prose):
            if format_unquoted(option.value) not in written:
                message = f"a sentence has the option '{option.value}', which the list does not have"
                self._add_todo(path, message, option.line, lines["option"])
        stated = {key: first[key] for key in (*IMAGE_KEYWORDS, "sameSizeAs") if key in first}
        schema = field_schema(self.facts, statements)
        if stated and (schema is None or not has_file(schema)):
            words = ", ".join(f"{key} {format_json(value)}" for key, value in stated.items())
            message = (
                f"the page states {words}; a check needs the types and the largest size, and images need "
                "another extension than other files, so this is a plain URL and the client does not check it"
            )
            self._add_todo(path, message, lines[next(iter(stated))])

    def _remove_images_of_items(self, parent: str, properties: CommentedMap) -> None:
        """Remove the image of a member of a list's items, because only an argument can be a file."""
        for name, schema in properties.items():
            path = f"{parent}.{name}" if parent else name
            if "x-image" in schema and "[]" in path:
                del schema["x-image"]
                message = "this is in a list, so it is a plain URL and the client does not check it"
                self._add_todo(path, message, self.facts.of("request", path)[0].line)

    def _remove_one_sided_sizes(self, parent: str, properties: CommentedMap) -> None:
        """Remove sizes that the other image does not state."""
        for name, schema in properties.items():
            other = schema.get("x-image", {}).get("same-size-as")
            back = properties.get(other, {}).get("x-image", {}).get("same-size-as") if other else name
            if back != name:
                del schema["x-image"]["same-size-as"]
                path = f"{parent}.{name}" if parent else name
                message = f"the page says same size as '{other}', but not the reverse; write both by hand"
                self._add_todo(path, message, self.facts.of("request", path)[0].line)

    def _free_name(self, name: str) -> str:
        base = name
        number = 1
        while name in self.taken:
            number += 1
            name = f"{base}{number}"
        return name

    def _member_paths(self, parent: str) -> list[str]:
        paths = (s.path for s in self.facts.of("request", key="name"))
        return list(dict.fromkeys(path for path in paths if path.rpartition(".")[0] == parent))

    def _add_todo(self, subject: str, message: str, *lines: int) -> None:
        self.todo.append(Todo(subject, message, lines))
