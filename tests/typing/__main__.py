"""Runs mypy and pyright on wrong uses of the package, and mypy on packages of other specs.

Each line of `misuse.py` that ends in `# wrong` must be an error for both type checkers, and no other line.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.contract.source import read_spec
from generator.emit.package import package
from generator.emit.write import write
from tests.generator.edits import edited, read_changes, write_spec

ROOT = Path(__file__).parents[2]
MISUSE = Path(__file__).with_name("misuse.py")
MYPY_CACHE = ROOT / ".mypy_cache"
PACKAGES_CACHE = MYPY_CACHE / "packages"
EXAMPLES = ROOT / "examples" / "apis"
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
    with TemporaryDirectory() as folder:
        # The configuration of the project excludes the file.
        Path(folder, "pyrightconfig.json").write_text('{"pythonVersion": "3.11"}', encoding="utf-8")
        shutil.copy(MISUSE, folder)
        program = str(Path(sys.executable).with_name("pyright"))
        command = [program, "--outputjson", "--pythonpath", sys.executable, "--project", folder]
        done = subprocess.run(command, capture_output=True, text=True)  # our own command
    found = json.loads(done.stdout)["generalDiagnostics"]
    return {one["range"]["start"]["line"] + 1 for one in found if one["severity"] == "error"}


def check_packages() -> str:
    """Type-check the packages of an extended spec and of the example specs. Returns mypy's errors.

    The extended spec has a new field, value, code and model.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        specs = {path.parent.name: path for path in EXAMPLES.glob("*/spec")}
        specs["extended"] = write_spec(edited(read_changes(EXTENDED)), folder / "spec")
        for package_name, spec in specs.items():
            source = read_spec(spec)
            write(package(source.contract, source.openapi, source.arazzo), folder / package_name)
        folders = [folder / package_name for package_name in sorted(specs)]
        packages = [path for generated in folders for path in generated.iterdir() if path.is_dir()]
        return mypy_errors(folders, [EXTENDED / "use.py", *packages])


def mypy_errors(folders: list[Path], files: list[Path]) -> str:
    """Return mypy's errors in files that import packages from some folders."""
    if not PACKAGES_CACHE.exists() and MYPY_CACHE.exists():
        # The libraries are the same as in the check of this project, and take most of the time.
        shutil.copytree(MYPY_CACHE, PACKAGES_CACHE, ignore=shutil.ignore_patterns(PACKAGES_CACHE.name))
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull]
    command += ["--cache-dir", str(PACKAGES_CACHE)]
    paths = dict.fromkeys(("PYTHONPATH", "MYPYPATH"), os.pathsep.join(map(str, folders)))
    done = subprocess.run(  # our own command
        [*command, *map(str, files)],
        cwd=folders[0],
        env={**os.environ, **paths},
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr if done.returncode else ""


def report(line: int, message: str) -> None:
    """Print what is unexpected about a line."""
    sys.stdout.write(f"{MISUSE.relative_to(ROOT)}:{line}: {message}\n")


def main() -> int:
    """Run all checks; print what is unexpected. Returns the exit code."""
    failed = False
    wrong = wrong_lines()
    with ThreadPoolExecutor(2) as pool:
        packages = pool.submit(check_packages)
        found = {"mypy": pool.submit(mypy_lines), "pyright": pool.submit(pyright_lines)}
    for name, lines in ((name, one.result()) for name, one in found.items()):
        for line in sorted(wrong - lines):
            report(line, f"{name} accepts a line that is marked as wrong")
        for line in sorted(lines - wrong):
            report(line, f"{name} rejects a line that is right")
        failed |= lines != wrong
    errors = packages.result()
    if errors:
        sys.stdout.write(errors)
    return 1 if failed or errors else 0


if __name__ == "__main__":
    sys.exit(main())
