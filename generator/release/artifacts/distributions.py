"""Builds the distributions of a commit.

A distribution contains files of the commit only. It is built twice, and both builds must be equal.
"""

import os
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.diagnostics import Diagnostic, InputError, Location
from generator.release.git import git


def build(root: Path, target: Path, revision: str = "HEAD") -> list[Path]:
    """Build the wheel and the sdist of a commit into `target`. Raises `InputError` if two builds differ."""
    epoch = git(root, "log", "-1", "--format=%ct", revision).decode().strip()
    builds = [_build(root, revision, epoch), _build(root, revision, epoch)]
    if different := [name for name in builds[0] if builds[0][name] != builds[1].get(name)]:
        message = f"two builds of {', '.join(different)} differ; find what reads the clock or a random order"
        raise InputError([Diagnostic(Location(root), message, "reproducible")])
    target.mkdir(parents=True, exist_ok=True)
    for name, content in builds[0].items():
        (target / name).write_bytes(content)
    return [target / name for name in builds[0]]


def extract(root: Path, revision: str, target: Path) -> None:
    """Write the files of a commit to a folder."""
    with tarfile.open(fileobj=BytesIO(git(root, "archive", revision))) as files:
        files.extractall(target, filter="data")


def _build(root: Path, revision: str, epoch: str) -> dict[str, bytes]:
    with TemporaryDirectory() as folder:
        source, output = Path(folder) / "source", Path(folder) / "output"
        extract(root, revision, source)
        subprocess.run(  # noqa: S603 # the arguments are constant
            [sys.executable, "-m", "hatchling", "build", "-d", str(output)],
            cwd=source,
            env=os.environ | {"SOURCE_DATE_EPOCH": epoch},
            check=True,
            capture_output=True,
        )
        return {path.name: path.read_bytes() for path in sorted(output.iterdir())}
