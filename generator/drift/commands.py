"""Implements the commands that read documentation pages."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import NamedTuple

from generator.contract import source
from generator.diagnostics import Diagnostic, ExitCode, InputError, Location
from generator.drift import render
from generator.drift.apply.draft_pages import draft_pages
from generator.drift.apply.reconcile import (
    BuildPackage,
    changed_files,
    plan_reconciliation,
    updated_record,
    write_spec,
)
from generator.drift.compare.claims import model_entries, value_at
from generator.drift.compare.compare_page import compare_page
from generator.drift.fetch.download import docs_hosts
from generator.drift.fetch.page_source import LoadedPage, load_page
from generator.drift.read.facts import Facts
from generator.drift.read.facts_json import facts_to_json
from generator.drift.read.page import read_page
from generator.drift.state.known_drift import KNOWN_DRIFT_FILE, read_known_drift
from generator.drift.state.page_record import PAGE_RECORD_FILE, PageRecord, read_page_record

WritePackage = Callable[[dict[str, str]], list[Path]]


class CommandResult(NamedTuple):
    """The output, the complaints and the exit code of a command."""

    text: str
    complaints: list[Diagnostic]
    code: ExitCode = ExitCode.OK


def show_facts(page: str, spec: Path, *, as_json: bool) -> CommandResult:
    """Show the facts of one page or, as JSON, of every page below a folder."""
    if Path(page).is_dir():
        if not as_json:
            message = "the facts of a folder can be printed as JSON only; add --json"
            raise InputError([Diagnostic(Location(Path(page)), message, "page-folder")])
        return _show_facts_of_folder(Path(page))
    facts = read_page(_load(page, spec, None).text or "", page)
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


def show_drift(page: str | None, spec: Path, *, form: str, explain: bool) -> CommandResult:
    """Compare a page, or without one the recorded page, with the spec."""
    record = read_page_record(spec / PAGE_RECORD_FILE)
    facts = _read_facts(page, spec, record)
    openapi = source.read_spec(spec).openapi
    report = compare_page(facts, openapi, read_known_drift(spec / KNOWN_DRIFT_FILE), record)
    if form == "json":
        text = render.render_report_json(report, explain=explain)
    else:
        render_report = render.render_report_markdown if form == "markdown" else render.render_report_text
        text = render_report(report)
        text += "\n\n" + render.render_explanation(report) if explain else ""
    return CommandResult(text, facts.problems, ExitCode.DIFFERS if report.findings else ExitCode.OK)


def reconcile_page(
    page: str, spec: Path, build_package: BuildPackage, write_package: WritePackage, today: date
) -> CommandResult:
    """Make the obvious edits to the spec, record the page, and regenerate the package."""
    record = read_page_record(spec / PAGE_RECORD_FILE)
    loaded = _load(page, spec, record)
    if loaded.text is None:
        return CommandResult(_format_changes([], []), [])
    facts = read_page(loaded.text, page)
    url = page if "://" in page else record.url if record else docs_address(spec)
    new_record = updated_record(facts, loaded.text, url, loaded.etag, record, today)
    known = read_known_drift(spec / KNOWN_DRIFT_FILE)
    plan = plan_reconciliation(facts, known, record, new_record, spec, build_package)
    changed = _write(spec, plan.spec_files, plan.package_files, write_package)
    rows = [f"edited: {edit}" for edit in plan.edits]
    for finding, reason in plan.decisions:
        rows.append(f"to decide: {render.render_finding_text(finding)}")
        rows += [f"    not edited: {reason}"] * bool(reason)
    rows += [f"to read: {render.render_finding_text(finding)}" for finding in plan.new_sentences]
    code = ExitCode.DIFFERS if plan.decisions else ExitCode.OK
    return CommandResult(_format_changes(rows, changed), facts.problems, code)


def draft_page_models(
    page: str, spec: Path, build_package: BuildPackage, write_package: WritePackage, unfinished: Path
) -> CommandResult:
    """Write the spec entry of each model, and regenerate the package.

    `page` is a page or a folder of pages. An entry that is not valid is written to the folder
    `unfinished`.
    """
    pages, complaints = _read_pages(page, spec)
    read = source.read_spec(spec)
    known = read_known_drift(spec / KNOWN_DRIFT_FILE)
    record = read_page_record(spec / PAGE_RECORD_FILE)
    drafts = draft_pages(pages, read, known, record, build_package)
    files = changed_files(spec, {source.OPENAPI: drafts.text}, drafting=True)
    changed = _write(spec, files, drafts.package_files, write_package) if files else []
    rows = []
    for draft in drafts.pages:
        rows.append(f"{draft.facts.source}: {draft.model}, resource {draft.python_name}")
        rows += [f"to do: {todo.format(draft.facts.source)}" for todo in draft.todo]
        rows += [f"differs: {render.render_finding_text(finding)}" for finding in draft.findings]
        if draft.unfinished:
            path = unfinished / f"{draft.python_name}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(draft.unfinished, encoding="utf-8")
            rows.append(f"not valid yet, so not in the spec: {Location(path)}")
    complaints += [*(problem for facts in pages for problem in facts.problems), *drafts.rejected]
    failed = any(draft.unfinished for draft in drafts.pages) or any(c.level == "error" for c in complaints)
    return CommandResult(
        _format_changes(rows, changed), complaints, ExitCode.DIFFERS if failed else ExitCode.OK
    )


def _read_pages(page: str, spec: Path) -> tuple[list[Facts], list[Diagnostic]]:
    """Read a page, or each page of a folder, with the complaints about pages that cannot be read."""
    if not Path(page).is_dir():
        return [read_page(_load(page, spec, None).text or "", page)], []
    pages, complaints = [], []
    for path in sorted(Path(page).rglob("*.md")):
        try:
            pages.append(read_page(load_page(str(path), set()).text or "", str(path)))
        except InputError as error:
            complaints += error.diagnostics
    return pages, complaints


def docs_address(spec: Path) -> str:
    """Return the address of the create operation's documentation page, in Markdown."""
    document = source.read_spec(spec).openapi
    entry = next(iter(model_entries(document).values()))
    return f"{value_at(document.data, (*entry.operation, 'externalDocs', 'url'))}.md"


