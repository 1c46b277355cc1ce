"""The journal's SQLite file: opened, checked, and written in transactions that survive a crash."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import ENODEV
from math import ceil
from pathlib import Path
from secrets import token_hex

from ...core.clock import Clock
from ...core.deadline import time_left
from ...core.errors import ConfigurationError, JournalBusyError, JournalError
from ...core.identity import JOURNAL_ID
from ...core.locks.held import Held
from .integrity import find_damage
from .trouble import cannot_write, is_busy, is_damage

VERSION = 3

# Seconds that a transaction waits for other processes. Each transaction takes milliseconds.
LOCK_TIMEOUT = 30.0

# Seconds that it waits at least, after the caller's time is over, to record what has happened.
RECORD_TIMEOUT = 2.0

_SCHEMA = """
CREATE TABLE submissions (
    server TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    account TEXT NOT NULL,
    reference TEXT NOT NULL UNIQUE,
    fingerprint TEXT NOT NULL,
    model TEXT NOT NULL,
    body TEXT NOT NULL,
    credits REAL,
    state TEXT NOT NULL CHECK (state IN
        ('pending', 'sending', 'accepted', 'unknown', 'refused', 'succeeded', 'failed', 'done',
        'lost')),
    process TEXT,
    attempt INTEGER NOT NULL DEFAULT 0,
    task_id TEXT,
    changed REAL NOT NULL,
    PRIMARY KEY (server, idempotency_key)
) STRICT;
CREATE INDEX submissions_by_task ON submissions (server, task_id);
-- The process that inserts an attempt may send it, once.
CREATE TABLE attempts (
    server TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    number INTEGER NOT NULL,
    process TEXT NOT NULL,
    sent REAL NOT NULL,
    outcome TEXT,
    PRIMARY KEY (server, idempotency_key, number)
) STRICT;
CREATE TABLE duplicate_charges (
    server TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    task_id TEXT NOT NULL,
    seen REAL NOT NULL,
    PRIMARY KEY (server, idempotency_key, task_id)
) STRICT;
-- API keys that are proven to belong to the account of another one.
CREATE TABLE api_keys (digest TEXT PRIMARY KEY, account TEXT NOT NULL) STRICT;
CREATE TABLE rate_limits (scope TEXT PRIMARY KEY, next_free REAL NOT NULL) STRICT;
CREATE TABLE processes (name TEXT PRIMARY KEY) STRICT;
CREATE TABLE secret (value TEXT NOT NULL) STRICT;
"""

# What is added to a file that was made without it. The version stays, since older releases use such a file,
# too. Without the indexes, `resume`, `unknown` and the reaping of an exited process read the whole file.
_ADDITIONS = """
CREATE TABLE IF NOT EXISTS run_plans (
    server TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    plan TEXT NOT NULL,
    PRIMARY KEY (server, idempotency_key)
) STRICT;
CREATE TABLE IF NOT EXISTS batch_submissions (
    batch TEXT NOT NULL,
    server TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    PRIMARY KEY (batch, server, idempotency_key)
) STRICT;
-- Millionths of a credit, for each budget.
CREATE TABLE IF NOT EXISTS reservations (
    budget TEXT NOT NULL,
    key TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (budget, key)
) STRICT;
DROP INDEX IF EXISTS submissions_by_state;
CREATE INDEX IF NOT EXISTS submissions_by_server_and_state ON submissions (server, state);
CREATE INDEX IF NOT EXISTS submissions_being_sent ON submissions (process) WHERE state = 'sending';
CREATE INDEX IF NOT EXISTS attempts_being_made ON attempts (process) WHERE outcome IS NULL
"""


# No two threads create a file at the same time: see `JournalDatabase._create`.
_CREATING = threading.Lock()


class SqliteConnection(sqlite3.Connection):
    """A connection to a SQLite file. A transaction locks the whole file, so it locks no rows."""

    lock_rows = lock_free_rows = ""


@contextmanager
def locked(lock: threading.RLock, path: Path, seconds: float | None = None) -> Iterator[None]:
    """Keep other threads out. Raises `JournalBusyError` if that takes more than some seconds."""
    held = Held()
    try:
        if not held.acquire(
            lock.acquire, lock.release, time_left(LOCK_TIMEOUT) if seconds is None else seconds
        ):
            raise JournalBusyError(f"{path}: another thread holds the journal; nothing was sent")
        yield
    finally:
        held.release()


class JournalDatabase:
    """One SQLite file with one connection, shared by threads and closed during forks.

    Raises `JournalError` for every failure of the disk or of SQLite.
    """

    def __init__(self, path: str | os.PathLike[str], clock: Clock) -> None:
        try:
            # Absolute and without links: the process may change its folder before the file is opened
            # again, and all users must find the files next to it.
            self.path = Path(os.path.realpath(path))
        except (TypeError, ValueError) as error:
            raise ConfigurationError(f"journal: {path!r} is not a path: {error}") from error
        self._clock = clock
        # One lock file per user. The folder is created after the journal, so its existence shows that there
        # was a complete journal here.
        self.locks = self.path.with_name(self.path.name + "-locks")
        self.lock = threading.RLock()
        self._forking = Held()
        self._connection: SqliteConnection | None = None
        self._identity: tuple[int, int] | None = None
        """Device and inode of the file, once it was opened."""
        self._wal_identity: tuple[int, int] | None = None
        """The same of the write-ahead log of the open connection."""
        self._closed = False

    def _connected(self, timeout: float) -> SqliteConnection:
        if self._closed:
            raise JournalError(f"{self.path}: the journal is closed, as its client is; make a new client")
        if self._connection is None:
            try:
                # Looked for before the file: another process may be creating both.
                existed = self.locks.exists()
                if not existed:
                    self._create()
                elif not self.path.exists():
                    raise self._unusable("the journal is missing")
                if not self.path.is_file():  # opening a pipe would wait
                    raise OSError(ENODEV, "not a regular file")
                connection = self._connect(timeout, existed=existed)
                self._wal_identity = _identity(self._wal)
                self._identity = self._identity or _identity(self.path)
                self._connection = connection
            except (OSError, sqlite3.Error) as error:
                raise self._explained(error) from error
        return self._connection

    @property
    def _wal(self) -> Path:
        return self.path.with_name(self.path.name + "-wal")

    def _has_log(self) -> bool:
        return self._wal.exists() and self._wal.stat().st_size > 0

    @contextmanager
    def transaction(self, timeout: float = LOCK_TIMEOUT, at_least: float = 0.0) -> Iterator[SqliteConnection]:
        """Apply all of the block or nothing of it. When the block ends, it is on disk.

        Args:
            timeout: The seconds to wait for other threads and processes. They end with the caller's time.
            at_least: The seconds to wait even if the caller has less time.

        Raises:
            JournalBusyError: Others held the journal all the time.
        """
        seconds = time_left(timeout, at_least)
        end = self._clock.monotonic() + seconds
        with locked(self.lock, self.path, seconds):
            left = max(0.0, end - self._clock.monotonic())
            connection = self._connected(left)
            try:
                connection.execute(f"PRAGMA busy_timeout = {ceil(left * 1000)}")
                # Ctrl-C may come between any two lines; what was begun is rolled back then, too.
                try:
                    connection.execute("BEGIN IMMEDIATE")
                    self._check_in_place()
                    yield connection
                    self._check_in_place()
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise self._explained(error) from error

    def close(self) -> None:
        """Close the file permanently."""
        with self.lock:
            self._closed = True
            self._disconnect()

    def before_fork(self) -> None:
        """Close the connection and keep other threads out while this process forks.

        SQLite remembers in memory which locks its process has. A child would inherit that memory but not
        the locks, and the next process to close the file would delete its newest pages.
        """
        self._forking.acquire(self.lock.acquire, self.lock.release)
        self._disconnect()

    def after_fork(self, *, child: bool) -> None:
        """Let threads use the file again; the next one opens it."""
        self._forking.release()
        if child:
            self.lock = threading.RLock()

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            connection.close()

    def _create(self) -> None:
        """Create the file before SQLite does, so that other users cannot read the prompts in it."""
        # An existing file is not opened: closing it again would release all locks that this process has on
        # it, and another process would delete the newest pages of a second client.
        with _CREATING, suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))

    def _check_in_place(self) -> None:
        """Raise `JournalError` if the file was deleted, moved or replaced after it was opened.

        SQLite continues to write to the file that it opened, which the next process cannot find.
        """
        try:
            same = _identity(self.path) == self._identity and _identity(self._wal) == self._wal_identity
            in_place = same and self.path.stat().st_size > 0
        except OSError as error:
            raise self._explained(error) from error
        if not in_place:
            raise JournalError(
                f"{self.path}: the journal or its write-ahead log was deleted, moved, emptied or replaced "
                "while it was open. Nothing was sent. Put the files back, or end every process that uses the "
                "journal, and compare the account's task log before you start again"
            )

    def _connect(self, timeout: float, *, existed: bool) -> SqliteConnection:
        connection = sqlite3.connect(
            self.path,
            timeout=timeout,
            isolation_level=None,
            check_same_thread=False,
            factory=SqliteConnection,
        )
        try:
            connection.row_factory = sqlite3.Row
            self._check(connection, existed=existed)
            self._execute(connection, "PRAGMA journal_mode = WAL", timeout)
            # With less, a power failure may lose the last attempts, and they would be sent again.
            connection.execute("PRAGMA synchronous = FULL")
            self._execute(connection, "BEGIN IMMEDIATE", timeout)
            if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
                for statement in _SCHEMA.split(";"):
                    connection.execute(statement)
                connection.execute("INSERT INTO secret VALUES (?)", (token_hex(32),))
                connection.execute(f"PRAGMA application_id = {JOURNAL_ID}")
                connection.execute(f"PRAGMA user_version = {VERSION}")
            for statement in _ADDITIONS.split(";"):
                connection.execute(statement)
            connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        return connection

    def _check(self, connection: sqlite3.Connection, *, existed: bool) -> None:
        """Raise `JournalError` for a file that is damaged, of another program, or of a newer version.

        Such a file is never changed or moved: if it was, the next start would make a new journal, and
        everything in the old one would be sent again.
        """
        try:
            found = find_damage(connection, self.path, has_log=self._has_log())
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            found = str(error)
        if found:
            if existed:
                raise self._unusable(f"the journal is damaged ({' '.join(found.split())})")
            raise JournalError(
                f"{self.path}: this file is not a journal, or a damaged one from another machine "
                f"({' '.join(found.split())}). It was not changed; use another file"
            )
        # In one transaction, because another process may be creating the journal.
        connection.execute("BEGIN")
        tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        application_id = connection.execute("PRAGMA application_id").fetchone()[0]
        connection.execute("COMMIT")
        if existed and not tables:
            raise self._unusable("the journal is empty")
        if application_id != JOURNAL_ID and tables:
            raise JournalError(f"{self.path}: this is another program's database; use another file")
        if tables and version < VERSION:
            raise JournalError(
                f"{self.path}: written by a pre-release version of this package (journal version {version}, "
                f"this version reads {VERSION}); use another file. It was not changed"
            )
        if version > VERSION:
            raise JournalError(
                f"{self.path}: written by a newer version of this package (journal version {version}, this "
                f"version reads {VERSION}); upgrade, or use another file. It was not changed"
            )

    def _unusable(self, what: str) -> JournalError:
        """Return the error for a journal that was usable before. A person decides what to do."""
        return JournalError(
            f"{self.path}: {what}, and {self.locks} shows that there was one. Nothing was sent or changed. "
            "Put back the file or a copy of it. To start with a new journal, which knows none of the earlier "
            "submissions, first compare the account's task log; then move the file away and delete the lock "
            "folder"
        )

    def _explained(self, error: OSError | sqlite3.Error) -> JournalError:
        if is_damage(error):
            return self._unusable(f"the journal is damaged ({error})")
        return (JournalBusyError if is_busy(error) else JournalError)(cannot_write(self.path, error))

    def _execute(self, connection: sqlite3.Connection, statement: str, timeout: float) -> None:
        """Execute a statement for which SQLite itself may not wait for other processes."""
        end = self._clock.monotonic() + timeout
        while True:
            try:
                connection.execute(statement)
            except sqlite3.OperationalError as error:
                if not is_busy(error) or self._clock.monotonic() > end:
                    raise
                self._clock.sleep(0.01)
            else:
                return


def _identity(path: Path) -> tuple[int, int] | None:
    """Return device and inode of a file, or None if there is none. Raises `OSError`."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino
