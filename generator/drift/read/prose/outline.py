"""Tracks which part of the call the headings of a prose page have opened."""

import re
from dataclasses import dataclass, field
from typing import Literal

from generator.drift.read.markdown import Heading
from generator.drift.read.prose import attributes
from generator.drift.read.statements import Part
from generator.drift.read.words import vocabulary

# The parts whose fields a page describes one by one.
FIELD_PARTS: tuple[Part, ...] = ("request", "response", "header")

_PARENTHESES = re.compile(r"[（(][^）)]*[）)]|^\s*(?:\d+\s*[.)、-]\s*)+")


@dataclass
class Outline:
    """The headings around the current block and the part of the call that they open.

    A heading is a pair of level and line number. `part_level` is the level of the heading that opened
    `part`. `member_prefix` is the level of a heading such as `input properties` and the object that
    it names. `endpoint_headings` are the headings around the endpoint of the operation.
    `other_operation_level` is the level of the heading that opened another operation, or 0.
    """

    part: Part | None = None
    part_level: int = 0
    member_prefix: tuple[int, str] | None = None
    headings: list[tuple[int, int]] = field(default_factory=list)
    endpoint_headings: list[tuple[int, int]] | None = None
    other_operation_level: int = 0

    @property
    def describes_fields(self) -> bool:
        """Whether this part of the page describes fields."""
        return self.part in FIELD_PARTS

    @property
    def in_other_operation(self) -> bool:
        """Whether this part of the page is about another operation."""
        return self.other_operation_level > 0

    def enter_heading(self, heading: Heading) -> Literal["field", "section", "other operation"]:
        """Update the position for a heading and return what the heading opens."""
        level, text = heading.level, _PARENTHESES.sub("", heading.line.bare).strip()
        self.headings = [*(h for h in self.headings if h[0] < level), (level, heading.line.number)]
        if self.in_other_operation and level > self.other_operation_level:
            return "other operation"
        self.other_operation_level = 0
        if self.member_prefix and level <= self.member_prefix[0]:
            self.member_prefix = None
        members = vocabulary.MEMBERS.match(text)
        if members and members["name"].lower() in vocabulary.OBJECTS:
            self._enter_members(members["name"].lower(), level)
        elif self.describes_fields and level > self.part_level and self.parse_field_name(heading.line.bare):
            return "field"
        elif section := next((part for pattern, part in vocabulary.SECTIONS if pattern.match(text)), None):
            self.part, self.part_level = _PARTS.get(section), level
        elif level <= self.part_level:
            self.part, self.part_level = None, level
        return "section"

    def parse_field_name(self, words: str) -> str | None:
        """Return the field name if `words` have the form of one in this part of the page."""
        return attributes.parse_field_name(words, dashes=self.part == "header")

    def _enter_members(self, name: str, level: int) -> None:
        if self.part not in ("request", "response"):
            self.part, self.part_level = vocabulary.OBJECTS[name], level
        self.member_prefix = level, name

    def enter_endpoint(self, *, differs: bool) -> bool:
        """Update the position at an endpoint; return if it opens another one.

        An endpoint that `differs` from the first opens another operation if a further heading is
        above it; everything below that heading belongs to the other operation. Without such a
        heading, the page contradicts itself.
        """
        if self.endpoint_headings is None:
            self.endpoint_headings = self.headings
        further = [heading for heading in self.headings if heading not in self.endpoint_headings]
        if differs and further:
            self.other_operation_level, self.part = further[0][0], None
        return differs and bool(further)


_PARTS: dict[str, Part] = {"request": "request", "response": "response", "header": "header", "codes": "code"}
