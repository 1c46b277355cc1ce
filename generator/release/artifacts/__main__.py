"""Makes everything of a release that needs no person: `python -m generator.release.artifacts`."""

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from generator.diagnostics import Diagnostic, InputError, Location
from generator.release.artifacts.distributions import build
from generator.release.artifacts.last_release import breaking, failing_examples, last_release
from generator.release.artifacts.materials import write_materials
from generator.release.git import git


def main(root: Path) -> int:
    """Write the distributions and what they need to `dist`, and print what is left to a person."""
    if git(root, "status", "--porcelain"):
        message = "the working copy has changes; commit them first"
        raise InputError([Diagnostic(Location(root), message, "revision")])
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    (wheel,) = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    target = root / "dist"
    made = build(root, target)
    version = next(path for path in made if path.suffix == ".whl").name.split("-")[1]
    made += write_materials(project["project"]["name"], version, root / "requirements" / "dev.txt", target)
    lines = [*map(str, made), "", *compared(root, Path(wheel).name), "", *left(version)]
    print("\n".join(lines))  # noqa: T201 # the result
    return 0


def compared(root: Path, package: str) -> Iterator[str]:
    """Yield what the comparison with the last release found."""
    before = last_release(root)
    if before is None:
        yield "There is no release yet, so there is no API to compare and no earlier example to run."
        return
    changes = breaking(root, package, before)
    yield f"Compared with {before}: {len(changes)} breaking changes of the Python API"
    yield from (f"- {line}" for line in changes)
    count, failures = failing_examples(root, before)
    yield f"{count} files of examples of {before}, with the new package: {len(failures)} failures"
    yield from (f"- {line}" for line in failures)


def left(version: str) -> Iterator[str]:
    """Yield what is left to a person."""
    yield "Left to a person:"
    yield "- read `python -m generator diff` and the lines above, and set the version"
    yield "- put the version and the date above the text of Unreleased in CHANGELOG.md"
    yield f"- git tag v{version}"
    yield "- upload the wheel and the sdist"


if __name__ == "__main__":
    try:
        sys.exit(main(Path(__file__).parents[3]))
    except InputError as error:
        sys.exit("\n".join(map(str, error.diagnostics)))
