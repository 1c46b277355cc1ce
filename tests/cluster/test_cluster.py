"""A batch in the database: submitted once, worked on by any machine, settled from any machine."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from os import PathLike
from pathlib import Path
from typing import Any

import psycopg
import pytest

from kie_ideogram import errors
from kie_ideogram._runtime.cluster.storage.database import SCHEMA, Database
from kie_ideogram._runtime.journal.fallback_file import FallbackEntry, write_fallback
from kie_ideogram.cluster import Account, Cluster
from tests.batch.support import Folder, calls
from tests.cluster.support import BATCH, HeldAnswer, Unaffordable, cluster, rows
from tests.money.support import KEY, Hurried, charged, task_of, upload

OTHER_KEY = "kie-test-key-9876543210"


@pytest.fixture
def pictures(sandbox: Hurried) -> dict[str, Any]:
    return upload(sandbox.url)


@pytest.fixture
def machine(dsn: str, sandbox: Hurried, tmp_path: Path) -> Iterator[Cluster]:
    with cluster(dsn, sandbox.url, tmp_path) as made:
        yield made


def keys(count: int) -> list[str]:
    return [f"row-{number}" for number in range(count)]


def work(machine: Cluster, folder: Path) -> dict[str, Any]:
    """Work on the batch, and return its outcomes by key."""
    machine.work(save_to=folder / "out", batch=BATCH)
    return {one.key: one for one in machine.results(BATCH, save_to=folder / "out")}


class TestBatch:
    def test_files_are_worked_on_where_they_do_not_exist(
        self, dsn: str, machine: Cluster, sandbox: Hurried, tmp_path: Path
    ) -> None:
        (tmp_path / "first").mkdir()
        folder = Folder(tmp_path / "first")
        path = folder.keyed(4)
        assert machine.submit(path, batch=BATCH) == (4, 4, 0, 0)
        folder.path.rename(tmp_path / "gone")
        found = work(machine, tmp_path)
        assert {one.status for one in found.values()} == {"succeeded"}
        assert [one.paths[0].parent for one in found.values()] == [
            tmp_path / "out" / BATCH / key for key in found
        ]
        # The rows share their pictures.
        assert calls(sandbox)["uploadFile"] == 3

    def test_a_row_that_was_submitted_is_not_submitted_again(
        self, machine: Cluster, sandbox: Hurried, pictures: dict[str, Any], tmp_path: Path
    ) -> None:
        machine.submit(rows(pictures, keys(2)), batch=BATCH)
        work(machine, tmp_path)
        assert machine.submit(rows(pictures, keys(3)), batch=BATCH) == (3, 1, 2, 0)
        work(machine, tmp_path)
        assert charged(sandbox) == dict.fromkeys(keys(3), 1)

    def test_the_same_keys_in_another_batch_are_other_rows(
        self, machine: Cluster, sandbox: Hurried, pictures: dict[str, Any], tmp_path: Path
    ) -> None:
        for batch in ("a", "b"):
            machine.submit(rows(pictures, keys(1)), batch=batch)
        machine.work(save_to=tmp_path / "out", batch="a")
        machine.work(save_to=tmp_path / "out", batch="b")
        assert charged(sandbox) == {"row-0": 2}
        assert machine.batches() == ["b", "a"]

    def test_limit_queues_the_first_rows_only(
        self, machine: Cluster, pictures: dict[str, Any], tmp_path: Path
    ) -> None:
        assert machine.submit(rows(pictures, keys(5)), batch=BATCH, limit=2) == (5, 2, 0, 3)
        assert machine.submit(rows(pictures, keys(5)), batch=BATCH) == (5, 5, 0, 0)
        assert machine.status(BATCH).left == 5

    def test_a_failed_row_is_run_again_only_on_request(
        self, machine: Cluster, sandbox: Hurried, pictures: dict[str, Any], tmp_path: Path
    ) -> None:
        sandbox.fail_next()
        machine.submit(rows(pictures, keys(1)), batch=BATCH)
        assert work(machine, tmp_path)["row-0"].status == "failed"
        assert machine.submit(rows(pictures, keys(1)), batch=BATCH).queued == 0
        assert machine.submit(rows(pictures, keys(1)), batch=BATCH, retry="failed").queued == 1
        found = work(machine, tmp_path)["row-0"]
        assert (found.status, found.idempotency_key) == ("succeeded", "b/row-0~2")

    def test_a_changed_row_shows_both(self, machine: Cluster, pictures: dict[str, Any]) -> None:
        machine.submit(rows(pictures, keys(1)), batch=BATCH)
        changed = rows(pictures, keys(1))
        changed[0]["prompt"] = "another"
        with pytest.raises(errors.InvalidInputError, match=r'prompt was "order row-0" and is now "another"'):
            machine.submit(changed, batch=BATCH)

    def test_a_lost_job_is_replaced(
        self, dsn: str, machine: Cluster, pictures: dict[str, Any], tmp_path: Path
    ) -> None:
        machine.submit(rows(pictures, keys(2)), batch=BATCH)
        with psycopg.connect(dsn) as db:
            db.execute(f"TRUNCATE {SCHEMA}.pgqueuer".encode())
        assert len(work(machine, tmp_path)) == 2

    def test_stop_puts_rows_back_for_other_machines(
        self, dsn: str, machine: Cluster, sandbox: Hurried, pictures: dict[str, Any], tmp_path: Path
    ) -> None:
        machine.submit(rows(pictures, keys(30)), batch=BATCH)
        timer = threading.Timer(0.3, machine.stop)
        timer.start()
        machine.work(save_to=tmp_path / "out")
        timer.join()
        assert machine.status(BATCH).running == 0
        with cluster(dsn, sandbox.url, tmp_path) as other:
            assert len(work(other, tmp_path)) == 30
        assert charged(sandbox) == dict.fromkeys(keys(30), 1)

    def test_stop_counts_while_the_worker_starts(
        self, machine: Cluster, sandbox: Hurried, pictures: dict[str, Any], tmp_path: Path
    ) -> None:
        class Out(PathLike[str]):
            def __fspath__(self) -> str:
                machine.stop()
                return str(tmp_path / "out")

        machine.submit(rows(pictures, keys(2)), batch=BATCH)
        machine.work(save_to=Out())
        assert sandbox.charges == []
        assert len(work(machine, tmp_path)) == 2

    def test_a_worker_of_an_older_version_finishes_what_runs(
        self, dsn: str, sandbox: Hurried, pictures: dict[str, Any], tmp_path: Path
    ) -> None:
        with cluster(dsn, sandbox.url, tmp_path, lease=0.5) as machine:
            machine.submit(rows(pictures, keys(2)), batch=BATCH)
            upgrade = threading.Timer(1.0, query, [dsn, "UPDATE about SET version = 99 RETURNING version"])
            upgrade.start()
            machine.work(save_to=tmp_path / "out")  # ends although nothing stops it
            upgrade.join()
            assert machine.status(BATCH).succeeded == 2

    def test_rows_of_an_account_are_left_to_workers_that_have_it(
        self, dsn: str, machine: Cluster, sandbox: Hurried, pictures: dict[str, Any], tmp_path: Path
    ) -> None:
        machine.submit(rows(pictures, keys(1)), batch=BATCH)
        work(machine, tmp_path)
        sandbox._service.account.keys = frozenset((KEY, OTHER_KEY))
        query(dsn, "UPDATE rows SET status = 'open' RETURNING key")  # as if its result was not saved
        with cluster(dsn, sandbox.url, tmp_path, OTHER_KEY, lease=0.5) as other:
            timer = threading.Timer(1.5, other.stop)
            timer.start()
            other.work(save_to=tmp_path / "out")
            timer.join()
            assert other.status(BATCH).succeeded == 0
        assert work(machine, tmp_path)["row-0"].status == "succeeded"
        assert len(sandbox.charges) == 1


class TestLimits:
    def test_a_batch_stops_at_its_budget_and_continues_with_a_larger_one(
        self, machine: Cluster, sandbox: Hurried, pictures: dict[str, Any], tmp_path: Path
    ) -> None:
        # 12 credits, USD 0.06, for each row.
        machine.submit(rows(pictures, keys(5)), batch=BATCH, max_cost=0.13)
        work(machine, tmp_path)
        status = machine.status(BATCH)
        assert (status.succeeded, status.left, status.stopped, status.credits) == (2, 3, "budget", 24)
        machine.submit(rows(pictures, keys(5)), batch=BATCH, max_cost=1)
        work(machine, tmp_path)
        assert machine.status(BATCH).succeeded == 5
        assert len(sandbox.charges) == 5

    def test_more_failures_than_allowed_stop_the_batch(
        self, machine: Cluster, sandbox: Hurried, pictures: dict[str, Any], tmp_path: Path
    ) -> None:
        for _ in range(20):
            sandbox.fail_next()
        machine.submit(rows(pictures, keys(20)), batch=BATCH, max_failures=1)
        work(machine, tmp_path)
        status = machine.status(BATCH)
        assert status.stopped == "failures"
        assert status.left > 0
        assert status.failed > 1

    def test_the_balance_ends_the_work_on_a_batch(
        self, machine: Cluster, sandbox: Hurried, pictures: dict[str, Any], tmp_path: Path
    ) -> None:
        sandbox._service.account.balance = 24.0
        machine.submit(rows(pictures, keys(3)), batch=BATCH)
        reason = machine.work(save_to=tmp_path / "out", batch=BATCH)
        assert "402" in reason
        assert machine.status(BATCH).left == 1


class TestAccounts:
    @pytest.fixture
    def two_keys(self, sandbox: Hurried) -> None:
        sandbox.keys = (KEY, OTHER_KEY)
        sandbox._service.account.keys = frozenset(sandbox.keys)

    def accounts(self, *budgets: float | None) -> list[Account]:
        return [
            Account(name, key, budget)
            for name, key, budget in zip(("one", "two"), (KEY, OTHER_KEY), budgets, strict=True)
        ]

    def test_accounts_share_the_rows(
        self, dsn: str, sandbox: Hurried, two_keys: None, pictures: dict[str, Any], tmp_path: Path
    ) -> None:
        with cluster(dsn, sandbox.url, tmp_path, self.accounts(None, None)) as machine:
            machine.submit(rows(pictures, keys(12)), batch=BATCH)
            work(machine, tmp_path)
            assert machine.status(BATCH).succeeded == 12
        assert set(spending(dsn).values()) < {number * 12.0 for number in range(1, 12)}

    def test_each_account_keeps_its_budget(
        self, dsn: str, sandbox: Hurried, two_keys: None, pictures: dict[str, Any], tmp_path: Path
    ) -> None:
        with cluster(dsn, sandbox.url, tmp_path, self.accounts(0.07, 0.13)) as machine:
            machine.submit(rows(pictures, keys(9)), batch=BATCH)
            work(machine, tmp_path)
            status = machine.status(BATCH)
            assert (status.succeeded, status.stopped) == (3, "budget")
        assert sorted(spending(dsn).values()) == [12, 24]

    def test_an_account_without_credits_does_not_stop_the_other(
        self, dsn: str, sandbox: Hurried, two_keys: None, pictures: dict[str, Any], tmp_path: Path
    ) -> None:
        sandbox.app = Unaffordable(sandbox.app, KEY)  # type: ignore[assignment] # an ASGI app in front of another
        sandbox.stop()
        sandbox.start()  # with its new application
        with cluster(dsn, sandbox.url, tmp_path, self.accounts(None, None)) as machine:
            machine.submit(rows(upload(sandbox.url), keys(6)), batch=BATCH)
            work(machine, tmp_path)
            assert machine.status(BATCH).succeeded == 6
        assert list(spending(dsn).values()).count(72.0) == 1


class TestRecovery:
    def lose(self, sandbox: Hurried, machine: Cluster, pictures: dict[str, Any], fault: str) -> None:
        sandbox.faults.kinds, sandbox.faults.share = [fault], 1
        machine.submit(rows(pictures, keys(1)), batch=BATCH)

    def test_an_attached_task_is_saved(
        self, machine: Cluster, sandbox: Hurried, pictures: dict[str, Any], tmp_path: Path
    ) -> None:
        self.lose(sandbox, machine, pictures, "answer lost")
        assert work(machine, tmp_path)["row-0"].status == "unknown"
        (unknown,) = machine.unknown()
        machine.attach(unknown.idempotency_key, task_of(sandbox)["row-0"])
        assert work(machine, tmp_path)["row-0"].status == "succeeded"
        assert len(sandbox.charges) == 1

    def test_a_resent_row_is_saved(
        self, machine: Cluster, sandbox: Hurried, pictures: dict[str, Any], tmp_path: Path
    ) -> None:
        self.lose(sandbox, machine, pictures, "not received")
        assert work(machine, tmp_path)["row-0"].status == "unknown"
        sandbox.faults.share = 0
        machine.resend("b/row-0")
        assert work(machine, tmp_path)["row-0"].status == "succeeded"
        assert len(sandbox.charges) == 1

    def test_a_callback_to_any_machine_settles_the_row(
        self, dsn: str, machine: Cluster, sandbox: Hurried, pictures: dict[str, Any], tmp_path: Path
    ) -> None:
        sandbox.faults.kinds, sandbox.faults.share = ["answer lost"], 1
        given = rows(pictures, keys(1))
        given[0]["call_back_url"] = f"{sandbox.url}/none"
        machine.submit(given, batch=BATCH)
        machine.work(save_to=tmp_path / "out", batch=BATCH)
        task_id = task_of(sandbox)["row-0"]
        with cluster(dsn, sandbox.url, tmp_path) as receiver:
            url = callback_url(dsn, "b/row-0")
            settled = receiver.notify(task_id, url)
        assert settled == ("b/row-0", task_id)
        machine.work(save_to=tmp_path / "out", batch=BATCH)
        assert machine.status(BATCH).succeeded == 1

    def test_an_answer_after_others_took_the_row_for_unknown_still_counts(
        self, dsn: str, sandbox: Hurried, tmp_path: Path
    ) -> None:
        arrived, overtaken = threading.Event(), threading.Event()
        sandbox.app = HeldAnswer(sandbox.app, arrived, overtaken)  # type: ignore[assignment] # see Hurried
        sandbox.stop()
        sandbox.start()  # with its new application
        with cluster(dsn, sandbox.url, tmp_path) as machine, ThreadPoolExecutor(1) as pool:
            machine.submit(rows(upload(sandbox.url), keys(1)), batch=BATCH)
            working = pool.submit(work, machine, tmp_path)
            try:
                assert arrived.wait(60)
                # As after a failure of the database that lasts longer than the lease.
                query(dsn, "UPDATE processes SET seen = 0 RETURNING name")
                with cluster(dsn, sandbox.url, tmp_path) as other:
                    assert [one.idempotency_key for one in other.unknown()] == ["b/row-0"]
                query(dsn, "UPDATE rows SET status = 'unknown' RETURNING key")
                overtaken.set()
                assert working.result(60)["row-0"].status == "succeeded"
            finally:
                overtaken.set()
                machine.stop()
        assert len(sandbox.charges) == 1

    def test_a_row_that_was_settled_without_a_worker_is_left(
        self, dsn: str, machine: Cluster, sandbox: Hurried, pictures: dict[str, Any], tmp_path: Path
    ) -> None:
        self.lose(sandbox, machine, pictures, "answer lost")
        work(machine, tmp_path)
        # As a late answer does that arrives after all workers have ended.
        query(
            dsn,
            "UPDATE submissions SET state = 'accepted', task_id = ? RETURNING 1",
            task_of(sandbox)["row-0"],
        )
        status = machine.status(BATCH)
        assert (status.unknown, status.running, status.rows) == (0, 1, 1)

    def test_a_task_that_is_stored_in_a_file_is_found_by_a_running_worker(
        self, dsn: str, sandbox: Hurried, pictures: dict[str, Any], tmp_path: Path
    ) -> None:
        with cluster(dsn, sandbox.url, tmp_path, lease=0.4) as machine, ThreadPoolExecutor(1) as pool:
            self.lose(sandbox, machine, pictures, "answer lost")
            work(machine, tmp_path)
            working = pool.submit(machine.work, save_to=tmp_path / "out")
            while not machine._worker:  # whose journal has read the files that are there
                time.sleep(0.01)
            worker = machine._worker[1]
            entry = FallbackEntry(worker.server, "b/row-0", task_of(sandbox)["row-0"])
            write_fallback(worker.journal._fallback_base, entry, OSError("the database is away"))
            while not machine.status(BATCH).succeeded:
                assert not working.done()
            machine.stop()
            working.result(60)

    def test_a_key_of_another_account_is_refused(
        self, dsn: str, machine: Cluster, sandbox: Hurried, pictures: dict[str, Any], tmp_path: Path
    ) -> None:
        self.lose(sandbox, machine, pictures, "not received")
        work(machine, tmp_path)
        with (
            cluster(dsn, sandbox.url, tmp_path, OTHER_KEY) as other,
            pytest.raises(errors.InvalidInputError, match="an account that this object does not have"),
        ):
            other.resend("b/row-0")


def spending(dsn: str) -> dict[str, float]:
    rows = query(dsn, "SELECT account, credits FROM spending")
    return {account: float(credits_) for account, credits_ in rows}


def callback_url(dsn: str, key: str) -> str:
    (row,) = query(dsn, "SELECT body FROM submissions WHERE idempotency_key = ?", key)
    url: str = json.loads(row["body"])["callBackUrl"]
    return url


def query(dsn: str, statement: str, *parameters: str) -> list[Any]:
    database = Database(dsn)
    with database.transaction() as db:
        found = db.execute(statement, parameters).fetchall()
    database.close()
    return found
