"""Test the wording check: findings, their places, exceptions and good text."""

import subprocess
from pathlib import Path

import pytest

from tests import wording
from tests.wording import MARKER, Finding, check, files, rules

PHRASE = "so " + "many"
"""A phrase to avoid. The two parts keep this file free of findings."""

WORD = "le" + "st"
"""A phrase of one word."""

SPLIT = PHRASE.replace(" ", "\n")
INSTEAD = "write the number or 'this many'"


def found(path: str, text: str) -> list[tuple[int, int]]:
    """Return line and column of each finding. All findings must be the phrase."""
    findings = check(path, text)
    assert all(one.message == f"{PHRASE!r}: {INSTEAD}" for one in findings), findings
    return [(one.line, one.column) for one in findings]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.find.pattern[:40])
def test_each_rule_finds_its_bad_samples(rule: wording.Rule) -> None:
    assert rule.bad
    for sample in rule.bad:
        messages = [one.message for one in check("page.md", f"# Title\n\n{sample}\n")]
        assert [message for message in messages if message.endswith(rule.instead)] != [], sample
    for sample in rule.good:
        assert check("page.md", sample) == [], sample


@pytest.mark.parametrize(
    ("path", "text", "places"),
    [
        ("page.md", f"# Title\n\nThere are {PHRASE} tasks.\n", [(3, 11)]),
        ("page.md", f"There are {SPLIT} tasks.\n", [(1, 11)]),
        ("page.html", f"<p class='a'>Wait {PHRASE}</p>", [(1, 19)]),
        ("code.py", f'"""Wait {PHRASE} seconds."""\n', [(1, 9)]),
        ("code.py", f'def f():\n    """Wait.\n\n    Wait {PHRASE} seconds.\n    """\n', [(4, 10)]),
        ("code.py", f"x = 1  # {PHRASE} of them\n", [(1, 10)]),
        ("code.py", "x = 1\n    # wait so\n    # many seconds\n", [(2, 12)]),
        ("code.py", f"message = f'{{count}} of {PHRASE}'\n", [(1, 24)]),
        ("code.py", 'message = (\n    "wait so "\n    f"many {seconds}"\n)\n', [(2, 11)]),
        ("code.py", f'f(\n    "first text",\n    {{"key": "wait {PHRASE}"}},\n)\n', [(3, 19)]),
        ("part.py.jinja", f'"""Wait {PHRASE} {{{{ unit }}}}."""\n', [(1, 9)]),
        ("part.py.jinja", f"{{# wait {PHRASE} #}}\n", [(1, 9)]),
        ("spec.yaml", f"# {PHRASE}\na: 1 # {PHRASE}\n", [(1, 3), (2, 8)]),
        ("spec.yaml", f"a:\n  description: Wait {PHRASE}.\n", [(2, 21)]),
        (
            "spec.yaml",
            f"a:\n  description: |\n    Wait.\n    Wait {PHRASE}.\n# {PHRASE}\n",
            [(4, 10), (5, 3)],
        ),
        ("spec.yaml", f"reason: &x Wait {PHRASE}.\nother: {{reason: *x}}\n", [(1, 17)]),
        ("spec.yaml", f"😀: '😀'\nsummary: 😀 {PHRASE}\n", [(2, 12)]),
        ("holes.yaml", f"field task a: Wait {PHRASE}.\n", [(1, 20)]),
        (".github/a.yml", f"- name: Wait {PHRASE}\n  run: |\n    wait # {PHRASE}\n", [(1, 14), (3, 12)]),
        ("a.toml", f"a = 'b' # {PHRASE}\n", [(1, 11)]),
        ("Makefile", f"wait: ## Wait {PHRASE}\n\techo {PHRASE}\n", [(1, 15), (2, 7)]),
    ],
)
def test_phrase_is_found_at_its_place(path: str, text: str, places: list[tuple[int, int]]) -> None:
    assert found(path, text) == places


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("page.md", SPLIT.replace("\n", "\n\n")),
        ("page.md", f"`{PHRASE}` and so-many and also many"),
        ("code.py", "so = many\n"),
        ("code.py", "f('and so', 'many')\n"),
        ("code.py", f"x = '{WORD}'\n"),
        ("code.py", "x = 1  # so\ny = 2000  # many\n"),
        ("code.py", "f'so {x} many'\n"),
        ("part.py.jinja", "{{ so many }}{% if so many %}\n"),
        ("spec.yaml", f"example: {PHRASE}\ntext: 'a # {PHRASE}'\nenum:\n  - {PHRASE}\n"),
        ("spec.yaml", f"example: |\n  # {PHRASE}\n"),
        (".github/a.yml", f"run: echo {PHRASE}\n"),
        ("a.toml", f'a = \'x # {PHRASE}\'\nb = "\\" # {PHRASE}"\n'),
        ("data.json", f'{{"text": "{PHRASE}"}}'),
    ],
)
def test_names_code_and_data_have_no_findings(path: str, text: str) -> None:
    assert found(path, text) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("code.py", f"x = 1  # {PHRASE}; {MARKER} the service says it\n"),
        ("code.py", f'x = """\n{PHRASE}\n"""  # {MARKER} the service says it\n'),
        ("page.md", f"{PHRASE} <!-- {MARKER} the service says it -->\n"),
        ("spec.yaml", f"reason: {PHRASE} # {MARKER} the service says it\n"),
    ],
)
def test_exception_with_a_reason_allows_the_line(path: str, text: str) -> None:
    assert check(path, text) == []


def test_exception_on_another_line_is_unused() -> None:
    text = f"x = 1  # {PHRASE}\n\ny = 2  # {MARKER} the service says it\n"
    unused = Finding("a.py", 3, 10, "no phrase on this line needs the exception; delete it")
    assert check("a.py", text) == [Finding("a.py", 1, 10, f"{PHRASE!r}: {INSTEAD}"), unused]


@pytest.mark.parametrize("end", ["", " ", "."])
def test_exception_without_a_reason_is_a_finding(end: str) -> None:
    text = f"x = 1  # {PHRASE}; {MARKER}{end}\n"
    assert check("a.py", text) == [Finding("a.py", 1, 19, "the exception does not state a reason")]


def test_files_are_listed_by_git_without_exclusions(tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "--quiet"], check=True)
    names = [
        "a.md",
        "ignored.md",
        "CHANGELOG.md",
        "generated/a.py",
        "tests/drift/cases/a/page.md",
        "spec/a.yaml",
    ]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / ".gitignore").write_text("ignored.md\n")
    assert sorted(files(tmp_path)) == [".gitignore", "a.md", "spec/a.yaml"]


def test_command_prints_findings_and_exits_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "--quiet"], check=True)
    (tmp_path / "a.md").write_text(f"Wait {PHRASE}.\n")
    assert wording.main(tmp_path) == 1
    assert capsys.readouterr().out == f"a.md:1:6: wording: {PHRASE!r}: {INSTEAD}\n"
    (tmp_path / "a.md").write_text("Wait.\n")
    assert (wording.main(tmp_path), capsys.readouterr().out) == (0, "")
