"""A batch that has ended is deleted with its pictures. What it paid for stays known."""

from pathlib import Path
from typing import Any

import psycopg
import pytest

from kie_ideogram import errors
from kie_ideogram._runtime.cluster.storage.database import SCHEMA
from kie_ideogram.cluster import Cluster
from tests.batch.conftest import folder
from tests.batch.support import Folder
from tests.cluster.conftest import sandbox
from tests.cluster.support import cluster
from tests.money.support import Hurried

__all__ = ["folder", "sandbox"]


@pytest.fixture
def machine(dsn: str, sandbox: Hurried, tmp_path: Path) -> Any:
    with cluster(dsn, sandbox.url, tmp_path) as made:
        yield made


def counts(dsn: str) -> dict[str, int]:
    tables = ("batches", "rows", "files", "pgqueuer", "submissions", "attempts")
    with psycopg.connect(dsn, options=f"-c search_path={SCHEMA}") as db:
        count = "SELECT count(*) FROM "
        found = {table: db.execute((count + table).encode()).fetchone() for table in tables}
    return {table: row[0] for table, row in found.items() if row}


def finished(machine: Cluster, folder: Folder, batch: str) -> None:
    machine.submit(folder.keyed(2), batch=batch)
    machine.work(save_to=folder.out, batch=batch)


def test_deleted_batch_leaves_its_submissions(dsn: str, machine: Cluster, folder: Folder) -> None:
    finished(machine, folder, "a")
    assert machine.delete("a") == (2, 3)
    assert counts(dsn) == {
        "batches": 0, "rows": 0, "files": 0, "pgqueuer": 0, "submissions": 2, "attempts": 2,
    }  # fmt: skip
    assert len(list(folder.out.glob("a/*/*.png"))) == 2
    with pytest.raises(errors.InvalidInputError, match="the database has no batch 'a'"):
        machine.delete("a")


def test_row_of_a_deleted_batch_is_not_paid_again(machine: Cluster, sandbox: Hurried, folder: Folder) -> None:
    finished(machine, folder, "a")
    machine.delete("a")
    finished(machine, folder, "a")
    assert machine.status("a").succeeded == 2
    assert len(sandbox.charges) == 2


def test_pictures_of_another_batch_stay(machine: Cluster, sandbox: Hurried, folder: Folder) -> None:
    finished(machine, folder, "a")
    machine.submit(folder.keyed(2), batch="b")
    assert machine.delete("a") == (2, 0)
    machine.work(save_to=folder.out, batch="b")
    assert machine.status("b").succeeded == 2


def test_batch_that_was_not_begun_is_deleted_with_its_jobs(
    dsn: str, machine: Cluster, folder: Folder
) -> None:
    machine.submit(folder.keyed(2), batch="a")
    machine.delete("a")
    assert (counts(dsn)["pgqueuer"], counts(dsn)["submissions"]) == (0, 0)


REFUSED = {
    "unknown": ("UPDATE rows SET status = 'unknown'", "2 of its rows are unknown and may be charged"),
    "running": ("UPDATE rows SET status = 'open'", "2 of its rows are paid for and run"),
    "unfinished": ("UPDATE rows SET status = 'unfinished'", "paid for and not saved"),
}


@pytest.mark.parametrize("state", REFUSED)
def test_batch_with_something_left_to_do_is_not_deleted(
    dsn: str, machine: Cluster, folder: Folder, state: str
) -> None:
    change, message = REFUSED[state]
    finished(machine, folder, "a")
    with psycopg.connect(dsn, options=f"-c search_path={SCHEMA}") as db:
        db.execute(change.encode())
    before = counts(dsn)
    with pytest.raises(errors.InvalidInputError, match=message):
        machine.delete("a")
    assert counts(dsn) == before


def test_batch_in_the_hands_of_a_worker_is_not_deleted(dsn: str, machine: Cluster, folder: Folder) -> None:
    machine.submit(folder.keyed(2), batch="a")
    with psycopg.connect(dsn, options=f"-c search_path={SCHEMA}") as db:
        db.execute("UPDATE pgqueuer SET status = 'picked' WHERE dedupe_key = 'a/k0'")
    with pytest.raises(errors.InvalidInputError, match="1 of its rows are in the hands of a worker"):
        machine.delete("a")


def test_picture_that_a_deleted_batch_takes_along_is_stored_again(
    dsn: str, machine: Cluster, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kie_ideogram._runtime.cluster import submit

    finished(machine, folder, "a")
    store, deletions = submit._store_files, [machine.delete]

    def stored(*given: Any) -> None:
        store(*given)
        for delete in deletions:
            delete("a")
        deletions.clear()

    monkeypatch.setattr(submit, "_store_files", stored)
    machine.submit(folder.keyed(2), batch="b")
    assert counts(dsn)["files"] == 3
