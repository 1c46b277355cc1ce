"""Writes the schema of a new field, from the statements of a page."""

from typing import Any

from ruamel.yaml.comments import CommentedMap

from generator.contract.lint.rules.requests import SCALARS
from generator.contract.lint.rules.schemas import PLAIN
from generator.contract.load import CONTROL
from generator.drift.apply.yaml_edit import flow_list, put_after
from generator.drift.compare.claims import IMAGE_KEYS
from generator.drift.compare.findings import format_unquoted
from generator.drift.read.facts import Facts
from generator.drift.read.statements import SCHEMA_KEYS, Statement
from generator.drift.read.words import values

# Key of a statement → keyword of `x-image`.
IMAGE_KEYWORDS = {key: keyword for keyword, key in IMAGE_KEYS.items() if key != "sameSizeAs"}

_TYPE_NAMES = {bool: "boolean", int: "integer", float: "number", str: "string"}
_NUMBER_LIMITS = ("minimum", "maximum", "multipleOf")
_LIMITS_BY_TYPE = {
    "string": ("minLength", "maxLength", "pattern"),
    "number": _NUMBER_LIMITS,
    "integer": _NUMBER_LIMITS,
    "array": ("minItems", "maxItems"),
}
_LIST_LIMITS = {"used", "maxTotalBytes"}
_KEYWORD_ORDER = (
    *("type", "format", "description", "enum", "x-enum-varnames", "minLength", "maxLength", "minimum"),
    *("maximum", "multipleOf", "pattern", "items", "minItems", "maxItems", "x-image", "x-file", "default"),
    "examples",
)


def field_schema(
    facts: Facts, statements: list[Statement], items: CommentedMap | None = None
) -> CommentedMap | None:
    """Return the schema that the `statements` about a field describe.

    `items` is the schema of the items of a list of objects. Returns None for an object, and for a list
    of objects without `items`.
    """
    first = first_values(statements)
    type_ = first.get("type") or _inferred_type(statements)
    if items is None and innermost_type(type_).get("type") not in SCALARS:
        return None
    options = listed_options(statements, type_)
    keywords: dict[str, Any] = {
        **{key: in_yaml_style(value) for key, value in type_.items()},
        "description": description(facts, statements[0].path),
        **{key: in_yaml_style(first[key]) for key in _keys_of_type(type_) if key in first},
        **_file_keywords(facts, statements[0].path, first),
        "examples": flow_list([first["example"]]) if "example" in first else None,
    }
    if items is not None:
        keywords["items"] = items
    elif type_["type"] == "array" and options:  # the options of a list are those of its items
        keywords["items"] = CommentedMap({**type_["items"], "enum": flow_list(options)})
    elif type_["type"] != "boolean":
        keywords |= option_keywords(options)
    if type_["type"] not in ("string", "array") or type_.get("format") not in (None, "uri"):
        keywords["format"] = None
    schema = CommentedMap()
    for keyword in _KEYWORD_ORDER:
        if keywords.get(keyword) is not None:
            schema[keyword] = keywords[keyword]
    return schema


def _keys_of_type(type_: dict[str, Any]) -> list[str]:
    """Return the keys that apply to a type: a length limits no number, and a maximum no string."""
    others = {key for name, keys in _LIMITS_BY_TYPE.items() if name != type_["type"] for key in keys}
    others -= set(_LIMITS_BY_TYPE.get(type_["type"], ()))
    return [key for key in SCHEMA_KEYS if key not in others]


def first_values(statements: list[Statement]) -> dict[str, Any]:
    """Return the first value of each key, from a label or keyword rather than from a sentence."""
    first: dict[str, Any] = {}
    for statement in sorted(statements, key=lambda statement: statement.prose):
        first.setdefault(statement.key, statement.value)
    return first


def innermost_type(type_: dict[str, Any]) -> dict[str, Any]:
    """Return the type of the items of a list, also of a list of lists, or the type itself."""
    while type_.get("type") == "array":
        type_ = type_.get("items", {})
    return type_


def listed_options(statements: list[Statement], type_: dict[str, Any]) -> list[Any]:
    """Return the options in the type of the field, each once; those of a sentence only if alone."""
    stated = [s for s in statements if s.key == "option"]
    labelled = [s for s in stated if not s.prose]
    inner = innermost_type(type_).get("type")
    options: dict[str, Any] = {}
    for statement in labelled or stated:
        value = statement.value
        if inner == "string" and isinstance(value, int | float):
            value = format_unquoted(value)
        elif inner in ("integer", "number") and isinstance(value, str):
            value = values.parse_json_or_text(value)
        options.setdefault(format_unquoted(value), value)
    return list(options.values())


