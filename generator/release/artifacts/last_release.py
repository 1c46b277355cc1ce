"""Compares the package of the working copy with the last release: its Python API, and its examples."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.diagnostics import InputError
from generator.release.artifacts.distributions import extract
from generator.release.git import git

# Lines that end in this are wrong on purpose, so the type checker must reject them.
WRONG = "# wrong"
MISUSE = Path("tests") / "typing" / "misuse.py"

# Seconds that an example may take.
_LIMIT = 300

_ERROR = re.compile(r"^(?P<path>[^:\n]+):(?P<line>\d+): error: ", re.MULTILINE)


def last_release(root: Path) -> str | None:
    """Return the newest tag of this commit or an earlier one; None before the first release."""
    try:
        return git(root, "describe", "--tags", "--abbrev=0").decode().strip()
    except InputError:
        return None


def breaking(root: Path, package: str, revision: str) -> list[str]:
    """Return what a revision's Python API had and the working copy's does not, a line for each."""
    import griffe

    old = griffe.load_git(package, ref=revision, repo=root, search_paths=["generated"])
    new = griffe.load(package, search_paths=[root / "generated"])
    return [
        str(one.explain(griffe.ExplanationStyle.ONE_LINE)) for one in griffe.find_breaking_changes(old, new)
    ]


def failing_examples(root: Path, revision: str) -> tuple[int, list[str]]:
    """Check the types of a revision's examples against the working copy's package, and run them.

    The examples are the modules in `examples`. Of `tests/typing/misuse.py`, the lines that are right then
    must be right now.

    Returns:
        How many examples there are, and a line for each failure.
    """
    with TemporaryDirectory() as name:
        folder = Path(name).resolve()
        extract(root, revision, folder)
        shutil.rmtree(folder / "generated", ignore_errors=True)
        modules = sorted(path.relative_to(folder) for path in (folder / "examples").glob("*.py"))
        paths = os.pathsep.join([str(root.resolve() / "generated"), str(folder)])
        environment = os.environ | {"PYTHONPATH": paths, "MYPYPATH": paths}
        checked = [path for path in (*modules, MISUSE) if (folder / path).exists()]
        failures = [*_rejected(checked, folder, environment), *_failed(modules, folder, environment)]
        return len(checked), failures


def _rejected(paths: list[Path], folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """Yield the lines that mypy rejects and that were right."""
    if not paths:
        return
    options = ["--strict", "--explicit-package-bases", "--namespace-packages", "--follow-imports=silent"]
    # `--config-file=`: the settings of the revision are about folders that are not here.
    command = [sys.executable, "-m", "mypy", "--config-file=", "--no-pretty", *options, *map(str, paths)]
    run = subprocess.run(  # noqa: S603 # the paths are files of a revision
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    found = sorted(_ERROR.finditer(run.stdout), key=lambda error: (error["path"], int(error["line"])))
    if run.returncode and not found:
        yield (run.stdout + run.stderr).strip()
    for error in found:
        text = (folder / error["path"]).read_text(encoding="utf-8").splitlines()[int(error["line"]) - 1]
        if not text.endswith(WRONG):
            yield run.stdout[error.start() :].partition("\n")[0]


def _failed(paths: list[Path], folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """Yield the examples that end with an error, each with the last line that it prints."""
    for path in paths:
        command = [sys.executable, "-m", ".".join(path.with_suffix("").parts)]
        try:
            subprocess.run(  # noqa: S603 # the paths are files of a revision
                command,
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                check=True,
                timeout=_LIMIT,
            )
        except subprocess.CalledProcessError as error:
            last = (error.stderr.strip().splitlines() or [f"exit code {error.returncode}"])[-1]
            yield f"{path}: {last}"
        except subprocess.TimeoutExpired:
            yield f"{path}: has not ended after {_LIMIT} s"
