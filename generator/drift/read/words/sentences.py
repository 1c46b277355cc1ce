"""What a sentence of a page states: limits, defaults and rules that stand in no label."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from generator.drift.read.words import labels, values


class Sentence(NamedTuple):
    """A sentence and the facts in it, by key; most sentences have none. A list is a fact for each option."""

    text: str
    says: list[tuple[str, Any]]
    model: str | None = None


def read_sentences(text: str) -> Iterator[Sentence]:
    """The sentences of `text`, which is one line or one description of a page."""
    for part in labels.SENTENCE_END.split(text):
        if words := part.strip().strip("()（）").strip():
            says = _says(words.replace("`", ""))
            model, options = says.pop("model", None), says.pop("option", [])
            yield Sentence(part.strip(), [*says.items(), *(("option", option) for option in options)], model)


def _says(words: str) -> dict[str, Any]:
    says: dict[str, Any] = {}
    for key, pattern in labels.RULES:
        match = pattern.search(words)
        if match and key not in says:
            value = _READERS[key](match["value"])
            if value is not None:
                says[key] = value
    if bounds := says.pop("range", None):
        says["minimum"], says["maximum"] = bounds
    if "maxTotalBytes" in says:
        says.pop("maxBytes", None)
    if labels.FILE_TYPES.search(words) and (found := values.media_types(words)):
        says["mediaTypes"] = found
    return says


def _role(words: str) -> str:
    """Which picture is meant; pages call them in many ways, there are only two."""
    return "mask" if labels.MASK.search(words) else "image"


def _words(words: str) -> str:
    return words.strip()


def _options(words: str) -> list[str]:
    return [token.strip("\"'") for token in labels.OPTION.findall(words) if token not in ("or", "或")]


_READERS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("maxBytes", "maxTotalBytes"), values.size),
    **dict.fromkeys(("maxLength", "minLength", "maxItems", "used"), values.count),
    **dict.fromkeys(("minimum", "maximum", "multipleOf"), values.number),
    "range": values.bounds,
    "required": values.yes_or_no,
    "sameSizeAs": _role,
    "option": _options,
    **dict.fromkeys(("default", "excludes", "model"), _words),
}
