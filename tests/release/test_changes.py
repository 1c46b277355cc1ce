"""Each change of the contract is graded by its effect on code that uses the package."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.contract.source import Source, read_spec
from generator.release.changelog import as_changelog, as_json, as_lines
from generator.release.changes import Change, changes, step
from generator.release.rules import RULES, Grade
from generator.release.surface import surface
from tests.drift.command import command
from tests.generator.edits import ROOT, SPEC, edited, write_spec

PAIRS: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parent / "pairs.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader
)


@pytest.fixture(scope="module")
def committed() -> Source:
    return read_spec(SPEC)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair["change"])
def test_edit_of_the_spec_is_reported_with_its_grade(
    pair: dict[str, Any], committed: Source, tmp_path: Path
) -> None:
    changed = read_spec(write_spec(edited(pair["edits"]), tmp_path / "spec"))
    found = changes(surface(committed), surface(changed))
    assert sorted([change.id, change.name] for change in found) == sorted(pair["expect"])
    assert (found[0].grade if found else "none") == pair["grade"]
    steps = {
        "breaking": "minor",
        "behaviour": "minor",
        "additive": "minor",
        "wording": "patch",
        "none": "none",
    }
    assert step(found, "0.1.0") == steps[pair["grade"]]


def test_pairs_cover_every_grade() -> None:
    assert len(PAIRS) >= 40
    assert {pair["grade"] for pair in PAIRS} == {*Grade, "none"}


def test_pairs_cover_every_rule_except_resources() -> None:
    used = {rule for pair in PAIRS for rule, _ in pair["expect"]}
    assert RULES.keys() - used == {"resource-added", "resource-removed", "code-removed"}


def test_readme_lists_every_rule() -> None:
    page = (ROOT / "generator" / "release" / "README.md").read_text(encoding="utf-8")
    table = page.partition("| rule | grade | says |\n| --- | --- | --- |\n")[2]
    assert table.splitlines() == [
        f"| `{name}` | {rule.grade} | {rule.words} |" for name, rule in RULES.items()
    ]


def test_added_or_removed_model_is_one_change(committed: Source, tmp_path: Path) -> None:
    case = Path(__file__).parents[1] / "generator" / "cases" / "extend" / "change.yaml"
    edits = yaml.load(case.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    extended = read_spec(write_spec(edited(edits), tmp_path / "spec"))
    there, back = surface(extended), surface(committed)
    assert [change.name for change in changes(back, there) if change.id == "resource-added"] == [
        "kie.clip",
        "kie.v3_edit",
    ]
    assert [change.name for change in changes(there, back) if change.id == "resource-removed"] == [
        "kie.clip",
        "kie.v3_edit",
    ]
    assert not [change for change in changes(back, there) if "v3_edit." in change.name]
    assert ("code-removed", "451") in [(change.id, change.name) for change in changes(there, back)]


def test_breaking_change_is_major_from_version_1() -> None:
    assert step([Change("method-removed", "kie.files.upload")], "1.4.0") == "major"
    assert step([Change("method-removed", "kie.files.upload")], "0.4.0") == "minor"


def test_lines_json_and_changelog_agree() -> None:
    found = [Change("value-removed", "kie.a.create(b)", "X"), Change("argument-added", "kie.a.create(c)")]
    assert as_lines(found, "1.0.0").splitlines() == [
        "breaking: `kie.a.create(b)` no longer accepts X (value-removed)",
        "additive: `kie.a.create(c)` was added (argument-added)",
        "version step: major",
    ]
    assert json.loads(as_json(found, "1.0.0"))["changes"][0] == {
        "id": "value-removed",
        "grade": "breaking",
        "name": "kie.a.create(b)",
        "message": "`kie.a.create(b)` no longer accepts X",
    }
    assert as_changelog(found).splitlines()[:3] == [
        "### Changed (breaking)",
        "",
        "- `kie.a.create(b)` no longer accepts X.",
    ]


def test_diff_exits_1_for_changes_and_0_for_none(tmp_path: Path) -> None:
    edits = [{"file": "openapi.yaml", "find": "maxLength: 5000", "replace": "maxLength: 4000"}]
    changed = write_spec(edited(edits), tmp_path / "spec")
    run = command("diff", str(SPEC), str(changed))
    assert run.code == 1
    assert "limit-tightened" in run.out
    assert command("diff", str(changed), str(changed / "openapi.yaml")).code == 0


def test_diff_compares_files_of_any_name(tmp_path: Path) -> None:
    for name, length in (("before.yaml", "5000"), ("after.yaml", "4000")):
        text = (SPEC / "openapi.yaml").read_text(encoding="utf-8")
        (tmp_path / name).write_text(
            text.replace("maxLength: 5000", f"maxLength: {length}"), encoding="utf-8"
        )
    run = command("diff", str(tmp_path / "before.yaml"), str(tmp_path / "after.yaml"))
    assert run.out.splitlines()[0].endswith("(limit-tightened)")
    (tmp_path / "after.yaml").write_text("openapi: 3.1.0\n", encoding="utf-8")
    run = command("diff", str(tmp_path / "before.yaml"), str(tmp_path / "after.yaml"))
    assert (run.code, run.out) == (2, "")
    assert f"{tmp_path}/after.yaml:" in run.err
    assert all((ROOT / row.partition(":")[0]).is_file() for row in run.err.splitlines())


def test_diff_compares_a_workflow_file(tmp_path: Path) -> None:
    text = (SPEC / "workflows.arazzo.yaml").read_text(encoding="utf-8")
    (tmp_path / "flow.yaml").write_text(text.replace("jitter: 0.1", "jitter: 0.2"), encoding="utf-8")
    run = command("diff", str(SPEC), str(tmp_path / "flow.yaml"), "--spec", str(SPEC))
    assert (
        run.out.splitlines()[0] == "behaviour: workflow.wait.jitter is 0.2 instead of 0.1 (setting-changed)"
    )


def versioned(folder: Path) -> Path:
    """Return a copy of the spec that is committed in a new repository."""
    spec = write_spec(edited([]), folder / "spec")
    commit(folder)
    return spec


def commit(folder: Path) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    for arguments in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "before"]):
        command = ["git", *identity, *arguments]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)


def test_diff_compares_with_a_git_revision(tmp_path: Path) -> None:
    spec = versioned(tmp_path)
    openapi = spec / "openapi.yaml"
    openapi.write_text(openapi.read_text(encoding="utf-8").replace("tolerance: 300", "tolerance: 100"))
    run = command("diff", "HEAD", str(spec), "--spec", str(spec))
    assert run.out.splitlines()[0] == "behaviour: signature.tolerance is 100 instead of 300 (setting-changed)"


def test_revision_that_fails_lint_is_rejected(tmp_path: Path) -> None:
    spec = versioned(tmp_path)
    openapi = spec / "openapi.yaml"
    now = openapi.read_text(encoding="utf-8")
    openapi.write_text(now.replace("  tolerance: 300\n", ""))
    commit(tmp_path)
    openapi.write_text(now)
    run = command("diff", "HEAD", str(spec), "--spec", str(spec))
    assert run.code == 2
    first, fault = run.err.splitlines()
    assert first.startswith("HEAD: error: the documents of this revision do not pass today's lint; write")
    assert fault.startswith("HEAD:openapi.yaml:")
    assert "'tolerance'" in fault


@pytest.mark.parametrize("name", ["no-such-revision", "no/such/file.yaml"])
def test_diff_with_unknown_name_exits_2(name: str) -> None:
    run = command("diff", name)
    assert run.code == 2
    assert run.err.startswith(f"{name}: error: not a folder, a file or a git revision with openapi.yaml")
    assert run.err.endswith("(revision)\n")
