"""Edits the table of facts: the file in which tests state again, by hand, what the spec says.

The values come from the page, never from the spec, so the table still shows whether the spec is right.
"""

from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError

from generator.contract.names import picture, snake
from generator.diagnostics import Diagnostic, InputError, Location
from generator.drift.apply.field_schema import IMAGE_KEYWORDS, field_schema, in_yaml_style
from generator.drift.apply.yaml_edit import (
    EditableYaml,
    flow_list,
    flow_map,
    put_after,
    put_item,
    remove_key,
    rename_key,
)
from generator.drift.compare.findings import Finding, format_json, format_unquoted
from generator.drift.read.facts import Facts

# The keywords of a schema that a row has too, in the order of a new row.
_ROW_KEYWORDS = (
    *("type", "required", "format", "enum", "minLength", "maxLength", "minimum", "maximum", "multipleOf"),
    *("pattern", "minItems", "maxItems", "items", "default", "image"),
)


def read_facts_table(path: Path, model: str) -> "FactsTable":
    """Read the table at `path`. Raises `InputError`."""
    try:
        return FactsTable(path.read_text(encoding="utf-8"), Location(path), model)
    except (OSError, UnicodeDecodeError) as error:
        message = f"cannot be read: {getattr(error, 'strerror', None) or 'the text is not UTF-8'}"
        raise InputError([Diagnostic(Location(path), message, "facts-table")]) from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        message = f"the YAML is not valid: {error.problem}"
        raise InputError([Diagnostic(Location(path, line), message, "facts-table")]) from None


