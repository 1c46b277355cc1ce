"""The recordings of this repository, and the command that checks them."""

import shutil
from pathlib import Path

import pytest

from generator.__main__ import lint
from generator.contract.source import read_spec
from generator.diagnostics import InputError
from generator.replay.recordings import load_recordings

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "spec"
CASES = Path(__file__).parent / "cases"


def test_every_code_is_recorded_for_create_and_query() -> None:
    names = {recording.name for recording in load_recordings(SPEC / "recordings")}
    # 403 is the HTTP status of a proxy, not a code of the service.
    codes = set(read_spec(SPEC).contract.api.codes) - {200, 403}
    wanted = {f"{operation}/code-{code}" for operation in ("createTask", "getTask") for code in codes}
    assert not wanted - names


def test_no_recording_claims_to_be_live() -> None:
    kinds = {recording.provenance.kind for recording in load_recordings(SPEC / "recordings")}
    assert kinds == {"documentation", "observed", "constructed"}


def test_lint_rejects_recordings_that_break_the_spec(tmp_path: Path) -> None:
    for document in SPEC.glob("*.yaml"):
        shutil.copy(document, tmp_path)
    shutil.copytree(CASES / "body-member" / "recordings", tmp_path / "recordings")
    with pytest.raises(InputError, match=r"a\.har:34:11: error: /data.*\(recording-body\)"):
        lint(tmp_path)


def test_lint_prints_the_number_of_recordings(capsys: pytest.CaptureFixture[str]) -> None:
    lint(SPEC)
    assert f"{len(load_recordings(SPEC / 'recordings'))} recordings comply with it" in capsys.readouterr().out
