"""Builds the distributions of a commit and lists what they need: `python -m generator.release.artifacts`.

A distribution contains files of the commit only. It is built twice, and both builds must be equal.
"""

import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from generator.diagnostics import Diagnostic, InputError, Location

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Component(NamedTuple):
    """A distribution that an installation needs."""

    name: str
    version: str
    licence: str


def build(root: Path, target: Path, revision: str = "HEAD") -> list[Path]:
    """Build the wheel and the sdist of a commit into `target`. Raises `InputError` if two builds differ."""
    epoch = _git(root, "log", "-1", "--format=%ct", revision).decode().strip()
    archive = _git(root, "archive", revision)
    builds = [_build(archive, epoch), _build(archive, epoch)]
    if different := [name for name in builds[0] if builds[0][name] != builds[1].get(name)]:
        message = f"two builds of {', '.join(different)} differ; find what reads the clock or a random order"
        raise InputError([Diagnostic(Location(root), message, "reproducible")])
    target.mkdir(parents=True, exist_ok=True)
    for name, content in builds[0].items():
        (target / name).write_bytes(content)
    return [target / name for name in builds[0]]


def _git(root: Path, *arguments: str) -> bytes:
    command = ["git", "-C", str(root), *arguments]
    run = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 # git from PATH
    if run.returncode:
        message = run.stderr.decode("utf-8", "replace").strip()
        raise InputError([Diagnostic(Location(root), message, "revision")])
    return run.stdout


def _build(archive: bytes, epoch: str) -> dict[str, bytes]:
    with TemporaryDirectory() as folder:
        source, output = Path(folder) / "source", Path(folder) / "output"
        with tarfile.open(fileobj=BytesIO(archive)) as files:
            files.extractall(source, filter="data")
        subprocess.run(  # noqa: S603 # the arguments are constant
            [sys.executable, "-m", "hatchling", "build", "-d", str(output)],
            cwd=source,
            env=os.environ | {"SOURCE_DATE_EPOCH": epoch},
            check=True,
            capture_output=True,
        )
        return {path.name: path.read_bytes() for path in sorted(output.iterdir())}


def components(requirements: Path) -> Iterator[Component]:
    """Yield the pinned distributions of a requirements file that are installed, with their licences."""
    for line in requirements.read_text(encoding="utf-8").splitlines():
        found = _NAME.match(line)
        if found and "==" in line:
            try:
                metadata = distribution(found[0]).metadata
            except PackageNotFoundError:  # for another platform or version of Python
                continue
            yield Component(found[0], metadata["Version"], _licence(metadata))


def _licence(metadata: Any) -> str:
    """Return the licence of a distribution in one line."""
    classified = [
        line.rpartition(" :: ")[2]
        for line in metadata.get_all("Classifier") or ()
        if line.startswith("License :: ")
    ]
    stated = (metadata.get("License") or "").strip()
    short = stated if "\n" not in stated else ""  # some packages state the whole text
    return metadata.get("License-Expression") or short or ", ".join(classified) or "not stated"


def bill(name: str, version: str, found: list[Component]) -> dict[str, Any]:
    """Return a bill of materials (CycloneDX 1.5), without a date, so that it is reproducible."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "library", "name": name, "version": version}},
        "components": [
            {
                "type": "library",
                "name": one.name,
                "version": one.version,
                "purl": f"pkg:pypi/{one.name}@{one.version}",
                "licenses": [{"license": {"name": one.licence}}],
            }
            for one in found
        ],
    }


def breaking(root: Path, package: str, revision: str) -> list[str]:
    """Return what a revision's Python API had and the working copy's does not, a line for each."""
    import griffe

    old = griffe.load_git(package, ref=revision, repo=root, search_paths=["generated"])
    new = griffe.load(package, search_paths=[root / "generated"])
    return [
        str(one.explain(griffe.ExplanationStyle.ONE_LINE)) for one in griffe.find_breaking_changes(old, new)
    ]


def last_release(root: Path) -> str | None:
    """Return the newest tag of this commit or an earlier one; None before the first release."""
    try:
        return _git(root, "describe", "--tags", "--abbrev=0").decode().strip()
    except InputError:
        return None


def main(root: Path) -> int:
    """Make everything of a release that needs no person, and print what is left."""
    if _git(root, "status", "--porcelain"):
        message = "the working copy has changes; commit them first"
        raise InputError([Diagnostic(Location(root), message, "revision")])
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    (wheel,) = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    name = project["project"]["name"]
    target = root / "dist"
    made = build(root, target)
    version = next(path for path in made if path.suffix == ".whl").name.split("-")[1]
    found = list(components(root / "requirements" / "dev.txt"))
    (target / "sbom.json").write_text(json.dumps(bill(name, version, found), indent=2), encoding="utf-8")
    rows = "".join(f"{one.name} {one.version}: {one.licence}\n" for one in found)
    (target / "licences.txt").write_text(rows, encoding="utf-8")
    before = last_release(root)
    broken = breaking(root, Path(wheel).name, before) if before else []
    lines = [*map(str, made), str(target / "sbom.json"), str(target / "licences.txt"), ""]
    lines += [f"compared with {before}: {line}" for line in broken]
    lines += [
        "Left to a person:",
        "- read `python -m generator diff` and the lines above, and set the version",
    ]
    lines += ["- put the version and the date above the text of Unreleased in CHANGELOG.md"]
    lines += [f"- git tag v{version}", "- upload the wheel and the sdist"]
    print("\n".join(lines))  # noqa: T201 # the result
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(Path(__file__).parents[2]))
    except InputError as error:
        sys.exit("\n".join(map(str, error.diagnostics)))
