"""Programs are killed repeatedly: no order is charged twice or lost, and unknown ones are listed."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from kie_ideogram import errors
from tests.money.support import Hurried, charged, client, edit, task_of, upload

ROOT = Path(__file__).parents[2]
# 50 in the suite, more with `make kill`. The number of orders grows with it.
KILLS = int(os.environ.get("KILLS", "50"))
ORDERS = KILLS + 10


class Worker:
    """A process that runs programs, each in a separate fork."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def run(self, **order: Any) -> str:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()


@contextmanager
def worker(module: str = "tests.money.worker") -> Iterator[Worker]:
    command = [sys.executable, "-m", module]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Worker(process)
        finally:
            assert process.stdin
            process.stdin.close()
            process.wait(60)


@pytest.fixture(scope="module")
def work() -> Iterator[Worker]:
    """One worker for all tests, because it takes seconds to start on a busy machine."""
    with worker() as work:
        yield work


def orders(sandbox: Hurried, folder: Path, count: int) -> dict[str, Any]:
    """Return the orders of a program, with its folders and its service."""
    return {
        "url": sandbox.url,
        "pictures": upload(sandbox.url),
        "journal": str(folder / "journal.db"),
        "out": str(folder / "out"),
        "orders": [f"order-{number}" for number in range(count)],
    }


def audit(sandbox: Hurried, order: dict[str, Any]) -> int:
    """Compare the journal with the service's ledger, settle what is unknown, and compare again.

    Returns how many orders were unknown.
    """
    keys, out = set(order["orders"]), Path(order["out"])
    times, tasks = charged(sandbox), task_of(sandbox)
    assert max(times.values()) == 1, "charged twice"
    sandbox.faults.share = 0
    with client(sandbox.url, Path(order["journal"])) as kie:
        assert kie.resume() == []
        assert kie.duplicate_charges() == []
        unknown = {one.idempotency_key: one for one in kie.unknown()}
        for key in keys - set(unknown):
            assert times[key] == 1, "neither unknown nor charged"
            assert (out / f"{tasks[key]}-1.png").stat().st_size, "charged, and not on disk"
        for key, one in unknown.items():
            assert one.credits == 12
            assert one.price == pytest.approx(0.06)
            if times[key]:
                kie.attach(key, tasks[key])
            else:
                kie.resend(key)
        assert {task.id for task in kie.resume()} == {task_of(sandbox)[key] for key in unknown}
    assert charged(sandbox) == Counter(keys)
    return len(unknown)


def test_killed_process_charges_each_order_once(tmp_path: Path, work: Worker) -> None:
    seeded = random.Random(20261122)  # noqa: S311 # for repeatable kills
    with Hurried(seed=1, share=0.1) as sandbox:
        order = orders(sandbox, tmp_path, ORDERS)
        ends = [work.run(**order, seconds=seeded.uniform(0.01, 0.1)) for _ in range(KILLS)]
        # A fast machine may finish the work before the last kills.
        assert ends.count("killed") >= KILLS / 2, "the work ended before most kills"
        assert work.run(**order) == "finished"
        assert audit(sandbox, order), "no kill and no fault left an unknown order; the test is too weak"


