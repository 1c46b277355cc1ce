"""How much a difference matters: its effect on users of the package once the spec follows the page.

breaking: a call that worked, or code that reads the reply, may stop working.
additive: everything that worked still does. wording: nothing changes but words.
"""

import re
from typing import Any, Literal

Grade = Literal["breaking", "additive", "wording"]

UPPER = {"maxLength", "maximum", "maxItems", "maxBytes", "maxTotalBytes", "used"}
LOWER = {"minLength", "minimum", "minItems"}
LIMITS = UPPER | LOWER | {"multipleOf", "pattern", "mediaTypes"}

_WORST: tuple[Grade, ...] = ("breaking", "additive", "wording")


def worst(grades: list[Grade]) -> Grade:
    """The grade that matters most."""
    return min(grades, key=_WORST.index)


def grade(key: str, page: Any, spec: Any, part: str) -> Grade:
    """The grade of `key` being `page` in the docs and `spec` in the spec; None where one is silent."""
    if key == "required":
        # A request gets stricter with yes, a reply gets weaker with no.
        return "breaking" if bool(page) == (part == "request") else "additive"
    if key in LIMITS or key == "excludes":
        return _limit(key, page, spec)
    if key == "option":
        return "breaking" if spec is not None else "additive"
    if key == "code":
        return "breaking" if spec is not None else "additive"
    if key == "deprecated" or (key == "default" and spec is None):
        return "additive"
    return "breaking"


def noun(key: str) -> str:
    """What a key is called in the id of a finding: `maxLength` is `max-length`."""
    return re.sub(r"[A-Z]", lambda match: f"-{match[0].lower()}", key)


def _limit(key: str, page: Any, spec: Any) -> Grade:
    if page is None:
        return "additive"
    if spec is None:
        return "breaking"
    if key in UPPER:
        return "additive" if page > spec else "breaking"
    if key in LOWER:
        return "additive" if page < spec else "breaking"
    if key == "mediaTypes":
        return "additive" if set(spec) <= set(page) else "breaking"
    return "breaking"
