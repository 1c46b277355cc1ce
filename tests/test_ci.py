"""The workflow of continuous integration: read-only, pinned, on every supported Python."""

import re
import tomllib
from typing import Any

import yaml

from tests.documents import ROOT, text

TEXT = text(".github/workflows/ci.yml")
WORKFLOW: dict[str, Any] = yaml.safe_load(TEXT)
STEPS = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]


def test_workflow_may_only_read_and_uses_no_secret() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert not [name for name, job in WORKFLOW["jobs"].items() if "permissions" in job]
    assert "secrets." not in TEXT
    checkouts = [step for step in STEPS if step.get("uses", "").startswith("actions/checkout@")]
    assert [step["with"]["persist-credentials"] for step in checkouts] == [False] * len(WORKFLOW["jobs"])


def test_actions_are_pinned_by_commit_with_their_version() -> None:
    uses = [row.strip() for row in TEXT.splitlines() if "uses:" in row]
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


def test_scripts_do_not_interpolate_expressions() -> None:
    assert not [step for step in STEPS if "${{" in step.get("run", "")]
