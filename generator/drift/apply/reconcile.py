"""Reconciles the spec with a page: edits, decisions, and the record of the page.

Everything is tried in memory first: the new spec must load, pass lint, lower and give a package.
Only then are files written. If writing fails, the old files are restored byte for byte.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from generator.contract import load, source
from generator.contract.load import Document
from generator.contract.source import Source
from generator.diagnostics import Diagnostic, InputError, Location
from generator.drift.apply.facts_table import FactsTable, read_facts_table
from generator.drift.apply.field_names import NameChanges, change_names, possible_names
from generator.drift.apply.spec_editor import SpecEditor
from generator.drift.apply.yaml_edit import EditableYaml
from generator.drift.compare.claims import Claims, model_entries, only_adds_models, read_claims
from generator.drift.compare.compare_page import compare_page
from generator.drift.compare.findings import Finding
from generator.drift.compare.wording import WORDING_FINDINGS
from generator.drift.read.facts import Facts
from generator.drift.state.known_drift import KnownDrift
from generator.drift.state.page_record import PageRecord, format_page_record, hash_page, record_file

BuildPackage = Callable[[Source], dict[str, str]]


class Decision(NamedTuple):
    """A finding left for a person to decide.

    `reason` says why the obvious edit is not valid.
    """

    finding: Finding
    reason: str = ""


class Edit(NamedTuple):
    """An edit of the spec for a finding."""

    finding: Finding
    description: str


class Reconciliation(NamedTuple):
    """What follows from a page: edits, decisions, sentences to read, and new files.

    `names` has the fields that the page does not have any more, each with its possible new names, and
    `by_hand` is what the table of facts still needs. `elsewhere` has the differences from the recorded
    pages of other models that the edits cause.
    """

    edits: list[str]
    decisions: list[Decision]
    names: dict[str, list[str]]
    by_hand: list[str]
    new_sentences: list[Finding]
    elsewhere: list[Finding]
    spec_files: dict[str, str]
    package_files: dict[str, str]


def plan_reconciliation(
    facts: Facts,
    known: KnownDrift,
    records: Mapping[str, PageRecord],
    new_record: str,
    spec: Path,
    build_package: BuildPackage,
    changed_names: NameChanges,
) -> Reconciliation:
    """Work out everything that follows from `facts`. Writes nothing.

    `records` has the old record of each model's page, `new_record` is the text of the one with `facts`.
    `changed_names` are the decisions of a person about fields that the page does not have any more.
    """
    record = records.get(str(facts.model))

    def compare(openapi: Document) -> list[Finding]:
        return compare_page(facts, openapi, known, record).in_page_order()

    origin = source.read_spec(spec)
    _reject_unknown_model(facts, origin.openapi)
    named = change_names(origin, facts, changed_names, spec)
    findings = [finding for finding in compare(named.openapi) if finding.id not in WORDING_FINDINGS]
    names = possible_names(findings)
    unclear = {new: f"it may be another name of '{old}'" for old, paths in names.items() for new in paths}
    findings = [finding for finding in findings if finding.path not in unclear]
    reasons: dict[str, str] = {}
    try:
        edited, made = _apply_edits(named, facts, findings, spec)
    except InputError:
        edited, made, reasons = _apply_edits_by_field(named, facts, findings, spec)
    remaining = compare(edited.openapi)
    edits = [*changed_names.describe(), *(edit.description for edit in made)]
    new_files = {source.OPENAPI: edited.openapi.text, record_file(str(facts.model)): new_record}
    by_hand: list[str] = []
    if edits and known.facts_table:
        table = read_facts_table(Path(os.path.normpath(spec / known.facts_table)), str(facts.model))
        claims = read_claims(edited.openapi, model_entries(edited.openapi)[str(facts.model)])
        by_hand = _follow(table, facts, made, changed_names, claims)
        new_files[known.facts_table] = table.text()
    files = changed_files(spec, new_files)
    reasons |= unclear
    decisions = [Decision(f, reasons.get(f.path, "")) for f in remaining if f.id not in WORDING_FINDINGS]
    # Once the page is recorded, drift does not report these any more.
    new_sentences = [finding for finding in remaining if finding.id in ("text-added", "text-changed")]
    others = [other for model, other in records.items() if model != facts.model]
    elsewhere = _new_findings(others, known, origin.openapi, edited.openapi) if edits else []
    package = build_package(edited)
    return Reconciliation(edits, decisions, names, by_hand, new_sentences, elsewhere, files, package)


def _follow(
    table: FactsTable, facts: Facts, edits: list[Edit], names: NameChanges, claims: Claims
) -> list[str]:
    """Make the edits of the spec in the table of facts too. Returns what it still needs by hand."""
    by_hand = [todo for path in names.removed for todo in table.remove_field(path)]
    by_hand += [todo for old, new in names.renamed.items() for todo in table.rename_field(old, new)]
    order = claims.field_paths("request")
    return by_hand + [todo for edit in edits for todo in table.follow(edit.finding, facts, order)]


def _new_findings(
    records: list[PageRecord], known: KnownDrift, before: Document, after: Document
) -> list[Finding]:
    """Return the findings about recorded pages that only the edited spec has."""
    found = []
    for record in records:
        old, new = (
            compare_page(record.facts, openapi, known, record).in_page_order() for openapi in (before, after)
        )
        same = {(finding.id, finding.path, finding.values) for finding in old}
        found += [finding for finding in new if (finding.id, finding.path, finding.values) not in same]
    return found


def _apply_edits(
    origin: source.Source, facts: Facts, findings: list[Finding], spec: Path
) -> tuple[source.Source, list[Edit]]:
    """Make every obvious edit.

    Returns the edited spec and the edits made. Raises `InputError` if the edited spec is not valid.
    """
    entry = model_entries(origin.openapi)[facts.model or ""]
    yaml = EditableYaml(origin.openapi.text)
    editor = SpecEditor(yaml, read_claims(origin.openapi, entry), facts)
    made = [(finding, editor.apply_finding(finding)) for finding in findings]
    edits = [Edit(finding, description) for finding, description in made if description]
    return (source.read_spec(spec, {source.OPENAPI: yaml.text()}) if edits else origin), edits


def _apply_edits_by_field(
    origin: source.Source, facts: Facts, findings: list[Finding], spec: Path
) -> tuple[source.Source, list[Edit], dict[str, str]]:
    """Apply the edits of each field that give a valid spec.

    For the other fields, return the reason.
    """
    edited = origin
    edits: list[Edit] = []
    reasons: dict[str, str] = {}
    for path in dict.fromkeys(finding.path for finding in findings):
        of_field = [finding for finding in findings if finding.path == path]
        try:
            edited, field_edits = _apply_edits(edited, facts, of_field, spec)
        except InputError as error:
            reasons[path] = "; ".join(fault.message for fault in error.diagnostics)
        else:
            edits += field_edits
    return edited, edits, reasons


def _reject_unknown_model(facts: Facts, openapi: Document) -> None:
    """Reject the page of an unknown model, because there is nothing to edit."""
    models = model_entries(openapi)
    if facts.model and facts.model not in models:
        message = (
            f"the page is about model '{facts.model}', the spec has {', '.join(models)}; "
            "run `python -m generator draft PAGE` to write the spec entry of a new model"
        )
        location = Location(Path(facts.source), facts.model_mentions[0].line, 1)
        raise InputError([Diagnostic(location, message, "reconcile-model")])


def updated_record(
    facts: Facts, text: str, url: str, etag: str | None, old: PageRecord | None, today: date
) -> str:
    """Return the text of the record of a page.

    It does not change while the page does not.
    """
    if old and (old.url, old.sha256) == (url, hash_page(text)):
        return old.text
    return format_page_record(facts, url, text, etag, today)


def changed_files(spec: Path, files: dict[str, str]) -> dict[str, str]:
    """Return those of `files` that differ from the folder `spec`."""
    return {
        name: content
        for name, content in files.items()
        if not (spec / name).exists() or (spec / name).read_text(encoding="utf-8") != content
    }


def write_spec(spec: Path, files: dict[str, str], generate: Callable[[], None]) -> None:
    """Write the files of the spec and regenerate.

    If either fails, the spec is restored.
    """
    before = {name: (spec / name).read_bytes() if (spec / name).exists() else None for name in files}
    try:
        for name, content in files.items():
            (spec / name).parent.mkdir(parents=True, exist_ok=True)
            (spec / name).write_text(content, encoding="utf-8")
        generate()
    except BaseException as error:
        for name, old in before.items():
            if old is None:
                (spec / name).unlink(missing_ok=True)
            else:
                (spec / name).write_bytes(old)
        if isinstance(error, OSError):
            message = f"cannot be written: {error.strerror or error}; the old files were restored"
            raise InputError([Diagnostic(Location(spec), message, "reconcile-write")]) from None
        raise


def reject_uncommitted_changes(spec: Path, *others: str, drafting: bool = False) -> None:
    """Raise `InputError` if the spec has uncommitted changes, which `git diff` would mix with the edits.

    `others` are more files, by their path from the spec. With `drafting`, the changes may be models that
    were added since the last commit.
    """
    git = shutil.which("git")
    if git is None:
        return
    command = [git, "-C", str(spec), "status", "--porcelain", "--", ".", *others]
    status = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 # our own command
    changed = [line[3:] for line in status.stdout.splitlines()] if status.returncode == 0 else []
    if drafting and [Path(name).name for name in changed] == [source.OPENAPI]:
        command = [git, "-C", str(spec), "show", f"HEAD:./{source.OPENAPI}"]
        committed = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 # our own command
        path = spec / source.OPENAPI
        if committed.returncode == 0 and only_adds_models(
            load.parse(committed.stdout, path), load.load(path)
        ):
            return
    if changed:
        message = f"the spec has uncommitted changes in {', '.join(changed)}; commit or undo them first"
        raise InputError([Diagnostic(Location(spec), message, "reconcile-dirty")])
