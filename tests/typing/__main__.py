"""Runs mypy and pyright on wrong uses of the package, and mypy on packages of other specs.

Each line of `misuse.py` that ends in `# wrong` must be an error for both type checkers, and no other line.
"""

import json
import os
import re
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
    command = [str(Path(sys.executable).with_name("pyright")), "--outputjson", str(MISUSE)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)  # our own command
    found = json.loads(done.stdout)["generalDiagnostics"]
    return {one["range"]["start"]["line"] + 1 for one in found if one["severity"] == "error"}


def check_extended_package() -> str:
    """Type-check the package of a spec with a new field, value, code and model. Returns mypy's errors."""
    with TemporaryDirectory() as folder:
        generated = Path(folder) / "generated"
        generate(write_spec(edited(read_changes(EXTENDED)), Path(folder) / "spec"), generated)
        return mypy_errors("extended", [generated], [EXTENDED / "use.py", generated / "kie_ideogram"])


def check_example_packages() -> str:
    """Type-check the packages of the example specs. Returns mypy's errors."""
    with TemporaryDirectory() as folder:
        found = []
        for spec in sorted(EXAMPLES.glob("*/spec")):
            generated = Path(folder) / spec.parent.name
            generate(spec, generated)
            found.append(generated)
        packages = [path for generated in found for path in generated.iterdir() if path.is_dir()]
        return mypy_errors("examples", found, packages)


def generate(spec: Path, folder: Path) -> None:
    """Write the package of a spec."""
    source = read_spec(spec)
    write(package(source.contract, source.openapi, source.arazzo), folder)


def mypy_errors(cache: str, folders: list[Path], files: list[Path]) -> str:
    """Return mypy's errors in files that import packages from some folders."""
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull]
    command += ["--cache-dir", str(ROOT / ".mypy_cache" / cache)]
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
        examples, extended = pool.submit(check_example_packages), pool.submit(check_extended_package)
        found = {"mypy": pool.submit(mypy_lines), "pyright": pool.submit(pyright_lines)}
    for name, lines in ((name, one.result()) for name, one in found.items()):
        for line in sorted(wrong - lines):
            report(line, f"{name} accepts a line that is marked as wrong")
        for line in sorted(lines - wrong):
            report(line, f"{name} rejects a line that is right")
        failed |= lines != wrong
    errors = examples.result() + extended.result()
    if errors:
        sys.stdout.write(errors)
    return 1 if failed or errors else 0


if __name__ == "__main__":
    sys.exit(main())
