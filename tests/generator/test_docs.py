"""The tables of generator/README.md list exactly the commands, rules and extensions of the code."""

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
    """Return the names in the first column of the table below a heading."""
    section = README.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE))


def rules(folder: Path) -> set[str]:
    """Return every rule id that the modules of a folder use: the third argument of these calls."""
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


def test_readme_lists_exactly_the_commands() -> None:
    commands = {
        command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands
    }
    assert set(re.findall(r"^python -m generator (\S+)", README, re.MULTILINE)) == commands


def test_readme_lists_exactly_the_lint_rules() -> None:
    assert table("The rules of the lint") == rules(GENERATOR / "contract")


def test_every_lint_rule_has_a_case() -> None:
    reported = {
        rule
        for case in (path.parent for path in CASES.glob("*/*/stderr.txt"))
        for rule in re.findall(r"\(([a-z-]+)\)$", (case / "stderr.txt").read_text(), re.MULTILINE)
        if case.name == rule or case.name.startswith(f"{rule}-")
    }
    assert reported == rules(GENERATOR / "contract")


def test_readme_names_the_rules_of_later_stages() -> None:
    for rule in rules(GENERATOR / "emit"):
        assert f"`{rule}`" in README


def test_readme_lists_exactly_the_extensions() -> None:
    declared = set()
    for shape in SHAPES.glob("*.yaml"):
        text = shape.read_text(encoding="utf-8")
        declared |= set(re.findall(r"^ +(x-[a-z-]+):", text, re.MULTILINE))
    assert declared == table("The extensions")


def test_paths_in_the_flow_table_exist() -> None:
    section = README.partition("## The flow\n")[2].partition("\n## ")[0]
    modules = re.findall(r"`((?:contract|emit|__main__)[/.][a-z_/.]*)`", section)
    tests = re.findall(r"`(tests/[a-z_/.]+)`", section)
    assert modules
    assert tests
    assert [name for name in modules if not (GENERATOR / name).exists()] == []
    assert [name for name in tests if not (ROOT / name).exists()] == []
