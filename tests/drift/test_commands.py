"""The commands: sources of pages, forms of output, the record, and known drift."""

import io
import json
import shutil
import sys
from datetime import date
from pathlib import Path

import pytest

from generator.contract import load
from generator.contract.source import read_spec
from generator.drift.compare.compare_page import compare_page
from generator.drift.read.facts_json import facts_to_json
from generator.drift.read.page import read_page
from generator.drift.state.known_drift import KnownDrift
from generator.drift.state.page_record import format_page_record, read_page_record, read_page_records
from tests.drift.command import CASES, command
from tests.generator.edits import ROOT, SPEC

REFERENCE = CASES / "reference" / "page.md"
RECORD = "docs-facts/ideogram/character-edit.yaml"
READABLE = sorted(path.parent.parent.name for path in CASES.glob("*/expected/drift.json"))


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SPEC, tmp_path / "spec"))


def accept(spec: Path, entry: str) -> None:
    known = spec / "known-drift.yaml"
    known.write_text(known.read_text(encoding="utf-8") + entry, encoding="utf-8")


def changed_page(tmp_path: Path, *changes: tuple[str, str]) -> str:
    """Write the reference page with `changes`, as pairs of old and new text; return its path."""
    text = REFERENCE.read_text(encoding="utf-8")
    for find, replace in changes:
        assert find in text
        text = text.replace(find, replace)
    (tmp_path / "page.md").write_text(text, encoding="utf-8")
    return str(tmp_path / "page.md")


def test_page_dash_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(REFERENCE.read_bytes())))
    facts = json.loads(command("facts", "-", "--json").out)
    assert (facts["source"], facts["model"]) == ("-", "ideogram/character-edit")


def test_page_with_bom_and_crlf_is_read(tmp_path: Path) -> None:
    text = REFERENCE.read_text(encoding="utf-8").replace("\n", "\r\n")
    (tmp_path / "page.md").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert command("drift", str(tmp_path / "page.md")).code == 0


def test_missing_page_exits_2_and_lists_the_page_kinds(tmp_path: Path) -> None:
    refused = command("facts", str(tmp_path / "none.md"))
    assert refused.code == 2
    assert refused.err.endswith("expected a file, a folder, `-` or an https address (page-missing)\n")


def test_facts_of_folder_list_every_page_and_report_bad_ones(tmp_path: Path) -> None:
    shutil.copy(REFERENCE, tmp_path / "a.md")
    (tmp_path / "deep").mkdir()
    shutil.copy(CASES / "en-tables" / "page.md", tmp_path / "deep" / "b.md")
    read = command("facts", str(tmp_path), "--json")
    assert [facts["language"] for facts in json.loads(read.out)] == ["zh", "en"]
    assert read.code == 0
    shutil.copy(CASES / "bad-html" / "page.md", tmp_path / "c.md")
    read = command("facts", str(tmp_path), "--json")
    assert (len(json.loads(read.out)), read.code) == (2, 2)
    assert "page-html" in read.err


def test_facts_of_folder_without_json_exits_2(tmp_path: Path) -> None:
    assert command("facts", str(tmp_path)).code == 2


def test_facts_as_text_have_one_line_per_field() -> None:
    rows = command("facts", str(REFERENCE)).out.splitlines()
    assert rows[1] == "POST /api/v1/jobs/createTask"
    assert "   260  input.seed: type integer, required false" in rows


def test_finding_has_the_place_on_the_page_and_in_the_spec(tmp_path: Path) -> None:
    found = json.loads(command("drift", changed_page(tmp_path, ("5000 字符", "4000 字符")), "--json").out)[
        "findings"
    ][0]
    path, line, _ = found["spec"].rsplit(":", 2)
    assert (SPEC / "openapi.yaml").read_text(encoding="utf-8").splitlines()[
        int(line) - 1
    ].strip() == "maxLength: 5000"
    assert Path(path).resolve() == SPEC / "openapi.yaml"
    assert found == {
        "id": "max-length-changed",
        "path": "input.prompt",
        "grade": "breaking",
        "message": "the page says maxLength 4000, the spec says 5000",
        "quote": "最大长度: 4000 字符",
        "page": f"{tmp_path}/page.md:132",
        "spec": found["spec"],
    }


def test_markdown_report_lists_the_worst_grade_first(tmp_path: Path) -> None:
    source = changed_page(
        tmp_path,
        ("渲染速度。", "渲染|速度。"),
        ("*   `FICTION`", "*   `FICTION`\n*   `X`"),
        ("5000 字符", "4000 字符"),
    )
    rows = command("drift", source, "--markdown").out.splitlines()
    assert rows[0] == f"The page `{source}` and the spec differ: 1 breaking, 1 additive, 1 wording."
    assert [row.split(" | ")[:3] for row in rows[4:]] == [
        ["| breaking", "input.prompt", "max-length-changed"],
        ["| additive", "input.style", "option-only-in-docs"],
        ["| wording", "input.rendering\\_speed", "text-changed"],
    ]
    assert "渲染\\|速度。" in rows[-1]


