"""What holds for the recordings of this repository, and for the command that checks them."""

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


def test_every_body_code_is_recorded_as_the_answer_to_a_create_and_to_a_query() -> None:
    names = {recording.name for recording in load_recordings(SPEC / "recordings")}
    # 403 is the status of a proxy, never a code.
    codes = set(read_spec(SPEC).contract.api.codes) - {200, 403}
    wanted = {f"{operation}/code-{code}" for operation in ("createTask", "getTask") for code in codes}
    assert not wanted - names


def test_nothing_claims_to_have_been_tried_with_a_key() -> None:
    kinds = {recording.provenance.kind for recording in load_recordings(SPEC / "recordings")}
    assert kinds == {"documentation", "observed", "constructed"}


def test_lint_refuses_a_spec_whose_recordings_break_it(tmp_path: Path) -> None:
    for document in SPEC.glob("*.yaml"):
        shutil.copy(document, tmp_path)
    shutil.copytree(CASES / "body-member" / "recordings", tmp_path / "recordings")
    with pytest.raises(InputError, match=r"a\.har:34:11: error: /data.*\(recording-body\)"):
        lint(tmp_path)


def test_lint_counts_the_recordings(capsys: pytest.CaptureFixture[str]) -> None:
    lint(SPEC)
    assert f"{len(load_recordings(SPEC / 'recordings'))} recordings keep to it" in capsys.readouterr().out
