"""The promise of the house: the contract grows by text edits of the spec, with no Python written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from generator.contract.source import read
from generator.emit.package import package
from generator.emit.write import write
from tests.generator.edits import edited, read_changes, write_spec

CASE = Path(__file__).parent / "cases" / "extend"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of a spec with a new field, a new enum value, a new code and a new model."""
    folder = tmp_path_factory.mktemp("extended")
    source = read(write_spec(edited(read_changes(CASE)), folder / "spec"))
    write(package(source.contract, source.openapi, source.arazzo), folder / "generated")
    return folder / "generated"


def run(generated: Path, *arguments: str | Path) -> str:
    """Run a module in a process that finds the extended package first; return what it said if it failed."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=generated,
        env={**os.environ, "PYTHONPATH": str(generated), "MYPYPATH": str(generated)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr if done.returncode else ""


def test_what_was_added_to_the_spec_is_used_with_no_python_written(generated: Path) -> None:
    options = ("-c", os.devnull, "--rootdir", generated, "-p", "no:cacheprovider", "-p", "no:randomly")
    assert run(generated, "pytest", *options, "-W", "error", CASE / "use.py") == ""


def test_what_was_added_to_the_spec_is_typed(generated: Path, tmp_path: Path) -> None:
    options = ("--strict", "--config-file", os.devnull, "--cache-dir", tmp_path)
    assert run(generated, "mypy", *options, CASE / "use.py", generated / "kie_ideogram") == ""
