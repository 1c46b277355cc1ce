"""`Cluster`: what callers use. It blocks; `work` runs an event loop."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Generic, TypeVar

from ..batch.output.failures import GivenRow, write_failures
from ..batch.output.outcome import Outcome, Retry
from ..batch.plan import Source
from ..batch.running.state import DRAINING, BatchStatus
from ..batch.running.uploads import SharedUploads
from ..core.errors import ConfigurationError
from ..core.identity import DISTRIBUTION
from ..core.reporting.telemetry import waits
from ..tasks.context import AsyncContext
from ..tasks.results.download import check_folder
from ..tasks.results.store import file_stem
from .recovery import ClusterRecovery
from .running.accounts import Account, WorkingAccount, secret_of
from .running.remote import RemoteFolder, is_remote
from .running.worker import THREADS, Worker
from .storage.deletion import Deleted, delete_batch
from .storage.store import PostgresStore
from .submit import Order, Submitted, submit

T = TypeVar("T")


class Cluster(ClusterRecovery[T], Generic[T]):
    """Batches that many machines work on, with one PostgreSQL database. Threads may share it."""

    _worker: tuple[asyncio.AbstractEventLoop, Worker] | None = None
    _stops: int | None = None
    """How often `stop` was called while the worker was starting; None if there is none."""

    def submit(
        self,
        rows: Source,
        *,
        batch: str,
        defaults: Mapping[str, str] | None = None,
        max_cost: float | None = None,
        limit: int | None = None,
        max_failures: int | str | None = None,
        retry: Retry | None = None,
    ) -> Submitted:
        """Put rows into the queue, for all workers. Pictures are stored in the database.

        A row that is there already is not added again. One that failed is run again only with `retry`.

        Args:
            rows: A CSV or JSON Lines file, or mappings, as for `batch.run` of the client.
            batch: The name of the batch. The budget and the keys of the rows belong to it.
            defaults: Values for rows that lack them, as texts.
            max_cost: The most that the batch may cost with all accounts, in the currency of the price list.
            limit: Queue at most this many rows.
            max_failures: Stop submitting after more failures than this, a number of rows or `"5%"`.
            retry: `"failed"` runs failed rows again, `"lost"` those whose results are lost. Each of them is
                charged again.

        Raises:
            InvalidInputError: Rows or arguments are invalid; nothing was stored.
            JournalError: The database cannot be used.
        """
        order = Order(rows, batch, defaults or {}, max_cost, limit, max_failures, retry)
        return submit(self._check(), self._offline, order)

    def work(self, *, save_to: str | os.PathLike[str], batch: str | None = None) -> str:
        """Work on rows until Ctrl-C, `stop`, or the end of a batch. Start it on as many machines as you like.

        The first Ctrl-C, or SIGTERM, stops submitting and finishes what runs. The second one leaves that to
        other workers.

        Args:
            save_to: Folder for the results: `BATCH/KEY/…`. Use one that all machines share, or the URL of
                one in an object store, such as `s3://bucket/out` (extra `remote`).
            batch: The name of a batch; the worker ends with it.

        Returns:
            Why no account takes rows of the batch; empty if the batch has ended or was stopped.

        Raises:
            ConfigurationError: There is no account, or a worker of this object runs.
            DownloadError: The folder cannot be used.
            JournalError: The database cannot be used.
        """
        if not self._accounts:
            raise ConfigurationError("accounts: a worker needs at least one API key")
        if self._stops is not None:
            raise ConfigurationError("this object works already; make another one")
        self._stops = 0
        try:
            self._check()
            if batch is not None:
                self._rows.status(batch)  # raises for one that does not exist
            if not is_remote(save_to):
                folder = check_folder(save_to, "save_to").absolute()
                return asyncio.run(self._work(folder, None, batch))
            remote = RemoteFolder(str(save_to))
            remote.check()
            with TemporaryDirectory(prefix=f"{DISTRIBUTION}-") as place:
                return asyncio.run(self._work(Path(place), remote, batch))
        finally:
            self._stops = None

    async def _work(self, folder: Path, remote: RemoteFolder | None, batch: str | None) -> str:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="worker"))
        accounts = [await asyncio.to_thread(self._working, account) for account in self._accounts]
        worker = Worker(self._database, self._rows, accounts, folder, remote, self._lease, batch)
        with self._stopping:
            self._worker = loop, worker
            for _ in range(self._stops or 0):
                worker.stop()
        handled: list[signal.Signals] = []
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                with suppress(NotImplementedError):  # on Windows, Ctrl-C cancels the running task
                    loop.add_signal_handler(number, self._interrupt)
                    handled.append(number)
        try:
            await worker.run()
        finally:
            self._worker = None
            for number in handled:
                loop.remove_signal_handler(number)
            for account in accounts:
                await account.context.transport.close()
                journal = account.session.journal
                if journal:
                    self._journals.remove(journal)
                    journal.close()
        return worker.reason

    def stop(self) -> None:
        """Let `work` submit no more rows and finish what runs.

        Called again, it leaves that to other workers.
        """
        with self._stopping:
            if self._worker:
                loop, worker = self._worker
                loop.call_soon_threadsafe(worker.stop)
            elif self._stops is not None:
                self._stops += 1

    def _interrupt(self) -> None:
        if self._worker and not self._worker[1].is_draining:
            waits.warning(DRAINING)
        self.stop()

    def _working(self, account: Account) -> WorkingAccount:
        journal = self._journal(account)
        settings = self._make_settings(secret_of(account), journal, True)
        context: AsyncContext[Any] = AsyncContext(
            settings.session(), settings.task_class, settings.timeouts(), None
        )
        store = journal.database
        assert isinstance(store, PostgresStore)
        with store.transaction() as db:
            digest = store.account(db)
        return WorkingAccount(
            account.name, digest, self._credits(account), context, SharedUploads(context.session)
        )

    def batches(self) -> list[str]:
        """Return the names of all batches, newest first. Raises `JournalError`."""
        return self._rows.batches()

    def status(self, batch: str) -> BatchStatus:
        """Return how far a batch is. Raises `InvalidInputError` for an unknown name, `JournalError`."""
        return self._rows.status(batch)

    def results(
        self, batch: str, *, save_to: str | os.PathLike[str] = ".", since: float = 0.0
    ) -> Iterator[Outcome]:
        """Return the outcomes of the rows that have ended, in that order.

        Args:
            batch: The name of the batch.
            save_to: Where this machine has the folder of the workers. With a URL, paths are relative to it.
            since: Only what has ended after this time (Unix time).

        Raises:
            InvalidInputError: There is no such batch.
            JournalError: The database cannot be used.
        """
        return self._rows.outcomes(batch, Path() if is_remote(save_to) else Path(save_to), since)

    def delete(self, batch: str) -> Deleted:
        """Delete a batch that has ended: its rows, and its pictures unless another batch uses them.

        The saved results stay, and so do the submissions, which prove what was paid: a row with a key of the
        deleted batch, submitted under its name again, is the same submission and is not paid again.

        Raises:
            InvalidInputError: There is no such batch. Or a row is unknown, runs, is in the hands of a worker,
                or is paid for and not saved.
            JournalError: The database cannot be used.
        """
        return delete_batch(self._check(), batch)

    def write_failures(self, batch: str, *, save_to: str | os.PathLike[str]) -> str | None:
        """Write the rows that failed in the format of their file, to be corrected and submitted again.

        The file is next to the results of the batch, `failures.csv` or `failures.jsonl`. Pictures have the
        paths that they had on the machine which submitted them.

        Args:
            batch: The name of the batch.
            save_to: Where this machine has the folder of the workers, or its URL.

        Returns:
            The path or URL of the file. None if no row failed; an older file is removed then.

        Raises:
            InvalidInputError: There is no such batch.
            DownloadError: The file cannot be written.
            JournalError: The database cannot be used.
        """
        layout, found = self._rows.failed(batch)
        models = self._offline.contract.models
        rows = [GivenRow(models[model], values) for model, values in found]
        if is_remote(save_to):
            return RemoteFolder(str(save_to)).write_failures(file_stem(batch), layout, rows)
        path = write_failures(Path(save_to) / file_stem(batch), layout, rows)
        return None if path is None else str(path)
