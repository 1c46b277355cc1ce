"""Edits of YAML text leave comments where they belong and all other bytes unchanged."""

import pytest
from ruamel.yaml.comments import CommentedMap

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
