"""The unattended run: only pinned actions, no secret but the default token, only commands that exist."""

import re
from typing import Any

import yaml

from generator.__main__ import ROOT, app

TEXT = (ROOT / ".github" / "workflows" / "docs-drift.yml").read_text(encoding="utf-8")
WORKFLOW: dict[str, Any] = yaml.safe_load(TEXT)
STEPS = WORKFLOW["jobs"]["drift"]["steps"]


def test_actions_are_pinned_by_commit_and_name_their_version() -> None:
    uses = [row.strip() for row in TEXT.splitlines() if "uses:" in row]
    assert uses
    assert all(re.fullmatch(r"- uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", row) for row in uses)


def test_no_secret_is_used_and_rights_are_given_to_the_job_only() -> None:
    assert "secrets." not in TEXT
    assert WORKFLOW["permissions"] == {}
    assert WORKFLOW["jobs"]["drift"]["permissions"] == {"contents": "write", "pull-requests": "write"}
    assert WORKFLOW["concurrency"]["group"] == "docs-drift"


def test_nothing_of_a_page_is_put_into_a_script() -> None:
    assert not [step for step in STEPS if "${{" in step.get("run", "")]


def test_its_commands_exist() -> None:
    known = {info.name or info.callback.__name__ for info in app.registered_commands if info.callback}
    used = set(re.findall(r"-m generator ([\w-]+)", TEXT))
    assert used == {"docs-address", "drift", "reconcile"}
    assert used <= known
