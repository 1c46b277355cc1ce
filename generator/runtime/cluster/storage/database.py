"""One PostgreSQL database: a pool of connections, and transactions whose errors say what to do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import ceil
from typing import Any

from ...core.errors import ConfigurationError, JournalError
from ...core.extras import missing_extra
from ...core.identity import DISTRIBUTION
from ...core.locks.fork import ABANDONED
from ...journal.store import StoreUnreachableError

try:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict, make_conninfo
    from psycopg_pool import ConnectionPool, PoolTimeout
except ModuleNotFoundError as error:
    raise missing_extra(error, "cluster") from None

# Several packages of this kind, and other programs, may share a database.
SCHEMA = DISTRIBUTION.replace("-", "_").replace(".", "_").lower()

# Seconds that a transaction waits for a connection or a lock. Each transaction takes milliseconds.
LOCK_TIMEOUT = 30.0

# Seconds after which the server ends the transaction of a process that was stopped in the middle of one.
# Others wait for the rows that it has locked.
_IDLE_TIMEOUT = 5

_POOL_SIZE = 8


# PostgreSQL stores every character of Unicode but this one, which an id of the service may contain. The mark
# is a character for private use.
_NULL, _MARK = "\0", "\ue000"


def _escaped(values: Sequence[Any]) -> Sequence[Any]:
    """Return values as they are stored."""
    return [
        value.replace(_MARK, f"{_MARK}m").replace(_NULL, f"{_MARK}0") if isinstance(value, str) else value
        for value in values
    ]


def _unescaped(value: Any) -> Any:
    """Return a value that was stored."""
    if isinstance(value, str) and _MARK in value:
        return value.replace(f"{_MARK}0", _NULL).replace(f"{_MARK}m", _MARK)
    return value


class Row:
    """A row whose values are read by name or number."""

    __slots__ = ("_names", "_values")

    def __init__(self, names: dict[str, int], values: Sequence[Any]) -> None:
        self._names = names
        self._values = values

    def __getitem__(self, key: str | int) -> Any:
        return _unescaped(self._values[key if isinstance(key, int) else self._names[key]])

    def __iter__(self) -> Iterator[Any]:
        return map(_unescaped, self._values)


def _rows(cursor: psycopg.Cursor[Any]) -> Callable[[Sequence[Any]], Row]:
    names = {column.name: number for number, column in enumerate(cursor.description or ())}
    return lambda values: Row(names, values)


# A server that has vanished is noticed within a minute, unless the caller's connection string says otherwise.
_LIVENESS: dict[str, Any] = {
    "connect_timeout": 10,
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 40_000,
}

# Texts are Unicode, whatever the encoding of the database.
_CONNECTION: dict[str, Any] = {"autocommit": True, "row_factory": _rows, "client_encoding": "utf8"}


class Transaction:
    """An open transaction. Statements have question marks as placeholders, as those of the journal have."""

    lock_rows = "FOR UPDATE"
    lock_free_rows = "FOR UPDATE SKIP LOCKED"

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> psycopg.Cursor[Row]:
        """Execute a statement."""
        # The statements are constants of this package; values are always parameters.
        return self.connection.execute(sql.replace("?", "%s").encode(), _escaped(parameters))

    def execute_many(self, sql: str, parameters: Sequence[Sequence[Any]]) -> None:
        """Execute a statement with each of several lists of values."""
        with self.connection.cursor() as cursor:
            cursor.executemany(sql.replace("?", "%s").encode(), list(map(_escaped, parameters)))


class Database:
    """The connections to one database. Threads share it; it raises `JournalError`."""

    def __init__(self, dsn: str) -> None:
        """Read the connection string. Raises `ConfigurationError`; connects to nothing."""
        if not isinstance(dsn, str) or not dsn.strip():
            raise ConfigurationError(
                "dsn: must be a PostgreSQL URL, such as postgresql://user@host/database, or another "
                "connection string"
            )
        try:
            parts = conninfo_to_dict(dsn)
        except psycopg.ProgrammingError:
            # Without the error, which may repeat a password.
            raise ConfigurationError(
                "dsn: is not a PostgreSQL URL or connection string; a URL is postgresql://user@host/database"
            ) from None
        self.dsn = make_conninfo(**{**_LIVENESS, **parts})
        place = parts.get("host") or parts.get("hostaddr") or "the local server"
        port = f":{parts['port']}" if parts.get("port") else ""
        self.name = f"{parts.get('dbname') or 'the default database'} at {place}{port}"
        """The database for messages, without user and password."""
        self._pool: ConnectionPool[Any] | None = None
        self._closed = False
        self._lock = threading.Lock()

    @contextmanager
    def transaction(self, timeout: float = LOCK_TIMEOUT) -> Iterator[Transaction]:
        """Apply all of the block or nothing of it. When the block ends, it is on disk.

        `timeout` is the seconds to wait for a connection, and for each lock.
        """
        try:
            with self._opened().connection(timeout) as connection, connection.transaction():
                if timeout < LOCK_TIMEOUT:
                    # PostgreSQL waits without a limit if it is 0.
                    connection.execute(f"SET LOCAL lock_timeout = {max(1, ceil(timeout * 1000))}".encode())
                yield Transaction(connection)
        except psycopg.DataError:
            raise  # a value that cannot be stored: another attempt would fail in the same way
        except psycopg.Error as error:
            raise self._explained(error) from error

    def connect(self) -> psycopg.Connection[Any]:
        """Return a new connection without a transaction, which the caller closes."""
        try:
            connection = psycopg.connect(self.dsn, **_CONNECTION)
            _configure(connection)
        except psycopg.Error as error:
            raise self._explained(error) from error
        return connection

    def close(self) -> None:
        """Close all connections permanently."""
        with self._lock:
            self._closed = True
            pool, self._pool = self._pool, None
        if pool:
            pool.close(timeout=1.0)

    def abandon(self) -> None:
        """Use new connections in a forked child: those of its parent are not its own."""
        self._lock = threading.Lock()
        if self._pool:
            ABANDONED.append(self._pool)  # closing it would close the connections of the parent
        self._pool = None

    def _opened(self) -> ConnectionPool[Any]:
        with self._lock:
            if self._closed:
                raise JournalError(f"{self.name}: the connection to the database was closed")
            if self._pool is None:
                self.connect().close()  # reports a wrong address at once; the pool would try again
                self._pool = ConnectionPool(
                    self.dsn,
                    kwargs=_CONNECTION,
                    configure=_configure,
                    # After a restart of the server, the pool holds connections that are broken.
                    check=ConnectionPool.check_connection,
                    min_size=1,
                    max_size=_POOL_SIZE,
                    # After a long failure, it still tries often.
                    reconnect_timeout=30.0,
                    name=DISTRIBUTION,
                    open=True,
                )
            return self._pool

    def _explained(self, error: psycopg.Error) -> JournalError:
        text = " ".join(str(error).split())
        if isinstance(error, PoolTimeout | psycopg.OperationalError | psycopg.InterfaceError):
            return StoreUnreachableError(
                f"the database {self.name} cannot be used ({text}). Nothing was sent. Check that PostgreSQL "
                "runs and that the URL has the right host, port, database, user and password"
            )
        if isinstance(error, psycopg.errors.UndefinedTable | psycopg.errors.InvalidSchemaName):
            return JournalError(not_installed(self.name))
        if isinstance(error, psycopg.errors.InsufficientPrivilege):
            return JournalError(
                f"the database {self.name} refused a statement ({text}). Use a user who may create a schema, "
                f"or grant the rights on the schema {SCHEMA}"
            )
        return JournalError(f"the database {self.name} failed: {text}")


def older_tables(name: str) -> str:
    """Return the message for a database with the tables of an older version."""
    return (
        f"the tables of the database {name} are those of an older version of this package; call install(), "
        "or submit a batch with `batch run FILE --database URL`. Workers of older versions then finish what "
        "runs, and end"
    )


def not_installed(name: str) -> str:
    """Return the message for a database without the package's tables."""
    return (
        f"the database {name} does not have the tables of this package. If it is the right database, call "
        "install(), or submit a batch with `batch run FILE --database URL`"
    )


def _configure(connection: psycopg.Connection[Any]) -> None:
    connection.execute(
        (
            f"SET search_path TO {SCHEMA}; "
            f"SET idle_in_transaction_session_timeout = '{_IDLE_TIMEOUT}s'; "
            f"SET lock_timeout = '{LOCK_TIMEOUT:g}s'; "
            # With less, a power failure may lose the last attempts, and they would be sent again.
            "SET synchronous_commit = on; "
            # Transactions lock the rows that they decide on, and read what others have committed before.
            "SET default_transaction_isolation = 'read committed'"
        ).encode()
    )
