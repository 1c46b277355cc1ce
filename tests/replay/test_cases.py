"""Each case is a folder of recordings and, in `stderr.txt`, its diagnostics; an empty file means none."""

from pathlib import Path

import pytest

from generator.contract.load import load
from generator.diagnostics import InputError
from generator.replay.check import check_recordings
from tests.generator.expected import expect

CASES = Path(__file__).parent / "cases"
ROOT = Path(__file__).parents[2]
OPENAPI = load(ROOT / "spec" / "openapi.yaml")


def diagnostics_of(folder: Path) -> str:
    try:
        check_recordings(folder, OPENAPI)
    except InputError as error:
        return f"{error}\n"
    return ""


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_recordings_of_case_have_exactly_these_faults(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(case)
    expect(diagnostics_of(Path("recordings")), case / "stderr.txt")


def test_readme_and_cases_have_every_rule() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in CASES.glob("*/stderr.txt"))
    table = (ROOT / "generator/replay/README.md").read_text(encoding="utf-8").partition("## The rules")[2]
    documented = {line.split("`")[1] for line in table.splitlines() if line.startswith("| `")}
    reported = {line.rpartition("(")[2].rstrip(")") for line in text.splitlines()}
    assert reported == documented
