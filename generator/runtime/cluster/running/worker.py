"""A worker: takes rows from the queue and works on all of them at once, until it is asked to end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import lru_cache
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import psycopg
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job

from ...batch.running.run import WORKERS
from ...core.errors import JournalError
from ...core.identity import DISTRIBUTION
from ...core.reporting.telemetry import logger, waits
from ..storage.queue import RowQueue, entrypoint, row_queue
from ..storage.rows import Rows
from ..storage.schema import VERSION, installed_version
from .accounts import AccountPicker, WorkingAccount
from .edit import Edit

if TYPE_CHECKING:
    from ...core.subscription import Subscription
    from ...journal.journal import Journal
    from ..storage.database import Database
    from .remote import RemoteFolder

P = ParamSpec("P")
T = TypeVar("T")

# Rows that a worker has in hand for each account: at two submissions per second, those of two minutes.
ROWS_IN_HAND = 250

# Seconds between two looks at rows without a job and at the version of the tables, and at the batch.
_SWEEP = 20.0
_LOOK = 1.0

# Pictures whose contents a worker remembers: those of a batch are often the same.
_REMEMBERED = 16

# For calls that may block.
THREADS = 16

# Seconds that a worker which leaves waits for requests that are on their way.
_PATIENCE = 10.0


class Worker:
    """One worker in one event loop."""

    def __init__(
        self,
        database: Database,
        rows: Rows,
        accounts: list[WorkingAccount],
        folder: Path,
        remote: RemoteFolder | None,
        lease: float,
        batch: str | None = None,
    ) -> None:
        """Prepare a worker.

        Args:
            folder: The folder of the results.
            remote: Where the results are moved from there.
            lease: Seconds after which others take over the rows of a worker that no longer reports.
            batch: End when this batch has ended.
        """
        self.rows = rows
        self.journal = _journal(accounts[0])
        """The journal of any account: all have the same rows."""
        self.folder = folder
        self.remote = remote
        self.lease = lease
        self.server = accounts[0].session.server
        self.picker = AccountPicker(accounts, lambda: self.is_draining)
        self.is_draining = False
        """Whether no more rows are submitted; those that are submitted are finished."""
        self.is_leaving = False
        """Whether rows are left to other workers."""
        self.reason = ""
        """Why no account takes rows of the batch that is waited for."""
        self.picture = lru_cache(_REMEMBERED)(rows.file)
        self._database = database
        self._batch = batch
        self._queue: RowQueue | None = None
        self._active: set[str] = set()
        self._waiting: set[asyncio.Event] = set()
        self._ending = asyncio.Event()
        self._idle = asyncio.Event()

    async def run(self) -> None:
        """Work until `drain`, `leave`, or the end of the batch. Raises `JournalError` if it cannot begin."""
        helpers = [
            asyncio.create_task(
                self._poll(account, account.context.poller.subscribe(_no_task, inf, yields_changes=False))
            )
            for account in self.picker.accounts
            for _ in range(WORKERS)
        ]
        watching = asyncio.create_task(self._watch())
        runs: set[asyncio.Task[None]] = set()
        try:
            while not self.is_draining:
                try:
                    await self._take_jobs(runs)
                except psycopg.Error as error:
                    waits.warning("the connection to the queue is lost, connecting again: %s", error)
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._ending.wait(), 1.0)
            while runs and not self.is_leaving:
                await asyncio.wait(runs, timeout=0.2)
            if runs:
                await asyncio.wait(runs, timeout=_PATIENCE)
            await self._record_outcomes()
        finally:
            self.leave()
            for task in (watching, *helpers, *runs):
                task.cancel()
            await asyncio.gather(watching, *helpers, *runs, return_exceptions=True)

    def stop(self) -> None:
        """Drain; the second time, leave."""
        (self.leave if self.is_draining else self.drain)()

    def drain(self) -> None:
        """Submit no more rows, and end when the results of all others are saved."""
        self.is_draining = True
        self._ending.set()
        if self._queue:
            self._queue.shutdown.set()
        self.picker.wake()

    def leave(self) -> None:
        """End soon: other workers continue what this one has submitted."""
        self.drain()
        self.is_leaving = True
        for event in self._waiting:
            event.set()

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function that may block for a moment."""
        return await asyncio.to_thread(function, *args, **kwargs)

    @contextmanager
    def wakes(self, event: asyncio.Event) -> Iterator[None]:
        """Set an event when the worker leaves."""
        self._waiting.add(event)
        try:
            yield
        finally:
            self._waiting.discard(event)

    # ---- Jobs ------------------------------------------------------------------------------

    async def _take_jobs(self, runs: set[asyncio.Task[None]]) -> None:
        """Take jobs until the worker ends. Raises `psycopg.Error` if the connection breaks.

        Work on the rows in hand continues then, with the connections of the journal. Their jobs are given out
        again after a while, and end at once if this or another worker has finished the rows.
        """
        connections = [await self._connect() for _ in range(2)]
        self._queue = queue = row_queue(connections[0], connections[1], self.picker.wants_more)
        queue.min_dequeue_poll_interval = timedelta(seconds=0.2)
        queue.entrypoint(entrypoint(self.server), on_failure="hold")(self._handle)
        in_hand = ROWS_IN_HAND * len(self.picker.accounts)
        run = asyncio.create_task(self._run_queue(queue, connections, in_hand))
        runs.add(run)
        run.add_done_callback(runs.discard)
        run.add_done_callback(_log_end)
        if self.is_draining:
            queue.shutdown.set()
        ending = asyncio.create_task(self._ending.wait())
        while not run.done() and not ending.done():
            if any(one.closed or one.broken for one in connections):
                ending.cancel()
                queue.shutdown.set()  # one of the connections may still work
                raise psycopg.OperationalError("the server closed the connection")
            await asyncio.wait((run, ending), timeout=0.5, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if run.done() and not self.is_draining:
            raise psycopg.OperationalError("the queue ended")

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(
            self._database.dsn, autocommit=True, client_encoding="utf8"
        )

    async def _run_queue(
        self, queue: RowQueue, connections: list[psycopg.AsyncConnection[Any]], in_hand: int
    ) -> None:
        async with connections[0], connections[1]:
            await queue.run(
                dequeue_timeout=timedelta(seconds=max(0.5, min(10.0, self.lease / 3))),
                batch_size=WORKERS * len(self.picker.accounts),
                max_concurrent_tasks=in_hand,
                heartbeat_timeout=timedelta(seconds=self.lease),
            )

    async def _handle(self, job: Job) -> None:
        """Work on the row of a job. Ends without an error only if nothing is left to do."""
        key = (job.payload or b"").decode()
        if key in self._active:
            raise RetryRequested(timedelta(seconds=self.lease), "the row is in hand")
        self._active.add(key)
        try:
            row = await self.call(self.rows.load, key)
            if row is None or row.status != "open":
                return
            delay = await Edit(self, row, job.attempts).run()
        except Exception as error:
            # PgQueuer would end the job.
            delay = min(60.0, 2.0 ** min(job.attempts, 6))
            log = logger.warning if isinstance(error, JournalError) else logger.error
            log("row %s is tried again in %d s: %s: %s", key, delay, type(error).__name__, error)
        finally:
            self._active.discard(key)
            if not self._active:
                self._idle.set()
        if delay is not None:
            raise RetryRequested(timedelta(seconds=delay), "continued later")

    async def _poll(self, account: WorkingAccount, helper: Subscription) -> None:
        """Poll for the rows of an account."""
        while not self.is_leaving:
            try:
                await account.context.next_event(helper)
            except Exception as error:
                # It is found again by the next poll of that task.
                logger.debug("a poll failed: %s", error)
                await account.session.clock.async_sleep(0.1)

    # ---- The database ----------------------------------------------------------------------

    async def _watch(self) -> None:
        """Give rows without a job one, end with the batch, and end if the tables are newer."""
        swept = -inf
        while True:
            try:
                now = asyncio.get_running_loop().time()
                if now - swept >= min(_SWEEP, self.lease):
                    await self._sweep()
                    swept = now
                if self._batch is not None and not self.is_draining and await self._has_ended(self._batch):
                    self.leave()
            except Exception as error:
                logger.warning("the database could not be looked at, trying again: %s", error)
            self._idle.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), _LOOK)

    async def _record_outcomes(self) -> None:
        """Wait a moment for a database that is away, if there is an outcome to record."""
        clock = self.picker.accounts[0].session.clock
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                while self._has_open_attempts():
                    with suppress(JournalError):
                        await self._flush()
                        return
                    await clock.async_sleep(_LOOK)

    def _has_open_attempts(self) -> bool:
        return any(_journal(one).has_open_attempts for one in self.picker.accounts)

    async def _flush(self) -> None:
        """Write the outcomes that could not be written before. Raises `JournalError`."""
        for account in self.picker.accounts:
            await self.call(_journal(account).look_up, self.server, "")

    async def _sweep(self) -> None:
        await self._flush()
        for account in self.picker.accounts:
            await self.call(_journal(account).reap_stale)
        await self.call(self.journal.read_fallbacks)
        await self.call(self.rows.sweep)
        if await self.call(installed_version, self._database) > VERSION:
            waits.warning("the tables belong to a newer version of %s: ending", DISTRIBUTION)
            self.drain()

    async def _has_ended(self, batch: str) -> bool:
        """Whether nothing of a batch is left that this worker could do."""
        if self._has_open_attempts():
            return False  # it may be a row that others took for unknown
        await self.call(self.rows.sweep)  # opens the rows that a late answer has settled
        stopped = await self.call(self.rows.stopped_accounts)
        is_able = any(one.digest not in stopped for one in self.picker.accounts)
        if is_able and await self.call(self.rows.is_left, batch):
            return False
        status = await self.call(self.rows.status, batch)
        if status.running:
            return False
        if not status.left or status.stopped:
            return True
        reasons = [stopped[one.digest][1] for one in self.picker.accounts if one.digest in stopped]
        if len(reasons) == len(self.picker.accounts):
            self.reason = "; ".join(dict.fromkeys(reasons))
        return bool(self.reason)


def _log_end(run: asyncio.Task[None]) -> None:
    """Log why a connection to the queue ended. Its rows were continued."""
    if not run.cancelled() and run.exception():
        logger.info("a connection to the queue has ended: %s", run.exception())


def _journal(account: WorkingAccount) -> Journal:
    journal = account.session.journal
    assert journal, "a worker's sessions have one"
    return journal


def _no_task(*args: Any) -> Any:
    raise AssertionError("a helper adds no task")
