"""Text edits of the spec extend the package without any new Python code."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from generator.contract.source import read_spec
from generator.emit.package import package
from generator.emit.write import write
from tests.generator.edits import edited, read_changes, write_spec

ROOT = Path(__file__).parents[2]
CASE = Path(__file__).parent / "cases" / "extend"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the package of a spec with a new field, a new enum value, a new code and a new model."""
    folder = tmp_path_factory.mktemp("extended")
    source = read_spec(write_spec(edited(read_changes(CASE)), folder / "spec"))
    write(package(source.contract, source.openapi, source.arazzo), folder / "generated")
    return folder / "generated"


def run(generated: Path, *arguments: str | Path) -> str:
    """Run a module with the extended package on its path; return its output if it failed, else ""."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=generated,
        env={
            **os.environ,
            "PYTHONPATH": str(generated),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # loading the plugins takes longer than the tests
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr if done.returncode else ""


def test_additions_to_the_spec_work_without_python_code(generated: Path) -> None:
    options = ("-c", os.devnull, "--rootdir", generated, "-p", "no:cacheprovider")
    assert run(generated, "pytest", *options, "-W", "error", CASE / "use.py") == ""
