"""Where in a prose page the reader is: which part of the call the headings have opened."""

import re
from dataclasses import dataclass, field
from typing import Literal

from generator.drift.facts import Part
from generator.drift.read.prose import attributes
from generator.drift.read.prose.markdown import Heading
from generator.drift.read.words import labels

DESCRIBED: tuple[Part, ...] = ("request", "response", "header")

_PARENTHESES = re.compile(r"[（(][^）)]*[）)]|^\s*(?:\d+\s*[.)、-]\s*)+")


@dataclass
class Outline:
    """The headings around the current block, and what they say."""

    part: Part | None = None
    level: int = 0  # of the heading that opened the part
    prefix: tuple[int, str] | None = None  # level of `input: properties`, and the object's name
    headings: list[tuple[int, int]] = field(default_factory=list)
    home: list[tuple[int, int]] | None = None  # the headings around the operation's endpoint
    foreign: int = 0  # level of the heading that opened another operation

    @property
    def describes(self) -> bool:
        """Whether fields are described here."""
        return self.part in DESCRIBED

    def enter(self, heading: Heading) -> Literal["field", "section", "foreign"]:
        """Follow a heading and say what it opens."""
        level, text = heading.level, _PARENTHESES.sub("", heading.line.bare).strip()
        self.headings = [*(h for h in self.headings if h[0] < level), (level, heading.line.number)]
        if self.foreign and level > self.foreign:
            return "foreign"
        self.foreign = 0
        if self.prefix and level <= self.prefix[0]:
            self.prefix = None
        members = labels.MEMBERS.match(text)
        if members and members["name"].lower() in labels.OBJECTS:
            self._members(members["name"].lower(), level)
        elif self.describes and level > self.level and self.name(heading.line.bare):
            return "field"
        elif section := next((part for pattern, part in labels.SECTIONS if pattern.match(text)), None):
            self.part, self.level = _PARTS.get(section), level
        elif level <= self.level:
            self.part, self.level = None, level
        return "section"

    def name(self, words: str) -> str | None:
        """The name of a field of this part, if `words` are one."""
        return attributes.as_name(words, dashes=self.part == "header")

    def _members(self, name: str, level: int) -> None:
        if self.part not in ("request", "response"):
            self.part, self.level = labels.OBJECTS[name], level
        self.prefix = level, name

    def opens_another(self, *, differs: bool) -> bool:
        """Whether an endpoint stated here, which `differs` from the first or not, opens another operation.

        It does under a heading of its own; all below that heading is foreign then. Elsewhere the
        page contradicts itself.
        """
        if self.home is None:
            self.home = self.headings
        opened = [heading for heading in self.headings if heading not in self.home]
        if differs and opened:
            self.foreign, self.part = opened[0][0], None
        return differs and bool(opened)


_PARTS: dict[str, Part] = {"request": "request", "response": "response", "header": "header", "codes": "code"}
