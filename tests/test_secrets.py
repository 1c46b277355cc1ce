"""The check of the test suite for leaked API keys detects each kind of leak."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.client.conftest import KEY
from tests.conftest import KEYS, pytest_runtest_makereport
from tests.money.support import KEY as MONEY_KEY


def outcome(tmp_path: Path, **printed: str) -> str:
    """Return the outcome of a test that passed, printed this, and left that folder."""
    sections = list(printed.items())
    report = cast("Any", SimpleNamespace(when="call", passed=True, outcome="passed", sections=sections))
    item = cast("Any", SimpleNamespace(funcargs={"tmp_path": tmp_path}))
    watching = pytest_runtest_makereport(item, cast("Any", None))
    next(watching)
    with pytest.raises(StopIteration) as ended:
        watching.send(report)
    found: str = ended.value.value.outcome
    return found


def test_searched_keys_are_the_keys_of_the_tests() -> None:
    assert {KEY.encode(), MONEY_KEY.encode()} == set(KEYS)


def test_test_that_leaves_no_key_passes(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"SQLite")
    assert outcome(tmp_path, stdout="a task", log="a task") == "passed"


@pytest.mark.parametrize("where", ["stdout", "stderr", "log"])
def test_printed_or_logged_key_fails_the_test(tmp_path: Path, where: str) -> None:
    assert outcome(tmp_path, **{where: f"Bearer {KEY}"}) == "failed"


def test_key_in_a_file_fails_the_test(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "record.har").write_bytes(b"\0" + KEY.encode())
    assert outcome(tmp_path) == "failed"
    # This test itself must not leave it.
    (tmp_path / "out" / "record.har").unlink()
