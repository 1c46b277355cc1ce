"""The tables of the package in PostgreSQL, and who may use them: `install` is repeatable."""

from __future__ import annotations

from secrets import token_hex
from typing import get_args

import psycopg

from ...batch.output.outcome import Status
from ...core.errors import JournalError
from ...core.identity import DISTRIBUTION, JOURNAL_ID
from .database import SCHEMA, Database, Row, not_installed, older_tables

VERSION = 2

_STATUSES = ", ".join(f"'{status}'" for status in ("open", *get_args(Status)))

# Two processes may install at the same time.
_LOCK = JOURNAL_ID

# The tables of version 1, and what each later version adds to them.
_TABLES = """
CREATE TABLE about (application BIGINT NOT NULL, version INTEGER NOT NULL);
CREATE TABLE secret (value TEXT NOT NULL);
-- Times are Unix times by the clock of the database.
CREATE TABLE processes (name TEXT PRIMARY KEY, seen DOUBLE PRECISION NOT NULL);
CREATE TABLE submissions (
    server TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    account TEXT NOT NULL,
    reference TEXT NOT NULL UNIQUE,
    fingerprint TEXT NOT NULL,
    model TEXT NOT NULL,
    body TEXT NOT NULL,
    credits DOUBLE PRECISION,
    state TEXT NOT NULL CHECK (state IN
        ('pending', 'sending', 'accepted', 'unknown', 'refused', 'succeeded', 'failed', 'done', 'lost')),
    process TEXT,
    attempt INTEGER NOT NULL DEFAULT 0,
    task_id TEXT,
    changed DOUBLE PRECISION NOT NULL,
    batch TEXT,
    PRIMARY KEY (server, idempotency_key)
);
CREATE INDEX submissions_by_task ON submissions (server, task_id);
CREATE INDEX submissions_unfinished ON submissions (server, state)
    WHERE state IN ('sending', 'accepted', 'unknown', 'succeeded', 'lost');
CREATE INDEX submissions_being_sent ON submissions (process) WHERE state = 'sending';
-- The process that inserts an attempt may send it, once.
CREATE TABLE attempts (
    server TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    number INTEGER NOT NULL,
    process TEXT NOT NULL,
    sent DOUBLE PRECISION NOT NULL,
    outcome TEXT,
    PRIMARY KEY (server, idempotency_key, number)
);
CREATE TABLE run_plans (
    server TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    plan TEXT NOT NULL,
    PRIMARY KEY (server, idempotency_key)
);
CREATE TABLE duplicate_charges (
    server TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    task_id TEXT NOT NULL,
    seen DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (server, idempotency_key, task_id)
);
-- API keys that are proven to belong to the account of another one.
CREATE TABLE api_keys (digest TEXT PRIMARY KEY, account TEXT NOT NULL);
CREATE TABLE rate_limits (scope TEXT PRIMARY KEY, next_free DOUBLE PRECISION NOT NULL);

CREATE TABLE batches (
    name TEXT PRIMARY KEY,
    server TEXT NOT NULL,
    max_credits DOUBLE PRECISION,
    max_failures DOUBLE PRECISION,
    failures INTEGER NOT NULL DEFAULT 0,
    refusals INTEGER NOT NULL DEFAULT 0,
    stopped TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    created DOUBLE PRECISION NOT NULL
);
CREATE TABLE rows (
    batch TEXT NOT NULL REFERENCES batches (name),
    key TEXT NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE,
    line INTEGER NOT NULL,
    model TEXT NOT NULL,
    request TEXT NOT NULL,
    credits DOUBLE PRECISION,
    status TEXT NOT NULL DEFAULT 'open',
    outcome TEXT NOT NULL DEFAULT '',
    -- How often its result was not saved.
    saves INTEGER NOT NULL DEFAULT 0,
    ended DOUBLE PRECISION,
    PRIMARY KEY (batch, key)
);
CREATE INDEX rows_left ON rows (batch, status) WHERE status <> 'succeeded';
CREATE TABLE files (sha256 TEXT PRIMARY KEY, name TEXT NOT NULL, content BYTEA NOT NULL);
-- Why no account takes more rows for now, until when.
CREATE TABLE stopped_accounts (
    account TEXT PRIMARY KEY,
    until DOUBLE PRECISION NOT NULL,
    reason TEXT NOT NULL
);

-- What the submissions of a batch cost, for each account, unless certainly no task was created.
CREATE TABLE spending (
    batch TEXT NOT NULL,
    account TEXT NOT NULL,
    credits NUMERIC NOT NULL,
    PRIMARY KEY (batch, account)
);
CREATE FUNCTION count_spending() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF OLD.batch IS NOT NULL AND OLD.state NOT IN ('pending', 'refused') THEN
        UPDATE spending SET credits = credits - coalesce(OLD.credits, 0)::numeric
            WHERE batch = OLD.batch AND account = OLD.account;
    END IF;
    IF NEW.batch IS NOT NULL AND NEW.state NOT IN ('pending', 'refused') THEN
        INSERT INTO spending VALUES (NEW.batch, NEW.account, coalesce(NEW.credits, 0)::numeric)
            ON CONFLICT (batch, account) DO UPDATE SET credits = spending.credits + excluded.credits;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER count_spending AFTER UPDATE ON submissions FOR EACH ROW
    WHEN ((OLD.state IN ('pending', 'refused')) <> (NEW.state IN ('pending', 'refused'))
        OR (OLD.batch, OLD.account, OLD.credits) IS DISTINCT FROM (NEW.batch, NEW.account, NEW.credits))
    EXECUTE FUNCTION count_spending();
"""

