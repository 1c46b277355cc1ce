"""Collects the statements of an OpenAPI block, each with its line and its words, and the problems."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from generator.contract.load import Document, Pointer
from generator.diagnostics import Diagnostic
from generator.drift.read.openapi.unread import unread_members
from generator.drift.read.statements import UNREAD, Part, Statement
from generator.drift.read.words import vocabulary

# How many letters of a sentence are searched. The rest may be written in another way.
_BEGINNING = 24
# Longer text of an unread part is cut off in its complaint.
_MAX_UNREAD = 80


@dataclass
class StatementCollector:
    """What was read of one OpenAPI block.

    `duplicates` has the second value of each key that the block has twice, with its line.
    """

    block: Document
    duplicates: dict[Pointer, tuple[Any, int]]
    statements: list[Statement] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)
    unread: dict[str, int] = field(default_factory=dict)

    def _add_operation_fact(self, path: str, value: Any, pointer: Pointer) -> None:
        if isinstance(value, str):
            self._add("operation", path, "name", value, pointer)

    def _add(self, part: Part, path: str, key: str, value: Any, pointer: Pointer) -> None:
        """Add a statement, and another one if the block has the key twice."""
        line = self.block.locate(*pointer).line
        self.statements.append(Statement(part, path, key, value, line, self._quote(line)))
        if pointer in self.duplicates and key != "name":
            second, line = self.duplicates[pointer]
            if key == "type":
                second = {**value, "type": standard_type(second)}
            self.statements.append(Statement(part, path, key, second, line, self._quote(line)))

    def _quote(self, line: int) -> str:
        rows = self.block.text.splitlines()
        return rows[line - self.block.locate().line].strip()

    def _report_unread_schema(self, path: str, schema: dict[str, Any], pointer: Pointer) -> None:
        self._report_unread("schema", path, schema, pointer)
        if "null" in as_list(schema.get("type")):
            self._add_unread(path, "type", schema["type"], (*pointer, "type"))

    def _report_unread(self, kind: str, path: str, owner: dict[str, Any], pointer: Pointer) -> None:
        """Report the members of `owner` that this module does not read."""
        for name, member in unread_members(kind, owner):
            self._add_unread(path, name, member, (*pointer, name))

    def _add_unread(self, path: str, name: str, value: Any, pointer: Pointer) -> None:
        """Report a part of the block that was not read, and keep it as text.

        Two versions of a page are compared by their texts, so a change of the part is a finding.
        """
        text = f"{name}: {json.dumps(value, ensure_ascii=False, default=str)}"
        line = self.block.locate(*pointer).line
        agrees = (name, value) == ("additionalProperties", False)  # as every request of a spec
        if self.unread.get(text) is None and not agrees:
            self.unread[text] = line
            shown = text if len(text) <= _MAX_UNREAD else f"{text[: _MAX_UNREAD - 1]}…"
            self._add_problem(pointer, f"`{shown}`{f' of {path}' if path else ''} was not read")
        self.statements.append(Statement("text", path, UNREAD, text, line, text))

    def _add_problem(self, pointer: Pointer, message: str) -> None:
        place = self.block.locate(*pointer)
        self.problems.append(Diagnostic(place, message, "page-part", "warning"))

    def _find_line(self, words: str, pointer: Pointer) -> int:
        """Return the line of the page on which `words` of a folded description begin."""
        line = self.block.locate(*pointer).line
        rows = self._rows_of_value(line - self.block.locate().line)
        # Folded words continue on the next row, so all rows are searched as one text.
        at = "".join(rows).find(_without_marks(words)[:_BEGINNING])
        for row in rows:
            at -= len(row)
            if at < 0:
                break
            line += 1
        return line

    def _rows_of_value(self, start: int) -> list[str]:
        """Return the rows of a key and its value: those below it that are indented more."""
        rows = self.block.text.splitlines()[start:]
        indent = len(rows[0]) - len(rows[0].lstrip())
        end = next(
            (
                number
                for number, row in enumerate(rows[1:], 1)
                if row.strip() and len(row) - len(row.lstrip()) <= indent
            ),
            len(rows),
        )
        return [_without_marks(row) for row in rows[:end]]


def _without_marks(text: str) -> str:
    """Return a text without spaces and without the marks of Markdown."""
    return re.sub(r"[\s`*_\[\]\\]+", "", text)


def as_list(value: Any) -> list[Any]:
    """Return a list, which is empty for another value."""
    return value if isinstance(value, list) else []


def standard_type(word: Any) -> Any:
    """Return the JSON Schema name of a type. Pages write `bool` in schemas too."""
    return vocabulary.TYPES.get(word.lower(), word) if isinstance(word, str) else word
