"""One PostgreSQL server for all tests of a process, and an empty database with the tables for each test."""

from collections.abc import Iterator
from itertools import count

import psycopg
import pytest

from kie_ideogram._runtime.cluster.storage.database import Database
from kie_ideogram._runtime.cluster.storage.schema import install
from tests.batch.conftest import sandbox
from tests.money.servers import postgres_server

__all__ = ["sandbox"]

_NUMBERS = count()


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


@pytest.fixture
def dsn(server: str) -> str:
    """Return the connection string of a new database with the tables."""
    name = f"test_{next(_NUMBERS)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE installed".encode())
    return server.replace("dbname=postgres", f"dbname={name}")
