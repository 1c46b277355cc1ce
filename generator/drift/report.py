"""How a comparison is shown: as text, as JSON, as Markdown, and statement by statement."""

import json
import re

from generator.drift.compare.findings import Finding, Report, Verdict
from generator.drift.facts import Facts

GRADES = ("breaking", "additive", "wording")


def facts_text(facts: Facts) -> str:
    """The facts of a page for people, a line a field."""
    shape = facts.to_json()
    operation = shape["operation"]
    rows = [f"{facts.source}: {facts.form}, {facts.language}", f"{operation['method']} {operation['path']}"]
    rows.append(f"model {shape['model']}")
    for title, fields in (("request", shape["fields"]), ("response", shape["response"])):
        rows.append(f"{title}:")
        for path, said in fields.items():
            values = ", ".join(
                f"{key} {_brief(value)}" for key, value in said.items() if key not in ("line", "prose")
            )
            rows.append(f"  {said.get('line', 0):>4}  {path}: {values}")
    rows += ["codes:", *(f"        {code}: {meaning}" for code, meaning in shape["codes"].items())]
    rows += ["notes:", *(f"  {note['line']:>4}  {note['text']}" for note in shape["notes"])]
    return "\n".join(rows)


def findings_text(report: Report) -> str:
    """The findings, each with both places and the quoted words."""
    return "\n".join(finding_text(finding) for finding in report.ordered()) or "page and spec are in step"


def findings_json(report: Report, *, explain: bool) -> str:
    """`{"findings": […]}`; with `explain`, the verdict on every statement too."""
    shape: dict[str, object] = {"findings": [finding.to_json() for finding in report.ordered()]}
    if explain:
        shape["statements"] = [_verdict_json(verdict) for verdict in report.verdicts]
    return json.dumps(shape, ensure_ascii=False, indent=2)


def findings_markdown(report: Report) -> str:
    """The findings as a table, the gravest first, for a pull request."""
    findings = sorted(report.ordered(), key=lambda finding: GRADES.index(finding.grade))
    if not findings:
        return f"The page `{report.source}` and the spec are in step."
    counts = ", ".join(
        f"{sum(finding.grade == grade for finding in findings)} {grade}"
        for grade in GRADES
        if any(finding.grade == grade for finding in findings)
    )
    rows = [
        f"The page `{report.source}` and the spec differ: {counts}.",
        "",
        "| Grade | Field | Finding | What | The page says | Page | Spec |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for finding in findings:
        cells = (finding.grade, f"`{finding.path}`", f"`{finding.id}`", finding.message, finding.quote)
        rows.append(
            " | ".join(["", *(_cell(cell) for cell in (*cells, finding.page, finding.spec)), ""]).strip()
        )
    return "\n".join(rows)


def explanation(report: Report) -> str:
    """Every statement of the page: its line, its words, what it was compared with, the verdict."""
    rows = []
    for statement, verdict, against in report.verdicts:
        what = f"{statement.line:>4}  {_brief(statement.quote)}" if statement else "   -  (only in the spec)"
        rows.append(f"{what}\n        {verdict}{f'; {against}' if against else ''}")
    return "\n".join(rows)


def finding_text(finding: Finding) -> str:
    """One finding: where, how grave, what, the words, and the place in the spec."""
    quote = f"\n    page: {finding.quote}" if finding.quote else ""
    return (
        f"{finding.page}: {finding.grade}: {finding.path}: {finding.message} ({finding.id})"
        f"{quote}\n    spec: {finding.spec}"
    )


def _verdict_json(verdict: Verdict) -> dict[str, object]:
    statement = verdict.statement
    place = {"line": statement.line, "quote": statement.quote} if statement else {}
    return {**place, "verdict": verdict.verdict, "against": verdict.against}


def _brief(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= 100 else f"{text[:99]}…"


def _cell(text: str) -> str:
    """Words of a page in a cell: whatever Markdown would make of them, they stay words."""
    return re.sub(r"([\\`*_\[\]<>|!#~])", r"\\\1", " ".join(text.split())) or " "
