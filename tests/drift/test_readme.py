"""The README of the room is held to the code."""

import re

from generator.__main__ import ROOT
from tests.drift.test_cases import CASES

ROOM = ROOT / "generator" / "drift"
README = (ROOM / "README.md").read_text(encoding="utf-8")
CODE = "\n".join(path.read_text(encoding="utf-8") for path in sorted(ROOM.rglob("*.py")))


def test_it_names_every_module() -> None:
    modules = {path.name for path in ROOM.rglob("*.py")} - {"__init__.py"}
    assert sorted(name for name in modules if f"`{name}`" not in README) == []


def test_it_names_every_rule_of_a_complaint_and_no_other() -> None:
    families = "page|known-drift|docs-facts|drift|draft|reconcile"
    rules = set(re.findall(rf'"((?:{families})-[a-z-]+)"', CODE))
    assert set(re.findall(rf"`((?:{families})-[a-z-]+)`", README)) == rules


def test_it_names_every_finding_of_the_cases() -> None:
    drifts = (path.read_text(encoding="utf-8") for path in CASES.glob("*/expected/drift.json"))
    found = {name for drift in drifts for name in re.findall(r'"id": "([a-z-]+)"', drift)}
    nouns = ("max-length", "max-bytes", "media-types", "same-size-as", "type", "min-length", "min-items")
    limits = {f"{noun}-{how}" for noun in nouns for how in ("changed", "only-in-docs", "only-in-spec")}
    assert sorted(name for name in found - limits if f"`{name}`" not in README) == []
