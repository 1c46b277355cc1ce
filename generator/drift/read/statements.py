"""Defines a statement: one thing that a documentation page says in one place."""

from typing import Any, Literal, NamedTuple

Part = Literal["operation", "model", "request", "response", "header", "code", "sample", "text"]

# Schema keywords that a statement uses under the same name.
SCHEMA_KEYS = (
    *("default", "minLength", "maxLength", "minimum", "maximum", "multipleOf", "minItems", "maxItems"),
    "pattern",
)
# Keywords about the items of a list that are part of the type of the list.
ITEM_KEYS = ("minLength", "maxLength", "minimum", "maximum", "multipleOf", "pattern")
# The key of a text that repeats a part of the page that was not read.
UNREAD = "unread"
# Keys of a field that may have several statements, one per list item.
LIST_KEYS = {"option", "excludes"}


class Statement(NamedTuple):
    """One thing that a page says in one place.

    `part` is the part of the call. `path` is the path of a field, or `code`, `model`, `path`,
    `method`, or empty. `key` is the property that the statement is about; `name` states that the
    field exists. `prose` is true if the page says it in a sentence, not with a label or a keyword.
    """

    part: Part
    path: str
    key: str
    value: Any
    line: int
    quote: str
    prose: bool = False
