"""Reads a page with an OpenAPI block: the block's schemas, and the sentences of its descriptions."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from generator.contract.load import Document, Pointer
from generator.diagnostics import Diagnostic
from generator.drift.facts import METHODS, SCHEMA_KEYS, Part, Statement
from generator.drift.read.prose import attributes
from generator.drift.read.prose.markdown import Line, lines_of, read_blocks
from generator.drift.read.words import labels, values
from generator.drift.read.words.sentences import read_sentences


@dataclass
class EmbeddedReader:
    """Collects the statements of one OpenAPI block."""

    block: Document
    again: dict[Pointer, tuple[Any, int]]
    statements: list[Statement] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)

    def read(self) -> None:
        """Read the block's first operation."""
        found = list(self._operations())
        if not found:
            self._problem((), "the OpenAPI block has no operation")
            return
        for pointer, _ in found[1:]:
            self._problem(pointer, "another operation of the block is not read")
        pointer, operation = found[0]
        path, method = str(pointer[1]), str(pointer[2])
        self._operation("path", path, pointer[:2])
        self._operation("method", method.upper(), pointer)
        for index, server in enumerate(_list(self.block.data.get("servers"))[:1]):
            self._operation("server", _mapping(server).get("url"), ("servers", index, "url"))
        self._sentences(("text", ""), operation, pointer)
        self._request(operation, pointer)
        self._responses(operation, pointer)
        self._security()

    def _operations(self) -> Iterator[tuple[Pointer, dict[str, Any]]]:
        for path, item in _mapping(self.block.data.get("paths")).items():
            for method, operation in _mapping(item).items():
                if method.lower() in METHODS and isinstance(operation, dict):
                    yield ("paths", path, method), operation

    def _request(self, operation: dict[str, Any], at: Pointer) -> None:
        content = _mapping(_mapping(operation.get("requestBody")).get("content"))
        for media, body in list(content.items())[:1]:
            where = (*at, "requestBody", "content", media)
            self._operation("content-type", media, where)
            self._schema("request", "", _mapping(body).get("schema"), (*where, "schema"), ())
            self._sample("request", _mapping(body), where)
        for index, parameter in enumerate(_list(operation.get("parameters"))):
            self._parameter(_mapping(parameter), (*at, "parameters", index))

    def _parameter(self, parameter: dict[str, Any], at: Pointer) -> None:
        if parameter.get("name") and parameter.get("in") == "query":
            name = str(parameter["name"])
            self._say("request", name, "name", name, at)
            if "required" in parameter:
                self._say("request", name, "required", parameter["required"], (*at, "required"))
            self._schema("request", name, parameter.get("schema"), (*at, "schema"), ())
            self._sentences(("request", name), parameter, at)

    def _responses(self, operation: dict[str, Any], at: Pointer) -> None:
        responses = _mapping(operation.get("responses"))
        success = next((status for status in responses if status.startswith("2")), None)
        if success is None:
            self._problem(at, "the operation has no response of success")
            return
        content = _mapping(_mapping(responses[success]).get("content"))
        for media, body in list(content.items())[:1]:
            where = (*at, "responses", success, "content", media)
            self._schema("response", "", _mapping(body).get("schema"), (*where, "schema"), ())
            self._sample("response", _mapping(body), where)

    def _security(self) -> None:
        schemes = _mapping(_mapping(self.block.data.get("components")).get("securitySchemes"))
        for name, scheme in list(schemes.items())[:1]:
            at = ("components", "securitySchemes", name)
            if (kind := _mapping(scheme).get("scheme") or _mapping(scheme).get("type")) is not None:
                self._say("header", "Authorization", "scheme", str(kind).lower(), (*at, "scheme"))

    # -- Schemas -----------------------------------------------------------------------------------

    def _schema(self, part: Part, path: str, schema: Any, at: Pointer, seen: tuple[Pointer, ...]) -> None:
        schema, at = self._resolved(schema, at)
        if at in seen or not isinstance(schema, dict):
            return
        seen = (*seen, at)
        for index, member in enumerate(_list(schema.get("allOf"))):
            self._schema(part, path, member, (*at, "allOf", index), seen)
        for word in ("anyOf", "oneOf"):
            if alternatives := _list(schema.get(word)):
                self._problem((*at, word), f"of the alternatives in {word} only the first is read")
                self._schema(part, path, alternatives[0], (*at, word, 0), seen)
        if path:
            self._field(part, path, schema, at)
        else:
            self._sentences(("text", ""), schema, at)
        required = schema.get("required")
        for name, member in _mapping(schema.get("properties")).items():
            place, below = f"{path}.{name}" if path else name, (*at, "properties", name)
            self._say(part, place, "name", name, below)
            own = _mapping(member).get("required")
            if isinstance(own, bool):
                where = (*below, "required")
                self._problem(
                    where, f"`required` of '{name}' belongs into the list of its object; it is read"
                )
                self._say(part, place, "required", own, where)
            if isinstance(required, list) and (name in required or not isinstance(own, bool)):
                self._say(part, place, "required", name in required, self._member(required, name, at, below))
            self._schema(part, place, member, below, seen)

    def _field(self, part: Part, path: str, schema: dict[str, Any], at: Pointer) -> None:
        if kind := self._type(schema, at):
            self._say(part, path, "type", kind, (*at, "type"))
        for key in SCHEMA_KEYS:
            if schema.get(key) is not None:
                self._keyword(part, path, key, schema[key], (*at, key))
        if schema.get("deprecated") is True:
            self._say(part, path, "deprecated", True, (*at, "deprecated"))
        options = _list(schema.get("enum")) or ([schema["const"]] if "const" in schema else [])
        for index, option in enumerate(options):
            where = (*at, "enum", index)
            if (part, path) == ("response", "code"):
                self._code(str(option), "", where)
            else:
                self._say(part, path, "option", option, where)
        examples = schema.get("examples", [schema["example"]] if "example" in schema else None)
        if isinstance(examples, dict):
            examples = list(examples.values())
        if examples := _list(examples):
            self._say(
                part, path, "example", examples[0], (*at, "examples" if "examples" in schema else "example")
            )
        self._sentences((part, path), schema, at)

    def _keyword(self, part: Part, path: str, key: str, value: Any, at: Pointer) -> None:
        """A keyword of a schema; a limit may stand in quotes, but has to be a number."""
        if key not in ("default", "pattern") and type(value) not in (int, float):
            number = values.number(value) if isinstance(value, str) else None
            if number is None:
                self._problem(at, f"cannot read {json.dumps(value)} as {key}; the rest of the field is read")
                return
            value = number
        self._say(part, path, key, value, at)

    def _type(self, schema: dict[str, Any], at: Pointer) -> dict[str, Any] | None:
        kinds = [
            kind for kind in _list(schema.get("type")) or [schema.get("type")] if kind not in (None, "null")
        ]
        if not kinds:
            return {"type": "object"} if "properties" in schema else None
        kind: dict[str, Any] = {"type": _type_word(kinds[0])}
        if schema.get("format"):
            kind["format"] = schema["format"]
        items, below = self._resolved(schema.get("items"), (*at, "items"))
        if isinstance(items, dict) and (inner := self._type(items, below)):
            kind["items"] = inner
        return kind

    def _resolved(self, schema: Any, at: Pointer) -> tuple[Any, Pointer]:
        """Follow `$ref` inside the block."""
        for _ in range(20):
            reference = _mapping(schema).get("$ref")
            if not isinstance(reference, str):
                return schema, at
            target = tuple(part.replace("~1", "/").replace("~0", "~") for part in reference.split("/")[1:])
            found: Any = self.block.data
            for key in target if reference.startswith("#/") else ("",):
                found = _mapping(found).get(key)
            if found is None:
                self._problem((*at, "$ref"), f"{reference} does not exist in the block")
                return None, at
            schema, at = found, target
        self._problem(at, "a $ref that leads to itself")
        return None, at

    def _sample(self, side: str, body: dict[str, Any], at: Pointer) -> None:
        sample = body.get("example")
        where: Pointer = (*at, "example")
        if sample is None and (named := _mapping(body.get("examples"))):
            name, holder = next(iter(named.items()))
            sample, where = _mapping(holder).get("value"), (*at, "examples", name, "value")
        if isinstance(sample, dict):
            self._members(side, sample, (), where)

    def _members(self, side: str, value: dict[str, Any], path: tuple[str, ...], at: Pointer) -> None:
        for key, member in value.items():
            if isinstance(member, dict) and member:
                self._members(side, member, (*path, key), (*at, key))
            else:
                self._say("sample", ".".join((*path, key)), side, member, (*at, key))

    # -- Sentences ---------------------------------------------------------------------------------

    def _sentences(self, owner: tuple[Part, str], holder: dict[str, Any], at: Pointer) -> None:
        description = holder.get("description")
        if not isinstance(description, str):
            return
        for block in read_blocks(description):
            for line in lines_of(block):
                self._line(owner, line, (*at, "description"))

    def _line(self, owner: tuple[Part, str], line: Line, at: Pointer) -> None:
        part, path = owner
        if owner == ("response", "code") and (code := attributes.code_item(line)):
            self._code(*code, at)
            return
        for sentence in read_sentences(line.text):
            says = sentence.says if part in ("request", "response") else []
            number = self._line_of(sentence.text, at)
            if sentence.model:
                said = Statement("model", "model", "name", sentence.model, number, sentence.text)
                self.statements.append(said)
            for key, value in says:
                self.statements.append(Statement(part, path, key, value, number, sentence.text, True))
            if not says and not sentence.model:
                self.statements.append(Statement("text", path, "text", sentence.text, number, sentence.text))

    def _line_of(self, words: str, at: Pointer) -> int:
        """The line of the page on which `words` of a folded description begin."""
        line = self.block.locate(*at).line
        first = self.block.locate().line
        head = words.split()[0][:8].strip("`*[")
        for offset, row in enumerate(self.block.text.splitlines()[line - first :][:60]):
            if head in row:
                return line + offset
        return line

    def _code(self, code: str, meaning: str, at: Pointer) -> None:
        if not code.isdecimal():
            self._problem(at, f"'{code}' is no body code; expected a number")
            return
        line = self._line_of(code, at)
        self.statements.append(Statement("code", code, "code", code, line, self._quote(line)))
        if meaning:
            self.statements.append(Statement("code", code, "meaning", meaning, line, self._quote(line)))

    def _operation(self, path: str, value: Any, at: Pointer) -> None:
        if isinstance(value, str):
            self._say("operation", path, "name", value, at)

    def _say(self, part: Part, path: str, key: str, value: Any, at: Pointer) -> None:
        line = self.block.locate(*at).line
        self.statements.append(Statement(part, path, key, value, line, self._quote(line)))
        if at in self.again and key != "name":
            second, line = self.again[at]
            if key == "type":
                second = {**value, "type": _type_word(second)}
            self.statements.append(Statement(part, path, key, second, line, self._quote(line)))

    def _member(self, required: list[Any], name: str, at: Pointer, below: Pointer) -> Pointer:
        return (*at, "required", required.index(name)) if name in required else below

    def _quote(self, line: int) -> str:
        rows = self.block.text.splitlines()
        return rows[line - self.block.locate().line].strip()

    def _problem(self, at: Pointer, message: str) -> None:
        where = self.block.locate(*at)
        self.problems.append(Diagnostic(where, message, "page-part", "warning"))


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _type_word(word: Any) -> Any:
    """A type as JSON Schema calls it: pages write `bool` here as in their prose."""
    return labels.TYPES.get(word.lower(), word) if isinstance(word, str) else word


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
