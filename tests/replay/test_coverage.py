"""Coverage of the contract: what is shown, and what is said of a hole, an entry and a record of a run."""

import json
from datetime import date
from pathlib import Path

import pytest

from generator.__main__ import SPEC
from generator.contract.source import read_spec
from generator.diagnostics import InputError
from generator.replay.check import check_recordings
from generator.replay.coverage import (
    HOLES,
    Row,
    age,
    constraint,
    cover,
    digest,
    holes,
    read_shown,
    summary,
    table,
    write_shown,
)

SOURCE = read_spec(SPEC)
RECORDINGS = check_recordings(SPEC / "recordings", SOURCE.openapi)
NONE: dict[str, list[str]] = {}


def complaints(folder: Path, entries: str) -> list[str]:
    """What is said where these holes are explained."""
    (folder / HOLES).write_text(entries, encoding="utf-8")
    return [str(fault).removeprefix(f"{folder}/") for fault in holes(cover(SOURCE, RECORDINGS, NONE), folder)]


def test_a_row_is_shown_by_the_recordings_that_have_it_with_provenance_and_age() -> None:
    covered = cover(SOURCE, RECORDINGS, {"input.seed type": ["test_constraints.py::test_a[seed]"]})
    named = [recording.name for recording in covered[Row("code", "createTask 433")].recordings]
    assert named == ["createTask/code-433"]
    assert covered[Row("constraint", "input.seed type")].tests == ("test_constraints.py::test_a[seed]",)
    lines = [" ".join(line.split()) for line in table(covered, {}, date(2026, 12, 1))]
    newest = max(r.provenance.date for r in RECORDINGS if r.name == "createTask/code-433")
    old = age(newest, date(2026, 12, 1))
    assert f"createTask 433 1 recording (documentation; {newest}, {old})" in lines
    assert "input.seed type 1 test (test_constraints.py::test_a[seed])" in lines


def test_what_lost_its_last_recording_is_a_hole(tmp_path: Path) -> None:
    covered = cover(SOURCE, [r for r in RECORDINGS if r.name != "createTask/code-433"], NONE)
    said = [str(fault) for fault in holes(covered, tmp_path)]
    assert any(
        "nothing shows 'code createTask 433'; record or test it, or say why not" in line for line in said
    )
    whole = [str(fault) for fault in holes(cover(SOURCE, RECORDINGS, NONE), tmp_path)]
    assert not any("code createTask 433" in line for line in whole)


def test_what_no_test_is_refused_for_is_a_hole(tmp_path: Path) -> None:
    assert any("'constraint input.seed type'" in line for line in complaints(tmp_path, "{}\n"))
    explained = complaints(tmp_path, "constraint input.seed type: The seed is anything.\n")
    assert not any("'constraint input.seed type'" in line for line in explained)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("code createTask 433: No.", "'code createTask 433' is shown; remove the entry"),
        ("code createTask 999: No.", "the spec declares no 'code createTask 999'; remove the entry"),
        ("constraint input.seed type: ' '", "'constraint input.seed type' needs a reason"),
    ],
)
def test_an_entry_that_nothing_needs_or_without_a_reason_is_refused_in_its_line(
    tmp_path: Path, entry: str, said: str
) -> None:
    assert f"{HOLES}:2:1: error: {said} (coverage-entry)" in complaints(tmp_path, f"# why\n{entry}\n")


def test_the_summary_counts_each_kind() -> None:
    counted = {line.split(" ")[0]: line.split()[-3:] for line in summary(cover(SOURCE, RECORDINGS, NONE))}
    assert counted["operation"] == ["8", "of", "8"]
    assert counted["constraint"][0] == "0"


def test_a_constraint_has_one_name_wherever_in_a_list_it_is_broken() -> None:
    assert constraint("input.colors[12]", "type") == "input.colors[] type"
    assert constraint("input.sede", "additionalProperties") == "input.* additionalProperties"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "no test run is on record; run `make test` first"),
        ("{", "unreadable: "),
        ("[]", "unreadable: "),
        ('{"of": "another", "tests": {}}', "of another spec or of other tests; run `make test`"),
    ],
)
def test_a_run_that_is_not_on_record_shows_nothing(tmp_path: Path, text: str | None, said: str) -> None:
    path = tmp_path / "shown.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_shown(path, "this")


def test_a_run_on_record_holds_until_its_sources_change(tmp_path: Path) -> None:
    (tmp_path / "spec").mkdir()
    (tmp_path / "spec" / "a.yaml").write_text("a: 1")
    of = digest(tmp_path / "spec")
    write_shown(tmp_path / "shown.json", of, {"input.seed type": ["a"]})
    assert read_shown(tmp_path / "shown.json", of) == {"input.seed type": ["a"]}
    assert json.loads((tmp_path / "shown.json").read_text())["of"] == of
    (tmp_path / "spec" / "a.yaml").write_text("a: 2")
    assert digest(tmp_path / "spec") != of
