"""Renders facts, findings and verdicts as text, JSON or Markdown."""

import json
import re

from generator.drift.compare.findings import DriftReport, Finding, Verdict
from generator.drift.compare.grades import GRADES
from generator.drift.read.facts import Facts
from generator.drift.read.facts_json import facts_to_json

# Longer values are cut off in text for people.
_MAX_LENGTH = 100


def render_json(value: object) -> str:
    """Render a value as indented JSON."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def render_facts_text(facts: Facts) -> str:
    """Render the facts of a page as text, one line per field."""
    shape = facts_to_json(facts)
    operation = shape["operation"]
    rows = [f"{facts.source}: {facts.form}, {facts.language}", f"{operation['method']} {operation['path']}"]
    rows.append(f"model {shape['model']}")
    for title, fields in (("request", shape["fields"]), ("response", shape["response"])):
        rows.append(f"{title}:")
        for path, members in fields.items():
            values = ", ".join(
                f"{key} {shorten(value)}" for key, value in members.items() if key not in ("line", "prose")
            )
            rows.append(f"  {members.get('line', 0):>4}  {path}: {values}")
    rows += ["codes:", *(f"        {code}: {meaning}" for code, meaning in shape["codes"].items())]
    rows += ["notes:", *(f"  {note['line']:>4}  {note['text']}" for note in shape["notes"])]
    return "\n".join(rows)


def render_reports_text(reports: list[DriftReport]) -> str:
    """Render the findings as text."""
    findings = [render_finding_text(finding) for report in reports for finding in report.in_page_order()]
    page = "page" if len(reports) == 1 else f"{len(reports)} pages"
    return "\n".join(findings) or f"the {page} and the spec agree"


def render_reports_json(reports: list[DriftReport], *, explain: bool) -> str:
    """Render `{"findings": […]}`; with `explain`, the verdict on every statement too."""
    findings = [finding for report in reports for finding in report.in_page_order()]
    shape: dict[str, object] = {"findings": [finding.to_json() for finding in findings]}
    if explain:
        shape["statements"] = [_verdict_to_json(verdict) for report in reports for verdict in report.verdicts]
    return render_json(shape)


def render_reports_markdown(reports: list[DriftReport]) -> str:
    """Render the findings of each page as a table for a pull request, the worst grade first."""
    return "\n\n".join(map(_report_markdown, reports))


def _report_markdown(report: DriftReport) -> str:
    findings = sorted(report.in_page_order(), key=lambda finding: GRADES.index(finding.grade))
    if not findings:
        return f"The page `{report.source}` and the spec agree."
    grades = [finding.grade for finding in findings]
    counts = ", ".join(f"{grades.count(grade)} {grade}" for grade in GRADES if grade in grades)
    rows = [
        f"The page `{report.source}` and the spec differ: {counts}.",
        "",
        "| Grade | Field | Finding | Difference | Quote | Page | Spec |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for finding in findings:
        cells = (finding.grade, finding.path, finding.id, finding.message, finding.quote)
        escaped = [_escape_markdown(cell) for cell in (*cells, finding.page, finding.spec)]
        rows.append(" | ".join(["", *escaped, ""]).strip())
    return "\n".join(rows)


def render_explanation(report: DriftReport) -> str:
    """Render every statement of the page with its line, quote and verdict."""
    rows = []
    for statement, verdict, against in report.verdicts:
        subject = (
            f"{statement.line:>4}  {shorten(statement.quote)}" if statement else "   -  (only in the spec)"
        )
        rows.append(f"{subject}\n        {verdict}{f'; {against}' if against else ''}")
    return "\n".join(rows)


def render_finding_text(finding: Finding) -> str:
    """Render one finding: grade, message, quote, and its place on both sides."""
    quote = f"\n    page: {finding.quote}" if finding.quote else ""
    return (
        f"{finding.page}: {finding.grade}: {finding.path}: {finding.message} ({finding.id})"
        f"{quote}\n    spec: {finding.spec}"
    )


def _verdict_to_json(verdict: Verdict) -> dict[str, object]:
    statement = verdict.statement
    place = {"line": statement.line, "quote": statement.quote} if statement else {}
    return {**place, "verdict": verdict.verdict, "against": verdict.against}


def shorten(value: object) -> str:
    """Return a value in one line of at most 100 characters."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= _MAX_LENGTH else f"{text[: _MAX_LENGTH - 1]}…"


def _escape_markdown(text: str) -> str:
    """Escape the text of a page, so that Markdown does not interpret it."""
    return re.sub(r"([\\`*_\[\]<>|!#~])", r"\\\1", " ".join(text.split())) or " "