class FactsTable:
    """The rows of one model, and those of the codes. A table has only the rows that tests read."""

    def __init__(self, text: str, location: Location, model: str) -> None:
        self._yaml = EditableYaml(text)
        self._location = location
        root = self._yaml.root
        models = root.get("models") if isinstance(root, CommentedMap) else None
        if not isinstance(models, CommentedMap):
            message = "expected a mapping `models` with the rows of each model"
            raise InputError([Diagnostic(location, message, "facts-table")])
        self._codes: CommentedMap | None = root.get("codes")
        self._model: CommentedMap = models.get(model, CommentedMap())
        self._fields: CommentedMap | None = self._model.get("fields")

    def text(self) -> str:
        """Return the edited text."""
        return self._yaml.text()

    def follow(self, finding: Finding, facts: Facts, order: list[str]) -> list[str]:
        """Make the edit that the spec got for a finding. Returns what a person must look at.

        `order` has the paths of the fields in the order of the spec.
        """
        if finding.subject.part == "code":
            self._add_code(int(finding.values[0]), facts)
            return []
        if finding.subject.part != "request":
            return []
        if finding.id == "field-only-in-docs":
            return self._add_field(finding.path, facts, order)
        row = self._row(finding.path)
        if row is None:
            return [self._missing(finding.path)]
        new, old = finding.values
        key = finding.subject.key
        if key == "option":
            row["enum"] = _replaced_option(row.get("enum", []), new, old)
            key = "enum"
        elif key in IMAGE_KEYWORDS:
            row.setdefault("image", flow_map({}))[IMAGE_KEYWORDS[key]] = in_yaml_style(new)
            return []
        else:
            row[key] = in_yaml_style(new)
        return self._sort_values(finding.path, row, key)

    def rename_field(self, old: str, new: str) -> list[str]:
        """Give a row another path, and record the old name in it."""
        row = self._row(old)
        if row is None or self._fields is None:
            return [self._missing(old)]
        for path in self._with_members(old):
            rename_key(self._fields, path, new + path.removeprefix(old))
        name, new_name = (path.rpartition(".")[2] for path in (old, new))
        if row.get("argument") == snake(name):
            row["argument"] = snake(new_name)
        row["former"] = flow_list([name, *row.get("former", [])])
        for other in self._fields.values():
            if other.get("image", {}).get("same-size-as") == name:
                other["image"]["same-size-as"] = new_name
        return []

    def remove_field(self, path: str) -> list[str]:
        """Remove the row of a field and those of its members, and record its path."""
        if self._row(path) is None or self._fields is None:
            return [self._missing(path)]
        for name in self._with_members(path):
            remove_key(self._fields, name)
        removed = flow_list([*self._model.pop("removed", []), path])
        self._model.insert(list(self._model).index("fields"), "removed", removed)
        return []

    def _with_members(self, path: str) -> list[str]:
        below = (f"{path}.", f"{path}[")
        return [name for name in self._fields or () if name == path or name.startswith(below)]

    def _row(self, path: str) -> CommentedMap | None:
        row = None if self._fields is None else self._fields.get(path)
        return row if isinstance(row, CommentedMap) else None

    def _missing(self, path: str) -> str:
        return f"{self._location}: the table has no row '{path}' of this model; edit it by hand"

    def _add_field(self, path: str, facts: Facts, order: list[str]) -> list[str]:
        statements = facts.of("request", path)
        schema = field_schema(facts, statements)
        if self._fields is None or schema is None:
            return [self._missing(path)]
        name = path.rpartition(".")[2]
        row = flow_map({keyword: schema[keyword] for keyword in _ROW_KEYWORDS if keyword in schema})
        if any(s.key == "required" and s.value for s in statements):
            row.insert(1, "required", value=True)
        if "x-image" in schema:
            row["image"] = flow_map({**schema["x-image"], "argument": picture(name)})
        row["recorded"] = False
        todo = []
        if any("argument" in known for known in self._fields.values()):
            row.insert(0, "argument", snake(name))
            if row.get("required"):
                todo.append(f"{self._location}: the row '{path}' needs `given`, a value for valid requests")
        before = [known for known in order[: order.index(path)] if known in self._fields]
        put_after(self._fields, before[-1] if before else None, path, row)
        return todo

    def _add_code(self, code: int, facts: Facts) -> None:
        if self._codes is None or code in self._codes:
            return
        row = flow_map(
            {
                "name": f"CODE_{code}",
                "exception": f"Code{code}Error",
                "meaning": facts.first("code", str(code), "meaning") or "not documented",
                "create": "unknown",
                "charged": "unclear",
            }
        )
        lower = [known for known in self._codes if known < code]
        put_after(self._codes, lower[-1] if lower else None, code, row)

    def _sort_values(self, path: str, row: CommentedMap, keyword: str) -> list[str]:
        """Move the values that tests send to where they belong after a change of `keyword`."""
        validator = Draft202012Validator({keyword: row[keyword]})
        accepts, refuses = row.get("accepts", []), row.get("refuses", {})
        invalid = [
            value for value in accepts if not isinstance(value, dict) and not validator.is_valid(value)
        ]
        kept = [
            value
            for value in refuses.get(keyword, [])
            if isinstance(value, dict) or not validator.is_valid(value)
        ]
        if invalid:
            row["accepts"] = flow_list([value for value in accepts if value not in invalid])
        if invalid or len(kept) != len(refuses.get(keyword, [])):
            row.setdefault("refuses", flow_map({}))[keyword] = flow_list([*kept, *invalid])
        return [
            f"{self._location}: `{name}` of the row '{path}' is {format_json(row[name])}, "
            "which is not valid any more"
            for name in ("given", "default")
            if name in row and not validator.is_valid(row[name])
        ]


def _replaced_option(options: list[Any], new: Any, old: Any) -> Any:
    """Return a list with one option replaced, removed or added. Other rows may share the old list."""
    changed = flow_list(list(options))
    index = len(changed)
    texts = [format_unquoted(option) for option in changed]
    if old is not None and str(old) in texts:
        index = texts.index(str(old))
        del changed[index]
    if new is not None:
        put_item(changed, index, new)
    return changed
