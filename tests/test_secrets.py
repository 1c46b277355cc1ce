"""The watch over what the suite leaves behind works: each way in which a key could get out is noticed."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.client.conftest import KEY
from tests.conftest import KEYS, pytest_runtest_makereport
from tests.money.support import KEY as MONEY_KEY


def outcome(tmp_path: Path, **printed: str) -> str:
    """What becomes of a test that passed, has printed this, and has left that folder."""
    sections = list(printed.items())
    report = cast("Any", SimpleNamespace(when="call", passed=True, outcome="passed", sections=sections))
    item = cast("Any", SimpleNamespace(funcargs={"tmp_path": tmp_path}))
    watching = pytest_runtest_makereport(item, cast("Any", None))
    next(watching)
    with pytest.raises(StopIteration) as ended:
        watching.send(report)
    found: str = ended.value.value.outcome
    return found


def test_the_keys_of_the_tests_are_the_ones_that_are_looked_for() -> None:
    assert {KEY.encode(), MONEY_KEY.encode()} == set(KEYS)


def test_a_test_that_leaves_no_key_passes(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"SQLite")
    assert outcome(tmp_path, stdout="a task", log="a task") == "passed"


@pytest.mark.parametrize("where", ["stdout", "stderr", "log"])
def test_a_key_that_is_printed_or_logged_fails_the_test(tmp_path: Path, where: str) -> None:
    assert outcome(tmp_path, **{where: f"Bearer {KEY}"}) == "failed"


def test_a_key_in_any_file_fails_the_test(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "record.har").write_bytes(b"\0" + KEY.encode())
    assert outcome(tmp_path) == "failed"
    # This test itself must not leave it.
    (tmp_path / "out" / "record.har").unlink()
