"""A batch stops at its budget, at its failures, and when the account has no credits."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from errno import ENOSPC
from itertools import chain
from typing import NoReturn

import pytest

from kie_ideogram import errors
from kie_ideogram._contract import CONTRACT
from kie_ideogram._runtime.batch.running import steps
from kie_ideogram._runtime.core.clock import Environment
from tests.batch.support import Folder
from tests.money.support import Hurried, client, hurried

# A row costs 12 credits, USD 0.06.
ROW = 0.06


def ended(folder: Folder, sandbox: Hurried, rows: int, **options: object) -> tuple[Counter[str], str, int]:
    """Run a batch. Return how its rows ended, why it stopped, and how many rows are left."""
    with folder.client(sandbox) as kie:
        batch = kie.batch.run(folder.keyed(rows), save_to=folder.out, **options)  # type: ignore[arg-type] # checked there
        found = Counter(outcome.status for outcome in batch if not outcome.earlier)
        status = batch.status()
    assert (status.running, status.succeeded) == (0, found["succeeded"])
    return Counter(map(str, found.elements())), status.stopped, status.left


def test_batch_stops_at_its_budget(folder: Folder, sandbox: Hurried) -> None:
    assert ended(folder, sandbox, 6, max_cost=2.5 * ROW) == ({"succeeded": 2}, "budget", 4)
    assert len(sandbox.charges) == 2


def test_budget_counts_all_runs(folder: Folder, sandbox: Hurried) -> None:
    ended(folder, sandbox, 5, limit=2)
    assert ended(folder, sandbox, 5, max_cost=3 * ROW) == ({"succeeded": 1}, "budget", 2)
    assert ended(folder, sandbox, 5, max_cost=5 * ROW) == ({"succeeded": 2}, "", 0)


def test_two_clients_share_one_budget(folder: Folder, sandbox: Hurried) -> None:
    def run(part: int) -> list[str]:
        rows = ({"key": f"{part}-{number}"} for number in range(6))
        path = folder.csv(*rows, name=f"part{part}.csv")
        return [one.status for one in folder.run(sandbox, path, max_cost=5 * ROW).values()]

    with ThreadPoolExecutor(2) as pool:
        assert Counter(chain.from_iterable(pool.map(run, (0, 1)))) == {"succeeded": 5}
    assert len(sandbox.charges) == 5


def test_refused_submissions_do_not_use_the_budget(folder: Folder, sandbox: Hurried) -> None:
    sandbox.play([{"call": "createTask", "code": 422, "times": 3}])
    found, stopped, left = ended(folder, sandbox, 8, max_cost=5 * ROW)
    assert (found, stopped, left) == ({"failed": 3, "succeeded": 5}, "", 0)


def test_batch_stops_without_credits(folder: Folder, sandbox: Hurried) -> None:
    sandbox.play([{"call": "createTask", "code": 402, "times": 20}])
    assert ended(folder, sandbox, 20) == ({}, "credits", 20)


@pytest.mark.parametrize("allowed", [2, "2", "5%"])
def test_batch_stops_after_too_many_failures(folder: Folder, sandbox: Hurried, allowed: int | str) -> None:
    sandbox.play([{"call": "createTask", "code": 422, "times": 40}])
    found, stopped, left = ended(folder, sandbox, 40, max_failures=allowed)
    assert stopped == "failures"
    # Each of the submitters may be at work on one more.
    assert 3 <= found["failed"] <= 6
    assert found["failed"] + left == 40


def test_batch_stops_when_every_submission_is_refused(folder: Folder, sandbox: Hurried) -> None:
    sandbox.play([{"call": "createTask", "code": 422, "times": 40}])
    found, stopped, left = ended(folder, sandbox, 40)
    assert (stopped, found["failed"] + left) == ("refused", 40)
    assert 10 <= found["failed"] <= 13


def test_batch_without_a_connection_fails_no_row(folder: Folder) -> None:
    retry = CONTRACT.retry._replace(base=0.001)
    impatient = Environment(contract=hurried(CONTRACT)._replace(retry=retry))
    with client("http://127.0.0.1:9", folder.journal, impatient) as kie:
        batch = kie.batch.run(folder.keyed(6), save_to=folder.out)
        assert list(batch) == []
        assert (batch.status().stopped, batch.status().left) == ("unreachable", 6)


def test_limit_runs_that_many_rows(folder: Folder, sandbox: Hurried) -> None:
    assert ended(folder, sandbox, 6, limit=2) == ({"succeeded": 2}, "", 4)
    assert ended(folder, sandbox, 6, limit=3) == ({"succeeded": 3}, "", 1)


def test_stopped_batch_finishes_what_runs(folder: Folder, sandbox: Hurried) -> None:
    with folder.client(sandbox) as kie:
        batch = kie.batch.run(folder.keyed(30), save_to=folder.out)
        first = next(batch)
        batch.stop()
        rest = list(batch)
        status = batch.status()
    assert {one.status for one in (first, *rest)} == {"succeeded"}
    assert len(sandbox.charges) == 1 + len(rest)
    assert (status.stopped, status.left) == ("asked", 30 - len(sandbox.charges))


def test_batch_left_early_is_continued(folder: Folder, sandbox: Hurried) -> None:
    with folder.client(sandbox) as kie:
        batch = kie.batch.run(folder.keyed(20), save_to=folder.out)
        next(batch)
        batch.close()
    assert len(sandbox.charges) < 20
    outcomes = folder.run(sandbox, folder.keyed(20))
    assert {one.status for one in outcomes.values()} == {"succeeded"}
    assert len(sandbox.charges) == 20


def test_batch_stops_when_the_disk_is_full(
    folder: Folder, sandbox: Hurried, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save(*given: object) -> NoReturn:
        full = OSError(ENOSPC, "No space left on device")
        raise errors.DownloadError("the picture cannot be stored") from full

    with monkeypatch.context() as patch:
        patch.setattr(steps, "save", save)
        number, stopped, left = ended(folder, sandbox, 50)
    assert stopped == "results"
    assert left
    assert number == {"unfinished": 50 - left}
    assert ended(folder, sandbox, 50) == ({"succeeded": 50}, "", 0)
    assert len(sandbox.charges) == 50
