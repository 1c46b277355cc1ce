"""Budgets in the journal: what is reserved for one submission is left over for no other."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from kie_ideogram._runtime.core.clock import SYSTEM_CLOCK
from kie_ideogram._runtime.journal.budget import millionths, release, reserve, settle, spent
from kie_ideogram._runtime.journal.sqlite.database import JournalDatabase

DAY = {"day": 10}
BOTH = {"day": 10, "session": 5}


class Budgets:
    """The functions, each in a separate transaction."""

    def __init__(self, database: JournalDatabase) -> None:
        self.database = database

    def reserve(self, limits: dict[str, int], key: str, amount: int) -> bool:
        with self.database.transaction() as db:
            return reserve(db, limits, key, amount)

    def settle(self, key: str, amount: int) -> None:
        with self.database.transaction() as db:
            settle(db, key, amount)

    def release(self, key: str) -> None:
        with self.database.transaction() as db:
            release(db, key)

    def spent(self, budget: str) -> int:
        with self.database.transaction() as db:
            return spent(db, budget)


@pytest.fixture
def databases(path: Path) -> Iterator[list[JournalDatabase]]:
    """Return two connections to one journal, as two processes have."""
    with ExitStack() as stack:
        made = [JournalDatabase(path, SYSTEM_CLOCK) for _ in range(2)]
        for database in made:
            stack.callback(database.close)
        yield made


@pytest.fixture
def budgets(databases: list[JournalDatabase]) -> Budgets:
    return Budgets(databases[0])


def test_a_new_budget_has_nothing_spent(budgets: Budgets) -> None:
    assert budgets.spent("day") == 0


def test_a_reservation_up_to_the_limit_is_granted(budgets: Budgets) -> None:
    assert budgets.reserve(DAY, "a", 4)
    assert budgets.reserve(DAY, "b", 6)
    assert budgets.spent("day") == 10


def test_a_reservation_beyond_the_limit_changes_nothing(budgets: Budgets) -> None:
    assert budgets.reserve(DAY, "a", 4)
    assert not budgets.reserve(DAY, "b", 7)
    assert budgets.spent("day") == 4


def test_a_key_counts_once(budgets: Budgets) -> None:
    assert budgets.reserve(DAY, "a", 6)
    assert budgets.reserve(DAY, "a", 6)
    assert budgets.spent("day") == 6


def test_a_reserved_key_is_granted_when_the_budget_is_spent(budgets: Budgets) -> None:
    assert budgets.reserve(DAY, "a", 10)
    assert budgets.reserve(DAY, "a", 10)
    assert not budgets.reserve(DAY, "b", 1)


def test_one_exceeded_budget_leaves_the_others_unchanged(budgets: Budgets) -> None:
    assert not budgets.reserve(BOTH, "a", 6)
    assert [budgets.spent(name) for name in BOTH] == [0, 0]


def test_a_key_of_another_session_is_reserved_in_this_one(budgets: Budgets) -> None:
    assert budgets.reserve(DAY, "a", 4)
    assert budgets.reserve(BOTH, "a", 4)
    assert [budgets.spent(name) for name in BOTH] == [4, 4]


def test_a_released_amount_can_be_reserved_again(budgets: Budgets) -> None:
    assert budgets.reserve(BOTH, "a", 5)
    budgets.release("a")
    assert [budgets.spent(name) for name in BOTH] == [0, 0]
    assert budgets.reserve(BOTH, "b", 5)


def test_a_settled_amount_replaces_the_reserved_one(budgets: Budgets) -> None:
    assert budgets.reserve(BOTH, "a", 5)
    budgets.settle("a", 2)
    assert [budgets.spent(name) for name in BOTH] == [2, 2]


def test_settling_what_was_not_reserved_changes_nothing(budgets: Budgets) -> None:
    budgets.settle("a", 2)
    budgets.release("b")
    assert budgets.spent("day") == 0


def test_two_processes_keep_one_limit_together(databases: list[JournalDatabase]) -> None:
    def spend(database: JournalDatabase) -> int:
        budgets = Budgets(database)
        return sum(budgets.reserve(DAY, f"{id(database)}-{number}", 1) for number in range(8))

    with ThreadPoolExecutor() as pool:
        granted = list(pool.map(spend, databases))
    assert sum(granted) == 10
    assert Budgets(databases[0]).spent("day") == 10


def test_a_failed_transaction_reserves_nothing(databases: list[JournalDatabase], budgets: Budgets) -> None:
    def fail() -> None:
        with databases[0].transaction() as db:
            assert reserve(db, DAY, "a", 4)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert budgets.spent("day") == 0


@pytest.mark.parametrize(
    ("amount", "expected"),
    [(12, 12_000_000), (0.1 * 3, 300_000), (0.000001, 1), (0.0, 0)],
)
def test_credits_become_exact_millionths(amount: float, expected: int) -> None:
    assert millionths(amount) == expected