_ADDITIONS = {
    # How the rows of a batch are written in their file, each row as it was given, as JSON; and lost results.
    2: f"""
ALTER TABLE batches ADD COLUMN layout TEXT NOT NULL DEFAULT '';
ALTER TABLE rows ADD COLUMN given TEXT NOT NULL DEFAULT '';
ALTER TABLE rows DROP CONSTRAINT IF EXISTS rows_status_check;
ALTER TABLE rows ADD CONSTRAINT rows_status_check CHECK (status IN ({_STATUSES}));
""",
}


def install(database: Database) -> None:
    """Create the tables, or add what this version needs to older ones. Raises `JournalError`."""
    from .queue import install_queue  # imports PgQueuer, which takes a second

    with database.connect() as connection:
        try:
            connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
            with connection.transaction():
                found = _version(database, connection)
                if found is None:
                    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
                    connection.execute(_TABLES.encode())
                    connection.execute("INSERT INTO about VALUES (%s, %s)", (JOURNAL_ID, found := 1))
                    connection.execute("INSERT INTO secret VALUES (%s)", (token_hex(32),))
                for version in range(found + 1, VERSION + 1):
                    connection.execute(_ADDITIONS[version].encode())
                connection.execute("UPDATE about SET version = %s", (VERSION,))
            install_queue(database)
        except psycopg.Error as error:
            raise database._explained(error) from error


def check_installed(database: Database) -> None:
    """Raise `JournalError` for a database that was not installed, or by another package or version."""
    with database.connect() as connection:
        try:
            found = _version(database, connection)
        except psycopg.Error as error:
            raise database._explained(error) from error
    if found is None:
        raise JournalError(not_installed(database.name))
    if found < VERSION:
        raise JournalError(older_tables(database.name))


def installed_version(database: Database) -> int:
    """Return the version of the tables. Raises `JournalError`."""
    with database.transaction() as db:
        row = db.execute("SELECT version FROM about").fetchone()
    assert row, "written by `install`"
    version: int = row["version"]
    return version


def _version(database: Database, connection: psycopg.Connection[Row]) -> int | None:
    """Return the version of the tables; None if there are none. Raises `JournalError` for others' tables."""
    tables = {
        name
        for (name,) in connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %s", (SCHEMA,)
        )
    }
    if not tables:
        return None
    row = (
        connection.execute("SELECT application, version FROM about").fetchone() if "about" in tables else None
    )
    if row is None or row["application"] != JOURNAL_ID:
        raise JournalError(
            f"the schema {SCHEMA} of the database {database.name} belongs to another project. It was not "
            "changed; use another database"
        )
    version: int = row["version"]
    if version > VERSION:
        raise JournalError(
            f"the tables of the database {database.name} were made by a newer version of {DISTRIBUTION} "
            f"(tables {version}, this version uses {VERSION}); upgrade this machine. Nothing was changed"
        )
    return version