def description(facts: Facts, path: str) -> str:
    """Return the sentences of the page about a field, also those that state a limit."""
    sentences = [
        s.quote
        for s in facts.statements
        if (s.part == "text" and s.key == "text" and s.path == path)
        or (s.part == "request" and s.path == path and s.prose)
    ]
    text = CONTROL.sub("", " ".join(dict.fromkeys(sentences)))
    return text or "The page does not describe this field."


def _inferred_type(statements: list[Statement]) -> dict[str, Any]:
    """Return the type of the default or the example of a field whose type is not stated."""
    first = first_values(statements)
    value = first.get("default", first.get("example", ""))
    return {"type": _TYPE_NAMES.get(type(value), "string")}


def put_keyword(schema: CommentedMap, keyword: str, value: Any) -> None:
    """Set a keyword of a field. A new keyword goes where the order of the spec has it."""
    rank = _KEYWORD_ORDER.index(keyword)
    before = [known for known in schema if known in _KEYWORD_ORDER and _KEYWORD_ORDER.index(known) < rank]
    put_after(schema, before[-1] if before else None, keyword, value)


def option_keywords(options: list[Any]) -> dict[str, Any]:
    """Return the keywords for options.

    The options get names if one of them is not a valid name. Numbers with a fraction have no names.
    """
    if not options:
        return {}
    if any(isinstance(option, float) for option in options):
        return {"enum": flow_list(options)}
    texts = [format_unquoted(option) for option in options]
    are_texts = all(isinstance(option, str) for option in options)
    distinct = len({text.upper() for text in texts}) == len(texts)
    if are_texts and distinct and all(PLAIN.fullmatch(text) for text in texts):
        return {"enum": flow_list(options)}
    names: list[str] = []
    for text in texts:
        name, number = enum_member_name(text), 1
        while name in names:
            number += 1
            name = f"{enum_member_name(text)}_{number}"
        names.append(name)
    return {"enum": flow_list(options), "x-enum-varnames": flow_list(names)}


def enum_member_name(option: str) -> str:
    """Return the name of the enum member for an option: `VALUE_1` for `1`."""
    name = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in option).upper()
    name = f"MINUS{name}" if option[:1] == "-" and name[1:2].isdigit() else name.strip("_")
    return name if name[:1].isalpha() else f"VALUE_{name}".rstrip("_")


def in_yaml_style(value: Any) -> Any:
    """Return a value as the spec writes it: lists in one line."""
    if isinstance(value, dict):
        return CommentedMap({key: in_yaml_style(member) for key, member in value.items()})
    return flow_list(value) if isinstance(value, list) else value


def _file_keywords(facts: Facts, path: str, first: dict[str, Any]) -> dict[str, CommentedMap]:
    """Return the extension of a field with URLs of images or of other files, with its limits.

    The role of an image is in the name of its field. There is none without the types and the size.
    """
    type_ = first.get("type", {})
    is_list = type_.get("type") == "array"
    limits = {
        keyword: in_yaml_style(first[key])
        for key, keyword in IMAGE_KEYWORDS.items()
        if key in first and (is_list or key not in _LIST_LIMITS)
    }
    media_types = first.get("mediaTypes", [])
    are_images = {str(name).startswith("image/") for name in media_types}
    is_url = type_.get("items", type_).get("type") == "string"
    if len(are_images) != 1 or "maxBytes" not in first or not is_url:
        return {}
    if are_images == {False}:
        return {} if "[]" in path else {"x-file": CommentedMap(limits)}
    image = CommentedMap({"role": _image_role(path), **limits})
    partner_role = {"mask": "mask", "image": "picture"}.get(first.get("sameSizeAs", ""))
    for statement in facts.of("request", key="name"):
        other = statement.path
        if other != path and _image_role(other) == partner_role and other.endswith("_url"):
            image["same-size-as"] = other.rpartition(".")[2]
            break
    return {"x-image": image}


def _image_role(path: str) -> str:
    return "mask" if "mask" in path else "reference" if "reference" in path else "picture"
