"""Mutants are mistakes of a maintainer; their names are unique; an interrupted run continues."""

import json
from collections import Counter
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from generator.contract.lint import lint
from generator.contract.source import read_spec
from generator.replay.check import check_recordings
from tests.mutation import recorded
from tests.mutation.__main__ import equivalents, likely
from tests.mutation.mutants import Mutant, mutants
from tests.mutation.results import Results
from tests.mutation.world import ROOT, Verdict

SOURCE = read_spec(ROOT / "spec")


@cache
def changed() -> list[Mutant]:
    """Return the mutants of the spec, once a test needs them: collecting the tests does not."""
    return mutants(SOURCE.openapi, SOURCE.arazzo)


@cache
def changed_recordings() -> list[recorded.RecordedMutant]:
    recordings = check_recordings(ROOT / "spec" / "recordings", SOURCE.openapi)
    return [*recorded.mutants(recordings, SOURCE.openapi)]


def names() -> list[str]:
    return [*(mutant.name for mutant in changed()), *(mutant.name for mutant in changed_recordings())]


def document(mutant: Mutant) -> object:
    source = SOURCE.openapi if mutant.file == SOURCE.openapi.path.name else SOURCE.arazzo
    return mutant.apply(source).data


def test_names_of_mutants_are_unique() -> None:
    assert [name for name, count in Counter(names()).items() if count > 1] == []


def test_mutants_cover_every_kind_of_mistake() -> None:
    wanted = {
        *("required", "rename", "retype", "enum", "default", "limit", "code", "state", "state class"),
        *("retry flag", "interval", "header name", "signed text", "path", "method", "server", "media type"),
    }
    assert wanted <= {mutant.kind for mutant in changed()}


def test_mutant_differs_and_leaves_the_original_unchanged() -> None:
    before = json.dumps([SOURCE.openapi.data, SOURCE.arazzo.data])
    same = [m.name for m in changed() if document(m) in (SOURCE.openapi.data, SOURCE.arazzo.data)]
    assert same == []
    assert json.dumps([SOURCE.openapi.data, SOURCE.arazzo.data]) == before


def test_mutant_of_a_recording_differs_from_it() -> None:
    originals = {
        r.name: json.loads(r.source) for r in check_recordings(ROOT / "spec" / "recordings", SOURCE.openapi)
    }
    assert [m.name for m in changed_recordings() if json.loads(m.text) == originals[m.recording]] == []


def test_consistent_rename_passes_the_lint() -> None:
    # Only a test can detect such a mistake.
    renamed = [m for m in changed() if m.kind == "rename" and "CharacterEditInput/properties with " in m.name]
    assert any(lint(m.apply(SOURCE.openapi), SOURCE.arazzo) == [] for m in renamed)


def test_equivalent_mutants_exist_and_have_a_reason() -> None:
    for entry in equivalents():
        assert any(fnmatchcase(name, entry["mutants"]) for name in names()), entry
        assert entry["reason"].strip()


def test_test_that_detected_a_neighbour_is_tried_first() -> None:
    found = {
        "a.yaml#/x/first": Verdict("t.py::near", 1),
        "a.yaml#/y": Verdict("t.py::far", 1),
        "a.yaml#/z": Verdict("t.py::far", 1),
        "a.yaml#/w": Verdict("lint", 1),
        "b.yaml": Verdict("t.py::elsewhere", 1),
    }
    assert likely("a.yaml#/x/second", found) == ["t.py::near", "t.py::far", "t.py::elsewhere"]


def test_interrupted_run_continues(tmp_path: Path) -> None:
    Results(tmp_path / "r", "one").add("a", Verdict("lint", 0.1))
    assert Results(tmp_path / "r", "one").found == {"a": ("lint", 0.1)}
    assert Results(tmp_path / "r", "another").found == {}
