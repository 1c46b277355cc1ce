"""How every kind of change is graded, by its effect on code that uses the package."""

from enum import StrEnum
from typing import NamedTuple


class Grade(StrEnum):
    """What a change does to code that worked before, the worst first."""

    BREAKING = "breaking"  # it may fail to run or to pass its type check
    BEHAVIOUR = "behaviour"  # it runs, and something happens otherwise
    ADDITIVE = "additive"  # it runs as before, and more can be written
    WORDING = "wording"  # only what people read


STEPS = {Grade.BREAKING: "major", Grade.BEHAVIOUR: "minor", Grade.ADDITIVE: "minor", Grade.WORDING: "patch"}

SECTIONS = {
    Grade.BREAKING: "Changed (breaking)",
    Grade.BEHAVIOUR: "Changed",
    Grade.ADDITIVE: "Added",
    Grade.WORDING: "Documentation",
}


class Rule(NamedTuple):
    """A kind of change: its grade, and its words, with `{name}`, `{old}` and `{new}` to fill in."""

    grade: Grade
    words: str


_B, _H, _A, _W = Grade.BREAKING, Grade.BEHAVIOUR, Grade.ADDITIVE, Grade.WORDING

RULES = {
    "resource-added": Rule(_A, "`{name}` is new"),
    "resource-removed": Rule(_B, "`{name}` is gone"),
    "method-added": Rule(_A, "`{name}` is new"),
    "method-removed": Rule(_B, "`{name}` is gone"),
    "result-changed": Rule(_B, "`{name}` returns {new} instead of {old}"),
    "argument-added": Rule(_A, "`{name}` can be given"),
    "argument-added-required": Rule(_B, "`{name}` must be given"),
    "argument-removed": Rule(_B, "`{name}` is gone"),
    "argument-required": Rule(_B, "`{name}` must be given now"),
    "argument-optional": Rule(_A, "`{name}` may be left out now"),
    "argument-default": Rule(_H, "`{name}` left out means {new} instead of {old}"),
    "value-added": Rule(_A, "`{name}` takes {new}"),
    "value-removed": Rule(_B, "`{name}` no longer takes {old}"),
    "limit-tightened": Rule(_B, "`{name}`: {new} instead of {old}"),
    "limit-loosened": Rule(_A, "`{name}`: {new} instead of {old}"),
    "check-added": Rule(_B, "`{name}` is checked for {new}"),
    "check-removed": Rule(_A, "`{name}` is no longer checked for {old}"),
    "check-changed": Rule(_B, "`{name}` is checked for {new} instead of {old}"),
    "error-added": Rule(_A, "`{name}` is raised for code {new}"),
    "error-removed": Rule(_B, "`{name}` is gone"),
    "error-code": Rule(_B, "`{name}` is raised for code {new} instead of {old}"),
    "code-added": Rule(_A, "code {name} is known"),
    "code-removed": Rule(_B, "code {name} is no longer known"),
    "code-changed": Rule(_H, "code {name}: {new} instead of {old}"),
    "state-added": Rule(_A, "state {name} is known"),
    "state-removed": Rule(_B, "state {name} is no longer known"),
    "state-class": Rule(_H, "state {name} counts as {new} instead of {old}"),
    "member-added": Rule(_A, "`{name}` is read"),
    "member-removed": Rule(_B, "`{name}` is gone"),
    "member-type": Rule(_B, "`{name}` is {new} instead of {old}"),
    "member-required": Rule(_H, "a reply without `{name}` is refused"),
    "member-optional": Rule(_B, "`{name}` may be missing"),
    "constructor-added": Rule(_A, "`Kie({name}=…)` can be given"),
    "constructor-removed": Rule(_B, "`Kie({name}=…)` is gone"),
    "variable-changed": Rule(_B, "the key comes from {new} instead of {old}"),
    "setting-added": Rule(_H, "{name} is {new}"),
    "setting-removed": Rule(_H, "{name} is no longer declared"),
    "setting-changed": Rule(_H, "{name} is {new} instead of {old}"),
    "text-changed": Rule(_W, "the description of `{name}` changed"),
}
