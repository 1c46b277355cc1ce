"""Reads the facts in a sentence: limits, defaults and rules that have no label."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from generator.drift.read.words import values, vocabulary


class Sentence(NamedTuple):
    """A sentence with the facts in it, as pairs of key and value.

    `option` occurs once per option.
    """

    text: str
    facts: list[tuple[str, Any]]
    model: str | None = None


def read_sentences(text: str) -> Iterator[Sentence]:
    """Split `text`, one line or one description, into sentences and read each."""
    for part in vocabulary.SENTENCE_END.split(text):
        if words := part.strip().strip("()（）").strip():
            facts = _read_facts(words.replace("`", ""))
            model, options = facts.pop("model", None), facts.pop("option", [])
            yield Sentence(part.strip(), [*facts.items(), *(("option", option) for option in options)], model)


def _read_facts(words: str) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for key, pattern in vocabulary.RULES:
        match = pattern.search(words)
        if match and key not in facts:
            value = _PARSERS[key](match["value"])
            if value is not None:
                facts[key] = value
    if vocabulary.CONDITION.search(words):
        facts = {key: value for key, value in facts.items() if key not in _UNCONDITIONAL}
    if limits := facts.pop("range", None):
        facts["minimum"], facts["maximum"] = limits
    if "maxTotalBytes" in facts:
        facts.pop("maxBytes", None)
    if vocabulary.FILE_TYPES.search(words) and (media_types := values.parse_media_types(words)):
        facts["mediaTypes"] = media_types
    return facts


# A schema has one value of these for every request.
_UNCONDITIONAL = {"default", "range", "minimum", "maximum", "minLength", "maxLength", "maxItems", "required"}


def _parse_image_role(words: str) -> str:
    """Return `mask` or `image`. Pages have many names for both."""
    return "mask" if vocabulary.MASK.search(words) else "image"


def _strip(words: str) -> str:
    return words.strip()


def _parse_options(words: str) -> list[str]:
    return [token.strip("\"'") for token in vocabulary.OPTION.findall(words) if token not in ("or", "或")]


_PARSERS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("maxBytes", "maxTotalBytes"), values.parse_size),
    **dict.fromkeys(("maxLength", "minLength", "maxItems", "used"), values.parse_count),
    **dict.fromkeys(("minimum", "maximum", "multipleOf"), values.parse_number),
    "range": values.parse_range,
    "required": values.parse_yes_no,
    "sameSizeAs": _parse_image_role,
    "option": _parse_options,
    **dict.fromkeys(("default", "excludes", "model"), _strip),
}
