"""Measure batches: what they use of the rate that the account admits, their cost, and takeovers."""

import multiprocessing
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest

from benchmarks.measure import judged, judged_least, table
from kie_ideogram._contract import CONTRACT
from kie_ideogram._runtime.cluster.storage.database import Database
from kie_ideogram._runtime.cluster.storage.schema import install
from kie_ideogram._runtime.core.clock import Environment
from kie_ideogram.testing import Sandbox
from tests.cluster.support import BATCH, cluster, rows
from tests.money.servers import postgres_server
from tests.money.support import KEY, client, hurried, upload

FACTOR = 3
"""The service's intervals and the duration of its tasks are divided by this."""

TASK = 12 / FACTOR
"""Seconds of a task: the sandbox takes one for each credit of a picture."""

CONTRACT_IN_A_HURRY = hurried(CONTRACT, FACTOR)
SUBMISSIONS = next(limit for limit in CONTRACT_IN_A_HURRY.rate_limits if limit.name == "create")
CREATE = SUBMISSIONS.operations[0]

ADMITTED = SUBMISSIONS.limit / (SUBMISSIONS.window + SUBMISSIONS.margin)
"""Submissions per second of a client that never exceeds the limit."""

ROWS = 150
PLAIN_ROWS = 8
IN_HAND = 20
LEASE = 4.0
"""Seconds after which others take over the rows of a worker that no longer reports."""

LEAST_SHARE = 0.95
MOST_LEASES = 2.0
"""A takeover: a lease ends, and the rows get new jobs when another worker looks at them, once per lease."""


class Service(Sandbox):
    """A sandbox with shorter intervals."""

    contract = CONTRACT_IN_A_HURRY


class Spent(NamedTuple):
    """What a process spent on its work."""

    cpu: float
    """Seconds."""
    memory: int
    """The most that it held, bytes."""


def _plain_loop(given: list[dict[str, Any]], url: str, folder: Path) -> None:
    """Run the rows one after the other."""
    with client(url, folder / "journal.db", _environment()) as kie:
        for row in given:
            values = {name: value for name, value in row.items() if name != "key"}
            kie.character_edit.run(**values, idempotency_key=row["key"], save_to=folder / "out")


def _batch(given: list[dict[str, Any]], url: str, folder: Path) -> None:
    """Run the rows as a batch on one machine."""
    with client(url, folder / "journal.db", _environment()) as kie:
        for _ in kie.batch.run(given, save_to=folder / "out"):
            pass


def _worker(dsn: str, url: str, folder: Path) -> None:
    """Work on the batch in the database."""
    with _cluster(dsn, url, folder) as working:
        working.work(save_to=folder / "out", batch=BATCH)


def _environment() -> Environment:
    return Environment(contract=CONTRACT_IN_A_HURRY)


def _cluster(dsn: str, url: str, folder: Path) -> Any:
    return cluster(dsn, url, folder, lease=LEASE, environment=_environment())


def _spend(work: Callable[[], object], report: Connection) -> None:
    """Work, and report what it cost without the imports."""
    start = time.process_time()
    work()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    report.send(Spent(time.process_time() - start, memory))


class Process:
    """Work in a separate process."""

    def __init__(self, work: Callable[[], object]) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._reports, report = spawn.Pipe(duplex=False)
        self._process = spawn.Process(target=_spend, args=(work, report))
        self._process.start()

    def result(self) -> Spent:
        """Wait until it ends."""
        spent: Spent = self._reports.recv()
        self._process.join()
        return spent

    def kill(self) -> None:
        """End it at once."""
        assert self._process.pid
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.join()


def _times(service: Service, operation: str) -> list[float]:
    """Return when the accepted calls of an operation arrived, Unix time."""
    return [call.time for call in service.calls if call.operation == operation and call.code == 200]


@contextmanager
def _service() -> Iterator[Service]:
    with Service(keys=[KEY], balance=1e6, scale=1 / FACTOR) as service:
        yield service


@contextmanager
def _database() -> Iterator[str]:
    """Start PostgreSQL with the tables."""
    with postgres_server() as dsn:
        database = Database(dsn)
        install(database)
        database.close()
        yield dsn


