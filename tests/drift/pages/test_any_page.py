"""Any page is read or rejected with complaints, and every statement of it gets a verdict."""

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.diagnostics import InputError
from generator.drift.read.facts_json import facts_to_json
from tests.drift.command import CASES
from tests.drift.pages.test_every_statement import drift

PAGES = [
    path.read_text(encoding="utf-8") for path in sorted(CASES.glob("*/page.md")) if "bad" not in str(path)
]
ODD = [
    *(
        "",
        "# x",
        "### input",
        "**x**",
        "**类型**: `[]`",
        "**范围**: 1",
        "**示例**:",
        "**可用选项**:",
        "- **Type**: `y<z`",
    ),
    *(
        "```",
        "| a | b |",
        "|---|---|",
        "<br>",
        "> q",
        "\t",
        "  required: 5",
        "  properties: []",
        "  enum: {a: b}",
    ),
    *(
        "  type: null",
        "  $ref: '#/x'",
        "  - - -",
        "  example: [1, {a: 2}]",
        "  examples: 5",
        "openapi: 3",
        "200:",
    ),
]


@settings(max_examples=60, deadline=None, database=None)
@given(
    page=st.sampled_from(PAGES),
    edits=st.lists(
        st.tuples(
            st.sampled_from(["put", "drop", "cut", "indent"]), st.integers(0, 400), st.sampled_from(ODD)
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_any_edited_page_gives_findings_or_complaints(page: str, edits: list[tuple[str, int, str]]) -> None:
    rows = page.split("\n")
    for how, at, odd in edits:
        index = at % len(rows)
        row = rows[index]
        rows[index : index + 1] = {
            "put": [odd, row],
            "drop": [],
            "cut": [row[: len(row) // 2]],
            "indent": [f"  {row}"],
        }[how]
    try:
        facts, report = drift("\n".join(rows))
    except InputError:
        return
    assert facts_to_json(facts)["fields"] or facts_to_json(facts)["response"]
    assert [s for s in facts.statements if id(s) not in report.verdict_by_id] == []
