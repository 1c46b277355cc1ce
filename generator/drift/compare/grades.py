"""Grades a difference by its effect on users once the spec follows the page.

breaking: a call that worked, or code that reads the response, may stop working.
additive: everything that worked still works. wording: only words change.
"""

import re
from typing import Any, Literal

Grade = Literal["breaking", "additive", "wording"]

# From worst to mildest.
GRADES: tuple[Grade, ...] = ("breaking", "additive", "wording")

_UPPER_LIMITS = {"maxLength", "maximum", "maxItems", "maxBytes", "maxTotalBytes", "used"}
_LOWER_LIMITS = {"minLength", "minimum", "minItems"}
_LIMITS = _UPPER_LIMITS | _LOWER_LIMITS | {"multipleOf", "pattern", "mediaTypes"}


def worst_grade(grades: list[Grade]) -> Grade:
    """Return the grade with the largest effect."""
    return min(grades, key=GRADES.index)


def grade_difference(key: str, page: Any, spec: Any, part: str) -> Grade:
    """Grade the values of `key` on the page and in the spec.

    None is a side that does not state it.
    """
    if key == "required":
        # A request becomes stricter if a field is required, a response if it is no longer guaranteed.
        return "breaking" if bool(page) == (part == "request") else "additive"
    if key in _LIMITS or key == "excludes":
        return _grade_limit(key, page, spec)
    if key in ("option", "code"):
        return "breaking" if spec is not None else "additive"
    if key == "deprecated" or (key == "default" and spec is None):
        return "additive"
    return "breaking"


def id_prefix(key: str) -> str:
    """Return the first part of a finding's id for a key: `max-length` for `maxLength`."""
    return re.sub(r"[A-Z]", lambda match: f"-{match[0].lower()}", key)


def _grade_limit(key: str, page: Any, spec: Any) -> Grade:
    if page is None:
        return "additive"
    if spec is None:
        return "breaking"
    if key in _UPPER_LIMITS:
        return "additive" if page > spec else "breaking"
    if key in _LOWER_LIMITS:
        return "additive" if page < spec else "breaking"
    if key == "mediaTypes":
        return "additive" if set(spec) <= set(page) else "breaking"
    return "breaking"