def test_markdown_report_escapes_the_words_of_the_page(tmp_path: Path) -> None:
    source = changed_page(tmp_path, ("渲染速度。", "![x](https://example.com) <b>。"))
    assert "\\<b\\>" in command("drift", source, "--markdown").out


def test_invalid_spec_exits_2_with_its_place_in_every_command(spec: Path) -> None:
    openapi = spec / "openapi.yaml"
    openapi.write_text(
        openapi.read_text(encoding="utf-8").replace("\nservers:", "\nserver:"), encoding="utf-8"
    )
    for words in (["drift"], ["drift", str(REFERENCE)], ["docs-address"], ["reconcile", str(REFERENCE)]):
        refused = command(*words, "--spec", str(spec))
        assert (refused.code, refused.out) == (2, "")
        assert f"{openapi}:" in refused.err


@pytest.mark.parametrize(
    ("find", "replace", "finding", "warning"),
    [
        (
            "        seed:\n          type: integer\n",
            "        seed:\n          type: integer\n          required: true\n",
            ("required-changed", "input.seed"),
            "`required` of 'seed' was read, but it belongs in the `required` list of its object",
        ),
        (
            "        seed:\n          type: integer\n",
            "        seed:\n          type: integer\n          deprecated: true\n",
            ("deprecated-only-in-docs", "input.seed"),
            "",
        ),
        (
            "          default: AUTO\n",
            "          default: AUTO\n          default: REALISTIC\n",
            ("contradiction", "input.style"),
            "duplicate key 'default'; only its first value was read",
        ),
        (
            "          type: boolean\n",
            "          type: boolean\n          type: string\n",
            ("contradiction", "input.expand_prompt"),
            "duplicate key 'type'; only its first value was read",
        ),
        ("          type: boolean\n", "          type: bool\n", None, ""),
    ],
)
def test_openapi_mistake_gives_finding_and_warning(
    find: str, replace: str, finding: tuple[str, str] | None, warning: str, tmp_path: Path
) -> None:
    text = (CASES / "en-openapi-31" / "page.md").read_text(encoding="utf-8")
    assert text.count(find) == 1
    path = tmp_path / "page.md"
    path.write_text(text.replace(find, replace), encoding="utf-8")
    drift = command("drift", str(path), "--json")
    found = [(found["id"], found["path"]) for found in json.loads(drift.out)["findings"]]
    assert found == ([finding] if finding else [])
    unread = "was not read (page-part)"
    assert warning in drift.err if warning else all(row.endswith(unread) for row in drift.err.splitlines())


