"""The database and the accounts of a cluster."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from ..contract.describe import describe
from ..contract.pricing import unit
from ..core.errors import ConfigurationError
from ..core.identity import DISTRIBUTION
from ..core.text.secret import Secret
from ..journal.journal import Journal
from ..tasks.context import SyncContext
from .running.accounts import Account, check_accounts, secret_of
from .storage.database import Database
from .storage.rows import Rows
from .storage.schema import check_installed, install
from .storage.store import PostgresStore

if TYPE_CHECKING:
    from ..http.settings import Settings

T = TypeVar("T")

MakeSettings = Callable[[Secret, "Journal | None", bool], "Settings"]
"""Makes the settings of a client from an API key and a journal, for asyncio or not."""


class ClusterBase(Generic[T]):
    """Opens the database, and makes the journals and the blocking clients of the accounts."""

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
        self._stopping = threading.RLock()  # a signal may arrive while it is held

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


def default_folder() -> Path:
    """Return the folder for the ids of paid tasks that could not be written to the database."""
    with suppress(RuntimeError):  # this user has no home folder
        return Path.home() / ".local" / "state" / DISTRIBUTION
    return Path.cwd()
