"""Changing one statement of the reference page gives exactly one finding about its field."""

import re
from collections.abc import Callable
from datetime import date

import pytest

from generator.contract import load
from generator.drift.compare.compare_page import compare_page
from generator.drift.compare.findings import DriftReport
from generator.drift.read.facts import Facts
from generator.drift.read.page import read_page
from generator.drift.read.statements import Statement
from generator.drift.state.known_drift import read_known_drift
from generator.drift.state.page_record import format_page_record, read_page_records
from tests.drift.command import CASES
from tests.generator.edits import SPEC

PAGE = (CASES / "reference" / "page.md").read_text(encoding="utf-8")
FACTS = read_page(PAGE, "page.md")
OPENAPI = load.load(SPEC / "openapi.yaml")
RECORD = read_page_records(SPEC)["ideogram/character-edit"]
KNOWN = read_known_drift(SPEC / "known-drift.yaml")


def either(*pairs: str) -> Callable[[re.Match[str]], str]:
    """Replace a word by another, given in pairs: `old new`."""
    words = dict(pair.split() for pair in pairs)
    return lambda match: words[match[0]]


# Key of a statement → a pattern on its line and the replacement.
CHANGES: dict[str, tuple[str, str | Callable[[re.Match[str]], str]]] = {
    "type": (
        r"(string|integer|object|boolean)",
        either("string integer", "integer string", "object array", "boolean string"),
    ),
    "required": (r"是$|否$|可选", either("是 否", "否 是", "可选 必填")),
    "default": (r"`true`|(?<=`)[^`]+", lambda m: "`false`" if m[0] == "`true`" else f"{m[0]}2"),
    "option": (r"(?<=`)[^`]+", r"\g<0>2"),
    "maxLength": ("5000", "4000"),
    "maxBytes": (r"10\.0MB", "20.0MB"),
    "maxTotalBytes": ("10MB", "20MB"),
    "mediaTypes": ("webp|WebP", either("webp gif", "WebP GIF")),
    "used": ("1 张", "2 张"),
    "sameSizeAs": ("(蒙版|基础)(?=图像匹配)", either("蒙版 基础", "基础 蒙版")),
    "excludes": ("style_codes", "color_palette"),
    "code": (r"(?<=`)\d{3}", "499"),
    "meaning": (r"$", "改"),
    "in": ("header", "query"),
    "scheme": ("Bearer", "Basic"),
    "heading": (r"$", "改"),
    "method": ("POST", "PUT"),
    "path": ("/v1/", "/v2/"),
    "server": ("api.kie.ai", "api2.kie.ai"),
    "content-type": ("application/json", "application/xml"),
    "model": ("character-edit", "character-edit2"),
    # A JSON value, with or without a key before it.
    "json": (
        r"(?<=: )(true|200|\"|\[)|^(true|\"|\[)",
        either("true false", "200 201", '" "2', '[ ["2",'),
    ),
}
JSON = ("example", "request", "response")


def changed(statement: Statement) -> str:
    """Return the page with only this statement changed."""
    rows = PAGE.split("\n")
    row = rows[statement.line - 1]
    if statement.key == "name" and statement.part not in ("operation", "model"):
        new = f"{row}_2"
    elif statement.key == "text":
        start = statement.quote[:2]
        assert start in row
        new = row.replace(start, f"{start}改", 1)
    else:
        key = "json" if statement.key in JSON else statement.key
        pattern, replacement = CHANGES[statement.path if key == "name" else key]
        new = re.sub(pattern, replacement, row, count=1)
    assert new != row, f"{statement} was not changed"
    rows[statement.line - 1] = new
    return "\n".join(rows)


def drift(page: str) -> tuple[Facts, DriftReport]:
    facts = read_page(page, "page.md")
    return facts, compare_page(facts, OPENAPI, KNOWN, RECORD)


def label(statement: Statement) -> str:
    return f"{statement.line}-{statement.part}-{statement.path}-{statement.key}"


@pytest.mark.parametrize("statement", FACTS.statements, ids=label)
def test_changed_statement_is_one_finding_and_renamed_field_two(statement: Statement) -> None:
    findings = drift(changed(statement))[1].in_page_order()
    path = "code" if statement.part == "code" else statement.path
    if statement.key == "name" and statement.part in ("request", "response", "header"):
        assert {finding.path for finding in findings} == {path, f"{path}_2"}
        assert {finding.id for finding in findings} == {"field-only-in-docs", "field-only-in-spec"}
        assert len(findings) == 2
    else:
        assert [finding.path for finding in findings] == [path]
        assert findings[0].page.startswith("page.md:")


@pytest.mark.parametrize(
    ("name", "new"),
    [("input.seed", "input.random"), ("input.prompt", "input.text"), ("callBackUrl", "callbackUrl")],
)
def test_field_renamed_everywhere_is_two_findings(name: str, new: str) -> None:
    page = PAGE.replace(f"# {name}\n", f"# {new}\n")
    page = page.replace(f'"{name.rpartition(".")[2]}":', f'"{new.rpartition(".")[2]}":')
    assert {finding.path for finding in drift(page)[1].in_page_order()} == {name, new}
    assert len(drift(page)[1].findings) == 2


@pytest.mark.parametrize(("name", "new"), [("input", "inputs"), ("data", "body")])
def test_object_renamed_in_sample_is_two_findings(name: str, new: str) -> None:
    page = PAGE.replace(f'"{name}": {{', f'"{new}": {{')
    assert [finding.id for finding in drift(page)[1].in_page_order()][::-1] == [
        "sample-field-unknown",
        "sample-lacks-field",
    ]