def _write(
    spec: Path, spec_files: dict[str, str], package_files: dict[str, str], write_package: WritePackage
) -> list[str]:
    """Write the spec and the package. Returns the paths of the changed files."""
    changed: list[Path] = []
    write_spec(spec, spec_files, lambda: changed.extend(write_package(package_files)))
    return [str(Location(path)) for path in (*(spec / name for name in spec_files), *changed)]


def _format_changes(rows: list[str], changed: list[str]) -> str:
    if not changed:
        return "\n".join([*rows, "nothing changed"])
    steps = (
        "make generate",  # this also writes docs/cli.md, which the package does not include
        "git diff",
        "make drift",
        "make test",
        "git commit, with a line in CHANGELOG.md",
    )
    rows += [f"written: {path}" for path in changed]
    return "\n".join([*rows, "next:", *(f"  {step}" for step in steps)])


def _read_facts(page: str | None, spec: Path, record: PageRecord | None) -> Facts:
    """Read the facts of `page`.

    Without a page, or if it has not changed, the facts are those of the record.
    """
    loaded = _load(page, spec, record) if page is not None else None
    if page is not None and loaded and loaded.text is not None:
        return read_page(loaded.text, page)
    if record is None:
        message = "no page is recorded yet; give a page, or run `python -m generator reconcile PAGE`"
        raise InputError([Diagnostic(Location(spec / PAGE_RECORD_FILE), message, "docs-facts-missing")])
    return record.facts


def _load(page: str, spec: Path, record: PageRecord | None) -> LoadedPage:
    """Load the page; from the web only if it has changed since it was recorded."""
    etag = record.etag if record and record.url == page else None
    hosts = docs_hosts(source.read_spec(spec).openapi.data) if "://" in page else set()
    return load_page(page, hosts, etag)
