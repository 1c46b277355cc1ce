"""Implements the commands that read documentation pages."""

import os
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from generator.contract import source
from generator.contract.load import Document
from generator.diagnostics import Diagnostic, ExitCode, InputError, Location
from generator.drift import render
from generator.drift.apply.draft.pages import draft_pages
from generator.drift.apply.field_names import NameChanges
from generator.drift.apply.reconcile import (
    BuildPackage,
    changed_files,
    plan_reconciliation,
    reject_uncommitted_changes,
    updated_record,
    write_spec,
)
from generator.drift.compare.claims import model_entries, value_at
from generator.drift.compare.compare_page import compare_page, compare_records
from generator.drift.fetch.download import docs_hosts
from generator.drift.fetch.page_source import LoadedPage, load_page
from generator.drift.read.facts import Facts
from generator.drift.read.facts_json import facts_to_json
from generator.drift.read.page import read_page
from generator.drift.state.known_drift import KNOWN_DRIFT_FILE, KnownDrift, read_known_drift
from generator.drift.state.page_record import PAGE_RECORDS, PageRecord, read_page_records
from generator.runtime.contract.suggest import did_you_mean

WritePackage = Callable[[dict[str, str]], list[Path]]


# A command names at most this many files of the package.
_MAX_WRITTEN = 30


class CommandResult(NamedTuple):
    """The output, the complaints and the exit code of a command."""

    text: str
    complaints: list[Diagnostic]
    code: ExitCode = ExitCode.OK


class _Reconciled(NamedTuple):
    """What came of one page."""

    rows: list[str]
    changed: list[str]
    problems: list[Diagnostic]
    undecided: bool


NO_NAMES = NameChanges({}, ())


def show_facts(page: str, spec: Path, *, as_json: bool) -> CommandResult:
    """Show the facts of one page or, as JSON, of every page below a folder."""
    if Path(page).is_dir():
        if not as_json:
            message = "the facts of a folder can be printed as JSON only; add --json"
            raise InputError([Diagnostic(Location(Path(page)), message, "page-folder")])
        return _show_facts_of_folder(Path(page))
    facts = read_page(_load(page, spec, {}).text or "", page)
    text = render.render_json(facts_to_json(facts)) if as_json else render.render_facts_text(facts)
    return CommandResult(text, facts.problems)


def _show_facts_of_folder(folder: Path) -> CommandResult:
    shapes, complaints, code = [], [], ExitCode.OK
    for path in sorted(folder.rglob("*.md")):
        try:
            facts = read_page(load_page(str(path), set()).text or "", str(path))
        except InputError as error:
            complaints += error.diagnostics
            code = ExitCode.REJECTED
        else:
            shapes.append(facts_to_json(facts))
            complaints += facts.problems
    return CommandResult(render.render_json(shapes), complaints, code)


def show_drift(pages: list[str], spec: Path, *, form: str, explain: bool) -> CommandResult:
    """Compare pages, or without any every recorded page, with the spec.

    If one of several pages cannot be read, the others are compared all the same.
    """
    records = read_page_records(spec)
    openapi = source.read_spec(spec).openapi
    known = _read_known_drift(spec, openapi)
    if not pages and not records:
        message = "no page is recorded yet; give a page, or run `python -m generator reconcile PAGE`"
        raise InputError([Diagnostic(Location(spec / PAGE_RECORDS), message, "docs-facts-missing")])
    reports = [] if pages else compare_records(records.values(), openapi, known)
    problems: list[Diagnostic] = []
    code = ExitCode.OK
    for page in pages:
        try:
            facts = _read_facts(page, spec, records)
            reports.append(compare_page(facts, openapi, known, records.get(str(facts.model))))
        except InputError as error:
            if len(pages) == 1:
                raise
            problems += error.diagnostics
            code = ExitCode.REJECTED
        else:
            problems += facts.problems
    if form == "json":
        text = render.render_reports_json(reports, explain=explain)
    else:
        render_reports = render.render_reports_markdown if form == "markdown" else render.render_reports_text
        text = render_reports(reports)
        text += "".join("\n\n" + render.render_explanation(report) for report in reports if explain)
    if code is ExitCode.OK and any(report.findings for report in reports):
        code = ExitCode.DIFFERS
    return CommandResult(text, problems, code)


