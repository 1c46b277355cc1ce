"""Lists what an installation needs: a bill of materials, and the licences."""

import json
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, NamedTuple

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Component(NamedTuple):
    """A distribution that an installation needs."""

    name: str
    version: str
    licence: str


def write_materials(name: str, version: str, requirements: Path, target: Path) -> list[Path]:
    """Write `sbom.json` and `licences.txt` to a folder, and return their paths."""
    found = list(components(requirements))
    texts = {
        "sbom.json": json.dumps(bill(name, version, found), indent=2),
        "licences.txt": "".join(f"{one.name} {one.version}: {one.licence}\n" for one in found),
    }
    for file, text in texts.items():
        (target / file).write_text(text, encoding="utf-8")
    return [target / file for file in texts]


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
