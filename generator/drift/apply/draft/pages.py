"""Drafts the models of one or several pages into one spec. Writes nothing."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from generator.contract import load
from generator.contract.lower.package import lower
from generator.contract.source import Source
from generator.diagnostics import Diagnostic, InputError
from generator.drift.apply.draft.model import ModelDraft, draft_model
from generator.drift.apply.draft.repair import repair
from generator.drift.apply.draft.todo import Todo
from generator.drift.apply.reconcile import BuildPackage
from generator.drift.apply.yaml_edit import EditableYaml
from generator.drift.compare.compare_page import compare_page
from generator.drift.compare.findings import Finding
from generator.drift.read.facts import Facts
from generator.drift.read.statements import Statement
from generator.drift.state.known_drift import KnownDrift
from generator.drift.state.page_record import PageRecord
from generator.emit.models import typed_models

# A tag of the page's own components, such as `<Card title="Details">`.
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


class PageDraft(NamedTuple):
    """What came of a page: an entry of the spec, or an unfinished entry and its faults.

    `to_read` has the sentences that the entry does not have.
    """

    facts: Facts
    model: str
    python_name: str
    todo: list[Todo]
    findings: list[Finding]
    to_read: list[Statement]
    unfinished: str = ""


class Drafts(NamedTuple):
    """The text of the spec with every entry that is valid, the package, and what came of each page."""

    text: str
    package_files: dict[str, str]
    pages: list[PageDraft]
    rejected: list[Diagnostic]


def draft_pages(
    pages: list[Facts],
    origin: Source,
    known: KnownDrift,
    records: Mapping[str, PageRecord],
    build_package: BuildPackage,
) -> Drafts:
    """Draft each page into the spec `origin`, in order.

    A page that cannot be drafted is rejected, and the others are drafted all the same.
    """
    openapi, results, rejected = origin.openapi, [], []
    read = {statement.value for record in records.values() for statement in record.facts.of("text")}
    for facts in pages:
        try:
            draft = draft_model(facts, openapi)
        except InputError as error:
            rejected += error.diagnostics
            continue
        repaired = repair(draft.text, draft.schemas, openapi, origin.arazzo, facts)
        faults = repaired.faults or _faults_of_models(repaired.document)
        todo = [*draft.todo, *repaired.todo]
        to_read = _sentences_to_read(facts, read)
        if repaired.document is None or faults:
            text = _unfinished(repaired.text, draft, facts, todo, faults)
            results.append(PageDraft(facts, str(facts.model), draft.python_name, todo, [], to_read, text))
            continue
        openapi = repaired.document
        results.append(PageDraft(facts, str(facts.model), draft.python_name, todo, [], to_read))
    compared = [
        page if page.unfinished else page._replace(findings=_compare(page.facts, openapi, known, records))
        for page in results
    ]
    # `repair` has checked the document with the lint.
    package = build_package(origin._replace(openapi=openapi, contract=lower(openapi, origin.arazzo)))
    return Drafts(openapi.text, package, compared, rejected)


def _compare(
    facts: Facts, openapi: load.Document, known: KnownDrift, records: Mapping[str, PageRecord]
) -> list[Finding]:
    return compare_page(facts, openapi, known, records.get(str(facts.model))).in_page_order()


def _sentences_to_read(facts: Facts, read: set[str]) -> list[Statement]:
    """Return the sentences that are about no field of the request, so that no description has them.

    `read` are those of recorded pages and of earlier pages; those of this page are added.
    """
    # The description of the member `model` is not that of the page.
    fields = {statement.path for statement in facts.of("request", key="name")} - {"model"}
    sentences: dict[str, Statement] = {}
    for statement in facts.of("text", key="text"):
        text = str(statement.value)
        if statement.path not in fields and text not in read and not _TAG.fullmatch(text):
            sentences.setdefault(text, statement)
    read.update(sentences)
    return list(sentences.values())


def _faults_of_models(openapi: load.Document | None) -> list[Diagnostic]:
    """Return why no typed models can be made of the spec. The whole package is made once, at the end."""
    try:
        if openapi:
            typed_models(openapi)
    except InputError as error:
        return error.diagnostics
    return []


def _unfinished(
    text: str, draft: ModelDraft, facts: Facts, todo: list[Todo], faults: list[Diagnostic]
) -> str:
    """Return the entry of a model alone, with what must be done before it is valid."""
    yaml = EditableYaml(text)
    schemas = yaml.at(("components", "schemas"))
    for name in list(schemas):
        if name not in draft.schemas:
            del schemas[name]
    entry = EditableYaml("components: {}\n")
    entry.root["components"] = {"schemas": schemas}
    head = [f"# The entry of {facts.model} as far as it could be made from {facts.source}.", "# To do:"]
    for fault in faults:
        lines = text.splitlines()
        number = fault.location.line
        words = lines[number - 1].strip() if 0 < number <= len(lines) else ""
        head.append(f"# - at `{words}`: {fault.message} ({fault.rule})")
    head += [f"# - {row.format(facts.source)}" for row in todo]
    return "\n".join([*head, entry.text()])
