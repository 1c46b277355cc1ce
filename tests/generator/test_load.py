"""The loader rejects, at its position, everything that YAML would read as another value."""

from pathlib import Path

import pytest

from generator.contract.load import load, parse
from generator.diagnostics import InputError
from tests.generator.expected import expect

CASES = Path(__file__).parent / "cases" / "load"


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_case_has_exactly_these_faults(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(case)
    with pytest.raises(InputError) as raised:
        load(Path("input.yaml"))
    expect(f"{raised.value}\n", case / "stderr.txt")


def test_every_key_and_item_has_a_position() -> None:
    document = parse("a:\n  b: [x, y]\n", Path("some.yaml"))
    assert [str(document.locate(*pointer)) for pointer in [("a",), ("a", "b"), ("a", "b", 1)]] == [
        "some.yaml:1:1",
        "some.yaml:2:3",
        "some.yaml:2:10",
    ]


def test_missing_member_has_the_position_of_its_parent() -> None:
    assert str(parse("a:\n  b: 1\n", Path("some.yaml")).locate("a", "c", "d")) == "some.yaml:1:1"


def test_alias_has_its_own_position_and_members_theirs() -> None:
    document = parse("a: &x\n  n: 1\nb: *x\n", Path("some.yaml"))
    assert document.locate("b").line == 3
    assert document.locate("b", "n").line == 2


def test_values_are_read_as_written() -> None:
    text = "- 'no'\n- true\n- 10\n- -1.5\n- null\n- 造型\n- '2026-01-01'\n"
    assert parse(f"a:\n{text}", Path("some.yaml")).data["a"] == [
        "no",
        True,
        10,
        -1.5,
        None,
        "造型",
        "2026-01-01",
    ]


def test_document_hash_is_independent_of_line_endings(tmp_path: Path) -> None:
    unix, windows = tmp_path / "unix.yaml", tmp_path / "windows.yaml"
    unix.write_bytes(b"a: 1\nb: 2\n")
    windows.write_bytes(b"a: 1\r\nb: 2\r\n")
    assert load(unix).sha256 == load(windows).sha256
