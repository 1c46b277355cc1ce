"""A batch is killed repeatedly: no row is charged twice, lost, or left behind."""

import json
import os
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from kie_ideogram.types import BatchOutcome
from tests.money.support import Hurried, charged, client, task_of, upload
from tests.money.test_kill import Worker, worker

# 16 in the suite, more with `make kill`. The number of rows grows with it.
KILLS = int(os.environ.get("KILLS", "16"))

CRITICAL = ["after the intent", "after the answer", "after the last poll", "after the file"]


@pytest.fixture(scope="module")
def work() -> Iterator[Worker]:
    """One worker for all tests, because it takes seconds to start on a busy machine."""
    with worker() as work:
        yield work


def batch(sandbox: Hurried, folder: Path, count: int) -> dict[str, Any]:
    """Write a file of rows, and return the order to run it."""
    urls = upload(sandbox.url)
    pictures = {"image": urls["image_url"], "mask": urls["mask_url"], "reference": urls["image_url"]}
    keys = [f"row-{number}" for number in range(count)]
    rows = [{"key": key, "prompt": f"order {key}", "rendering_speed": "TURBO", **pictures} for key in keys]
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    journal, out = folder / "journal.db", folder / "out"
    return {"url": sandbox.url, "journal": str(journal), "out": str(out), "rows": str(path), "keys": keys}


def outcomes(order: dict[str, Any]) -> dict[str, BatchOutcome]:
    with client(order["url"], Path(order["journal"])) as kie:
        return {one.key: one for one in kie.batch.run(order["rows"], save_to=order["out"])}


def audit(sandbox: Hurried, order: dict[str, Any]) -> int:
    """Compare the results with the service's ledger, settle what is unknown, and compare again.

    Returns how many rows were unknown.
    """
    times, tasks = charged(sandbox), task_of(sandbox)
    assert max(times.values()) == 1, "charged twice"
    sandbox.faults.share = 0
    found = outcomes(order)
    assert set(found) == set(order["keys"])
    unknown = {key for key, one in found.items() if one.status == "unknown"}
    for key, one in found.items():
        assert one.status in ("succeeded", "unknown"), (key, one.reason)
        if one.status == "succeeded":
            assert times[key] == 1
            assert one.task_id == tasks[key]
            assert one.paths[0].stat().st_size
    with client(sandbox.url, Path(order["journal"])) as kie:
        assert {one.idempotency_key for one in kie.unknown()} == unknown
        assert kie.resume() == []
        assert kie.duplicate_charges() == []
        for key in unknown:
            if times[key]:
                kie.attach(key, tasks[key])
            else:
                kie.resend(key)
    assert {one.status for one in outcomes(order).values()} == {"succeeded"}
    assert charged(sandbox) == dict.fromkeys(order["keys"], 1)
    before = len(sandbox.calls)
    assert all(one.earlier for one in outcomes(order).values())
    assert len(sandbox.calls) == before
    return len(unknown)


def test_killed_batch_charges_each_row_once(tmp_path: Path, work: Worker) -> None:
    seeded = random.Random(14)  # noqa: S311 # for repeatable kills
    with Hurried(seed=3, share=0.05) as sandbox:
        order = batch(sandbox, tmp_path, 2 * KILLS)
        # So that at least one row is unknown, on a machine of any speed.
        assert work.run(**order, line="after the answer", after=2) == "killed"
        ends = [work.run(**order, seconds=seeded.uniform(0.03, 0.15)) for _ in range(KILLS)]
        assert ends.count("killed") >= KILLS / 4, "the work ended before most kills"
        assert work.run(**order) == "finished"
        assert audit(sandbox, order)


def test_two_killed_processes_charge_each_row_once(tmp_path: Path, work: Worker) -> None:
    with Hurried(seed=4, share=0.05) as sandbox, worker() as other:
        order = batch(sandbox, tmp_path, 2 * KILLS)

        def run_until_finished(work: Worker, seed: int) -> list[str]:
            seeded = random.Random(seed)  # noqa: S311 # for repeatable kills
            ends = [work.run(**order, line="after the answer", after=1)]
            ends += [work.run(**order, seconds=seeded.uniform(0.05, 0.2)) for _ in range(KILLS // 2)]
            return [*ends, work.run(**order)]

        with ThreadPoolExecutor(2) as pool:
            ends = [*pool.map(run_until_finished, (work, other), (1, 2))]
        assert [run[-1] for run in ends] == ["finished", "finished"]
        assert [*ends[0], *ends[1]].count("killed") > KILLS // 4
        audit(sandbox, order)  # whether a row is unknown depends on the load of the machine


@pytest.mark.parametrize("line", CRITICAL)
def test_batch_killed_at_a_critical_line_charges_once(tmp_path: Path, work: Worker, line: str) -> None:
    with Hurried() as sandbox:
        order = batch(sandbox, tmp_path, 6)
        assert work.run(**order, line=line, after=2) == "killed"
        assert work.run(**order) == "finished"
        unknown = audit(sandbox, order)
        # At the other lines, another row may be on its way.
        assert unknown or line in ("after the last poll", "after the file")


def test_killed_batch_keeps_its_budget(tmp_path: Path, work: Worker) -> None:
    seeded = random.Random(15)  # noqa: S311 # for repeatable kills
    with Hurried() as sandbox:
        order = batch(sandbox, tmp_path, 20)
        for _ in range(5):
            work.run(**order, max_cost=0.6, seconds=seeded.uniform(0.03, 0.1))
        assert work.run(**order, max_cost=0.6) == "finished"
        # 12 credits, USD 0.06, for each row. An unknown one may not be charged, and counts.
        with client(sandbox.url, Path(order["journal"])) as kie:
            unknown = {one.idempotency_key for one in kie.unknown()}
        assert len(set(charged(sandbox)) | unknown) == 10
