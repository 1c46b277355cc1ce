"""Runs mypy and pyright on wrong uses of the package, and mypy on a package of an extended spec.

Each line of `misuse.py` that ends in `# wrong` must be an error for both type checkers, and no other line.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.contract.source import read_spec
from generator.emit.package import package
from generator.emit.write import write
from tests.generator.edits import edited, read_changes, write_spec

ROOT = Path(__file__).parents[2]
MISUSE = Path(__file__).with_name("misuse.py")
MYPY_CACHE = ROOT / ".mypy_cache"
EXTENDED_CACHE = MYPY_CACHE / "extended"
EXTENDED = ROOT / "tests" / "generator" / "cases" / "extend"


def wrong_lines() -> set[int]:
    """The lines that are marked as wrong."""
    lines = MISUSE.read_text(encoding="utf-8").splitlines()
    return {number for number, line in enumerate(lines, 1) if line.endswith("# wrong")}


def mypy_lines() -> set[int]:
    """The lines of `misuse.py` that mypy rejects."""
    command = [sys.executable, "-m", "mypy", "--strict", "--no-pretty", str(MISUSE)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)  # our own command
    return {int(line) for line in re.findall(r"misuse\.py:(\d+)(?::\d+)?: error:", done.stdout)}


def pyright_lines() -> set[int]:
    """The lines of `misuse.py` that pyright rejects."""
    command = [str(Path(sys.executable).with_name("pyright")), "--outputjson", str(MISUSE)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)  # our own command
    found = json.loads(done.stdout)["generalDiagnostics"]
    return {one["range"]["start"]["line"] + 1 for one in found if one["severity"] == "error"}


def check_extended_package() -> str:
    """Type-check the package of a spec with a new field, value, code and model. Returns mypy's errors."""
    with TemporaryDirectory() as folder:
        source = read_spec(write_spec(edited(read_changes(EXTENDED)), Path(folder) / "spec"))
        generated = Path(folder) / "generated"
        write(package(source.contract, source.openapi, source.arazzo), generated)
        if not EXTENDED_CACHE.exists() and MYPY_CACHE.exists():
            # The libraries are the same as in the check of this project, and take most of the time.
            shutil.copytree(MYPY_CACHE, EXTENDED_CACHE, ignore=shutil.ignore_patterns(EXTENDED_CACHE.name))
        command = [sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull]
        command += ["--cache-dir", str(EXTENDED_CACHE)]
        files = [str(EXTENDED / "use.py"), str(generated / "kie_ideogram")]
        paths = {"PYTHONPATH": str(generated), "MYPYPATH": str(generated)}
        done = subprocess.run(  # our own command
            [*command, *files], cwd=generated, env={**os.environ, **paths}, capture_output=True, text=True
        )
        return done.stdout + done.stderr if done.returncode else ""


def report(line: int, message: str) -> None:
    """Print what is unexpected about a line."""
    sys.stdout.write(f"{MISUSE.relative_to(ROOT)}:{line}: {message}\n")


def main() -> int:
    """Run all checks; print what is unexpected. Returns the exit code."""
    failed = False
    wrong = wrong_lines()
    for name, lines in (("mypy", mypy_lines()), ("pyright", pyright_lines())):
        for line in sorted(wrong - lines):
            report(line, f"{name} accepts a line that is marked as wrong")
        for line in sorted(lines - wrong):
            report(line, f"{name} rejects a line that is right")
        failed |= lines != wrong
    errors = check_extended_package()
    if errors:
        sys.stdout.write(errors)
    return 1 if failed or errors else 0


if __name__ == "__main__":
    sys.exit(main())