def test_page_without_model_exits_2_with_example_words(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(
        "```\nPOST /api/v1/jobs/createTask\n```\n\n## Body\n\n### input\n\n**Type**: `object`\n",
        encoding="utf-8",
    )
    refused = command("drift", str(path))
    assert (refused.code, refused.out) == (2, "")
    assert ":2:1: error: the page does not name a model; expected a sentence such as" in refused.err
    assert refused.err.endswith("(page-no-model)\n")


@pytest.mark.parametrize(
    ("name", "head", "column"), [("zh-tables", "描述", "限制"), ("en-tables", "Description", "Constraints")]
)
def test_column_with_unknown_header_is_read_as_sentences(
    name: str, head: str, column: str, tmp_path: Path
) -> None:
    text = (CASES / name / "page.md").read_text(encoding="utf-8").replace(f" {head} |", f" {column} |")
    path = tmp_path / "page.md"
    path.write_text(text, encoding="utf-8")
    assert json.loads(command("drift", str(path), "--json").out) == {"findings": []}
    path.write_text(text.replace("5000", "4000"), encoding="utf-8")
    found = json.loads(command("drift", str(path), "--json").out)["findings"]
    assert [(finding["id"], finding["path"]) for finding in found] == [("max-length-changed", "input.prompt")]


def test_explain_prints_a_verdict_on_every_statement() -> None:
    shown = json.loads(command("drift", str(REFERENCE), "--json", "--explain").out)
    facts = read_page(REFERENCE.read_text(encoding="utf-8"), "page.md")
    assert shown["findings"] == []
    assert sorted(row["quote"] for row in shown["statements"] if "line" in row) == sorted(
        statement.quote for statement in facts.statements
    )
    assert all(row["verdict"] for row in shown["statements"])
    text = command("drift", str(REFERENCE), "--explain").out
    assert " 132  最大长度: 5000 字符\n        same; " in text


@pytest.mark.parametrize("name", READABLE)
def test_record_gives_the_same_findings_as_its_page(name: str, tmp_path: Path) -> None:
    text = (CASES / name / "page.md").read_text(encoding="utf-8")
    facts = read_page(text, "page.md")
    path = tmp_path / "record.yaml"
    path.write_text(
        format_page_record(facts, "https://docs.kie.ai/page.md", text, None, date(2026, 1, 31)),
        encoding="utf-8",
    )
    record = read_page_record(path)
    openapi = load.load(SPEC / "openapi.yaml")
    reports = [compare_page(source, openapi, KnownDrift(), record) for source in (facts, record.facts)]
    of_page, of_record = [{(f.id, f.path, f.grade) for f in report.findings} for report in reports]
    assert of_page == of_record
    assert facts_to_json(record.facts)["fields"] == facts_to_json(facts)["fields"]


def test_record_without_required_keys_exits_2(spec: Path) -> None:
    (spec / RECORD).write_text("url: https://docs.kie.ai/page.md\n", encoding="utf-8")
    refused = command("drift", "--spec", str(spec))
    assert refused.code == 2
    assert refused.err.endswith(
        "delete this file and run `python -m generator reconcile PAGE` to write it again (docs-facts-shape)\n"
    )


def test_drift_without_page_and_record_exits_2(spec: Path) -> None:
    (spec / RECORD).unlink()
    refused = command("drift", "--spec", str(spec))
    assert refused.code == 2
    assert refused.err.endswith("(docs-facts-missing)\n")


def test_accepted_finding_is_not_reported(spec: Path, tmp_path: Path) -> None:
    source = changed_page(tmp_path, ("5000 字符", "4000 字符"))
    assert command("drift", source, "--spec", str(spec)).code == 1
    accept(
        spec,
        "  - id: max-length-changed\n    path: input.prompt\n    reason: A typo.\n    date: '2026-01-31'\n",
    )
    assert command("drift", source, "--spec", str(spec)).code == 0


def test_accepted_finding_that_no_longer_occurs_is_reported(spec: Path) -> None:
    accept(
        spec, "  - id: type-changed\n    path: input.seed\n    reason: None now.\n    date: '2026-01-31'\n"
    )
    drift = command("drift", str(REFERENCE), "--spec", str(spec), "--json")
    finding = json.loads(drift.out)["findings"][0]
    assert (drift.code, finding["id"], finding["path"]) == (1, "known-drift-unused", "input.seed")
    assert finding["spec"].startswith(f"{spec}/known-drift.yaml:")


def test_accepted_code_does_not_accept_another_code(spec: Path, tmp_path: Path) -> None:
    source = changed_page(tmp_path, ("*   `505`: 功能禁用 - 当前请求的功能暂未开放\n", ""))
    found = json.loads(command("drift", source, "--spec", str(spec), "--json").out)["findings"]
    assert [(finding["id"], finding["message"]) for finding in found] == [
        ("code-only-in-spec", "the spec lists '505', the page does not")
    ]


def test_accepted_code_that_the_page_adds_is_one_finding(tmp_path: Path) -> None:
    source = changed_page(tmp_path, ("*   `455`", "*   `433`: 请求限额\n*   `455`"))
    found = json.loads(command("drift", source, "--json").out)["findings"]
    assert [(finding["id"], finding["path"]) for finding in found] == [("known-drift-unused", "code")]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "accepted: 5\n",
            "expected the key `accepted` with a list of findings, and optionally `facts-table` with a path",
        ),
        ("accepted:\n  - id: x\n    path: y\n", "the accepted finding lacks reason, date"),
        (
            "accepted:\n  - id: x\n    path: y\n    reason: z\n    date: soon\n",
            "'soon' is not a date; expected the form '2026-01-31'",
        ),
        (
            "accepted:\n  - id: x\n    path: y\n    reason: z\n    date: '2026-01-31'\n    why: w\n",
            "unknown key 'why'",
        ),
    ],
)
def test_invalid_known_drift_exits_2_with_its_place(text: str, complaint: str, spec: Path) -> None:
    (spec / "known-drift.yaml").write_text(text, encoding="utf-8")
    refused = command("drift", "--spec", str(spec))
    assert refused.code == 2
    assert f"known-drift.yaml:{1 if '5' in text[:12] else 2}:" in refused.err
    assert f"error: {complaint} (known-drift-shape)\n" in refused.err


def test_recorded_pages_and_shipped_spec_agree() -> None:
    drift = command("drift", "--spec", str(ROOT / "spec"))
    assert (drift.out, drift.code) == ("the 7 pages and the spec agree\n", 0)


def test_every_model_of_the_shipped_spec_has_a_record() -> None:
    assert set(read_page_records(ROOT / "spec")) == set(read_spec(ROOT / "spec").contract.api.models)
