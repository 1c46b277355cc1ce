"""PgQueuer, the queue: one job for each row that is left. Its tables are in the schema of the package.

A job carries the idempotency key of a row and nothing else. PgQueuer gives it to one worker, and to another
one when the first no longer reports. The journal decides whether anything may be sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any, cast

from ...core.extras import missing_extra
from .database import SCHEMA, Database, Transaction

try:
    from pgqueuer.adapters.drivers.psycopg import PsycopgDriver, SyncPsycopgDriver
    from pgqueuer.adapters.persistence import qb
    from pgqueuer.adapters.persistence.queries import Queries, SyncQueries
    from pgqueuer.core.qm import QueueManager
    from pgqueuer.domain.settings import DBSettings
    from pgqueuer.domain.types import Channel, QueueEntrypoint
    from psycopg import AsyncConnection
except ModuleNotFoundError as error:
    raise missing_extra(error, "cluster") from None

TABLE = "pgqueuer"

_SETTINGS = DBSettings(db_schema=SCHEMA, prefix="", channel=Channel(f"{SCHEMA}_rows"))


def entrypoint(server: str) -> str:
    """Return the kind of the jobs for one server, so that only workers with that server take them."""
    return f"row {sha256(server.encode()).hexdigest()[:12]}"


def enqueue(db: Transaction, server: str, idempotency_keys: Sequence[str]) -> None:
    """Add a job for each row that has none, in the transaction of its row."""
    if not idempotency_keys:
        return
    count = len(idempotency_keys)
    queries = SyncQueries(
        SyncPsycopgDriver(cast("Any", db.connection)), qbq=qb.QueryQueueBuilder(settings=_SETTINGS)
    )
    queries.enqueue(
        [entrypoint(server)] * count,
        [key.encode() for key in idempotency_keys],
        [0] * count,
        dedupe_key=list(idempotency_keys),
        on_conflict="skip",
    )


def install_queue(database: Database) -> None:
    """Create or upgrade PgQueuer's tables."""

    async def upgrade() -> None:
        async with await AsyncConnection.connect(
            database.dsn, autocommit=True, client_encoding="utf8"
        ) as connection:
            queries = _queries(PsycopgDriver(connection))
            if await queries.schema_is_installed():
                await queries.upgrade()
            else:
                await queries.install(create_schema=False)

    asyncio.run(upgrade())


class TwoConnections(PsycopgDriver):
    """PgQueuer's driver, which listens on one connection and executes statements on another one.

    With a single connection, each statement waits up to a second until the driver pauses to listen.
    """

    def __init__(self, listening: AsyncConnection[Any], executing: AsyncConnection[Any]) -> None:
        super().__init__(listening)
        self._statements = PsycopgDriver(executing)

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        """Execute a statement and return its rows."""
        return await self._statements.fetch(query, *args)

    async def execute(self, query: str, *args: object) -> str:
        """Execute a statement and return its status."""
        return await self._statements.execute(query, *args)


def _queries(driver: PsycopgDriver) -> Queries:
    """Return PgQueuer's statements for the tables of this package."""
    return Queries(
        driver,
        qbe=qb.QueryBuilderEnvironment(settings=_SETTINGS),
        qbq=qb.QueryQueueBuilder(settings=_SETTINGS),
        qbs=qb.QuerySchedulerBuilder(settings=_SETTINGS),
    )


class RowQueue(QueueManager):
    """PgQueuer's manager, which takes no more jobs while enough rows of this worker wait to be submitted."""

    wants_more: Callable[[], bool]

    def entrypoints_below_capacity_limits(self) -> set[QueueEntrypoint]:
        """Return the kinds of jobs that this worker takes now."""
        return super().entrypoints_below_capacity_limits() if self.wants_more() else set()


def row_queue(
    listening: AsyncConnection[Any], executing: AsyncConnection[Any], wants_more: Callable[[], bool]
) -> RowQueue:
    """Return a manager of the jobs of this package."""
    manager = RowQueue(_queries(TwoConnections(listening, executing)), Channel(_SETTINGS.channel))
    manager.wants_more = wants_more
    return manager
