"""Labels and what stands behind them: `**类型**: `string`` is `type`, with the words to read."""

import re
from typing import Any, NamedTuple

from generator.drift.read.prose.markdown import Line, Run
from generator.drift.read.words import labels, values

_COLON = re.compile(r"\s*[:：]\s*")
_NAME = re.compile(r"[A-Za-z_]\w*(?:\[\])?(?:\.[A-Za-z_]\w*(?:\[\])?)*", re.ASCII)
_DASHED_NAME = re.compile(r"[A-Za-z]\w*(?:-\w+)+", re.ASCII)
_ITEM = re.compile(r"`?([^`:：]+?)`?\s*(?:[:：]|\s[-–—]\s)\s*(.*)")
_CODE = re.compile(r"(\d{3})\s*[:：]\s*(.+)")
_END = re.compile(r"[。！？]|[.!?](?=\s|$)")
_BETWEEN = " \t·|,;，；、—–-"


class Label(NamedTuple):
    """A label of the page: what it states (None: unknown to us) and the words behind it."""

    key: str | None
    words: Line


def name_in(line: Line, *, dashes: bool) -> str | None:
    """The field's name, when the line is nothing but one in bold and no label."""
    bold = all(run.strong for run in line.runs if run.text.strip(" :："))
    words = line.bare.rstrip(":： ")
    return as_name(words, dashes=dashes) if bold and key_of(words) is None else None


def as_name(words: str, *, dashes: bool) -> str | None:
    """`words` when they have the form of a field's name; `Body` and the like open sections instead.

    `dashes` admits `X-Api-Key`: headers are called so, and elsewhere a dash makes ordinary words.
    """
    words = words.strip()
    if words != words.lower() and words.lower() in labels.SECTION_WORDS:
        return None
    fits = _NAME.fullmatch(words) or (dashes and _DASHED_NAME.fullmatch(words))
    return words.replace("[]", "") if fits else None


def key_of(words: str) -> str | None:
    """What the label `words` states."""
    return labels.LABELS.get(" ".join(words.strip(" :：*").lower().split()))


def labels_in(line: Line) -> tuple[Line, list[Label]]:
    """The words before the first label of a line, and its labels with their words."""
    starts = [index for index, run in enumerate(line.runs) if _opens(line.runs, index)]
    if not starts:
        plain = _plain_label(line)
        return (Line((), line.number), [plain]) if plain else (line, [])
    found = []
    for start, end in zip(starts, [*starts[1:], len(line.runs)], strict=True):
        label = line.runs[start]
        rest = _trimmed(line.runs[start + 1 : end], last=end == len(line.runs))
        found.append(Label(key_of(label.text), Line(rest, line.number)))
    return Line(line.runs[: starts[0]], line.number), found


def _opens(runs: tuple[Run, ...], index: int) -> bool:
    """Whether the run at `index` is a bold label: known, or followed by a colon."""
    run = runs[index]
    if not run.strong or run.code or not run.text.strip():
        return False
    after = runs[index + 1].text.strip() if index + 1 < len(runs) else ""
    colon = run.text.strip()[-1] in ":：" or after[:1] in (":", "：")
    key = key_of(run.text)
    return key == "method" or (colon and (key is not None or index == 0)) or (key is not None and not after)


def _plain_label(line: Line) -> Label | None:
    if not line.runs or line.runs[0].code or line.runs[0].strong:
        return None
    head, *rest = _COLON.split(line.runs[0].text, maxsplit=1)
    key = key_of(head)
    if not rest or key not in labels.PLAIN_LABELS:
        return None
    return Label(key, Line(_trimmed((Run(rest[0]), *line.runs[1:]), last=True), line.number))


def _trimmed(runs: tuple[Run, ...], *, last: bool) -> tuple[Run, ...]:
    """The runs behind a label, without its colon and the mark that parts it from the next label."""
    kept = [run for run in runs if run.text]
    if kept and not kept[0].code:
        kept[0] = kept[0]._replace(text=re.sub(r"^\s*[:：]?\s*", "", kept[0].text))
    if kept and not last and not kept[-1].code:
        kept[-1] = kept[-1]._replace(text=kept[-1].text.rstrip(_BETWEEN))
    return tuple(run for run in kept if run.text.strip())


def first_sentence(words: Line) -> tuple[Line, Line]:
    """The words of a label up to the end of their sentence, and what is said behind it."""
    for index, run in enumerate(words.runs):
        end = None if run.code or run.text.startswith('"') else _END.search(run.text)
        if end:
            head, rest = run._replace(text=run.text[: end.start()]), run._replace(text=run.text[end.end() :])
            before, behind = (*words.runs[:index], head), (rest, *words.runs[index + 1 :])
            return Line(before, words.number), Line(behind, words.number)
    return words, Line((), words.number)


def read_value(key: str, words: Line) -> dict[str, Any] | None:
    """What the words behind the label `key` state, by fact; None when they cannot be read."""
    text = words.codes[0] if len(words.codes) == 1 else words.bare
    value: Any
    match key:
        case "type":
            return {"type": values.type_of(text)[0]} if text else None
        case "required" | "optional":
            value = values.yes_or_no(words.bare)
            return None if value is None else {"required": value == (key == "required")}
        case "range":
            ends = values.bounds(words.bare)
            step = values.number(words.bare.partition("step")[2])
            stated = {"minimum": ends[0], "maximum": ends[1]} if ends else None
            return {**stated, "multipleOf": step} if stated and step else stated
        case "format":
            value = labels.FORMATS.get(text.lower())
        case "maxLength" | "minLength" | "maxItems" | "minItems":
            value = values.count(text)
        case "minimum" | "maximum" | "multipleOf":
            value = values.number(text)
        case "maxBytes":
            value = values.size(text)
        case "mediaTypes":
            value = values.media_types(words.bare)
        case "example":
            value = values.decoded(text)
        case _:
            value = text or None
    return None if value is None else {key: value}


def options_in(words: Line) -> list[str]:
    """The options that a line lists."""
    if words.codes:
        return words.codes
    return [part for part in (piece.strip() for piece in re.split(r"[,、，|]", words.bare)) if part]


def option_item(line: Line) -> tuple[str, str]:
    """The option of a list item, and the meaning behind it."""
    if line.runs and line.runs[0].code:
        return line.runs[0].text, "".join(run.text for run in line.runs[1:]).lstrip(" :：-–—").strip()
    match = _ITEM.match(line.text)
    return (match[1].strip("* "), match[2].strip()) if match else (line.bare, "")


def code_item(line: Line) -> tuple[str, str] | None:
    """`200: success` as code and meaning."""
    match = _CODE.match(line.bare)
    return (match[1], match[2].strip()) if match else None
