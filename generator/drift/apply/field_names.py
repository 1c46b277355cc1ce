"""Renames and removes a field of a model in the spec, as a person decided."""

from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml.comments import CommentedMap

from generator.contract import source
from generator.contract.load import Pointer
from generator.contract.openapi import file_extension
from generator.contract.pointer import resolve
from generator.diagnostics import Diagnostic, InputError, Location
from generator.drift.apply.yaml_edit import EditableYaml, flow_list, remove_key, rename_key
from generator.drift.compare.claims import Claims, model_entries, read_claims, value_at
from generator.drift.compare.findings import Finding
from generator.drift.read.facts import Facts
from generator.runtime.contract.suggest import did_you_mean

# The members of an `x-price` that name a field.
_PRICE_KEYS = ("by", "times")


class NameChanges(NamedTuple):
    """What a person decided: the new path of each renamed field, and the paths of removed ones."""

    renamed: dict[str, str]
    removed: tuple[str, ...]

    def describe(self) -> list[str]:
        """Describe the edits."""
        rows = [f"{path}: removed the field" for path in self.removed]
        return rows + [f"{old}: renamed to {new}" for old, new in self.renamed.items()]


def possible_names(findings: list[Finding]) -> dict[str, list[str]]:
    """Map each field that the page does not have any more to the new fields that it may have become."""
    gone, new = (
        [f.path for f in findings if (f.id, f.subject.part) == (found, "request")]
        for found in ("field-only-in-spec", "field-only-in-docs")
    )
    return {
        path: [other for other in new if other.rpartition(".")[0] == path.rpartition(".")[0]] for path in gone
    }


def change_names(origin: source.Source, facts: Facts, changes: NameChanges, spec: Path) -> source.Source:
    """Rename and remove fields. Raises `InputError` if the page or the spec contradicts a change."""
    if not changes.renamed and not changes.removed:
        return origin
    claims = read_claims(origin.openapi, model_entries(origin.openapi)[str(facts.model)])
    known = claims.field_paths("request")
    on_page = {statement.path for statement in facts.of("request", key="name")}
    faults = []
    for path in (*changes.removed, *changes.renamed):
        if path not in known:
            faults.append(f"'{path}' is not a field of {facts.model} in the spec{did_you_mean(path, known)}")
        elif path in on_page:
            faults.append(f"the page still has the field '{path}'")
    for old, new in changes.renamed.items():
        if new not in on_page:
            faults.append(f"the page has no field '{new}'{did_you_mean(new, sorted(on_page))}")
        elif new in known or old.rpartition(".")[0] != new.rpartition(".")[0]:
            faults.append(f"'{old}' cannot become '{new}', which must be a new member of the same object")
    location = Location(origin.openapi.path)
    if faults:
        raise InputError([Diagnostic(location, fault, "reconcile-name") for fault in faults])
    yaml = EditableYaml(origin.openapi.text)
    names = FieldNames(yaml, claims)
    for path in changes.removed:
        names.remove(path)
    for old, new in changes.renamed.items():
        names.rename(old, new)
    try:
        return source.read_spec(spec, {source.OPENAPI: yaml.text()})
    except InputError as error:  # its lines are those of a text that is not written
        message = "; ".join(dict.fromkeys(fault.message for fault in error.diagnostics))
        raise InputError(
            [Diagnostic(location, f"{', '.join(changes.describe())}: {message}", "reconcile-name")]
        ) from None


class FieldNames:
    """Edits the names of the fields of one model."""

    def __init__(self, yaml: EditableYaml, claims: Claims) -> None:
        self._yaml = yaml
        self._claims = claims

    def rename(self, old: str, new: str) -> None:
        """Rename a field. Its old name stays as a former name, so that old recordings can be read."""
        owner, name, new_name = self._owner(old), _last(old), _last(new)
        members: CommentedMap = owner["properties"]
        rename_key(members, name, new_name)
        # Another model may share the schema by an alias.
        members[new_name] = schema = deepcopy(members[new_name])
        schema.insert(0, "x-former-names", flow_list([name, *schema.get("x-former-names", [])]))
        if name in owner.get("required", []):
            owner["required"][owner["required"].index(name)] = new_name
        if name in owner.get("dependentSchemas", {}):
            rename_key(owner["dependentSchemas"], name, new_name)
        for member in members.values():
            declared = member.get(file_extension(member), {})
            if declared.get("same-size-as") == name:
                declared["same-size-as"] = new_name
        price = self._yaml.at(self._claims.entry.schema).get("x-price", {})
        for key in _PRICE_KEYS:
            if price.get(key) == _price_pointer(old):
                price[key] = _price_pointer(new)
        for holder in self._examples(old):
            rename_key(holder, name, new_name)

    def remove(self, path: str) -> None:
        """Remove a field. The recordings with it are read without it."""
        owner, name = self._owner(path), _last(path)
        remove_key(owner["properties"], name)
        if name in owner.get("required", []):
            owner["required"].remove(name)
        if name in owner.get("dependentSchemas", {}):
            remove_key(owner["dependentSchemas"], name)
            if not owner["dependentSchemas"]:
                remove_key(owner, "dependentSchemas")
        owner.insert(
            list(owner).index("properties"),
            "x-removed-names",
            flow_list([*owner.pop("x-removed-names", []), name]),
        )
        for holder in self._examples(path):
            remove_key(holder, name)

    def _owner(self, path: str) -> CommentedMap:
        claim = self._claims.get("request", path, "name")
        assert claim, "the caller checks that the spec has the field"
        owner: CommentedMap = self._yaml.at(claim.pointer[:-2])
        return owner

    def _examples(self, path: str) -> list[CommentedMap]:
        """Return the objects in the examples of the model's request that have the field."""
        document = self._claims.document
        entry = self._claims.entry
        content: Pointer = (*entry.operation, "requestBody", "content", "application/json")
        schema = resolve(document.data, value_at(document.data, (*content, "schema"))) or {}
        discriminator = schema.get("discriminator", {}).get("propertyName", "")
        found = []
        for example in value_at(self._yaml.root, (*content, "examples")) or {}:
            value: Any = self._yaml.at((*content, "examples", example)).get("value")
            if not isinstance(value, dict) or value.get(discriminator) != entry.model:
                continue
            *parents, name = path.split(".")
            for parent in parents:
                value = value.get(parent) if isinstance(value, dict) else None
            if isinstance(value, CommentedMap) and name in value:
                found.append(value)
        return found


def _last(path: str) -> str:
    return path.rpartition(".")[2]


def _price_pointer(path: str) -> str:
    return "/" + path.replace(".", "/")
