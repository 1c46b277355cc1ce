"""The workflows: pinned and without interpolation; that of continuous integration may only read."""

import re
import tomllib
from typing import Any

import pytest
import yaml

from tests.documents import ROOT, text

TEXT = text(".github/workflows/ci.yml")
WORKFLOW: dict[str, Any] = yaml.safe_load(TEXT)
WORKFLOWS = pytest.mark.parametrize(
    "name", [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / ".github/workflows").glob("*.yml"))]
)
STEPS = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]


def test_workflow_may_only_read_and_uses_no_secret() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert not [name for name, job in WORKFLOW["jobs"].items() if "permissions" in job]
    assert "secrets." not in TEXT
    checkouts = [step for step in STEPS if step.get("uses", "").startswith("actions/checkout@")]
    assert [step["with"]["persist-credentials"] for step in checkouts] == [False] * len(WORKFLOW["jobs"])


@WORKFLOWS
def test_actions_are_pinned_by_commit_with_their_version(name: str) -> None:
    uses = [row.strip() for row in text(name).splitlines() if "uses:" in row]
    assert uses
    assert all(re.fullmatch(r"- uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", row) for row in uses)


def test_workflow_runs_on_each_supported_python() -> None:
    classifiers = tomllib.loads(text("pyproject.toml"))["project"]["classifiers"]
    declared = [found[1] for line in classifiers if (found := re.search(r":: (3\.\d+)$", line))]
    assert WORKFLOW["jobs"]["test"]["strategy"]["matrix"]["python"] == declared


def test_workflow_runs_make_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", text("Makefile"), re.MULTILINE))
    used = set(re.findall(r"\bmake ([a-z]+)", " ".join(step.get("run", "") for step in STEPS)))
    assert used == {"test", "lowest", "linters", "docs"}
    assert used <= targets


def test_caches_are_keyed_by_hashed_requirements() -> None:
    paths = [
        step["with"]["cache-dependency-path"].split() for step in STEPS if "cache" in step.get("with", {})
    ]
    assert paths
    for path in (ROOT / name for names in paths for name in names):
        assert "--hash=sha256:" in path.read_text(encoding="utf-8")


@WORKFLOWS
def test_scripts_do_not_interpolate_expressions(name: str) -> None:
    jobs = yaml.safe_load(text(name))["jobs"].values()
    assert not [step for job in jobs for step in job["steps"] if "${{" in step.get("run", "")]


@WORKFLOWS
def test_a_failure_before_a_pipe_ends_the_step(name: str) -> None:
    workflow = yaml.safe_load(text(name))
    runs = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    explicit = workflow.get("defaults", {}).get("run", {}).get("shell") == "bash"
    assert explicit or not [run for run in runs if re.search(r"[^|]\|[^|]", run)]


def test_jobs_that_run_the_tests_install_the_databases() -> None:
    for job in WORKFLOW["jobs"].values():
        runs = " ".join(step.get("run", "") for step in job["steps"])
        if re.search("make (test|lowest)", runs):
            assert "postgresql redis-server" in runs