def test_two_killed_processes_charge_each_order_once(tmp_path: Path, work: Worker) -> None:
    with Hurried(seed=2, share=0.1) as sandbox, worker() as other:
        order = orders(sandbox, tmp_path, ORDERS)

        def run_until_finished(work: Worker, seed: int) -> list[str]:
            seeded = random.Random(seed)  # noqa: S311 # for repeatable kills
            ends = [work.run(**order, seconds=seeded.uniform(0.02, 0.12)) for _ in range(KILLS // 2)]
            return [*ends, work.run(**order)]

        with ThreadPoolExecutor(2) as pool:
            ends = [*pool.map(run_until_finished, (work, other), (1, 2))]
        assert [run[-1] for run in ends] == ["finished", "finished"]
        assert [*ends[0], *ends[1]].count("killed") > KILLS // 2
        assert audit(sandbox, order)


@pytest.mark.parametrize(
    ("line", "charges", "states"),
    [
        # The request may have been sent: only the service knows.
        ("after the intent", 2, {"unknown": 1, "done": 2}),
        ("after the answer", 3, {"unknown": 1, "done": 2}),
        # The task is known, so its image is downloaded, for the first or second time.
        ("after the last poll", 3, {"done": 3}),
        ("after the file", 3, {"done": 3}),
    ],
)
def test_process_killed_at_a_critical_line_charges_once(
    tmp_path: Path, work: Worker, line: str, charges: int, states: dict[str, int]
) -> None:
    with Hurried() as sandbox:
        order = orders(sandbox, tmp_path, 3)
        assert work.run(**order, line=line, after=1) == "killed"
        assert work.run(**order) == "finished"
        with sqlite3.connect(order["journal"]) as db:
            found = Counter(state for (state,) in db.execute("SELECT state FROM submissions"))
        db.close()
        assert (len(sandbox.charges), found) == (charges, states)
        audit(sandbox, order)


@pytest.mark.parametrize("sweep", ["before", "at the line"])
@pytest.mark.parametrize("line", ["after the intent", "after the answer"])
def test_deleted_locks_hide_no_submission(tmp_path: Path, work: Worker, line: str, sweep: str) -> None:
    with Hurried() as sandbox:
        order = orders(sandbox, tmp_path, 3)
        assert work.run(**order, line=line, after=1, sweep=sweep) == "killed"
        assert work.run(**order) == "finished"
        assert audit(sandbox, order) == 1


def fill(byte: bytes, *files: Path) -> None:
    for file in files:
        file.write_bytes(byte * file.stat().st_size)


def cut(size: int, *files: Path) -> None:
    for file in files:
        os.truncate(file, min(size, file.stat().st_size))


def delete(*files: Path) -> None:
    for file in files:
        file.unlink()


def replace(journal: Path, log: Path) -> None:
    delete(log)
    journal.write_bytes(b"")


# Each takes the journal and its write-ahead log, which a killed process leaves.
DAMAGES: dict[str, Callable[[Path, Path], None]] = {
    "emptied": partial(cut, 0),
    "truncated": partial(cut, 100),
    "zeroed": partial(fill, b"\0"),
    "garbled": partial(fill, b"\xaa"),
    "deleted": delete,
    "replaced": replace,
}


def test_damaged_journal_charges_nothing_at_three_starts(tmp_path: Path, work: Worker) -> None:
    with Hurried() as sandbox:
        order = orders(sandbox, tmp_path, 3)
        assert work.run(**order, line="after the answer", after=1) == "killed"
        journal = Path(order["journal"])
        files = {file: file.read_bytes() for file in tmp_path.glob("journal.db*") if file.is_file()}
        assert len(sandbox.charges) == 2
        for name, damage in DAMAGES.items():
            damage(journal, journal.with_name("journal.db-wal"))
            assert [work.run(**order) for _ in range(3)] == ["JournalError"] * 3, name
            assert len(sandbox.charges) == 2, name
            for file, content in files.items():
                file.write_bytes(content)
        assert work.run(**order) == "finished"
        assert audit(sandbox, order) == 1


@pytest.mark.parametrize("then", [signal.SIGCONT, signal.SIGKILL])
def test_stopped_process_blocks_only_its_own_key(tmp_path: Path, work: Worker, then: signal.Signals) -> None:
    with Hurried() as sandbox, ThreadPoolExecutor(1) as pool:
        order = orders(sandbox, tmp_path, 3)
        pid_file = tmp_path / "pid"
        run = pool.submit(work.run, **order, line="after the intent", after=1, pid_file=str(pid_file))
        while not pid_file.exists() or not pid_file.read_text():
            time.sleep(0.01)
        with client(sandbox.url, Path(order["journal"])) as kie:
            begun = time.monotonic()
            with pytest.raises(errors.CallTimeoutError, match=r"order-1.*may be stopped"):
                edit(kie, order["pictures"], "order-1", timeout=0.5)
            assert time.monotonic() - begun < 5
            edit(kie, order["pictures"], "order-2")  # another key does not wait
        os.kill(int(pid_file.read_text()), then)
        assert run.result(60) == ("finished" if then == signal.SIGCONT else "killed")
        assert work.run(**order) == "finished"
        assert audit(sandbox, order) == (0 if then == signal.SIGCONT else 1)
