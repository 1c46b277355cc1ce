"""The weekly workflow uses pinned actions, the default token only, and commands that exist."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.__main__ import ROOT, app

TEXT = (ROOT / ".github" / "workflows" / "docs-drift.yml").read_text(encoding="utf-8")
WORKFLOW: dict[str, Any] = yaml.safe_load(TEXT)
STEPS = WORKFLOW["jobs"]["drift"]["steps"]


def run(step: str, folder: Path, **programs: str) -> subprocess.CompletedProcess[str]:
    """Run a step's script as GitHub does, with shell scripts in place of `programs`."""
    script = next(s["run"] for s in STEPS if s.get("name") == step)
    for name, text in programs.items():
        path = folder / ".venv" / "bin" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(0o755)
    bash = shutil.which("bash")
    assert bash
    environment = {
        "PATH": f"{folder / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "RUNNER_TEMP": str(folder),
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "BASE": "main",
        "PAGES": "https://docs.kie.ai/page.md https://docs.kie.ai/other.md",
    }
    command = [bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


# What the replaced command does → whether the step succeeds.
OUTCOMES = {
    "echo out; exit 0": True,
    "echo out; exit 1": True,
    "exit 1": False,
    "echo out; exit 70": False,
}


@pytest.mark.parametrize("step", ["Compare the pages with the spec", "Update the spec from the pages"])
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_crash_of_a_command_fails_the_step(step: str, outcome: str, tmp_path: Path) -> None:
    python = f"case $3 in docs-address) echo https://docs.kie.ai/page.md;; *) {outcome};; esac"
    assert (run(step, tmp_path, python=python).returncode == 0) == OUTCOMES[outcome]


def test_refused_reconcile_is_added_to_the_report(tmp_path: Path) -> None:
    assert run("Update the spec from the pages", tmp_path, python="echo why >&2; exit 2").returncode == 0
    assert "why\n" in (tmp_path / "report.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("edit", ["", "echo 'a: 2' > spec/openapi.yaml"])
def test_findings_open_a_pull_request_even_without_edits(edit: str, tmp_path: Path) -> None:
    git = shutil.which("git")
    assert git
    (tmp_path / "report.md").write_text("the report", encoding="utf-8")
    for name in ("spec", "generated", "docs", "tests/contract"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "openapi.yaml").write_text("a: 1\n", encoding="utf-8")
    setup = (["init", "-q", "-b", "main"], ["init", "-q", "--bare", "origin.git"])
    who = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
    commit = [*who, "commit", "-qm", "first"]
    for words in (
        *setup,
        ["remote", "add", "origin", "origin.git"],
        ["add", "spec", "generated", "docs", "tests"],
        commit,
    ):
        subprocess.run([git, *words], cwd=tmp_path, check=True)
    gh = 'case $2 in view) exit 1;; *) echo "$2 $(cat report.md)" >> asked;; esac'
    ended = run("Open or update the pull request", tmp_path, make=edit or ":", gh=gh)
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "asked").read_text(encoding="utf-8") == "create the report\n"
    counted = subprocess.run(
        [git, "rev-list", "--count", "docs-drift"],
        cwd=tmp_path / "origin.git",
        capture_output=True,
        text=True,
        check=True,
    )
    assert counted.stdout == "2\n"


def test_actions_are_pinned_by_commit_with_their_version() -> None:
    uses = [row.strip() for row in TEXT.splitlines() if "uses:" in row]
    assert uses
    assert all(re.fullmatch(r"- uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", row) for row in uses)


def test_workflow_uses_no_secret_and_gives_rights_to_the_job() -> None:
    assert "secrets." not in TEXT
    assert WORKFLOW["permissions"] == {}
    assert WORKFLOW["jobs"]["drift"]["permissions"] == {"contents": "write", "pull-requests": "write"}
    assert WORKFLOW["concurrency"]["group"] == "docs-drift"


def test_scripts_do_not_interpolate_expressions() -> None:
    assert not [step for step in STEPS if "${{" in step.get("run", "")]


def test_workflow_uses_existing_commands_only() -> None:
    known = {info.name or info.callback.__name__ for info in app.registered_commands if info.callback}
    used = set(re.findall(r"-m generator ([\w-]+)", TEXT))
    assert used == {"docs-address", "drift", "reconcile"}
    assert used <= known
