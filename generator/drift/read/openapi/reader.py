"""Reads a page with an OpenAPI block: schemas, and sentences in descriptions."""

import json
from collections.abc import Iterator
from typing import Any

from generator.contract.load import Pointer
from generator.contract.openapi import METHODS, accepted_status
from generator.contract.pointer import reference_pointer
from generator.drift.read.markdown import Line, lines_of, read_blocks
from generator.drift.read.openapi.collector import StatementCollector, as_list, standard_type
from generator.drift.read.statements import ITEM_KEYS, SCHEMA_KEYS, Part, Statement
from generator.drift.read.words import values
from generator.drift.read.words.sentences import read_sentences
from generator.runtime.contract.pointer import get_pointer

_MAX_REFERENCES = 20


class OpenApiReader(StatementCollector):
    """Reads the schemas, samples and sentences of one OpenAPI block."""

    def read(self) -> None:
        """Read the first operation of the block."""
        operations = list(self._operations())
        if not operations:
            self._add_problem((), "the OpenAPI block has no operation")
            return
        for pointer, _ in operations[1:]:
            self._add_problem(pointer, "another operation; only the first one of the block was read")
        pointer, operation = operations[0]
        path, method = str(pointer[1]), str(pointer[2])
        self._add_operation_fact("path", path, pointer[:2])
        self._add_operation_fact("method", method.upper(), pointer)
        self._report_unread("operation", "", operation, pointer)
        for index, server in enumerate(as_list(self.block.data.get("servers"))[:1]):
            self._add_operation_fact("server", _as_mapping(server).get("url"), ("servers", index, "url"))
        self._read_description(("text", ""), operation, pointer)
        self._read_request(operation, pointer)
        self._read_response(operation, pointer)
        self._read_security()

    def _operations(self) -> Iterator[tuple[Pointer, dict[str, Any]]]:
        for path, item in _as_mapping(self.block.data.get("paths")).items():
            for method, operation in _as_mapping(item).items():
                if method.lower() in METHODS and isinstance(operation, dict):
                    yield ("paths", path, method), operation

    def _read_request(self, operation: dict[str, Any], pointer: Pointer) -> None:
        content = _as_mapping(_as_mapping(operation.get("requestBody")).get("content"))
        for media_type, body in list(content.items())[:1]:
            place = (*pointer, "requestBody", "content", media_type)
            self._add_operation_fact("content-type", media_type, place)
            self._read_schema("request", "", _as_mapping(body).get("schema"), (*place, "schema"), ())
            self._read_sample("request", _as_mapping(body), place)
        for media_type in list(content)[1:]:
            self._report_unread(
                "", "", {media_type: content[media_type]}, (*pointer, "requestBody", "content")
            )
        for index, parameter in enumerate(as_list(operation.get("parameters"))):
            self._read_parameter(_as_mapping(parameter), (*pointer, "parameters", index))

    def _read_parameter(self, parameter: dict[str, Any], pointer: Pointer) -> None:
        if parameter.get("name") and parameter.get("in") == "query":
            name = str(parameter["name"])
            self._add("request", name, "name", name, pointer)
            if "required" in parameter:
                self._add("request", name, "required", parameter["required"], (*pointer, "required"))
            self._read_schema("request", name, parameter.get("schema"), (*pointer, "schema"), ())
            self._read_description(("request", name), parameter, pointer)
        elif parameter.get("name") != "Authorization":
            name = f"parameter {parameter.get('name', '')} in {parameter.get('in', '')}"
            self._add_unread("", name, parameter, pointer)

    def _read_response(self, operation: dict[str, Any], pointer: Pointer) -> None:
        responses = _as_mapping(operation.get("responses"))
        success = accepted_status(responses)
        for status in responses:
            if status != success:
                self._add_unread("", f"response {status}", responses[status], (*pointer, "responses", status))
        if success is None:
            self._add_problem(pointer, "the operation has no 2xx response")
            return
        content = _as_mapping(_as_mapping(responses[success]).get("content"))
        for media_type, body in list(content.items())[:1]:
            place = (*pointer, "responses", success, "content", media_type)
            self._read_schema("response", "", _as_mapping(body).get("schema"), (*place, "schema"), ())
            self._read_sample("response", _as_mapping(body), place)

    def _read_security(self) -> None:
        schemes = _as_mapping(_as_mapping(self.block.data.get("components")).get("securitySchemes"))
        for name, scheme in list(schemes.items())[:1]:
            pointer = ("components", "securitySchemes", name, "scheme")
            members = _as_mapping(scheme)
            if (word := members.get("scheme") or members.get("type")) is not None:
                self._add("header", "Authorization", "scheme", str(word).lower(), pointer)

    # -- Schemas -----------------------------------------------------------------------------------

    def _read_schema(
        self, part: Part, path: str, schema: Any, pointer: Pointer, around: tuple[Pointer, ...]
    ) -> None:
        """Read a schema and its members.

        `around` has the pointers of the schemas around it.
        """
        schema, pointer = self._follow_references(schema, pointer)
        if pointer in around or not isinstance(schema, dict):
            return
        around = (*around, pointer)
        self._report_unread_schema(path, schema, pointer)
        for index, member in enumerate(as_list(schema.get("allOf"))):
            self._read_schema(part, path, member, (*pointer, "allOf", index), around)
        for keyword in ("anyOf", "oneOf"):
            if alternatives := as_list(schema.get(keyword)):
                self._read_alternatives(part, path, alternatives, (*pointer, keyword), around)
        if path:
            self._read_field(part, path, schema, pointer)
        else:
            self._read_description(("text", ""), schema, pointer)
        self._read_properties(part, path, schema, pointer, around)
        self._read_items(part, path, schema, pointer, around)

    def _read_alternatives(
        self, part: Part, path: str, alternatives: list[Any], pointer: Pointer, around: tuple[Pointer, ...]
    ) -> None:
        """Read all alternatives as one object, which requires only what each of them requires."""
        if all(set(_as_mapping(alternative)) <= {"required"} for alternative in alternatives):
            self._add_unread(path, str(pointer[-1]), alternatives, pointer)
            return
        if len(alternatives) > 1:
            message = (
                f"the {len(alternatives)} alternatives of {pointer[-1]} were read as one; "
                "which members belong together was not read"
            )
            self._add_problem(pointer, message)
        start, required = len(self.statements), []
        for index, alternative in enumerate(alternatives):
            first = len(self.statements)
            self._read_schema(part, path, alternative, (*pointer, index), around)
            read = self.statements[first:]
            required.append({s.path for s in read if s.key == "required" and s.value is True})
        always = set.intersection(*required)
        for index, statement in enumerate(self.statements[start:], start):
            parent = statement.path.rpartition(".")[0]
            if statement.key == "required" and parent == path and statement.path not in always:
                self.statements[index] = statement._replace(value=False)

    def _read_items(
        self, part: Part, path: str, schema: dict[str, Any], pointer: Pointer, around: tuple[Pointer, ...]
    ) -> None:
        """Read the items of a list: the members of objects, and the words about other items."""
        items, below = self._follow_references(schema.get("items"), (*pointer, "items"))
        if not isinstance(items, dict) or below in around:
            return
        around = (*around, below)
        place = f"{path}[]"
        self._report_unread_schema(place, items, below)
        self._read_description(("text", path), items, below)
        for keyword in ("allOf", "anyOf", "oneOf"):
            for index, member in enumerate(as_list(items.get(keyword))):
                self._read_properties(part, place, _as_mapping(member), (*below, keyword, index), around)
        self._read_properties(part, place, items, below, around)
        self._read_items(part, place, items, below, around)

    def _read_properties(
        self, part: Part, path: str, schema: dict[str, Any], pointer: Pointer, around: tuple[Pointer, ...]
    ) -> None:
        required = schema.get("required")
        for key, member in _as_mapping(schema.get("properties")).items():
            name, below = key.strip(), (*pointer, "properties", key)
            if name != key:
                self._add_problem(below, f"the name {json.dumps(key)} was read without its spaces")
            field_path = f"{path}.{name}" if path else name
            self._add(part, field_path, "name", name, below)
            own_required = _as_mapping(member).get("required")
            if isinstance(own_required, bool):
                place = (*below, "required")
                message = (
                    f"`required` of '{name}' was read, but it belongs in the `required` list of its object"
                )
                self._add_problem(place, message)
                self._add(part, field_path, "required", own_required, place)
            if isinstance(required, list):
                names = [str(other).strip() for other in required]
                if name in names or not isinstance(own_required, bool):
                    place = (*pointer, "required", names.index(name)) if name in names else below
                    self._add(part, field_path, "required", name in names, place)
            self._read_schema(part, field_path, member, below, around)

    def _read_field(self, part: Part, path: str, schema: dict[str, Any], pointer: Pointer) -> None:
        if type_ := self._type_of(schema, pointer):
            self._add(part, path, "type", type_, (*pointer, "type"))
        for key in SCHEMA_KEYS:
            if schema.get(key) is not None:
                self._read_keyword(part, path, key, schema[key], (*pointer, key))
        if schema.get("deprecated") is True:
            self._add(part, path, "deprecated", True, (*pointer, "deprecated"))
        options = as_list(schema.get("enum")) or ([schema["const"]] if "const" in schema else [])
        for index, option in enumerate(options):
            place = (*pointer, "enum", index)
            if (part, path) == ("response", "code"):
                self._add_code(str(option), "", place)
            else:
                self._add(part, path, "option", option, place)
        examples = schema.get("examples", [schema["example"]] if "example" in schema else None)
        if isinstance(examples, dict):
            examples = list(examples.values())
        if examples := as_list(examples):
            place = (*pointer, "examples" if "examples" in schema else "example")
            self._add(part, path, "example", examples[0], place)
        self._read_description((part, path), schema, pointer)

    def _read_keyword(self, part: Part, path: str, key: str, value: Any, pointer: Pointer) -> None:
        """Read a keyword of a schema. A limit must be a number, but may be in quotes."""
        limit = _limit(key, value)
        if limit is None:
            message = f"cannot read {json.dumps(value)} as {key}; the rest of the field was read"
            self._add_problem(pointer, message)
            return
        self._add(part, path, key, limit, pointer)

    def _type_of(self, schema: dict[str, Any], pointer: Pointer) -> dict[str, Any] | None:
        words = [
            word for word in as_list(schema.get("type")) or [schema.get("type")] if word not in (None, "null")
        ]
        if not words:
            return {"type": "object"} if "properties" in schema else None
        type_: dict[str, Any] = {"type": standard_type(words[0])}
        if schema.get("format"):
            type_["format"] = schema["format"]
        items, below = self._follow_references(schema.get("items"), (*pointer, "items"))
        if isinstance(items, dict) and (item_type := self._type_of(items, below)):
            limits = {key: _limit(key, items[key]) for key in ITEM_KEYS if key in items}
            limits |= {"enum": items["enum"]} if as_list(items.get("enum")) else {}
            type_["items"] = {
                **item_type,
                **{key: limit for key, limit in limits.items() if limit is not None},
            }
        return type_

    def _follow_references(self, schema: Any, pointer: Pointer) -> tuple[Any, Pointer]:
        """Follow each `$ref` to a schema of the block. Returns the schema and its pointer."""
        for _ in range(_MAX_REFERENCES):
            reference = _as_mapping(schema).get("$ref")
            if not isinstance(reference, str):
                return schema, pointer
            target = reference_pointer(reference)
            found = None if target is None else get_pointer(self.block.data, target)
            if target is None or found is None:
                self._add_problem((*pointer, "$ref"), f"{reference} does not exist in the block")
                return None, pointer
            schema, pointer = found, target
        self._add_problem(pointer, "this $ref leads back to itself")
        return None, pointer

    # -- Samples -----------------------------------------------------------------------------------

    def _read_sample(self, side: str, body: dict[str, Any], pointer: Pointer) -> None:
        if isinstance(body.get("example"), dict):
            self._read_sample_members(side, body["example"], (), (*pointer, "example"))
        for name, example in _as_mapping(body.get("examples")).items():
            sample = _as_mapping(example).get("value")
            if isinstance(sample, dict):
                self._read_sample_members(side, sample, (), (*pointer, "examples", name, "value"))

    def _read_sample_members(
        self, side: str, value: dict[str, Any], path: tuple[str, ...], pointer: Pointer
    ) -> None:
        for key, member in value.items():
            inner = (*path, key.strip())
            if isinstance(member, dict) and member:
                self._read_sample_members(side, member, inner, (*pointer, key))
            else:
                self._add("sample", ".".join(inner), side, member, (*pointer, key))

    # -- Sentences and codes -------------------------------------------------------------------------

    def _read_description(self, owner: tuple[Part, str], holder: dict[str, Any], pointer: Pointer) -> None:
        """Read the description in `holder`, which is about the part and path `owner`."""
        description = holder.get("description")
        if not isinstance(description, str):
            return
        for block in read_blocks(description):
            for line in lines_of(block):
                self._read_line(owner, line, (*pointer, "description"))

    def _read_line(self, owner: tuple[Part, str], line: Line, pointer: Pointer) -> None:
        part, path = owner
        if owner == ("response", "code") and (code := values.parse_code_meaning(line.bare)):
            self._add_code(*code, pointer)
            return
        for sentence in read_sentences(line.text):
            text = sentence.text
            facts = sentence.facts if part in ("request", "response") else []
            number = self._find_line(text, pointer)
            if sentence.model:
                self.statements.append(Statement("model", "model", "name", sentence.model, number, text))
            for key, value in facts:
                self.statements.append(Statement(part, path, key, value, number, text, True))
            if not facts and not sentence.model:
                self.statements.append(Statement("text", path, "text", text, number, text))

    def _add_code(self, code: str, meaning: str, pointer: Pointer) -> None:
        if not code.isdecimal():
            self._add_problem(pointer, f"'{code}' is not a body code; expected a number")
            return
        line = self._find_line(code, pointer)
        quote = self._quote(line)
        self.statements.append(Statement("code", code, "code", code, line, quote))
        if meaning:
            self.statements.append(Statement("code", code, "meaning", meaning, line, quote))


def _as_mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _limit(key: str, value: Any) -> Any:
    """Return the value of a keyword. A limit must be a number; other words give None."""
    if key in ("default", "pattern") or type(value) in (int, float):
        return value
    return values.parse_number(value) if isinstance(value, str) else None
