"""Finds the labels in a line and reads their values: `**类型**: string` is a type."""

import re
from typing import Any, NamedTuple

from generator.drift.read.markdown import Line, Run
from generator.drift.read.words import values, vocabulary

_COLON = re.compile(r"\s*[:：]\s*")
_NAME = re.compile(r"[A-Za-z_]\w*(?:\[\])?(?:\.[A-Za-z_]\w*(?:\[\])?)*", re.ASCII)
_DASHED_NAME = re.compile(r"[A-Za-z]\w*(?:-\w+)+", re.ASCII)
_ITEM = re.compile(r"`?([^`:：]+?)`?\s*(?:[:：]|\s[-–—]\s)\s*(.*)")
_SENTENCE_END = re.compile(r"[。！？]|[.!?](?=\s|$)")
_WORD_IN_PARENTHESES = re.compile(r"\s*[(（]\s*(?P<type>[A-Za-z][\w<>\[\]]*)\s*(?P<rest>[,，)）].*)")
_YES_OR_NO = "|".join(sorted(vocabulary.YES | vocabulary.NO, key=len, reverse=True))
_REQUIRED = re.compile(rf"[\s,，(（]*(?P<word>{_YES_OR_NO})\b[)）]?", re.I)
_SEPARATORS = " \t·|,;，；、—–-"


class Label(NamedTuple):
    """A label and the words after it; `key` is None for an unknown label."""

    key: str | None
    words: Line


class InlineField(NamedTuple):
    """A field in one line: a bold name, its type as code, and further words."""

    name: str
    type: Line
    required: bool | None
    words: Line


def parse_inline_field(line: Line) -> InlineField | None:
    """Return the field of a line such as ``**input.prompt** `string` (required): the text``.

    The type may also be in the parentheses, as code or as a word: `**prompt** (string, required)`.
    """
    runs = _type_before_parentheses([run for run in line.runs if run.text.strip()])
    if len(runs) < 2 or not runs[0].strong or runs[1].strong or not runs[1].code:
        return None
    name = parse_field_name(runs[0].text.rstrip(":： "), dashes=False)
    if (
        not name
        or label_key(name)
        or values.parse_type(runs[1].text)["type"] not in vocabulary.TYPES.values()
    ):
        return None
    rest, required = runs[2:], None
    if rest and not rest[0].code and (match := _REQUIRED.match(rest[0].text)):
        required = values.parse_yes_no(match["word"])
        rest[0] = rest[0]._replace(text=rest[0].text[match.end() :])
    if rest and not rest[0].code:
        rest[0] = rest[0]._replace(text=rest[0].text.lstrip(_SEPARATORS + ":：。.)）"))
    if len(rest) > 1 and rest[1].code and label_key(rest[0].text) == "default":
        rest[0] = rest[0]._replace(text="default: ")
    words = Line(tuple(run for run in rest if run.text.strip()), line.number)
    return InlineField(name, Line((runs[1],), line.number), required, words)


def _type_before_parentheses(runs: list[Run]) -> list[Run]:
    """Return the runs of a line with the type in parentheses as a code run after the name."""
    if len(runs) < 2 or runs[1].code or runs[1].strong:
        return runs
    if runs[1].text.strip() in ("(", "（"):
        return [runs[0], *runs[2:]]
    match = _WORD_IN_PARENTHESES.match(runs[1].text)
    if not match:
        return runs
    type_ = runs[1]._replace(text=match["type"], code=True)
    return [runs[0], type_, runs[1]._replace(text=match["rest"]), *runs[2:]]


def parse_bold_name(line: Line, *, dashes: bool) -> str | None:
    """Return the field name if the whole line is one in bold and is not a label."""
    bold = all(run.strong for run in line.runs if run.text.strip(" :："))
    words = line.bare.rstrip(":： ")
    return parse_field_name(words, dashes=dashes) if bold and label_key(words) is None else None


def parse_field_name(words: str, *, dashes: bool) -> str | None:
    """Return the field name if `words` have the form of one. `Body` does not.

    With `dashes`, names such as `X-Api-Key` are accepted. Only headers have such names; elsewhere a
    word with a dash is ordinary text.
    """
    words = words.strip()
    if words != words.lower() and words.lower() in vocabulary.SECTION_WORDS:
        return None
    is_name = _NAME.fullmatch(words) or (dashes and _DASHED_NAME.fullmatch(words))
    return words.replace("[]", "") if is_name else None


def label_key(words: str) -> str | None:
    """Return the key that the label `words` stands for, or None if it is unknown."""
    return vocabulary.LABELS.get(" ".join(words.strip(" :：*").lower().split()))