def reconcile_pages(
    pages: list[str],
    spec: Path,
    build_package: BuildPackage,
    write_package: WritePackage,
    today: date,
    names: NameChanges = NO_NAMES,
) -> CommandResult:
    """Make the obvious edits to the spec, record each page, and regenerate the package.

    The pages are reconciled in order. If one cannot be, the edits of those before it stay. `names` are
    the fields of a single page that a person renames or removes.
    """
    if len(pages) > 1 and names != NO_NAMES:
        message = "fields can be renamed and removed with one page only"
        raise InputError([Diagnostic(Location(spec), message, "reconcile-name")])
    rows: list[str] = []
    changed: list[str] = []
    problems: list[Diagnostic] = []
    code = ExitCode.OK
    for page in pages:
        try:
            done = _reconcile_page(page, spec, build_package, write_package, today, names, clean=not changed)
        except InputError as error:
            if len(pages) == 1:
                raise
            problems += error.diagnostics
            code = ExitCode.REJECTED
        else:
            rows += done.rows
            changed += [name for name in done.changed if name not in changed]
            problems += done.problems
            if done.undecided and code is ExitCode.OK:
                code = ExitCode.DIFFERS
    return CommandResult(_format_changes(rows, changed), problems, code)


def _reconcile_page(
    page: str,
    spec: Path,
    build_package: BuildPackage,
    write_package: WritePackage,
    today: date,
    names: NameChanges,
    *,
    clean: bool,
) -> "_Reconciled":
    """Reconcile one page. With `clean`, the spec must not have uncommitted changes."""
    records = read_page_records(spec)
    loaded = _load(page, spec, records)
    if loaded.text is None:
        return _Reconciled([], [], [], undecided=False)
    facts = read_page(loaded.text, page)
    openapi = source.read_spec(spec).openapi
    record = records.get(str(facts.model))
    addresses = _addresses(openapi, records)
    url = page if "://" in page else addresses.get(str(facts.model), page)
    new_record = updated_record(facts, loaded.text, url, loaded.etag, record, today)
    known = _read_known_drift(spec, openapi)
    plan = plan_reconciliation(facts, known, records, new_record, spec, build_package, names)
    # With a decision about names, the command continues an earlier run.
    if clean and plan.spec_files and names == NO_NAMES:
        reject_uncommitted_changes(spec, *filter(None, [known.facts_table]))
    changed = _write(spec, plan.spec_files, plan.package_files, write_package)
    rows = [f"edited: {edit}" for edit in plan.edits]
    for finding, reason in plan.decisions:
        rows.append(f"to decide: {render.render_finding_text(finding)}")
        rows += [f"    not edited: {reason}"] * bool(reason)
    rows += [f"to decide: {render.render_finding_text(finding)}" for finding in plan.elsewhere]
    for old, new in plan.names.items():
        options = [*(f"--rename {old}={path}" for path in new), f"--remove {old}"]
        rows.append(f"to decide: run it again with {' or '.join(options)}")
    rows += [f"to do: {todo}" for todo in plan.by_hand]
    rows += [f"to read: {render.render_finding_text(finding)}" for finding in plan.new_sentences]
    undecided = bool(plan.decisions or plan.elsewhere or plan.by_hand)
    return _Reconciled(rows, changed, facts.problems, undecided)


def draft_page_models(
    page: str, spec: Path, build_package: BuildPackage, write_package: WritePackage, unfinished: Path
) -> CommandResult:
    """Write the spec entry of each model, and regenerate the package.

    `page` is a page or a folder of pages. An entry that is not valid is written to the folder
    `unfinished`.
    """
    pages, complaints = _read_pages(page, spec)
    read = source.read_spec(spec)
    known = _read_known_drift(spec, read.openapi)
    drafts = draft_pages(pages, read, known, read_page_records(spec), build_package)
    if drafts.rejected and not Path(page).is_dir():
        raise InputError(drafts.rejected)
    files = changed_files(spec, {source.OPENAPI: drafts.text})
    if files:
        reject_uncommitted_changes(spec, drafting=True)
    changed = _write(spec, files, drafts.package_files, write_package) if files else []
    rows = []
    for draft in drafts.pages:
        rows.append(f"{draft.facts.source}: {draft.model}, resource {draft.python_name}")
        rows += [f"to do: {todo.format(draft.facts.source)}" for todo in draft.todo]
        rows += [f"differs: {render.render_finding_text(finding)}" for finding in draft.findings]
        rows += [
            f"to read: {draft.facts.source}:{sentence.line}: {render.shorten(sentence.value)}"
            for sentence in draft.to_read
        ]
        if draft.unfinished:
            path = unfinished / f"{draft.python_name}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(draft.unfinished, encoding="utf-8")
            rows.append(f"not valid yet, so not in the spec: {Location(path)}")
    complaints += [*(problem for facts in pages for problem in facts.problems), *drafts.rejected]
    failed = any(draft.unfinished for draft in drafts.pages) or any(c.level == "error" for c in complaints)
    by_hand = [f"the facts of each new model in {_facts_table(spec, known)}"] if known.facts_table else []
    return CommandResult(
        _format_changes(rows, changed, *by_hand), complaints, ExitCode.DIFFERS if failed else ExitCode.OK
    )


