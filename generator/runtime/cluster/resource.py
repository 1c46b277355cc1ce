"""`Cluster`: what callers use. It blocks; `work` runs an event loop."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypeVar

from ..batch.output.outcome import Outcome
from ..batch.plan import Source
from ..batch.running.state import BatchStatus
from ..batch.running.uploads import SharedUploads
from ..contract.describe import describe
from ..contract.pricing import unit
from ..core.errors import ConfigurationError, Fault, InvalidInputError
from ..core.identity import DISTRIBUTION
from ..core.secret import Secret
from ..journal.journal import Journal
from ..tasks.context import AsyncContext, SyncContext
from ..tasks.results.download import check_folder
from ..tasks.submit import recovery
from ..tasks.submit.journaled import check_idempotency_key
from .running.accounts import Account, WorkingAccount, check_accounts, secret_of
from .running.remote import RemoteFolder, is_remote
from .running.worker import THREADS, Worker
from .storage.database import Database
from .storage.rows import Rows
from .storage.schema import check_installed, install
from .storage.store import PostgresStore
from .submit import Order, Submitted, submit

if TYPE_CHECKING:
    from ..client import Settings
    from ..tasks.submit.recovery import DuplicateCharge, SettledSubmission, UnknownSubmission

T = TypeVar("T")

MakeSettings = Callable[[Secret, "Journal | None", bool], "Settings"]
"""Makes the settings of a client from an API key and a journal, for asyncio or not."""


class Cluster(Generic[T]):
    """Batches that many machines work on, with one PostgreSQL database. Threads may share it."""

    def __init__(
        self,
        dsn: str,
        accounts: Mapping[str, str] | Sequence[Account] | str,
        make_settings: MakeSettings,
        folder: str | os.PathLike[str] | None,
        lease: float,
    ) -> None:
        self._accounts = check_accounts(accounts)
        self._make_settings = make_settings
        self._folder = default_folder() if folder is None else Path(folder)
        if isinstance(lease, bool) or not isinstance(lease, int | float) or not 0 < lease < 3600:
            raise ConfigurationError(f"lease: must be a positive number of seconds, got {describe(lease)}")
        self._database = Database(dsn)
        self._lease = float(lease)
        self._journals: list[Journal] = []
        self._checked = False
        self._worker: tuple[asyncio.AbstractEventLoop, Worker] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._database.name!r})"

    def close(self) -> None:
        """Close all connections."""
        if "_contexts" in vars(self):
            for context in self._contexts.values():
                context.transport.close()
        self._close_journals()
        self._database.close()

    def _close_journals(self) -> None:
        while self._journals:
            self._journals.pop().close()

    # ---- Set-up ----------------------------------------------------------------------------

    def install(self) -> None:
        """Create the tables in the database, unless they are there. May be repeated.

        Raises:
            JournalError: The database cannot be used, or its tables belong to another project or to a newer
                version of this package.
        """
        install(self._database)
        self._checked = True

    def _check(self) -> Database:
        """Return the database. Raises `JournalError` if its tables are not those of this version."""
        if not self._checked:
            check_installed(self._database)
            self._checked = True
        return self._database

    @cached_property
    def _rows(self) -> Rows:
        return Rows(self._check(), self._offline.server)

    @cached_property
    def _offline(self) -> Any:
        """A session that sends nothing."""
        return self._make_settings(Secret("offline"), None, False).session()

    # ---- Batches ---------------------------------------------------------------------------

    def submit(
        self,
        rows: Source,
        *,
        batch: str,
        defaults: Mapping[str, str] | None = None,
        max_cost: float | None = None,
        limit: int | None = None,
        max_failures: int | str | None = None,
        retry: Literal["failed"] | None = None,
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
            retry: `"failed"` runs failed rows again. Each of them is charged again.

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
        if self._worker:
            raise ConfigurationError("this object works already; make another one")
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

    async def _work(self, folder: Path, remote: RemoteFolder | None, batch: str | None) -> str:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="worker"))
        accounts = [await asyncio.to_thread(self._working, account) for account in self._accounts]
        worker = Worker(self._database, self._rows, accounts, folder, remote, self._lease, batch)
        self._worker = loop, worker
        handled: list[signal.Signals] = []
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                with suppress(NotImplementedError):  # on Windows, Ctrl-C cancels the running task
                    loop.add_signal_handler(number, self.stop)
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
        if self._worker:
            loop, worker = self._worker
            end = worker.leave if worker.is_draining else worker.drain
            loop.call_soon_threadsafe(end)

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

    def _journal(self, account: Account) -> Journal:
        secret = secret_of(account)
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        store = PostgresStore(self._database, secret, self._folder, self._lease, self._credits(account))
        journal = Journal(store, self._offline.clock, secret)
        self._journals.append(journal)
        return journal

    def _credits(self, account: Account) -> float | None:
        each, _ = unit(self._offline.contract.credit_price)
        return None if account.max_cost is None else account.max_cost / each

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

    # ---- Recovery --------------------------------------------------------------------------

    @cached_property
    def _contexts(self) -> dict[str, SyncContext[T]]:
        """The blocking clients, by the name of their accounts."""
        if not self._accounts:
            raise ConfigurationError("accounts: this needs at least one API key")
        self._check()
        found: dict[str, SyncContext[T]] = {}
        for account in self._accounts:
            settings = self._make_settings(secret_of(account), self._journal(account), False)
            found[account.name] = SyncContext(
                settings.session(), settings.task_class, settings.timeouts(), None
            )
        return found

    def unknown(self) -> list[UnknownSubmission]:
        """Return the submissions whose outcome is unknown, each with what it may have cost.

        Raises:
            JournalError: The database cannot be read.
        """
        context = next(iter(self._contexts.values()))
        return context.run(recovery.unknown(context.session, _journal(context)))

    def duplicate_charges(self) -> list[DuplicateCharge]:
        """Return the tasks that were charged in addition to a submission's own task.

        Raises:
            JournalError: The database cannot be read.
        """
        context = next(iter(self._contexts.values()))
        return context.run(recovery.duplicate_charges(context.session, _journal(context)))

    def attach(self, idempotency_key: str, task_id: str, timeout: float | None = None) -> T:
        """Settle an unknown submission with the task that you found in the account's task log.

        A worker saves the result.

        Args:
            idempotency_key: The key of the submission; `unknown` lists it.
            task_id: The id of its task.
            timeout: Seconds for the whole call, retries included; no limit unless given.

        Raises:
            CallTimeoutError: The time ended.
            InvalidInputError: There is no such submission, or the task was made by a different request.
            Exception: What reading the task raises.
        """
        context = self._context_of(idempotency_key)
        session, journal = context.session, _journal(context)
        task = context.run(
            recovery.attach(session, journal, idempotency_key, task_id, context.make_task), timeout
        )
        self._rows.sweep()
        return task

    def resend(self, idempotency_key: str, timeout: float | None = None) -> T:
        """Send an unknown submission again. If the first attempt was accepted, it is paid twice.

        A worker saves the result. If this attempt is refused, the first one is still unknown.

        Args:
            idempotency_key: The key of the submission; `unknown` lists it.
            timeout: Seconds for the whole call, retries included; no limit unless given.

        Raises:
            CallTimeoutError: The time ended; nothing was sent.
            InvalidInputError: There is no such submission, or its outcome is known.
            Exception: What `create` raises.
        """
        context = self._context_of(idempotency_key)
        session, journal = context.session, _journal(context)
        task = context.run(recovery.resend(session, journal, idempotency_key, context.make_task), timeout)
        self._rows.sweep()
        return task

    def notify(self, task_id: str, url: str = "", timeout: float | None = None) -> SettledSubmission | None:
        """Report a verified callback, on any machine, and return the submission that it settled, if any.

        A worker saves the result.

        Args:
            task_id: The id that `callbacks.verify` returned.
            url: The URL that the callback was sent to, or its query.
            timeout: Seconds for the whole call, retries included; no limit unless given.

        Raises:
            CallTimeoutError: The time ended.
            SignatureError: The URL is invalid, or names a submission and is not signed by this database.
            Exception: What reading the task raises.
        """
        context = self._context_of_callback(url)
        settled = context.run(
            recovery.settle_callback(context.session, _journal(context), task_id, url), timeout
        )
        if settled:
            self._rows.sweep()
        return settled

    def _context_of(self, idempotency_key: str) -> SyncContext[T]:
        """Return the client of the account that sent a submission. Raises `InvalidInputError`."""
        contexts = list(self._contexts.values())
        session, journal = contexts[0].session, _journal(contexts[0])
        check_idempotency_key(idempotency_key)
        submission = journal.find(session.server, idempotency_key=idempotency_key)
        if submission is None:
            return contexts[0]  # which reports that
        own = [one for one in contexts if _journal(one).is_own(submission)]
        if own:
            return own[0]
        message = f"{idempotency_key!r} was sent with an account that this object does not have"
        raise InvalidInputError([Fault("idempotency_key", "account", message)])

    def _context_of_callback(self, url: str) -> SyncContext[T]:
        contexts = list(self._contexts.values())
        reference = recovery.reference_of(_journal(contexts[0]), url)
        if reference:
            submission = _journal(contexts[0]).find(contexts[0].session.server, reference=reference)
            if submission:
                return self._context_of(submission.idempotency_key)
        return contexts[0]


def default_folder() -> Path:
    """Return the folder for the ids of paid tasks that could not be written to the database."""
    with suppress(RuntimeError):  # this user has no home folder
        return Path.home() / ".local" / "state" / DISTRIBUTION
    return Path.cwd()


def _journal(context: SyncContext[Any]) -> Journal:
    assert context.session.journal, "made with one"
    return context.session.journal
