"""The tables of generator/README.md name what the code has: every rule, every extension, no other."""

import ast
import re
from pathlib import Path

from generator.__main__ import app
from generator.contract.lint.reader.shape import SHAPES
from tests.generator.edits import ROOT

GENERATOR = ROOT / "generator"
README = (GENERATOR / "README.md").read_text(encoding="utf-8")
CASES = Path(__file__).parent / "cases"


def table(heading: str) -> set[str]:
    """The names in the first column of the table below a heading."""
    section = README.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE))


def rules(folder: Path) -> set[str]:
    """Every rule id that the modules of a folder report under: the third argument of these calls."""
    found = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or len(node.args) < 3:
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            rule = node.args[2]
            if name in ("fault", "check_value", "Diagnostic") and isinstance(rule, ast.Constant):
                found.add(str(rule.value))
    return found


def test_every_command_is_listed_and_no_other() -> None:
    commands = {
        command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands
    }
    assert set(re.findall(r"^python -m generator (\S+)", README, re.MULTILINE)) == commands


def test_every_rule_of_the_contract_is_documented_and_no_other() -> None:
    assert table("The rules of the lint") == rules(GENERATOR / "contract")


def test_every_rule_has_a_case_that_its_complaint_stands_in() -> None:
    said = {
        rule
        for case in (path.parent for path in CASES.glob("*/*/stderr.txt"))
        for rule in re.findall(r"\(([a-z-]+)\)$", (case / "stderr.txt").read_text(), re.MULTILINE)
        if case.name == rule or case.name.startswith(f"{rule}-")
    }
    assert said == rules(GENERATOR / "contract")


def test_the_rules_of_the_later_stages_are_named() -> None:
    for rule in rules(GENERATOR / "emit"):
        assert f"`{rule}`" in README


def test_every_extension_is_documented_and_no_other() -> None:
    declared = set()
    for shape in SHAPES.glob("*.yaml"):
        text = shape.read_text(encoding="utf-8")
        declared |= set(re.findall(r"^ +(x-[a-z-]+):", text, re.MULTILINE))
    assert declared == table("The extensions")


def test_every_module_and_test_room_of_the_flow_exists() -> None:
    section = README.partition("## The flow\n")[2].partition("\n## ")[0]
    modules = re.findall(r"`((?:contract|emit|__main__)[a-z_/.]*)`", section)
    rooms = re.findall(r"`(tests/[a-z_/.]+)`", section)
    assert modules
    assert rooms
    assert [name for name in modules if not (GENERATOR / name).exists()] == []
    assert [name for name in rooms if not (ROOT / name).exists()] == []