# What is removed, added or changed → the old text, the new text, and the id and path of the one finding.
EDITS = {
    "removed example": ('**示例**:\n```json\n"AUTO"\n```\n', "", "example-removed", "input.style"),
    "added example": (
        "随机数生成器的种子值。\n",
        "随机数生成器的种子值。\n\n**示例**: `42`\n",
        "example-added",
        "input.seed",
    ),
    "removed sample member": ('    "style": "AUTO",\n', "", "sample-removed", "input.style"),
    "added sample member": (
        '"num_images": "1"\n',
        '"num_images": "1",\n    "seed": 42\n',
        "sample-added",
        "input.seed",
    ),
    "removed sample": (
        """{
  "code": 200,
  "msg": "success",
  "data": {
    "taskId": "task_ideogram_1765179908063"
  }
}
""",
        "",
        "sample-removed",
        "",
    ),
    "removed meaning": ("`505`: 功能禁用 - 当前请求的功能暂未开放", "`505`", "meaning-removed", "code"),
    "removed repetition of a rule": (
        "*   图像格式需为 JPEG、PNG 或 WebP。\n",
        "",
        "text-removed",
        "input.reference_image_urls",
    ),
    "rule in other words": (
        "最大文件大小：10.0MB。",
        "最大文件大小：10 MB。",
        "text-changed",
        "input.image_url",
    ),
    "removed label of a fact that a sentence states": (
        "**类型**: `string<uri>`\n**必需**: 否\n",
        "**类型**: `string<uri>`\n",
        "text-removed",
        "callBackUrl",
    ),
    "changed content type": (
        "## 请求体 (application/json)",
        "## 请求体 (multipart/form-data)",
        "contradiction",
        "content-type",
    ),
    "changed heading with a content type": (
        "## 请求体 (application/json)",
        "## 请求体内容 (application/json)",
        "text-changed",
        "",
    ),
}


@pytest.mark.parametrize("edit", EDITS)
def test_added_or_removed_words_are_one_finding(edit: str) -> None:
    find, replace, finding, path = EDITS[edit]
    assert find in PAGE
    findings = drift(PAGE.replace(find, replace, 1))[1].in_page_order()
    assert [(found.id, found.path) for found in findings] == [(finding, path)]


def test_new_option_stated_twice_is_one_finding_on_both() -> None:
    _, report = drift(PAGE.replace("*   `FICTION`", "*   `FICTION`\n*   `DESIGN`\n*   `DESIGN`"))
    assert [(found.id, found.path) for found in report.findings] == [("option-only-in-docs", "input.style")]
    verdicts = [v.verdict for v in report.verdicts if v.statement and v.statement.value == "DESIGN"]
    assert verdicts == ["option-only-in-docs", "option-only-in-docs"]


def test_empty_new_option_is_one_finding() -> None:
    page = (CASES / "en-openapi-31" / "page.md").read_text(encoding="utf-8")
    options = "enum: [AUTO, REALISTIC, FICTION]"
    assert options in page
    report = drift(page.replace(options, "enum: [AUTO, REALISTIC, FICTION, '']"))[1]
    assert [(found.id, found.message) for found in report.findings] == [
        ("option-only-in-docs", "the page lists '', the spec does not")
    ]


def test_renamed_header_is_two_findings() -> None:
    findings = drift(PAGE.replace("### Authorization", "### X-Api-Key"))[1].in_page_order()
    assert sorted((found.id, found.path) for found in findings) == [
        ("field-only-in-docs", "X-Api-Key"),
        ("field-only-in-spec", "Authorization"),
    ]


@pytest.mark.parametrize(
    ("opening", "closing", "expected"),
    [
        ("## 请求头\n", "## 请求体", [("field-only-in-spec", "Authorization"), ("text-removed", "")]),
        ("**可用选项及含义**:\n", "#### msg", [("code-only-in-spec", "code")]),
    ],
)
def test_removed_part_of_the_page_is_reported(
    opening: str, closing: str, expected: list[tuple[str, str]]
) -> None:
    start = PAGE.index(opening)
    page = PAGE[:start] + PAGE[PAGE.index(closing, start) :]
    assert sorted((found.id, found.path) for found in drift(page)[1].in_page_order()) == expected


def test_record_has_the_values_of_both_samples() -> None:
    page = f'{PAGE}\n### 请求示例\n\n```json\n{{"model": "ideogram/character-edit", "callBackUrl": "https://a.example/"}}\n```\n'
    facts = read_page(page, "page.md")
    written = format_page_record(facts, "https://docs.kie.ai/page.md", page, None, date(2026, 1, 31))
    assert (
        "    callBackUrl:\n    - https://your-domain.com/api/callback\n    - https://a.example/\n" in written
    )


def test_every_statement_gets_a_verdict() -> None:
    facts, report = drift(PAGE)
    assert report.findings == []
    assert [s for s in facts.statements if id(s) not in report.verdict_by_id] == []


def test_every_line_of_the_page_is_read() -> None:
    stated = {statement.line for statement in FACTS.statements}
    rest = {row for number, row in enumerate(PAGE.split("\n"), 1) if row.strip() and number not in stated}
    # Lines that only hold statements of other lines together: fences, brackets, labels of lists.
    structure = r"```\w*|'|[{}\[\],  ]+|  --data '|\s*\"(input|data)\": {|\s*\"https://\S+\"|\*\*(可用选项(及含义)?|示例|Endpoint)\*\*:?"
    assert [row for row in sorted(rest) if not re.fullmatch(structure, row)] == []
