"""Writes the schema of a new field, from the statements of a page."""

from typing import Any

from ruamel.yaml.comments import CommentedMap

from generator.contract.lint.rules.schemas import PLAIN
from generator.drift.apply.yaml_edit import flow_list, put_after
from generator.drift.compare.claims import IMAGE_KEYS
from generator.drift.compare.findings import format_unquoted
from generator.drift.read.facts import Facts
from generator.drift.read.statements import SCHEMA_KEYS, Statement

# Key of a statement → keyword of `x-image`.
IMAGE_KEYWORDS = {key: keyword for keyword, key in IMAGE_KEYS.items() if key != "sameSizeAs"}

_LIST_LIMITS = {"used", "maxTotalBytes"}
_KEYWORD_ORDER = (
    *("type", "format", "description", "enum", "x-enum-varnames", "minLength", "maxLength", "minimum"),
    *("maximum", "multipleOf", "pattern", "items", "minItems", "maxItems", "x-image", "default", "examples"),
)


def field_schema(facts: Facts, statements: list[Statement]) -> CommentedMap | None:
    """Return the schema that the `statements` about a field describe.

    Returns None for objects and nested lists.
    """
    first: dict[str, Any] = {}
    for statement in statements:
        first.setdefault(statement.key, statement.value)
    type_ = first.get("type", {"type": "string"})
    scalar = type_.get("items", {}).get("type") if type_["type"] == "array" else type_["type"]
    if scalar in ("object", "array", None):
        return None
    options = [s.value for s in statements if s.key == "option"]
    sentences = [s.quote for s in facts.of("text", statements[0].path, "text")]
    keywords: dict[str, Any] = {
        **{key: CommentedMap(value) if key == "items" else value for key, value in type_.items()},
        "description": " ".join(sentences) or "The page does not describe this field.",
        **option_keywords(options),
        **{key: in_yaml_style(first[key]) for key in SCHEMA_KEYS if key in first},
        "x-image": _image_keywords(facts, statements[0].path, first),
        "examples": flow_list([first["example"]]) if "example" in first else None,
    }
    schema = CommentedMap()
    for keyword in _KEYWORD_ORDER:
        if keywords.get(keyword) is not None:
            schema[keyword] = keywords[keyword]
    return schema


def put_keyword(schema: CommentedMap, keyword: str, value: Any) -> None:
    """Set a keyword of a field. A new keyword goes where the order of the spec has it."""
    rank = _KEYWORD_ORDER.index(keyword)
    before = [known for known in schema if known in _KEYWORD_ORDER and _KEYWORD_ORDER.index(known) < rank]
    put_after(schema, before[-1] if before else None, keyword, value)


def option_keywords(options: list[Any]) -> dict[str, Any]:
    """Return the keywords for options.

    The options get names if one of them is not a valid name.
    """
    if not options:
        return {}
    texts = [format_unquoted(option) for option in options]
    if all(PLAIN.fullmatch(text) for text in texts):
        return {"enum": flow_list(options)}
    return {"enum": flow_list(options), "x-enum-varnames": flow_list([*map(enum_member_name, texts)])}


def enum_member_name(option: str) -> str:
    """Return the name of the enum member for an option: `VALUE_1` for `1`."""
    name = "".join(letter if letter.isalnum() else "_" for letter in option).upper()
    return f"VALUE_{name}" if name[:1].isdigit() else name


def in_yaml_style(value: Any) -> Any:
    """Return a value as the spec writes it: lists in one line."""
    return flow_list(value) if isinstance(value, list) else value


def _image_keywords(facts: Facts, path: str, first: dict[str, Any]) -> CommentedMap | None:
    """Return the role of an image field, which its name states, and its limits."""
    is_list = first.get("type", {}).get("type") == "array"
    limits = {
        keyword: in_yaml_style(first[key])
        for key, keyword in IMAGE_KEYWORDS.items()
        if key in first and (is_list or key not in _LIST_LIMITS)
    }
    if not limits:
        return None
    image = CommentedMap({"role": _image_role(path), **limits})
    partner_role = {"mask": "mask", "image": "picture"}.get(first.get("sameSizeAs", ""))
    for statement in facts.of("request", key="name"):
        other = statement.path
        if other != path and _image_role(other) == partner_role and other.endswith("_url"):
            image["same-size-as"] = other.rpartition(".")[2]
            break
    return image


def _image_role(path: str) -> str:
    return "mask" if "mask" in path else "reference" if "reference" in path else "picture"