def _facts_table(spec: Path, known: KnownDrift) -> Location:
    return Location(Path(os.path.normpath(spec / known.facts_table)))


def _read_pages(page: str, spec: Path) -> tuple[list[Facts], list[Diagnostic]]:
    """Read a page, or each page of a folder, with the complaints about pages that cannot be read."""
    if not Path(page).is_dir():
        return [read_page(_load(page, spec, {}).text or "", page)], []
    paths = sorted(Path(page).rglob("*.md"))
    if not paths:
        message = "the folder has no page; expected files with the ending .md"
        raise InputError([Diagnostic(Location(Path(page)), message, "page-missing")])
    pages, complaints = [], []
    for path in paths:
        try:
            pages.append(read_page(load_page(str(path), set()).text or "", str(path)))
        except InputError as error:
            complaints += error.diagnostics
    return pages, complaints


def docs_addresses(spec: Path, model: str | None) -> list[str]:
    """Return the address of the page of one model, in Markdown, or of each page that still exists."""
    openapi = source.read_spec(spec).openapi
    addresses = _addresses(openapi, read_page_records(spec))
    if model is None:
        known = _read_known_drift(spec, openapi)
        return [address for name, address in addresses.items() if not known.is_page_gone(name)]
    if model not in addresses:
        message = f"there is no model '{model}'{did_you_mean(model, list(addresses))}"
        raise InputError([Diagnostic(Location(openapi.path), message, "drift-model")])
    return [addresses[model]]


def _addresses(openapi: Document, records: Mapping[str, PageRecord]) -> dict[str, str]:
    """Map each model to the address of its page: that of the record, which has the page's language."""
    addresses = {}
    for model, entry in model_entries(openapi).items():
        declared = [
            value_at(openapi.data, (*place, "externalDocs", "url"))
            for place in (entry.schema, entry.operation)
        ]
        addresses[model] = records[model].url if model in records else f"{next(filter(None, declared))}.md"
    return addresses


def _read_known_drift(spec: Path, openapi: Document) -> KnownDrift:
    """Read the accepted findings. Raises `InputError` for one of a model that the spec does not have."""
    known = read_known_drift(spec / KNOWN_DRIFT_FILE)
    models = [*model_entries(openapi)]
    unknown = [entry for entry in known.entries if entry.model not in (None, *models)]
    if unknown:
        message = "there is no model '{}'{}"
        raise InputError(
            [
                Diagnostic(
                    entry.location,
                    message.format(entry.model, did_you_mean(str(entry.model), models)),
                    "known-drift-model",
                )
                for entry in unknown
            ]
        )
    return known


def _write(
    spec: Path, spec_files: dict[str, str], package_files: dict[str, str], write_package: WritePackage
) -> list[str]:
    """Write the spec and the package. Returns the paths of the changed files."""
    changed: list[Path] = []
    write_spec(spec, spec_files, lambda: changed.extend(write_package(package_files)))
    edited = [str(Location(Path(os.path.normpath(spec / name)))) for name in spec_files]
    if len(changed) > _MAX_WRITTEN:
        folder = Path(os.path.commonpath(changed))
        return [*edited, f"{len(changed)} files in {Location(folder)}"]
    return [*edited, *(str(Location(path)) for path in changed)]


def _format_changes(rows: list[str], changed: list[str], *by_hand: str) -> str:
    if not changed:
        return "\n".join([*rows, "nothing changed"])
    steps = (
        "make generate",  # this also writes docs/cli.md, which the package does not include
        "git diff",
        *by_hand,
        "make drift",
        "make test",
        "git commit, with a line in CHANGELOG.md",
    )
    rows += [f"written: {path}" for path in changed]
    return "\n".join([*rows, "next:", *(f"  {step}" for step in steps)])


def _read_facts(page: str, spec: Path, records: Mapping[str, PageRecord]) -> Facts:
    """Read the facts of a page. If it has not changed, they are those of its record."""
    loaded = _load(page, spec, records)
    if loaded.text is not None:
        return read_page(loaded.text, page)
    return next(record.facts for record in records.values() if record.url == page)


def _load(page: str, spec: Path, records: Mapping[str, PageRecord]) -> LoadedPage:
    """Load the page; from the web only if it has changed since it was recorded."""
    etag = next((record.etag for record in records.values() if record.url == page), None)
    hosts = docs_hosts(source.read_spec(spec).openapi.data) if "://" in page else set()
    return load_page(page, hosts, etag)
