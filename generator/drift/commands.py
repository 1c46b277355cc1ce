"""What the commands of this room do, between the command line and the modules."""

import json
from pathlib import Path
from typing import NamedTuple

from generator.contract import load
from generator.diagnostics import Diagnostic, ExitCode, InputError, Location
from generator.drift import claims, report, source
from generator.drift.compare import compare
from generator.drift.facts import Facts
from generator.drift.fetch import docs_hosts
from generator.drift.findings import Report
from generator.drift.known import read_known_drift
from generator.drift.page import read_page
from generator.drift.record import Record, read_record
from generator.drift.wording import Recorded

OPENAPI, KNOWN, RECORD = "openapi.yaml", "known-drift.yaml", "docs-facts.yaml"


class Answer(NamedTuple):
    """What a command prints, what it complains of, and how it ends."""

    text: str
    complaints: list[Diagnostic]
    code: ExitCode = ExitCode.OK


def facts(page: str, spec: Path, *, as_json: bool) -> Answer:
    """The facts of one page, or of every page below a folder."""
    if not Path(page).is_dir():
        text = source.obtain(page, _hosts(spec) if "://" in page else set()).text
        found = read_page(text or "", page)
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
    return compare(found, load.load(spec / OPENAPI), read_known_drift(spec / KNOWN), recorded)


def address(spec: Path) -> str:
    """The address of the create call's documentation page, in Markdown."""
    document = load.load(spec / OPENAPI)
    entry = next(iter(claims.entries(document).values()))
    return f"{claims.at(document.data, (*entry.operation, 'externalDocs', 'url'))}.md"


def _facts_of(page: str | None, spec: Path, record: Record | None) -> Facts:
    if page is None:
        if record is None:
            message = "no page is recorded yet; give one, or run `python -m generator reconcile PAGE`"
            raise InputError([Diagnostic(Location(spec / RECORD), message, "docs-facts-missing")])
        return record.facts
    etag = record.etag if record and record.url == page else None
    obtained = source.obtain(page, _hosts(spec) if "://" in page else set(), etag)
    if obtained.text is None:
        assert record
        return record.facts
    return read_page(obtained.text, page)


def _hosts(spec: Path) -> set[str]:
    return docs_hosts(load.load(spec / OPENAPI).data)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
