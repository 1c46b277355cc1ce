"""Reads a page, whichever of the published forms it has."""

import re
from pathlib import Path
from typing import Literal

from generator.diagnostics import Diagnostic, InputError, Location
from generator.drift.facts import Facts, settled
from generator.drift.read.openapi import lenient_yaml
from generator.drift.read.openapi.embedded import EmbeddedReader
from generator.drift.read.prose.builder import Told
from generator.drift.read.prose.markdown import Block, Fence, lines_of, read_blocks
from generator.drift.read.prose.prose import ProseReader
from generator.drift.read.words import labels

_HTML = re.compile(r"<(?:!doctype|html|body)\b", re.I)
_NO_HTML = "this is HTML, not Markdown; the Markdown of a page has its address with `.md` behind it"


def read_page(text: str, source: str) -> Facts:
    """The facts of the page `text`; `source` names it. Raises `InputError` when it is no API page."""
    path = Path(source)
    _refuse_what_is_no_markdown(text, path)
    blocks = read_blocks(text)
    embedded = [block for block in blocks if isinstance(block, Fence) and _is_openapi(block)]
    if len(embedded) > 1:
        _refuse(
            path,
            "the page has two OpenAPI blocks; give each its own page",
            "page-two-models",
            embedded[1].number,
        )
    form: Literal["prose", "openapi"] = "openapi" if embedded else "prose"
    if embedded:
        block = lenient_yaml.parse(embedded[0].content, path, embedded[0].number)
        if not isinstance(block.document.data, dict):
            _refuse(path, "the OpenAPI block is no mapping", "page-yaml", embedded[0].number)
        reader = EmbeddedReader(block.document, block.again, problems=block.slips)
        reader.read()
        statements, problems = reader.statements, reader.problems
        words = " ".join(s.quote for s in statements if s.part == "text")
    else:
        told = Told(path)
        ProseReader(told).read(blocks)
        statements, problems = told.statements, told.problems
        words = _words(blocks)
    language: Literal["zh", "en"] = "zh" if _is_chinese(words) else "en"
    facts = Facts(source, form, language, settled(statements), problems)
    _refuse_what_is_no_api_page(facts, text, path)
    return facts


def _refuse_what_is_no_markdown(text: str, path: Path) -> None:
    if not text.strip():
        _refuse(path, "the page is empty", "page-empty", 1)
    start = text.lstrip("\ufeff \t\r\n")[:200].lower()
    if start.startswith(("<!doctype", "<html", "<head", "<body", "<div", "<script", "<?xml")):
        _refuse(path, _NO_HTML, "page-html", 1)


def _refuse_what_is_no_api_page(facts: Facts, text: str, path: Path) -> None:
    if not facts.of("request") and not facts.of("response"):
        if _HTML.search(text):
            _refuse(path, _NO_HTML, "page-html", 1)
        message = (
            "no parameter found: expected fields as headings, bold names or tables with a type each, "
            "or an OpenAPI block in a fence"
        )
        reasons = [fault._replace(level="error") for fault in facts.problems if facts.form == "openapi"]
        raise InputError([*reasons, Diagnostic(Location(path, 1, 1), message, "page-no-api")])
    twice = len(facts.of("request", "model", "name")) > 1
    mentions = facts.model_mentions if twice else facts.of("request", "model", "option")
    models = {str(s.value): s for s in reversed(mentions)}
    if len(models) > 1:
        message = f"the page describes two models, {' and '.join(sorted(models))}; give each its own page"
        _refuse(path, message, "page-two-models", max(s.line for s in models.values()))


def _is_openapi(block: Fence) -> bool:
    head = block.content.lstrip()[:400]
    return block.info.split(" ")[0] in ("yaml", "yml", "json", "") and (
        head.startswith(("openapi:", '{"openapi"')) or "\nopenapi:" in head
    )


def _words(blocks: list[Block]) -> str:
    """The prose of a page, without its code: samples may be in any language."""
    lines = (line for block in blocks if not isinstance(block, Fence) for line in lines_of(block))
    return " ".join(run.text for line in lines for run in line.runs if not run.code)


def _is_chinese(words: str) -> bool:
    chinese = len(labels.CHINESE.findall(words))
    return chinese * 5 > len(labels.LATIN.findall(words))


def _refuse(path: Path, message: str, rule: str, line: int) -> None:
    raise InputError([Diagnostic(Location(path, line, 1), message, rule)])
