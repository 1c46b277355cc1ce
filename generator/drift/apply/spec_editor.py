"""Edits the spec for the findings that have an obvious edit.

The other findings are decisions.
"""

from collections.abc import Callable
from typing import cast

from ruamel.yaml.comments import CommentedMap

from generator.contract.load import Pointer
from generator.contract.openapi import file_extension
from generator.drift.apply.field_schema import (
    IMAGE_KEYWORDS,
    enum_member_name,
    field_schema,
    in_yaml_style,
    put_keyword,
)
from generator.drift.apply.yaml_edit import EditableYaml, put_after, put_item
from generator.drift.compare.claims import Claims
from generator.drift.compare.findings import Finding, format_json, format_unquoted
from generator.drift.read.facts import Facts
from generator.drift.read.statements import SCHEMA_KEYS, Part

# The other parts say how to send a request. They concern every model, so a change is a decision.
_EDITABLE_PARTS = {"request", "response", "code"}


class SpecEditor:
    """Applies findings to the text of the spec."""

    def __init__(self, yaml: EditableYaml, claims: Claims, facts: Facts) -> None:
        self.yaml = yaml
        self.claims = claims
        self.facts = facts

    def apply_finding(self, finding: Finding) -> str | None:
        """Edit the spec and describe the edit. Returns None for a decision."""
        page_value = finding.values[0]
        edit: Callable[[Finding], str | None]
        if finding.subject.part not in _EDITABLE_PARTS:
            return None
        if finding.id == "field-only-in-docs":
            edit = self._add_field
        elif finding.id in ("code-changed", "code-only-in-docs"):
            edit = self._add_code
        elif finding.id in ("option-changed", "option-only-in-docs", "option-only-in-spec"):
            edit = self._edit_option
        elif finding.id.endswith(("-changed", "-only-in-docs")) and page_value is not None:
            edit = self._edit_value
        else:
            return None
        return edit(finding)

    def _edit_value(self, finding: Finding) -> str | None:
        """Set a limit or a default."""
        new, old = finding.values
        key = finding.subject.key
        if key not in (*SCHEMA_KEYS, *IMAGE_KEYWORDS):
            return None
        schema: CommentedMap = self.yaml.at(self._schema_pointer(finding.subject.part, finding.path))
        if key in SCHEMA_KEYS:
            put_keyword(schema, key, in_yaml_style(new))
        else:
            extension = file_extension(schema)
            if extension not in schema:
                put_keyword(schema, extension, CommentedMap())
            schema[extension][IMAGE_KEYWORDS[key]] = in_yaml_style(new)
        before = "" if old is None else f", was {format_json(old)}"
        return f"{finding.path}: {key} is {format_json(new)}{before}"

    def _edit_option(self, finding: Finding) -> str | None:
        """Add, remove or replace one option of a list, and its name if it has one."""
        new, old = finding.values
        # A list means that only one side has options at all.
        if isinstance(new, list) or isinstance(old, list):
            return None
        schema: CommentedMap = self.yaml.at(self._schema_pointer(finding.subject.part, finding.path))
        options, names = schema["enum"], schema.get("x-enum-varnames")
        index = len(options)
        edits = []
        if old is not None:
            index = [format_unquoted(option) for option in options].index(str(old))
            del options[index]
            if names is not None:
                del names[index]
            edits.append(f"removed option {format_json(old)}")
        if new is not None:
            put_item(options, index, new)
            if names is not None:
                put_item(names, index, enum_member_name(format_unquoted(new)))
            edits.append(f"added option {format_json(new)}")
        return f"{finding.path}: {', '.join(edits)}"

    def _add_code(self, finding: Finding) -> str | None:
        """Add a body code, with the most cautious meaning for a submission."""
        code = int(finding.values[0])
        claim = self.claims.get("code", "code", "name")
        assert claim
        table = self.yaml.at(claim.pointer[:-1])
        index = sum(int(known) < code for known in table["enum"])
        put_item(table["enum"], index, code)
        put_item(table["x-enum-varnames"], index, f"CODE_{code}")
        meaning = self.facts.first("code", str(code), "meaning") or "not documented"
        entry = CommentedMap(
            meaning=meaning, exception=f"Code{code}Error", create="unknown", charged="unclear"
        )
        lower = [known for known in table["x-codes"] if int(known) < code]
        put_after(table["x-codes"], lower[-1] if lower else None, str(code), entry)
        return (
            f"code: added {code}; until you decide otherwise, a submission that gets it is unknown and may "
            "have been charged; `make test` requires recordings of it"
        )

    def _add_field(self, finding: Finding) -> str | None:
        """Add a field with everything that the page states about it.

        A new object, and a field of something that is not an object in the spec, are decisions.
        """
        part = cast("Part", finding.subject.part)
        statements = self.facts.of(part, finding.path)
        schema = field_schema(self.facts, statements)
        parent, _, name = finding.path.rpartition(".")
        parent_type = self.claims.get(part, parent, "type")
        if schema is None or (parent and (parent_type is None or parent_type.value["type"] != "object")):
            return None
        owner: CommentedMap = self.yaml.at(self._schema_pointer(part, parent))
        order = self._member_order(part, parent)
        before = [member for member in order[: order.index(name)] if member in owner["properties"]]
        put_after(owner["properties"], before[-1] if before else None, name, schema)
        if any(s.key == "required" and s.value for s in statements):
            put_item(owner["required"], len(owner["required"]), name)
        return f"{finding.path}: added the field"

    def _member_order(self, part: str, parent: str) -> list[str]:
        """Return the names of the members of `parent`, in the order of the page."""
        paths = (s.path for s in self.facts.statements if s.part == part and s.key == "name")
        return [path.rpartition(".")[2] for path in paths if path.rpartition(".")[0] == parent]

    def _schema_pointer(self, part: str, path: str) -> Pointer:
        """Return the pointer of the schema of a field; an empty path is the whole part."""
        if path:
            claim = self.claims.get(part, path, "type")
            assert claim
            return claim.pointer[:-1]
        first = self.claims.get(part, self.claims.field_paths(part)[0], "name")
        assert first
        return first.pointer[:-2]
