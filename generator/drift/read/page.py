"""Reads a documentation page, in prose or with an OpenAPI block, into facts."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NoReturn

from generator.diagnostics import Diagnostic, InputError, Location
from generator.drift.read.facts import Facts, apply_field_types
from generator.drift.read.markdown import Block, Fence, Heading, lines_of, read_blocks
from generator.drift.read.openapi.lenient_yaml import parse_lenient_yaml
from generator.drift.read.openapi.reader import OpenApiReader
from generator.drift.read.prose.reader import ProseReader
from generator.drift.read.prose.statement_builder import StatementBuilder
from generator.drift.read.statements import Statement
from generator.drift.read.words import vocabulary
from generator.drift.read.words.sentences import read_sentences

_HTML = re.compile(r"<(?:!doctype|html|body)\b", re.I)
_HTML_MESSAGE = "the page is HTML, not Markdown; for the Markdown, add `.md` to the address of the page"


def read_page(text: str, source: str) -> Facts:
    """Read the page `text`, named `source`.

    Raises `InputError` if it is not an API page.
    """
    path = Path(source)
    _reject_unless_markdown(text, path)
    blocks = read_blocks(text)
    openapi = [block for block in blocks if isinstance(block, Fence) and _is_openapi(block)]
    if len(openapi) > 1:
        message = "the page has two OpenAPI blocks; split it into one page per block"
        _reject(path, message, "page-two-models", openapi[1].number)
    form: Literal["prose", "openapi"]
    if openapi:
        form = "openapi"
        statements, problems = _read_openapi_block(openapi[0], path)
        statements += _sentences_around(blocks)
        words = " ".join(s.quote for s in statements if s.part == "text")
    else:
        form = "prose"
        builder = StatementBuilder(path)
        ProseReader(builder).read(blocks)
        statements, problems = builder.statements, builder.problems
        words = _prose_words(blocks)
    language: Literal["zh", "en"] = "zh" if _is_chinese(words) else "en"
    facts = Facts(source, form, language, apply_field_types(statements), problems)
    _reject_unless_api_page(facts, text, path)
    return facts


def _read_openapi_block(block: Fence, path: Path) -> tuple[list[Statement], list[Diagnostic]]:
    parsed = parse_lenient_yaml(block.content, path, block.number)
    if not isinstance(parsed.document.data, dict):
        _reject(path, "the OpenAPI block is not a mapping", "page-yaml", block.number)
    reader = OpenApiReader(parsed.document, parsed.duplicates, problems=parsed.problems)
    reader.read()
    return reader.statements, reader.problems


def _sentences_around(blocks: list[Block]) -> Iterator[Statement]:
    """Yield the sentences before and after an OpenAPI block, which are about no field of it."""
    for block in blocks:
        if isinstance(block, Fence | Heading):
            continue
        for line in lines_of(block):
            for sentence in read_sentences(line.text):
                if sentence.model:
                    yield Statement("model", "model", "name", sentence.model, line.number, sentence.text)
                else:
                    yield Statement("text", "", "text", sentence.text, line.number, sentence.text)


def _reject_unless_markdown(text: str, path: Path) -> None:
    if not text.strip():
        _reject(path, "the page is empty", "page-empty", 1)
    start = text.lstrip("\ufeff \t\r\n")[:200].lower()
    if start.startswith(("<!doctype", "<html", "<head", "<body", "<div", "<script", "<?xml")):
        _reject(path, _HTML_MESSAGE, "page-html", 1)


def _reject_unless_api_page(facts: Facts, text: str, path: Path) -> None:
    """Reject a page without fields, and one that describes two models."""
    if not facts.of("request") and not facts.of("response"):
        if _HTML.search(text):
            _reject(path, _HTML_MESSAGE, "page-html", 1)
        message = (
            "the page has no parameters; expected fields as headings, bold names or table rows, "
            "each with a type, or an OpenAPI block in a code fence"
        )
        reasons = [problem._replace(level="error") for problem in facts.problems if facts.form == "openapi"]
        raise InputError([*reasons, Diagnostic(Location(path, 1, 1), message, "page-no-api")])
    has_two_model_fields = len(facts.of("request", "model", "name")) > 1
    mentions = facts.model_mentions if has_two_model_fields else facts.of("request", "model", "option")
    models = {str(s.value): s for s in reversed(mentions)}
    if len(models) > 1:
        names = " and ".join(sorted(models))
        message = f"the page describes two models, {names}; split it into one page per model"
        _reject(path, message, "page-two-models", max(s.line for s in models.values()))


def _is_openapi(block: Fence) -> bool:
    head = block.content.lstrip()[:400]
    return block.info.split(" ")[0] in ("yaml", "yml", "json", "") and (
        head.startswith(("openapi:", '{"openapi"')) or "\nopenapi:" in head
    )


def _prose_words(blocks: list[Block]) -> str:
    """Return the text of a page without its code, which may be in any language."""
    lines = (line for block in blocks if not isinstance(block, Fence) for line in lines_of(block))
    return " ".join(run.text for line in lines for run in line.runs if not run.code)


def _is_chinese(words: str) -> bool:
    chinese = len(vocabulary.CHINESE.findall(words))
    return chinese * 5 > len(vocabulary.LATIN.findall(words))


def _reject(path: Path, message: str, rule: str, line: int) -> NoReturn:
    raise InputError([Diagnostic(Location(path, line, 1), message, rule)])
