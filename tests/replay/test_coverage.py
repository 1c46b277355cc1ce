"""Coverage of the contract: evidence, holes, explained holes and the recorded test run."""

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

SEED = "character_edit input.seed type"
SOURCE = read_spec(SPEC)
RECORDINGS = check_recordings(SPEC / "recordings", SOURCE.openapi)
NONE: dict[str, list[str]] = {}


def diagnostics_of(folder: Path, entries: str) -> list[str]:
    """Return the diagnostics when these holes are explained."""
    (folder / HOLES).write_text(entries, encoding="utf-8")
    return [str(fault).removeprefix(f"{folder}/") for fault in holes(cover(SOURCE, RECORDINGS, NONE), folder)]


def test_row_lists_recordings_with_provenance_and_age() -> None:
    covered = cover(SOURCE, RECORDINGS, {SEED: ["test_constraints.py::test_a[seed]"]})
    named = [recording.name for recording in covered[Row("code", "createTask 433")].recordings]
    assert named == ["createTask/code-433"]
    assert covered[Row("constraint", SEED)].tests == ("test_constraints.py::test_a[seed]",)
    lines = [" ".join(line.split()) for line in table(covered, {}, date(2026, 12, 1))]
    newest = max(r.provenance.date for r in RECORDINGS if r.name == "createTask/code-433")
    old = age(newest, date(2026, 12, 1))
    assert f"createTask 433 1 recording (documentation; {newest}, {old})" in lines
    assert f"{SEED} 1 test (test_constraints.py::test_a[seed])" in lines


def test_row_without_a_recording_is_a_hole(tmp_path: Path) -> None:
    covered = cover(SOURCE, [r for r in RECORDINGS if r.name != "createTask/code-433"], NONE)
    said = [str(fault) for fault in holes(covered, tmp_path)]
    assert any(
        "nothing shows 'code createTask 433'; record or test it, or give the reason here" in line
        for line in said
    )
    whole = [str(fault) for fault in holes(cover(SOURCE, RECORDINGS, NONE), tmp_path)]
    assert not any("code createTask 433" in line for line in whole)


def test_constraint_without_a_test_is_a_hole(tmp_path: Path) -> None:
    assert any(f"'constraint {SEED}'" in line for line in diagnostics_of(tmp_path, "{}\n"))
    explained = diagnostics_of(tmp_path, f"constraint {SEED}: The seed is anything.\n")
    assert not any(f"'constraint {SEED}'" in line for line in explained)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("code createTask 433: No.", "'code createTask 433' is shown; remove the entry"),
        ("code createTask 999: No.", "the spec does not declare 'code createTask 999'; remove the entry"),
        (
            "constraint character_edit input.seed type: ' '",
            "'constraint character_edit input.seed type' needs a reason",
        ),
    ],
)
def test_invalid_hole_entry_is_reported_at_its_line(tmp_path: Path, entry: str, said: str) -> None:
    assert f"{HOLES}:2:1: error: {said} (coverage-entry)" in diagnostics_of(tmp_path, f"# why\n{entry}\n")


def test_summary_counts_each_kind() -> None:
    counted = {line.split(" ")[0]: line.split()[-3:] for line in summary(cover(SOURCE, RECORDINGS, NONE))}
    assert counted["operation"] == ["8", "of", "8"]
    assert counted["constraint"][0] == "0"


def test_constraint_name_has_no_list_index() -> None:
    assert constraint("input.colors[12]", "type") == "input.colors[] type"
    assert constraint("input.sede", "additionalProperties") == "input.* additionalProperties"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "there is no recorded test run; run `make test` first"),
        ("{", "cannot read the recorded test run: "),
        ("[]", "cannot read the recorded test run: "),
        (
            '{"of": "another", "tests": {}}',
            "the recorded test run used another spec or other tests; run `make test`",
        ),
    ],
)
def test_missing_or_outdated_test_run_is_rejected(tmp_path: Path, text: str | None, said: str) -> None:
    path = tmp_path / "shown.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_shown(path, "this")


def test_recorded_test_run_is_valid_until_sources_change(tmp_path: Path) -> None:
    (tmp_path / "spec").mkdir()
    (tmp_path / "spec" / "a.yaml").write_text("a: 1")
    of = digest(tmp_path / "spec")
    write_shown(tmp_path / "shown.json", of, {SEED: ["a"]})
    assert read_shown(tmp_path / "shown.json", of) == {SEED: ["a"]}
    assert json.loads((tmp_path / "shown.json").read_text())["of"] == of
    (tmp_path / "spec" / "a.yaml").write_text("a: 2")
    assert digest(tmp_path / "spec") != of
