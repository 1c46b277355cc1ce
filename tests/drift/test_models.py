"""Each model has its own recorded page, its own accepted findings and its own address."""

import json
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from generator.drift.commands import reconcile_pages
from tests.drift.command import CASES, Result, call_command, command
from tests.generator.edits import ROOT

PAGE = (CASES / "zh-openapi-30" / "page.md").read_text(encoding="utf-8")
REMIX = "ideogram/v3-remix"
ENTRY = "    path: input.prompt\n    reason: None.\n    date: '2026-01-31'\n"


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """Copy the spec of the seven models, without its recordings."""
    ignored = shutil.ignore_patterns("recordings")
    (tmp_path / "tests" / "contract").mkdir(parents=True)
    table = Path("tests", "contract", "facts.yaml")
    shutil.copy(ROOT / table, tmp_path / table)
    return Path(shutil.copytree(ROOT / "spec", tmp_path / "spec", ignore=ignored))


def drift(spec: Path, *pages: str) -> list[dict[str, Any]]:
    found = json.loads(command("drift", *pages, "--json", "--spec", str(spec)).out)["findings"]
    assert isinstance(found, list)
    return found


def shorten_prompt(record: Path) -> None:
    """Let a recorded page state another limit of the prompt than the spec has."""
    text, number = re.subn(r"maxLength: \d+", "maxLength: 17", record.read_text(encoding="utf-8"))
    assert number
    record.write_text(text, encoding="utf-8")


def accept(spec: Path, entry: str) -> None:
    with (spec / "known-drift.yaml").open("a", encoding="utf-8") as file:
        file.write(entry)


def reconcile(spec: Path, *pages: Path) -> Result:
    def write(_: dict[str, str]) -> list[Path]:
        return []

    names, today = [str(page) for page in pages], date(2026, 1, 31)
    return call_command(lambda: reconcile_pages(names, spec, lambda _: {}, write, today))


def page_with_limit(folder: Path, limit: int) -> Path:
    """Write a page of character edit whose prompt has another limit."""
    path = folder / f"{limit}.md"
    path.write_text(PAGE.replace("5000", str(limit)), encoding="utf-8")
    return path


def test_drift_without_a_page_compares_every_record(spec: Path) -> None:
    for name in ("v3-edit", "v3-remix"):
        shorten_prompt(spec / "docs-facts" / "ideogram" / f"{name}.yaml")
    found = [(finding["page"].rpartition(":")[0], finding["id"]) for finding in drift(spec)]
    address = "https://docs.kie.ai/cn/market/ideogram"
    assert set(found) == {
        (f"{address}/v3-edit.md", "max-length-changed"),
        (f"{address}/v3-remix.md", "max-length-changed"),
    }


def test_entry_with_a_model_accepts_the_finding_of_its_page_only(spec: Path) -> None:
    for name in ("v3-edit", "v3-remix"):
        shorten_prompt(spec / "docs-facts" / "ideogram" / f"{name}.yaml")
    accept(spec, f"  - id: max-length-changed\n    model: {REMIX}\n{ENTRY}")
    found = [finding for finding in drift(spec) if finding["path"] == "input.prompt"]
    assert [finding["page"].rpartition("/")[2].partition(":")[0] for finding in found] == ["v3-edit.md"]


@pytest.mark.parametrize("model", ["", f"    model: {REMIX}\n"])
def test_entry_that_no_record_needs_is_reported_once(model: str, spec: Path) -> None:
    accept(spec, f"  - id: max-length-changed\n{model}{ENTRY}")
    assert [(finding["id"], finding["path"]) for finding in drift(spec)] == [
        ("known-drift-unused", "input.prompt")
    ]


def test_entry_of_all_models_is_not_missed_on_one_page(spec: Path, tmp_path: Path) -> None:
    found = drift(spec, str(page_with_limit(tmp_path, 4000)))
    assert {finding["id"] for finding in found} == {"max-length-changed"}


def test_entry_of_an_unknown_model_exits_2_with_its_place(spec: Path) -> None:
    accept(spec, f"  - id: max-length-changed\n    model: ideogram/v3-remi\n{ENTRY}")
    refused = command("drift", "--spec", str(spec))
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith(f"{spec}/known-drift.yaml:")
    assert "there is no model 'ideogram/v3-remi'; did you mean 'ideogram/v3-remix'?" in refused.err


