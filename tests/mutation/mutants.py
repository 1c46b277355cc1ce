"""Make mutants of the spec: each has one small change of its data.

The name of a mutant is its place and its change, so it is the same in every run.
"""

import copy
import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from generator.contract.load import Document, Pointer
from tests.mutation.parts import parts
from tests.mutation.states import state_changes
from tests.mutation.values import changed

# Text for people, and names that only link the documents. They contain no fact of the API.
PROSE = {
    "description",
    "summary",
    "title",
    "externalDocs",
    "examples",
    "example",
    "contact",
    "license",
    "tags",
    "openapi",
    "arazzo",
    "jsonSchemaDialect",
    "sourceDescriptions",
    "workflowId",
    "stepId",
    "operationId",
    "inputs",
    "meaning",
    "x-enum-varnames",
    "mapping",
    "$ref",
}

# Objects whose keys are names of the API, which can also be wrong.
NAMED = {"paths", "properties", "content", "responses", "x-codes", "callbacks", "credits", "outputs"}

METHODS = {"get": "post", "post": "put"}

Edit = Callable[[Any], None]


class Mutant(NamedTuple):
    """A change of one document: its place, its kind, and the operation whose contract it breaks."""

    file: str
    at: Pointer
    kind: str
    what: str
    part: str
    edit: Edit
    """Makes the change in the object or list that contains the place."""

    @property
    def name(self) -> str:
        """Return the name, such as `openapi.yaml#/components/…/maxLength changed to 5001`."""
        where = "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in self.at)
        return f"{self.file}#/{where} {self.what}"

    def apply(self, document: Document) -> Document:
        """Return the changed document. Its text is JSON, which is also YAML."""
        data = _edited(document.data, self.at, self.edit)
        return Document(document.path, json.dumps(data, ensure_ascii=False), data, {})


def _edited(node: Any, at: Pointer, edit: Edit) -> Any:
    """Return a copy with the edit, which shares everything outside the path to the place."""
    if len(at) == 1:
        node = copy.deepcopy(node)
        edit(node)
        return node
    node = copy.copy(node)
    node[at[0]] = _edited(node[at[0]], at[1:], edit)
    return node


def mutants(openapi: Document, arazzo: Document) -> list[Mutant]:
    """Return every mutant of the two documents, in document order."""
    found = []
    for document in (openapi, arazzo):
        part_of = parts(openapi.data, arazzo.data, document is arazzo)
        for at, kind, what, edit in _walk(document.data, ()):
            found.append(Mutant(document.path.name, at, kind, what, part_of(at), edit))
    for at, what, edit in state_changes(arazzo.data):
        part = parts(openapi.data, arazzo.data, True)(at)
        found.append(Mutant(arazzo.path.name, at, "state", what, part, edit))
    return found


Change = tuple[Pointer, str, str, Edit]


def _walk(node: Any, at: Pointer) -> Iterator[Change]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in PROSE and not (at and at[-1] == "properties"):
                continue
            yield from _member(node, key, (*at, key))
            yield from _walk(value, (*at, key))
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _item(node, index, (*at, index))
            yield from _walk(item, (*at, index))


def _member(holder: dict[str, Any], key: str, at: Pointer) -> Iterator[Change]:
    """Yield the mistakes of an object member: its name, its value, its presence."""
    value, within = holder[key], at[-2] if len(at) > 1 else ""
    if key in ("properties", "enum", "x-codes"):
        yield from _whole(holder, key, at)
    elif within in ("properties", "x-codes"):
        pass  # as above
    elif within in NAMED:
        kind = "path" if within == "paths" else "media type" if within == "content" else "rename"
        yield at, kind, f"renamed to {key}X", lambda members: _rename(members, key, f"{key}X")
    elif key in METHODS and isinstance(value, dict):
        yield at, "method", f"changed to {METHODS[key]}", lambda item: _rename(item, key, METHODS[key])
    elif len(at) > 1 and not isinstance(value, dict):
        yield at, "drop", "dropped", lambda members: members.pop(key)
    if not isinstance(value, dict | list):
        for kind, other in changed(key, value, holder):
            yield at, kind, f"changed to {json.dumps(other, ensure_ascii=False)}", _put(key, other)
    if key == "required" and isinstance(value, list):
        for name in holder.get("properties", {}):
            if name not in value:
                what = f"made to name {name}"
                yield at, "required", what, _put(key, [*value, name])


def _whole(schema: dict[str, Any], key: str, at: Pointer) -> Iterator[Change]:
    """Yield consistent mistakes, made in all places of a schema."""
    if key == "properties":
        for name in schema[key]:
            yield at, "rename", f"with {name} as {name}X", partial(_rename_property, old=name)
            yield at, "drop", f"without {name}", partial(_drop_property, name=name)
    elif key == "enum":
        yield at, "enum", "with one more", _more
        for index, value in enumerate(schema[key]):
            yield at, "enum", f"without {_short(value)}", partial(_fewer, index=index)
    elif key == "x-codes":
        for code in schema[key]:
            yield at, "code", f"without {code}", partial(_drop_code, code=code)
            yield at, "code", f"with {code} as {int(code) + 1}", partial(_renumber, code=code)


def _item(holder: list[Any], index: int, at: Pointer) -> Iterator[Change]:
    """Yield the mistakes of a list item: its value and its presence."""
    value, within = holder[index], at[-2]
    kind = {"required": "required", "enum": "enum", "servers": "server", "repeat": "retry flag"}.get(
        str(within), "drop"
    )
    if within != "enum":
        yield at, kind, f"dropped ({_short(value)})", lambda items: items.pop(index)
    if isinstance(value, dict | list):
        return
    for _, other in changed(str(within), value, {}):
        what = f"changed from {_short(value)} to {_short(other)}"
        yield at, kind if kind != "drop" else "value", what, _put(index, other)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else text[:39] + "…"


def _put(key: Any, value: Any) -> Edit:
    def edit(holder: Any) -> None:
        holder[key] = value

    return edit


def _more(schema: dict[str, Any]) -> None:
    """Add an enum value, with a name if the values have names."""
    first = schema["enum"][0]
    schema["enum"].append(first + "X" if isinstance(first, str) else 799)
    if "x-enum-varnames" in schema:
        schema["x-enum-varnames"].append("ONE_MORE")


def _fewer(schema: dict[str, Any], index: int) -> None:
    del schema["enum"][index]
    if "x-enum-varnames" in schema:
        del schema["x-enum-varnames"][index]


def _rename_property(schema: dict[str, Any], old: str) -> None:
    _rename(schema["properties"], old, f"{old}X")
    if "required" in schema:
        schema["required"] = [f"{old}X" if name == old else name for name in schema["required"]]


def _drop_property(schema: dict[str, Any], name: str) -> None:
    del schema["properties"][name]
    if "required" in schema:
        schema["required"] = [other for other in schema["required"] if other != name]


def _drop_code(schema: dict[str, Any], code: str) -> None:
    del schema["x-codes"][code]
    if int(code) in schema["enum"]:
        _fewer(schema, schema["enum"].index(int(code)))


def _renumber(schema: dict[str, Any], code: str) -> None:
    other = str(int(code) + 1)
    _rename(schema["x-codes"], code, other)
    schema["enum"] = [int(other) if value == int(code) else value for value in schema["enum"]]


def _rename(members: dict[str, Any], old: str, new: str) -> None:
    """Rename a member without changing the order."""
    items = [(new if name == old else name, value) for name, value in members.items()]
    members.clear()
    members.update(items)