def _submit(dsn: str, url: str, folder: Path, count: int) -> None:
    with _cluster(dsn, url, folder) as submitting:
        submitting.submit(_rows(url, count), batch=BATCH)


def _rows(url: str, count: int) -> list[dict[str, Any]]:
    return rows(upload(url), [f"row-{number}" for number in range(count)])


def _throughput(name: str, count: int, start: Callable[[Service, Path], Sequence[Process]]) -> list[str]:
    """Run rows in one or more processes. Return a row of the table."""
    with TemporaryDirectory() as directory, _service() as service:
        began = time.monotonic()
        spent = [process.result() for process in start(service, Path(directory))]
        seconds = time.monotonic() - began
        created = _times(service, CREATE)
        refused = sum(call.code == 429 for call in service.calls)
    assert len(created) == count, "every row must be submitted once"
    share = (count - 1) / (created[-1] - created[0]) / ADMITTED
    cpu = 1e3 * sum(one.cpu for one in spent) / count
    memory = max(one.memory for one in spent) / 1e6
    aim = "" if name == PLAIN else judged_least(share, LEAST_SHARE)
    figures = f"{seconds:.1f}", f"{share:.0%}", str(refused), f"{cpu:.1f}", f"{memory:.0f}"
    return [name, str(count), *figures, aim]


PLAIN = "run(), one row after the other"


def _start_plain(service: Service, folder: Path) -> list[Process]:
    return [Process(partial(_plain_loop, _rows(service.url, PLAIN_ROWS), service.url, folder))]


def _start_batch(service: Service, folder: Path) -> list[Process]:
    return [Process(partial(_batch, _rows(service.url, ROWS), service.url, folder))]


def _start_workers(count: int, dsn: str, service: Service, folder: Path) -> list[Process]:
    _submit(dsn, service.url, folder, ROWS)
    return [Process(partial(_worker, dsn, service.url, folder)) for _ in range(count)]


def _throughputs() -> None:
    found = [
        _throughput(PLAIN, PLAIN_ROWS, _start_plain),
        _throughput("batch.run, one process", ROWS, _start_batch),
    ]
    for count in (1, 3):
        with _database() as dsn:
            name = f"Cluster.work, {count} worker{'s' if count > 1 else ''}"
            found.append(_throughput(name, ROWS, partial(_start_workers, count, dsn)))
    table(
        f"Rows of a batch. The account admits {ADMITTED:.1f} submissions per second, and a task takes "
        f"{TASK:.1f} s",
        ("", "rows", "s", "of the rate", "429s", "CPU ms/row", "MB", "aim"),
        found,
    )


def _takeover() -> None:
    """Kill a worker whose tasks are all paid for, and measure until another one asks for them."""
    with TemporaryDirectory() as directory, _service() as service, _database() as dsn:
        folder = Path(directory)
        _submit(dsn, service.url, folder, IN_HAND)
        work = partial(_worker, dsn, service.url, folder)
        first = Process(work)
        while len(_times(service, CREATE)) < IN_HAND:
            time.sleep(0.01)
        second = Process(work)
        first.kill()
        killed = time.time()
        second.result()
        # A poll of the killed worker may arrive late.
        polls = [at - killed for at in _times(service, CONTRACT.workflow.poll) if at > killed + 0.1]
        assert len(service.charges) == IN_HAND, "every row must be submitted once"
    leases = polls[0] / LEASE
    table(
        f"The takeover of {IN_HAND} rows from a killed worker, with a lease of {LEASE:g} s",
        ("first poll after s", "last poll after s", "leases until the first", "aim"),
        [(f"{polls[0]:.1f}", f"{polls[-1]:.1f}", f"{leases:.2f}", judged(leases, MOST_LEASES))],
    )


def main() -> None:
    """Print throughput and cost, and the time of a takeover."""
    try:
        _throughputs()
        _takeover()
    except pytest.skip.Exception as error:
        sys.exit(f"error: {error}, and these measurements need it")


if __name__ == "__main__":
    main()
