"""Processes share rate limits and the budget of a batch, in every store."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

from kie_ideogram._runtime.cluster.storage.store import PostgresStore
from kie_ideogram._runtime.journal.budget import Budget
from kie_ideogram._runtime.journal.journal import Journal
from tests.cluster.machines import SERVER, Machines, claim, sending


def spent(journal: Journal) -> float:
    """Return what the submissions of the batch `b` hold of its budget, credits."""
    in_batch = "SELECT sum(credits) FROM submissions WHERE state NOT IN ('pending', 'refused') AND "
    in_file = "idempotency_key IN (SELECT idempotency_key FROM batch_submissions WHERE batch = 'b')"
    with journal.database.transaction() as db:
        query = in_batch + (in_file if isinstance(db, sqlite3.Connection) else "batch = 'b'")
        return float(db.execute(query).fetchone()[0] or 0)


class TestLimits:
    def test_processes_share_a_rate_limit(self, machines: Machines) -> None:
        first, second = machines.journal(), machines.journal()
        limit = {"create": 100.0}
        assert claim(first, "a", min_intervals=limit).decision == "send"
        found = claim(second, "b", min_intervals=limit)
        assert found.decision == "wait"
        assert 90 < found.wait <= 100

    def test_a_limit_admits_one_of_many_at_a_time(self, machines: Machines) -> None:
        journals = [machines.journal() for _ in range(2)]
        start = threading.Barrier(8)

        def compete(number: int) -> float:
            start.wait()
            return journals[number % 2].acquire({"query": 100.0, "all": 50.0})

        with ThreadPoolExecutor(8) as pool:
            waits = sorted(pool.map(compete, range(8)))
        assert waits[0] == 0
        assert min(waits[1:]) > 90

    def test_a_batch_keeps_its_budget_with_many_processes(self, machines: Machines) -> None:
        journals = [machines.journal() for _ in range(3)]
        make_batch(journals[0])
        start = threading.Barrier(9)

        def compete(number: int) -> str:
            start.wait()
            return claim(journals[number % 3], f"k{number}", budget=Budget("b", 12.0)).decision

        with ThreadPoolExecutor(9) as pool:
            decisions = sorted(pool.map(compete, range(9)))
        assert decisions == ["over-budget"] * 7 + ["send"] * 2
        assert spent(journals[0]) == 10

    def test_a_refused_submission_returns_its_credits(self, machines: Machines) -> None:
        journal = machines.journal()
        make_batch(journal)
        budget = Budget("b", 5.0)
        journal.conclude(sending(journal, "a", budget=budget), "refused")
        assert spent(journal) == 0
        journal.conclude(sending(journal, "b", budget=budget), "accepted", "task-1")
        assert claim(journal, "a", budget=budget).decision == "over-budget"

    def test_an_unknown_submission_counts(self, machines: Machines) -> None:
        journal = machines.journal()
        make_batch(journal)
        journal.conclude(sending(journal, "a", budget=Budget("b", 5.0)), "unknown")
        assert claim(journal, "c", budget=Budget("b", 5.0)).decision == "over-budget"

    def test_submissions_outside_a_batch_do_not_count(self, machines: Machines) -> None:
        journal = machines.journal()
        make_batch(journal)
        sending(journal, "a")
        sending(journal, "b", budget=Budget("b", 5.0))
        assert spent(journal) == 5


def make_batch(journal: Journal) -> None:
    """Make the batch `b` where batches are rows of a table."""
    if isinstance(journal.database, PostgresStore):
        with journal.database.transaction() as db:
            db.execute("INSERT INTO batches (name, server, created) VALUES ('b', ?, 0)", (SERVER,))
