"""What the commands of this room do, between the command line and the modules."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import NamedTuple

from generator.contract import source as contract
from generator.diagnostics import Diagnostic, ExitCode, InputError, Location
from generator.drift import report
from generator.drift.apply.draft_model import drafted
from generator.drift.apply.reconcile import RECORD, Package, differing, reconcile, recorded_as, tried, written
from generator.drift.compare import claims
from generator.drift.compare.compare import compare
from generator.drift.compare.findings import Report
from generator.drift.compare.wording import Recorded
from generator.drift.facts import Facts
from generator.drift.fetch import source
from generator.drift.fetch.http import docs_hosts
from generator.drift.read.page import read_page
from generator.drift.state.known_drift import read_known_drift
from generator.drift.state.recorded_page import Record, read_record

Write = Callable[[dict[str, str]], list[Path]]

KNOWN = "known-drift.yaml"


class Answer(NamedTuple):
    """What a command prints, what it complains of, and how it ends."""

    text: str
    complaints: list[Diagnostic]
    code: ExitCode = ExitCode.OK


def facts(page: str, spec: Path, *, as_json: bool) -> Answer:
    """The facts of one page, or of every page below a folder."""
    if not Path(page).is_dir():
        found = read_page(_obtained(page, spec, None).text or "", page)
        shown = _json(found.to_json()) if as_json else report.facts_text(found)
        return Answer(shown, found.problems)
    if not as_json:
        raise InputError(
            [Diagnostic(Location(Path(page)), "a folder is read with --json only", "page-folder")]
        )
    read, complaints, code = [], [], ExitCode.OK
    for path in sorted(Path(page).rglob("*.md")):
        try:
            found = read_page(source.obtain(str(path), set()).text or "", str(path))
        except InputError as error:
            complaints += error.diagnostics
            code = ExitCode.REJECTED
        else:
            read.append(found.to_json())
            complaints += found.problems
    return Answer(_json(read), complaints, code)


def drift(page: str | None, spec: Path, *, form: str, explain: bool) -> Answer:
    """The comparison of a page, or of the recorded one, with the spec."""
    record = read_record(spec / RECORD)
    found = _facts_of(page, spec, record)
    result = compared(found, spec, record)
    if form == "json":
        text = report.findings_json(result, explain=explain)
    else:
        text = report.findings_markdown(result) if form == "markdown" else report.findings_text(result)
        text += "\n\n" + report.explanation(result) if explain else ""
    return Answer(text, found.problems, ExitCode.DIFFERS if result.findings else ExitCode.OK)


def compared(found: Facts, spec: Path, record: Record | None) -> Report:
    """The facts of a page against the folder `spec`."""
    recorded = Recorded(record.facts, record.at) if record else None
    return compare(found, contract.read_spec(spec).openapi, read_known_drift(spec / KNOWN), recorded)


def take_over(page: str, spec: Path, package: Package, write: Write, today: date) -> Answer:
    """Edit the spec as the page asks where that is obvious, record the page, and regenerate."""
    record = read_record(spec / RECORD)
    obtained = _obtained(page, spec, record)
    if obtained.text is None:
        return Answer(_next([], []), [])
    found = read_page(obtained.text, page)
    url = page if "://" in page else record.url if record else address(spec)
    recorded = recorded_as(found, obtained.text, url, obtained.etag, record, today)
    taken = reconcile(found, read_known_drift(spec / KNOWN), record, recorded, spec, package)
    changed = _written(spec, taken.files, taken.package, write)
    rows = [f"edited: {edit}" for edit in taken.edits]
    for finding, reason in taken.decisions:
        rows.append(f"to decide: {report.finding_text(finding)}")
        rows += [f"    not edited: {reason}"] * bool(reason)
    rows += [f"to read: {report.finding_text(finding)}" for finding in taken.words]
    return Answer(_next(rows, changed), found.problems, ExitCode.DIFFERS if taken.decisions else ExitCode.OK)


def add_model(page: str, spec: Path, package: Package, write: Write) -> Answer:
    """Write the spec entry of the page's model, and regenerate."""
    found = read_page(_obtained(page, spec, None).text or "", page)
    text, left = drafted(found, contract.read_spec(spec).openapi)
    files = differing(spec, {contract.OPENAPI: text})
    changed = _written(spec, files, package(tried(spec, files)), write)
    return Answer(_next([f"to do: {row}" for row in left], changed), found.problems)


def _written(spec: Path, files: dict[str, str], package: dict[str, str], write: Write) -> list[str]:
    changed: list[Path] = []
    written(spec, files, lambda: changed.extend(write(package)))
    return [str(Location(path)) for path in (*(spec / name for name in files), *changed)]


def _next(rows: list[str], changed: list[str]) -> str:
    if not changed:
        return "\n".join([*rows, "nothing changed"])
    # `make generate` renews docs/cli.md too.
    steps = (
        "make generate",
        "git diff",
        "make drift",
        "make test",
        "git commit, with a line in CHANGELOG.md",
    )
    rows += [f"written: {path}" for path in changed]
    return "\n".join([*rows, "next:", *(f"  {step}" for step in steps)])


def address(spec: Path) -> str:
    """The address of the create call's documentation page, in Markdown."""
    document = contract.read_spec(spec).openapi
    entry = next(iter(claims.entries(document).values()))
    return f"{claims.at(document.data, (*entry.operation, 'externalDocs', 'url'))}.md"


def _facts_of(page: str | None, spec: Path, record: Record | None) -> Facts:
    """The facts of `page`; without one, or when it has not changed since, those on record."""
    obtained = _obtained(page, spec, record) if page is not None else None
    if page is not None and obtained and obtained.text is not None:
        return read_page(obtained.text, page)
    if record is None:
        message = "no page is recorded yet; give one, or run `python -m generator reconcile PAGE`"
        raise InputError([Diagnostic(Location(spec / RECORD), message, "docs-facts-missing")])
    return record.facts


def _obtained(page: str, spec: Path, record: Record | None) -> source.Page:
    """The page; from the web only if it has changed since it was recorded."""
    etag = record.etag if record and record.url == page else None
    return source.obtain(page, _hosts(spec) if "://" in page else set(), etag)


def _hosts(spec: Path) -> set[str]:
    return docs_hosts(contract.read_spec(spec).openapi.data)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
