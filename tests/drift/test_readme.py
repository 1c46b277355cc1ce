"""The README of the package names what the code has."""

import re

from generator.__main__ import ROOT
from tests.drift.command import CASES

FOLDER = ROOT / "generator" / "drift"
README = (FOLDER / "README.md").read_text(encoding="utf-8")
CODE = "\n".join(path.read_text(encoding="utf-8") for path in sorted(FOLDER.rglob("*.py")))


def test_readme_names_every_module() -> None:
    modules = [path.relative_to(FOLDER) for path in FOLDER.rglob("*.py") if path.name != "__init__.py"]
    assert sorted(path.as_posix() for path in modules if f"`{path.as_posix()}`" not in README) == []


def test_readme_names_exactly_the_rules_of_complaints() -> None:
    families = "page|known-drift|docs-facts|drift|draft|reconcile"
    rules = set(re.findall(rf'"((?:{families})-[a-z-]+)"', CODE))
    assert set(re.findall(rf"`((?:{families})-[a-z-]+)`", README)) == rules


def test_readme_names_every_finding_of_the_cases() -> None:
    drifts = (path.read_text(encoding="utf-8") for path in CASES.glob("*/expected/drift.json"))
    found = {name for drift in drifts for name in re.findall(r'"id": "([a-z-]+)"', drift)}
    nouns = ("max-length", "max-bytes", "media-types", "same-size-as", "type", "min-length", "min-items")
    limits = {f"{noun}-{how}" for noun in nouns for how in ("changed", "only-in-docs", "only-in-spec")}
    assert sorted(name for name in found - limits if f"`{name}`" not in README) == []
