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


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A clone with a spec, whose origin is a folder in it, after a comparison that found something."""
    (tmp_path / "report.md").write_text("the report", encoding="utf-8")
    for name in ("spec", "generated", "docs", "tests/contract"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "openapi.yaml").write_text("a: 1\n", encoding="utf-8")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "init", "-q", "--bare", "origin.git")
    git(tmp_path, "remote", "add", "origin", "origin.git")
    git(tmp_path, "add", "spec", "generated", "docs", "tests")
    git(tmp_path, "commit", "-qm", "first")
    return tmp_path


def git(folder: Path, *words: str) -> str:
    command = ["git", "-c", "user.name=test", "-c", "user.email=test@example.com", *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def open_pull_request(folder: Path, edit: str = "") -> subprocess.CompletedProcess[str]:
    """Run the step with a GitHub that has no pull request, and a generator that makes an edit."""
    gh = 'case $2 in view) exit 1;; *) echo "$2 $(cat report.md)" >> asked;; esac'
    return run("Open or update the pull request", folder, make=edit or ":", gh=gh)


@pytest.mark.parametrize("edit", ["", "echo 'a: 2' > spec/openapi.yaml"])
def test_findings_open_a_pull_request_even_without_edits(edit: str, repository: Path) -> None:
    ended = open_pull_request(repository, edit)
    assert ended.returncode == 0, ended.stderr
    assert (repository / "asked").read_text(encoding="utf-8") == "create the report\n"
    assert git(repository / "origin.git", "rev-list", "--count", "docs-drift") == "2"


def test_a_later_run_replaces_the_branch(repository: Path) -> None:
    open_pull_request(repository)
    git(repository, "switch", "-q", "main")
    assert open_pull_request(repository).returncode == 0
    assert git(repository / "origin.git", "rev-list", "--count", "docs-drift") == "2"


def test_a_branch_with_a_commit_of_a_person_is_left_alone(repository: Path) -> None:
    open_pull_request(repository)
    git(repository, "commit", "-q", "--allow-empty", "-m", "a decision")
    git(repository, "push", "-q", "origin", "docs-drift")
    git(repository, "switch", "-q", "main")
    assert open_pull_request(repository).returncode == 1
    assert "commit of a person" in (repository / "summary").read_text(encoding="utf-8")
    assert git(repository / "origin.git", "log", "-1", "--format=%s", "docs-drift") == "a decision"


def test_workflow_uses_no_secret_and_gives_rights_to_the_job() -> None:
    assert "secrets." not in TEXT
    assert WORKFLOW["permissions"] == {}
    assert WORKFLOW["jobs"]["drift"]["permissions"] == {"contents": "write", "pull-requests": "write"}
    assert WORKFLOW["concurrency"]["group"] == "docs-drift"


def test_workflow_uses_existing_commands_only() -> None:
    known = {info.name or info.callback.__name__ for info in app.registered_commands if info.callback}
    used = set(re.findall(r"-m generator ([\w-]+)", TEXT))
    assert used == {"docs-address", "drift", "reconcile"}
    assert used <= known
