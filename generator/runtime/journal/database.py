"""The journal's file: opened, checked, and written in whole transactions that survive a crash."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from ..core.errors import ConfigurationError, JournalError

VERSION = 1

# Says whose file it is, as SQLite intends; the letters "kiej".
APPLICATION = 0x6B69656A

# How long a transaction waits for another process's. Each takes milliseconds.
PATIENCE = 30.0

_SCHEMA = """
CREATE TABLE jobs (
    server TEXT NOT NULL,
    key TEXT NOT NULL,
    reference TEXT NOT NULL UNIQUE,
    fingerprint TEXT NOT NULL,
    model TEXT NOT NULL,
    body TEXT NOT NULL,
    credits REAL,
    state TEXT NOT NULL CHECK (state IN
        ('pending', 'sending', 'accepted', 'unknown', 'refused', 'succeeded', 'failed', 'done')),
    owner TEXT,
    attempt INTEGER NOT NULL DEFAULT 0,
    task_id TEXT,
    changed REAL NOT NULL,
    PRIMARY KEY (server, key)
) STRICT;
CREATE INDEX jobs_by_task ON jobs (server, task_id);
CREATE INDEX jobs_by_state ON jobs (state);
-- Who inserts an attempt may send it, once.
CREATE TABLE attempts (
    server TEXT NOT NULL,
    key TEXT NOT NULL,
    number INTEGER NOT NULL,
    owner TEXT NOT NULL,
    sent REAL NOT NULL,
    outcome TEXT,
    PRIMARY KEY (server, key, number)
) STRICT;
CREATE TABLE alarms (
    server TEXT NOT NULL,
    key TEXT NOT NULL,
    task_id TEXT NOT NULL,
    seen REAL NOT NULL,
    PRIMARY KEY (server, key, task_id)
) STRICT;
CREATE TABLE turns (scope TEXT PRIMARY KEY, free REAL NOT NULL) STRICT;
CREATE TABLE owners (name TEXT PRIMARY KEY) STRICT;
CREATE TABLE secret (value TEXT NOT NULL) STRICT;
"""


# No two threads make a file at once: see `JournalFile._create`.
_MAKING = threading.Lock()


class JournalBusyError(JournalError):
    """Somebody else had the journal for as long as this one could wait."""


class JournalFile:
    """One SQLite file, one connection at a time; shared by threads, closed over forks.

    Raises `JournalError` for whatever the disk or SQLite says.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        try:
            # A process may go to another folder before the file is opened again; and what lies beside it
            # is found by all who use it, by whichever link.
            self.path = Path(os.path.realpath(path))
        except (TypeError, ValueError) as error:
            raise ConfigurationError(f"journal: {path!r} is no path: {error}") from error
        # The living users of the file; who finds it knows that the file is a journal.
        self.owners = self.path.with_name(self.path.name + "-owners")
        self.lock = threading.RLock()
        self._open: sqlite3.Connection | None = None
        self._closed = False

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection, opened if it is not. With the lock held."""
        return self._connected(PATIENCE)

    def _connected(self, patience: float) -> sqlite3.Connection:
        if self._closed:
            raise JournalError(f"{self.path}: the journal is closed, as its client is; make a new client")
        if self._open is None:
            try:
                self._create()
                self._open = self._connect(patience)
            except (OSError, sqlite3.Error) as error:
                raise self._explained(error) from error
        return self._open

    @contextmanager
    def transaction(self, patience: float = PATIENCE) -> Iterator[sqlite3.Connection]:
        """All of the block, or nothing of it. On disk when the block has ended.

        `patience` is how long to wait for other threads and processes, seconds. Raises `JournalBusyError`.
        """
        end = time.monotonic() + patience
        if not self.lock.acquire(timeout=patience):
            raise JournalBusyError(f"{self.path}: another thread holds the journal; nothing was sent")
        try:
            left = max(0.0, end - time.monotonic())
            connection = self._connected(left)
            try:
                connection.execute(f"PRAGMA busy_timeout = {int(left * 1000)}")
                # Ctrl-C may come between any two lines; what was begun is rolled back then, too.
                try:
                    connection.execute("BEGIN IMMEDIATE")
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise self._explained(error) from error
        finally:
            self.lock.release()

    def close(self) -> None:
        """Close it for good."""
        with self.lock:
            self._closed = True
            self._disconnect()

    def rest(self) -> None:
        """Close the connection and keep all others out, while this process forks.

        SQLite remembers in memory which locks its process has. A child would inherit that memory and not
        the locks, and whoever closes the file next would delete its newest pages under it.
        """
        self.lock.acquire()
        self._disconnect()

    def wake(self, *, child: bool) -> None:
        """After `rest`: the next use opens it again."""
        if child:
            self.lock = threading.RLock()
        else:
            self.lock.release()

    def _disconnect(self) -> None:
        if self._open:
            self._open.close()
            self._open = None

    def _create(self) -> None:
        """Make the file before SQLite does, so that others cannot read the prompts in it."""
        # What is there is not opened: closing it again would take all of this process's locks of it, and
        # another process would delete the newest pages under a second client. Nor is it read elsewhere.
        with _MAKING, suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))

    def _connect(self, patience: float) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=patience, isolation_level=None, check_same_thread=False
        )
        try:
            connection.row_factory = sqlite3.Row
            self._check(connection)
            _patiently(connection, "PRAGMA journal_mode = WAL", patience)
            # With less, the last intents may be forgotten when the power fails, and be sent again.
            connection.execute("PRAGMA synchronous = FULL")
            _patiently(connection, "BEGIN IMMEDIATE", patience)
            if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
                for statement in _SCHEMA.split(";"):
                    connection.execute(statement)
                connection.execute("INSERT INTO secret VALUES (?)", (token_hex(32),))
                connection.execute(f"PRAGMA application_id = {APPLICATION}")
                connection.execute(f"PRAGMA user_version = {VERSION}")
            connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        return connection

    def _check(self, connection: sqlite3.Connection) -> None:
        """Raise `JournalError` for a file that is damaged, of another program, or of the future."""
        try:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if self.path.stat().st_size and not connection.execute("PRAGMA page_count").fetchone()[0]:
                found = "too small"  # SQLite would take it for an empty file, and write over it
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode not in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
                raise
            found = str(error)
        if found != "ok":
            connection.close()
            found = " ".join(found.split())
            if not self.owners.exists():
                raise JournalError(
                    f"{self.path}: this is no journal, or a damaged one from elsewhere ({found}). It was "
                    "left as it is; name another file"
                )
            raise JournalError(
                f"{self.path}: the journal is damaged ({found}). It was kept as {self._keep_aside()}; "
                "nothing was sent. What it knew is not known any more: look at the account's task log before "
                "you start again with a new journal"
            )
        # At one moment, for another process may be making the journal.
        connection.execute("BEGIN")
        tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        connection.execute("COMMIT")
        if (application, version) != (APPLICATION, version) and tables:
            raise JournalError(f"{self.path}: this is another program's database; name another file")
        if version > VERSION:
            raise JournalError(
                f"{self.path}: written by a newer version of this package (journal version {version}, this "
                f"one knows {VERSION}); upgrade, or name another file. It was left as it is"
            )

    def _keep_aside(self) -> Path:
        when = time.strftime("%Y%m%dT%H%M%S")
        kept = self.path.with_name(f"{self.path.name}.damaged-{when}-{token_hex(2)}")
        for suffix in ("-wal", "-shm", ""):
            file = self.path.with_name(self.path.name + suffix)
            if file.exists():
                file.replace(kept.with_name(kept.name + suffix))
        return kept

    def _explained(self, error: OSError | sqlite3.Error) -> JournalError:
        what = error.strerror if isinstance(error, OSError) else str(error)
        busy = isinstance(error, sqlite3.Error) and _busy(error)
        return (JournalBusyError if busy else JournalError)(
            f"{self.path}: the journal cannot be written ({what}). Nothing is sent that is not written down "
            "first: make room, or name a file in a folder that this process may write"
        )


def _busy(error: sqlite3.Error) -> bool:
    # Errors that the module itself makes have no code.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def _patiently(connection: sqlite3.Connection, statement: str, patience: float) -> None:
    """Execute what several processes may do at the same moment, where SQLite may not wait."""
    until = time.monotonic() + patience
    while True:
        try:
            connection.execute(statement)
        except sqlite3.OperationalError as error:
            if not _busy(error) or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return
