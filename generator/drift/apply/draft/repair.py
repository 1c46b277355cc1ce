"""Makes a drafted entry valid: removes what the lint rejects, and says so.

A keyword is removed before the member that has it. What cannot be removed is left as a fault.
"""

from typing import NamedTuple

from ruamel.yaml.comments import CommentedMap

from generator.contract.lint import lint
from generator.contract.load import Document, Pointer, parse
from generator.diagnostics import Diagnostic, InputError
from generator.drift.apply.draft.page_values import shorten
from generator.drift.apply.draft.todo import Todo
from generator.drift.apply.yaml_edit import EditableYaml
from generator.drift.read.facts import Facts
from generator.drift.read.statements import SCHEMA_KEYS

# One fault may hide another, but each round removes something.
_MAX_ROUNDS = 20
_REMOVABLE = {*SCHEMA_KEYS, "examples", "format", "enum", "x-enum-varnames", "x-holds", "x-image", "x-file"}
# What each keyword adds a name for, in the words of the fault.
_NAMED = {"x-image": "the file of", "x-file": "the file of", "enum": "enum"}


class RepairedText(NamedTuple):
    """The text of a spec, what was removed from it, and the faults that remain.

    `document` is the parsed text, if YAML can be read from it.
    """

    text: str
    document: Document | None
    todo: list[Todo]
    faults: list[Diagnostic]


def repair(text: str, schemas: list[str], openapi: Document, arazzo: Document, facts: Facts) -> RepairedText:
    """Remove from the new `schemas` in `text` what the lint rejects."""
    todo: list[Todo] = []
    rounds = 0
    while True:
        try:
            document = parse(text, openapi.path)
        except InputError as error:
            return RepairedText(text, None, todo, error.diagnostics)
        faults = lint(document, arazzo)
        if not faults or rounds == _MAX_ROUNDS:
            return RepairedText(text, document, todo, faults)
        rounds += 1
        yaml = EditableYaml(text)
        removed = False
        for fault in faults:
            pointer = document.pointer_at(fault.location)
            if pointer[:2] != ("components", "schemas") or pointer[2:3] == () or pointer[2] not in schemas:
                continue
            if place := _remove(yaml, pointer, fault):
                member = str(place[place.index("properties") + 1]) if "properties" in place else str(place[2])
                lines = [s.line for s in facts.of("request") if s.path.rpartition(".")[2] == member]
                todo.append(
                    Todo(
                        member, f"{_describe(place)} was left out: {shorten(fault.message)}", tuple(lines[:1])
                    )
                )
                removed = True
                break
        if not removed:
            return RepairedText(text, document, todo, faults)
        text = yaml.text()


def _remove(yaml: EditableYaml, pointer: Pointer, fault: Diagnostic) -> Pointer | None:
    """Remove the keyword or the member that a fault is about. Returns what was removed."""
    if "properties" not in pointer:
        return None
    index = pointer.index("properties") + 2
    owner: CommentedMap = yaml.at(pointer[:3])
    properties: CommentedMap = owner["properties"]
    name = pointer[index - 1] if len(pointer) >= index else None
    if name not in properties:
        return None
    schema: CommentedMap = properties[name]
    keyword = next((str(key) for key in pointer[index:] if key in _REMOVABLE), None)
    if keyword is None and fault.rule in ("name", "name-collision"):
        # The enum gives the member a class, and the file gives it a second argument.
        keyword = next((key for key, text in _NAMED.items() if key in schema and text in fault.message), None)
    if keyword is not None and keyword in schema:
        del schema[keyword]
        if keyword == "enum":
            schema.pop("x-enum-varnames", None)
        return (*pointer[:index], keyword)
    if len(pointer) > index:
        return None
    del properties[name]
    if name in owner.get("required", []):
        owner["required"].remove(name)
    return pointer[:index]


def _describe(place: Pointer) -> str:
    return "the field" if place[-2] == "properties" else f"`{place[-1]}`"
