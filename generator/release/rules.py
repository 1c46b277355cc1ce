"""The grade of every kind of change, by its effect on code that uses the package."""

from enum import StrEnum
from typing import NamedTuple


class Grade(StrEnum):
    """The effect of a change on code that worked before, the most severe first."""

    BREAKING = "breaking"  # the code may fail to run or to type-check
    BEHAVIOUR = "behaviour"  # the code runs, and does something else
    ADDITIVE = "additive"  # the code runs as before, and more is possible
    WORDING = "wording"  # only documentation changes


STEPS = {Grade.BREAKING: "major", Grade.BEHAVIOUR: "minor", Grade.ADDITIVE: "minor", Grade.WORDING: "patch"}

SECTIONS = {
    Grade.BREAKING: "Changed (breaking)",
    Grade.BEHAVIOUR: "Changed",
    Grade.ADDITIVE: "Added",
    Grade.WORDING: "Documentation",
}


class Rule(NamedTuple):
    """A kind of change: its grade, and a text with fields to fill in."""

    grade: Grade
    words: str


_B, _H, _A, _W = Grade.BREAKING, Grade.BEHAVIOUR, Grade.ADDITIVE, Grade.WORDING

RULES = {
    "resource-added": Rule(_A, "`{name}` was added"),
    "resource-removed": Rule(_B, "`{name}` was removed"),
    "method-added": Rule(_A, "`{name}` was added"),
    "method-removed": Rule(_B, "`{name}` was removed"),
    "result-changed": Rule(_B, "`{name}` returns {new} instead of {old}"),
    "argument-added": Rule(_A, "`{name}` was added"),
    "argument-added-required": Rule(_B, "`{name}` was added and is required"),
    "argument-removed": Rule(_B, "`{name}` was removed"),
    "argument-required": Rule(_B, "`{name}` is now required"),
    "argument-optional": Rule(_A, "`{name}` is now optional"),
    "argument-default": Rule(_H, "the default of `{name}` is {new} instead of {old}"),
    "value-added": Rule(_A, "`{name}` accepts {new}"),
    "value-removed": Rule(_B, "`{name}` no longer accepts {old}"),
    "limit-tightened": Rule(_B, "the limit of `{name}` is {new} instead of {old}"),
    "limit-loosened": Rule(_A, "the limit of `{name}` is {new} instead of {old}"),
    "check-added": Rule(_B, "`{name}` is checked for {new}"),
    "check-removed": Rule(_A, "`{name}` is no longer checked for {old}"),
    "check-changed": Rule(_B, "`{name}` is checked for {new} instead of {old}"),
    "error-added": Rule(_A, "`{name}` is raised for code {new}"),
    "error-removed": Rule(_B, "`{name}` was removed"),
    "error-code": Rule(_B, "`{name}` is raised for code {new} instead of {old}"),
    "code-added": Rule(_A, "code {name} was added"),
    "code-removed": Rule(_B, "code {name} was removed"),
    "code-changed": Rule(_H, "code {name}: {new} instead of {old}"),
    "state-added": Rule(_A, "state {name} was added"),
    "state-removed": Rule(_B, "state {name} was removed"),
    "state-class": Rule(_H, "state {name} counts as {new} instead of {old}"),
    "member-added": Rule(_A, "`{name}` was added"),
    "member-removed": Rule(_B, "`{name}` was removed"),
    "member-type": Rule(_B, "`{name}` is {new} instead of {old}"),
    "member-required": Rule(_H, "a reply without `{name}` is rejected"),
    "member-optional": Rule(_B, "`{name}` may be missing"),
    "constructor-added": Rule(_A, "the client's argument `{name}` was added"),
    "constructor-removed": Rule(_B, "the client's argument `{name}` was removed"),
    "package-changed": Rule(_B, "the package's {name} is {new} instead of {old}"),
    "variable-changed": Rule(_B, "the API key is read from {new} instead of {old}"),
    "setting-added": Rule(_H, "{name} is {new}"),
    "setting-removed": Rule(_H, "{name} is no longer declared"),
    "setting-changed": Rule(_H, "{name} is {new} instead of {old}"),
    "text-changed": Rule(_W, "the description of `{name}` changed"),
}