def test_record_in_the_place_of_another_model_exits_2(spec: Path) -> None:
    folder = spec / "docs-facts" / "ideogram"
    (folder / "v3-edit.yaml").rename(folder / "edit.yaml")
    refused = command("drift", "--spec", str(spec))
    assert refused.code == 2
    assert "move this file to docs-facts/ideogram/v3-edit.yaml (docs-facts-place)" in refused.err


def test_several_pages_are_compared_although_one_is_missing(spec: Path, tmp_path: Path) -> None:
    page, missing = page_with_limit(tmp_path, 4000), tmp_path / "missing.md"
    compared = command("drift", str(missing), str(page), "--spec", str(spec))
    assert compared.code == 2
    assert "max-length-changed" in compared.out
    assert "missing.md" in compared.err


def test_markdown_report_has_a_part_for_each_page(spec: Path, tmp_path: Path) -> None:
    pages = [str(page_with_limit(tmp_path, limit)) for limit in (3000, 4000)]
    report = command("drift", *pages, "--markdown", "--spec", str(spec)).out
    assert [row for row in report.splitlines() if row.startswith("The page")] == [
        f"The page `{page}` and the spec differ: 1 breaking." for page in pages
    ]


def test_reconciled_page_is_recorded_for_its_model_only(spec: Path, tmp_path: Path) -> None:
    before = (spec / "docs-facts" / "ideogram" / "v3-edit.yaml").read_bytes()
    assert reconcile(spec, page_with_limit(tmp_path, 4000)).code == 0
    record = (spec / "docs-facts" / "ideogram" / "character-edit.yaml").read_text(encoding="utf-8")
    assert "maxLength: 4000" in record
    assert (spec / "docs-facts" / "ideogram" / "v3-edit.yaml").read_bytes() == before


def test_edit_that_other_recorded_pages_contradict_is_to_decide(spec: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE.replace("429, 455", "429, 451, 455"), encoding="utf-8")
    result = reconcile(spec, page)
    assert "edited: code: added 451" in result.out
    decided = [row for row in result.out.splitlines() if row.startswith("to decide: ")]
    assert len(decided) == 6
    assert all("the spec lists '451', the page does not (code-only-in-spec)" in row for row in decided)
    assert result.code == 1


def test_first_page_of_a_model_is_recorded_with_its_address(spec: Path, tmp_path: Path) -> None:
    record = spec / "docs-facts" / "ideogram" / "character-edit.yaml"
    record.unlink()
    assert reconcile(spec, page_with_limit(tmp_path, 5000)).code == 0
    address = "https://docs.kie.ai/market/ideogram/character-edit.md"
    assert f"\nurl: {address}\n" in record.read_text(encoding="utf-8")


def test_pages_after_an_unreadable_one_are_reconciled(spec: Path, tmp_path: Path) -> None:
    result = reconcile(spec, tmp_path / "missing.md", page_with_limit(tmp_path, 4000))
    assert result.code == 2
    assert "edited: input.prompt" in result.out
    assert "missing.md" in result.err


def test_docs_address_of_one_model_is_that_of_its_record(spec: Path) -> None:
    shown = command("docs-address", REMIX, "--spec", str(spec))
    assert (shown.out, shown.code) == ("https://docs.kie.ai/cn/market/ideogram/v3-remix.md\n", 0)


def test_docs_address_of_an_unknown_model_exits_2(spec: Path) -> None:
    refused = command("docs-address", "ideogram/v3-remi", "--spec", str(spec))
    assert refused.code == 2
    assert "did you mean 'ideogram/v3-remix'? (drift-model)" in refused.err


def test_page_that_is_gone_is_not_watched(spec: Path) -> None:
    watched = command("docs-address", "--spec", str(spec)).out.splitlines()
    assert len(watched) == 6
    assert [address for address in watched if "reframe" in address] == []
    asked = command("docs-address", "ideogram/v3-reframe", "--spec", str(spec)).out
    assert asked == "https://docs.kie.ai/cn/market/ideogram/v3-reframe.md\n"