def split_labels(line: Line) -> tuple[Line, list[Label]]:
    """Split a line into the words before its first label, and its labels."""
    starts = [index for index, run in enumerate(line.runs) if _is_label(line.runs, index)]
    if not starts:
        plain = _plain_label(line)
        return (Line((), line.number), [plain]) if plain else (line, [])
    labels = []
    for start, end in zip(starts, [*starts[1:], len(line.runs)], strict=True):
        label = line.runs[start]
        rest = _trim_value(line.runs[start + 1 : end], last=end == len(line.runs))
        labels.append(Label(label_key(label.text), Line(rest, line.number)))
    return Line(line.runs[: starts[0]], line.number), labels


def _is_label(runs: tuple[Run, ...], index: int) -> bool:
    """Return whether the run at `index` is a bold label: known, or with a colon."""
    run = runs[index]
    if not run.strong or run.code or not run.text.strip():
        return False
    after = runs[index + 1].text.strip() if index + 1 < len(runs) else ""
    colon = run.text.strip()[-1] in ":：" or after[:1] in (":", "：")
    key = label_key(run.text)
    return key == "method" or (colon and (key is not None or index == 0)) or (key is not None and not after)


def _plain_label(line: Line) -> Label | None:
    """Return the label at the start of a line that is not bold: `type: string`."""
    if not line.runs or line.runs[0].code or line.runs[0].strong:
        return None
    head, *rest = _COLON.split(line.runs[0].text, maxsplit=1)
    key = label_key(head)
    if not rest or key not in vocabulary.PLAIN_LABELS:
        return None
    return Label(key, Line(_trim_value((Run(rest[0]), *line.runs[1:]), last=True), line.number))


def _trim_value(runs: tuple[Run, ...], *, last: bool) -> tuple[Run, ...]:
    """Remove the colon before a value and the separator after it, if there is one."""
    trimmed = [run for run in runs if run.text]
    if trimmed and not trimmed[0].code:
        trimmed[0] = trimmed[0]._replace(text=re.sub(r"^\s*[:：]?\s*", "", trimmed[0].text))
    if trimmed and not last and not trimmed[-1].code:
        trimmed[-1] = trimmed[-1]._replace(text=trimmed[-1].text.rstrip(_SEPARATORS))
    return tuple(run for run in trimmed if run.text.strip())


def split_first_sentence(words: Line) -> tuple[Line, Line]:
    """Split the words of a label after their first sentence."""
    for index, run in enumerate(words.runs):
        end = None if run.code or run.text.startswith('"') else _SENTENCE_END.search(run.text)
        if end:
            head, rest = run._replace(text=run.text[: end.start()]), run._replace(text=run.text[end.end() :])
            before, after = (*words.runs[:index], head), (rest, *words.runs[index + 1 :])
            return Line(before, words.number), Line(after, words.number)
    return words, Line((), words.number)


def parse_label_value(key: str, words: Line) -> dict[str, Any] | None:
    """Parse the words after the label `key` into facts by key, or return None."""
    text = words.codes[0] if len(words.codes) == 1 else words.bare
    value: Any
    match key:
        case "type":
            return {"type": values.parse_type(text)} if text else None
        case "required" | "optional":
            value = values.parse_yes_no(words.bare)
            return None if value is None else {"required": value == (key == "required")}
        case "range":
            ends = values.parse_range(words.bare)
            step = values.parse_number(words.bare.partition("step")[2])
            limits = {"minimum": ends[0], "maximum": ends[1]} if ends else None
            return {**limits, "multipleOf": step} if limits and step else limits
        case "format":
            value = vocabulary.FORMATS.get(text.lower())
        case "maxLength" | "minLength" | "maxItems" | "minItems":
            value = values.parse_count(text)
        case "minimum" | "maximum" | "multipleOf":
            value = values.parse_number(text)
        case "maxBytes":
            value = values.parse_size(text)
        case "mediaTypes":
            value = values.parse_media_types(words.bare)
        case "example":
            value = values.parse_json_or_text(text)
        case _:
            value = text or None
    return None if value is None else {key: value}


def parse_options(words: Line) -> list[str]:
    """Return the options that a line lists: code spans, or words between commas."""
    if words.codes:
        return words.codes
    return [part for part in (piece.strip() for piece in re.split(r"[,、，|]", words.bare)) if part]


def parse_option_item(line: Line) -> tuple[str, str]:
    """Parse a list item into an option and its meaning."""
    if line.runs and line.runs[0].code:
        return line.runs[0].text, "".join(run.text for run in line.runs[1:]).lstrip(" :：-–—").strip()
    match = _ITEM.match(line.text)
    return (match[1].strip("* "), match[2].strip()) if match else (line.bare, "")
