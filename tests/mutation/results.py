"""Stores what earlier runs found, so that an interrupted run can continue."""

import json
from hashlib import sha256
from pathlib import Path

from tests.mutation.world import ROOT, SUITES, Verdict

# Everything that a verdict depends on.
SOURCES = ("spec", "generator", "tests/mutation", *SUITES)


def fingerprint() -> str:
    """Return a hash of everything that verdicts depend on."""
    digest = sha256()
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc" and path.name != "equivalent.yaml":
                digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


class Results:
    """Verdicts by mutant, one per line of a file. Those of other sources are discarded.

    `sources` is the fingerprint of what the verdicts depend on.
    """

    def __init__(self, path: Path, sources: str) -> None:
        self._path = path
        self.found: dict[str, Verdict] = {}
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        if lines and lines[0] == sources:
            for line in lines[1:]:
                name, killer, seconds = json.loads(line)
                self.found[name] = Verdict(killer, seconds)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(sources + "\n", encoding="utf-8")

    def add(self, name: str, verdict: Verdict) -> None:
        """Store a verdict and write it to the file."""
        self.found[name] = verdict
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([name, *verdict], ensure_ascii=False) + "\n")
