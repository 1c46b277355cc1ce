"""Runs the cases. Every folder below cases/ has a page and the expected output.

`expected/facts.json` and `expected/drift.json` are the output of the two commands, without line
numbers of the spec. `stderr.txt` has their complaints.
"""

import json
import re
from contextlib import chdir
from functools import cache
from pathlib import Path

import pytest

from tests.drift.command import CASES, Result, command
from tests.generator.edits import SPEC
from tests.generator.expected import expect

NAMES = sorted(path.name for path in CASES.iterdir())
# Pages that state the same facts as the reference page.
EQUIVALENT = [
    name for name in NAMES if name == "reference" or (name.startswith(("zh-", "en-")) and name != "en-2025")
]


@cache
def facts_and_drift(name: str) -> tuple[Result, Result]:
    with chdir(CASES / name):
        return command("facts", "page.md", "--json"), command("drift", "page.md", "--json")


def expect_if_any(actual: str, path: Path) -> None:
    if actual or path.exists():
        path.parent.mkdir(exist_ok=True)
        expect(actual, path)


@pytest.mark.parametrize("name", NAMES)
def test_page_gives_expected_facts_findings_and_complaints(name: str) -> None:
    facts, drift = facts_and_drift(name)
    findings = re.sub(rf"{SPEC}/([a-z/-]+\.yaml)(:\d+:\d+)?", r"spec/\1", drift.out)
    complaints = "".join(dict.fromkeys((facts.err + drift.err).splitlines(keepends=True)))
    expect_if_any(facts.out, CASES / name / "expected" / "facts.json")
    expect_if_any(findings, CASES / name / "expected" / "drift.json")
    expect_if_any(complaints, CASES / name / "stderr.txt")
    assert facts.code == (0 if facts.out else 2)
    assert drift.code == (2 if not drift.out else 1 if json.loads(drift.out)["findings"] else 0)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("bad-")])
def test_bad_page_prints_located_errors_only_and_exits_2(name: str) -> None:
    drift = facts_and_drift(name)[1]
    assert (drift.out, drift.code) == ("", 2)
    assert re.fullmatch(r"(page\.md(:\d+:\d+)?: error: .+ \([a-z-]+\)\n)+", drift.err)


@pytest.mark.parametrize("name", EQUIVALENT)
def test_equivalent_page_in_any_form_has_no_findings(name: str) -> None:
    drift = facts_and_drift(name)[1]
    assert json.loads(drift.out) == {"findings": []}
    # Only parts that the other forms do not have, such as another response.
    assert [row for row in drift.err.splitlines() if not row.endswith("was not read (page-part)")] == []
    assert drift.code == 0


@pytest.mark.parametrize("name", EQUIVALENT)
def test_equivalent_page_in_any_form_has_the_same_facts(name: str) -> None:
    def substance(case: str) -> object:
        facts = json.loads(facts_and_drift(case)[0].out)
        fields = {
            part: {
                path: {k: v for k, v in members.items() if k not in ("line", "example", "prose")}
                for path, members in facts[part].items()
            }
            for part in ("fields", "response")
        }
        fields["fields"]["model"].pop("default", None)
        return facts["operation"], facts["model"], list(facts["codes"]), fields

    assert substance(name) == substance("reference")
