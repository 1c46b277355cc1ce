"""Edits of YAML text leave comments where they belong and all other bytes unchanged."""

import pytest
import yaml
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from generator.contract import source
from generator.drift.apply.yaml_edit import EditableYaml, flow_list, put_after, put_item
from tests.generator.edits import SPEC


@pytest.mark.parametrize("name", [source.OPENAPI, source.ARAZZO])
def test_yaml_without_edits_is_unchanged(name: str) -> None:
    text = (SPEC / name).read_text(encoding="utf-8")
    assert EditableYaml(text).text() == text


BEFORE = """\
a:
  # about b
  b: 1
  # about c
  c:
    - x
    # about d
  d: [1, 2]

  # about e
  e: 5
"""


@pytest.mark.parametrize("key", ["b", "c", "d", "e"])
def test_new_key_leaves_comments_before_their_keys(key: str) -> None:
    text = EditableYaml(BEFORE)
    put_after(text.at(("a",)), key, "new", CommentedMap(deep=flow_list([1]), last="value"))
    rows = text.text().splitlines()
    for name in "bcde":
        row = next(row for row in rows if row.startswith(f"  {name}:"))
        assert rows[rows.index(row) - 1].strip() == f"# about {name}"
    assert [row for row in rows if row.strip()] != [row for row in BEFORE.splitlines() if row.strip()]


def test_new_last_item_goes_before_the_next_comment() -> None:
    text = EditableYaml(BEFORE)
    put_item(text.at(("a", "c")), 1, "y")
    assert text.text() == BEFORE.replace("    - x\n", "    - x\n    - y\n")


AMBIGUOUS = [
    *("1:1", "16:9", "no", "on", "Y", "null", "~", "", "1e3", "12e03", "012", "0x10", "1_000", "1.", ".inf"),
    *(
        "2026-01-31",
        "=",
        "<<",
        "a:",
        "a ",
        " a",
        "a: b",
        "a #b",
        "- a",
        "? a",
        "a?b",
        "?a",
        ":a",
        "::",
        "---",
    ),
    *("{a}", "[a]", "a, b", "*a", "&a", "!a", "%a", "@a", "`a`", "'a'", '"a"', "a\\b", "图：x", "a\u00a0b"),
    *("a\u2028b", "a\nb\n", "\ta", "\U0001f600"),
]


def test_each_text_is_read_back_as_it_was_written() -> None:
    text = EditableYaml("first: 1\n")
    text.root["block"] = CommentedSeq(AMBIGUOUS)
    text.root["flow"] = flow_list([*AMBIGUOUS, AMBIGUOUS, {"key": AMBIGUOUS[0]}])
    text.root["keys"] = CommentedMap({value: value for value in AMBIGUOUS if "\n" not in value})
    put_item(text.root["flow"], 0, "a?b")
    written = yaml.safe_load(text.text())
    assert written["block"] == AMBIGUOUS
    assert written["flow"] == ["a?b", *AMBIGUOUS, AMBIGUOUS, {"key": AMBIGUOUS[0]}]
    assert [*written["keys"].items()] == [(value, value) for value in AMBIGUOUS if "\n" not in value]


@pytest.mark.parametrize("number", [1e-7, 1e16, 0.1, -2.5e-9, 0.0, 3, 10**20])
def test_each_number_is_read_back_as_it_was_written(number: float) -> None:
    text = EditableYaml("first: 1\n")
    text.root["number"] = number
    assert yaml.safe_load(text.text())["number"] == number
    assert type(yaml.safe_load(text.text())["number"]) is type(number)


def test_edit_of_one_tree_changes_no_other_of_the_same_text() -> None:
    text = "# a comment\nfirst: [1, 2]\nsecond: {a: 1}\n"
    edited = EditableYaml(text)
    edited.at(("first",)).append(3)
    edited.root["second"]["a"] = 2
    assert edited.text() == "# a comment\nfirst: [1, 2, 3]\nsecond: {a: 2}\n"
    assert EditableYaml(text).text() == text
