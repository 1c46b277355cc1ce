"""Workers on three machines are killed and frozen: no row is charged twice, lost, or left behind."""

import os
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest

from kie_ideogram._contract import CONTRACT
from tests.cluster.conftest import install_template
from tests.cluster.support import BATCH, cluster, rows
from tests.money.servers import restartable_postgres
from tests.money.support import Hurried, charged, hurried, task_of, upload
from tests.money.test_kill import Worker, worker

# 6 in the suite, more with `make kill-cluster`. The number of rows grows with it.
KILLS = int(os.environ.get("KILLS", "6"))

# Seconds. In the suite, a worker that was killed is replaced soon.
LEASE = 1.0


@pytest.fixture(scope="module")
def workers() -> Iterator[list[Worker]]:
    """Three machines."""
    with ExitStack() as stack:
        yield [stack.enter_context(worker("tests.cluster.worker")) for _ in range(3)]


class Limited(Hurried):
    """A sandbox with a fifth of the service's intervals: at the full rate, 9.5 submissions per second."""

    contract = CONTRACT._replace(rate_limits=hurried(CONTRACT, 5).rate_limits)


def batch(sandbox: Hurried, dsn: str, folder: Path, count: int) -> dict[str, Any]:
    """Submit a batch, and return the order to work on it."""
    keys = [f"row-{number}" for number in range(count)]
    with cluster(dsn, sandbox.url, folder) as submitting:
        submitting.submit(rows(upload(sandbox.url), keys), batch=BATCH)
    out = folder / "out"
    return {"dsn": dsn, "url": sandbox.url, "out": str(out), "lease": LEASE, "factor": 200, "keys": keys}


def audit(sandbox: Hurried, order: dict[str, Any], folder: Path) -> int:
    """Compare the rows with the service's ledger, settle what is unknown, and compare again.

    Returns how many rows were unknown.
    """
    times, tasks = charged(sandbox), task_of(sandbox)
    assert max(times.values()) == 1, "charged twice"
    sandbox.faults.share = 0
    with cluster(order["dsn"], sandbox.url, folder) as auditing:
        status = auditing.status(BATCH)
        assert (status.left, status.running, status.failed, status.unfinished) == (0, 0, 0, 0), "left behind"
        found = {one.key: one for one in auditing.results(BATCH, save_to=order["out"])}
        unknown = {one.idempotency_key.removeprefix(f"{BATCH}/") for one in auditing.unknown()}
        assert {key for key, one in found.items() if one.status == "unknown"} == unknown
        for key in set(order["keys"]) - unknown:
            assert times[key] == 1, "neither unknown nor charged"
            assert found[key].task_id == tasks[key]
            assert found[key].paths[0].stat().st_size, "charged, and not on disk"
        assert auditing.duplicate_charges() == []
        for key in unknown:
            if times[key]:
                auditing.attach(f"{BATCH}/{key}", tasks[key])
            else:
                auditing.resend(f"{BATCH}/{key}")
        auditing.work(save_to=order["out"], batch=BATCH)
        assert auditing.status(BATCH).succeeded == len(order["keys"])
    assert charged(sandbox) == dict.fromkeys(order["keys"], 1)
    return len(unknown)


def test_killed_and_frozen_workers_charge_each_row_once(
    tmp_path: Path, workers: list[Worker], dsn: str
) -> None:
    with Hurried(seed=5, share=0.05) as sandbox:
        order = batch(sandbox, dsn, tmp_path, 4 * KILLS)

        def work(machine: int) -> list[str]:
            seeded = random.Random(machine)  # noqa: S311 # for repeatable kills
            ends = []
            for _ in range(KILLS // 3):
                more: dict[str, Any] = {"seconds": seeded.uniform(0.3, 1.0)}
                if machine == 2:  # stopped for longer than its lease
                    more = {"freeze": (seeded.uniform(0.3, 1.0), 1.5 * LEASE), "seconds": 0.3}
                ends.append(workers[machine].run(**order, **more))
            return [*ends, workers[machine].run(**order)]

        with ThreadPoolExecutor(3) as pool:
            ends = [*pool.map(work, range(3))]
        assert [run[-1] for run in ends] == ["finished"] * 3
        assert sum(run.count("killed") for run in ends) >= KILLS / 2, "the work ended before most kills"
        audit(sandbox, order, tmp_path)


@pytest.mark.skipif(KILLS < 60, reason="takes a minute, and the machine must be idle: see make kill-cluster")
def test_killed_workers_keep_the_rate_limit(tmp_path: Path, workers: list[Worker], dsn: str) -> None:
    with Limited() as sandbox:
        order = batch(sandbox, dsn, tmp_path, 4 * KILLS) | {"factor": 5}

        def work(machine: int) -> list[str]:
            seeded = random.Random(machine)  # noqa: S311 # for repeatable kills
            ends = [
                workers[machine].run(**order, seconds=seeded.uniform(0.5, 3.0)) for _ in range(KILLS // 6)
            ]
            return [*ends, workers[machine].run(**order)]

        with ThreadPoolExecutor(3) as pool:
            ends = [*pool.map(work, range(3))]
        assert [run[-1] for run in ends] == ["finished"] * 3
        refused = [call.operation for call in sandbox.calls if call.code == 429]
        assert not refused, f"{len(refused)} of {len(sandbox.calls)} answers were 429"
        sandbox._service.account._limits = ()  # the audit calls as often as it likes
        audit(sandbox, order, tmp_path)


LINES = ["after the intent", "after the answer", "after the last poll", "after the file", "after the journal"]


def test_workers_killed_at_the_critical_lines_charge_each_row_once(
    tmp_path: Path, workers: list[Worker], dsn: str
) -> None:
    with Hurried() as sandbox:
        order = batch(sandbox, dsn, tmp_path, max(8, KILLS)) | {"lease": 0.6}
        for number in range(max(len(LINES), KILLS // 2)):
            line = LINES[number % len(LINES)]
            end = workers[number % 3].run(**order, line=line, after=number // len(LINES) % 2)
            assert end in ("killed", "finished"), line
        assert workers[0].run(**order) == "finished"
        # What became of a row whose worker was killed after the intent is not known.
        assert audit(sandbox, order, tmp_path) >= 2


def test_restarts_of_the_database_lose_no_row(tmp_path: Path, workers: list[Worker]) -> None:
    seeded = random.Random(16)  # noqa: S311 # for repeatable restarts
    with Hurried() as sandbox, restartable_postgres() as postgres, ThreadPoolExecutor(3) as pool:
        install_template(postgres.address)
        dsn = postgres.address.replace("dbname=postgres", "dbname=installed")
        order = batch(sandbox, dsn, tmp_path, 5 * KILLS)

        def run_until_finished(work: Worker) -> str:
            # A worker that cannot connect when it starts reports that and ends.
            return next(end for _ in range(10) if (end := work.run(**order, seconds=300)) != "JournalError")

        runs = [pool.submit(run_until_finished, work) for work in workers]
        for number in range(max(2, KILLS // 3)):
            time.sleep(seeded.uniform(0.3, 1.0))
            if number % 2:
                postgres.stop()
                time.sleep(seeded.uniform(0.1, 0.5))
                postgres.start()
            else:  # as a router or a pooler does that breaks all connections
                with psycopg.connect(dsn) as db:
                    db.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
        assert [run.result(300) for run in runs] == ["finished"] * 3
        audit(sandbox, order, tmp_path)
