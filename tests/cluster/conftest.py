"""One PostgreSQL server for all tests of a process, and a database with empty tables for each test."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from kie_ideogram._runtime.cluster.storage.database import SCHEMA, Database
from kie_ideogram._runtime.cluster.storage.schema import install
from tests.batch.conftest import sandbox
from tests.cluster.machines import Machines, OneDatabase, OneFile
from tests.money.servers import postgres_server

__all__ = ["sandbox"]

_NUMBERS = count()

# Databases for the next test: to create one takes longer than to empty one.
_EMPTIED: list[str] = []


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Start a server with the database `installed` as a template. Skips where there is no PostgreSQL."""
    with postgres_server() as address:
        install_template(address)
        yield address


def install_template(address: str) -> None:
    """Create the database `installed`."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE DATABASE installed")
    database = Database(address.replace("dbname=postgres", "dbname=installed"))
    install(database)
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def machines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machines]:
    made: OneFile | OneDatabase
    if request.param == "sqlite":
        made = OneFile(tmp_path)
    else:
        made = OneDatabase(request.getfixturevalue("dsn"), tmp_path)
    yield made
    made.close()


@pytest.fixture
def dsn(server: str) -> Iterator[str]:
    """Return the connection string of a database with the tables, which are empty."""
    address = _EMPTIED.pop() if _EMPTIED else _new_database(server)
    before = _tables(address)
    yield address
    if _tables(address) == before:
        _empty(address)
        _EMPTIED.append(address)


def _new_database(server: str) -> str:
    name = f"test_{next(_NUMBERS)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE installed".encode())
    return server.replace("dbname=postgres", f"dbname={name}")


def _tables(address: str) -> list[Any]:
    """Return the version of the tables, and their columns. Some tests change them."""
    columns = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = %s"
    with psycopg.connect(address) as connection:
        found = connection.execute(f"{columns} ORDER BY 1, 2".encode(), (SCHEMA,)).fetchall()
        return found and [*found, *connection.execute(f"TABLE {SCHEMA}.about".encode())]


def _empty(address: str) -> None:
    """Delete all rows but those that `install` writes, after ending what still uses the database."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        names = "SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') FROM pg_tables "
        emptied = f"WHERE schemaname = '{SCHEMA}' AND tablename NOT IN ('about', 'secret')"
        truncate = f"EXECUTE 'TRUNCATE ' || ({names}{emptied}) || ' RESTART IDENTITY'"
        connection.execute(f"DO $$ BEGIN {truncate}; END $$".encode())
