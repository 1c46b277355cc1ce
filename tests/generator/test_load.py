"""The loader refuses what YAML would turn into something else, at its place."""

from pathlib import Path

import pytest

from generator.contract.load import load, parse
from generator.diagnostics import InputError
from tests.generator.expected import expect

CASES = Path(__file__).parent / "cases" / "load"


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_a_case_gets_exactly_the_complaints_it_should(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(case)
    with pytest.raises(InputError) as raised:
        load(Path("input.yaml"))
    expect(f"{raised.value}\n", case / "stderr.txt")


def test_every_key_and_item_keeps_its_place() -> None:
    document = parse("a:\n  b: [x, y]\n", Path("some.yaml"))
    assert [str(document.locate(*pointer)) for pointer in [("a",), ("a", "b"), ("a", "b", 1)]] == [
        "some.yaml:1:1",
        "some.yaml:2:3",
        "some.yaml:2:10",
    ]


def test_what_is_not_there_is_located_at_its_nearest_parent() -> None:
    assert str(parse("a:\n  b: 1\n", Path("some.yaml")).locate("a", "c", "d")) == "some.yaml:1:1"


def test_an_alias_is_located_where_it_is_used_and_its_members_where_they_are_written() -> None:
    document = parse("a: &x\n  n: 1\nb: *x\n", Path("some.yaml"))
    assert document.locate("b").line == 3
    assert document.locate("b", "n").line == 2


def test_values_are_what_a_reader_sees() -> None:
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


def test_the_hash_of_a_document_does_not_depend_on_line_endings(tmp_path: Path) -> None:
    unix, windows = tmp_path / "unix.yaml", tmp_path / "windows.yaml"
    unix.write_bytes(b"a: 1\nb: 2\n")
    windows.write_bytes(b"a: 1\r\nb: 2\r\n")
    assert load(unix).sha256 == load(windows).sha256
