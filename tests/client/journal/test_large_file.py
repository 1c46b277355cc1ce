"""A large journal, of which opening reads a part only: damage is found before anything is sent again."""

import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import errors
from kie_ideogram._runtime.journal import queries
from kie_ideogram._runtime.journal.journal import Journal
from kie_ideogram._runtime.journal.sqlite.database import SqliteConnection
from kie_ideogram._runtime.journal.sqlite.integrity import COMPLETE_CHECK_BYTES, DamageError, prove_missing
from tests.client.conftest import TASK_ID, Client
from tests.client.journal.conftest import order, rows, sent
from tests.client.journal.test_damage import DAMAGES, closed

assert closed  # a fixture

SEEN_AT_START = {name for name in DAMAGES if name not in ("garbled key", "garbled state")}


@pytest.fixture
def large(closed: Path) -> Path:
    """Return the closed journal with a second submission that makes it large."""
    with closing(sqlite3.connect(closed)) as db, db:
        # A transaction ends with the block.
        db.execute(
            "INSERT INTO submissions SELECT server, 'order-90', account, 'other', fingerprint, model, "
            "zeroblob(0) || printf('%.*c', ?, 'x'), credits, state, process, attempt, 'other', changed "
            "FROM submissions",
            (COMPLETE_CHECK_BYTES,),
        )
    assert closed.stat().st_size > COMPLETE_CHECK_BYTES
    return closed


@pytest.mark.parametrize("damage", sorted(SEEN_AT_START))
def test_damaged_large_journal_refuses_the_start(client: Client, large: Path, damage: str) -> None:
    DAMAGES[damage](large)
    with pytest.raises(errors.JournalError, match="compare the account's task log"):
        client.make(journal=large)


@pytest.mark.parametrize("damage", sorted(set(DAMAGES) - SEEN_AT_START))
def test_damage_inside_a_large_journal_sends_nothing_again(
    client: Client, large: Path, httpx_mock: HTTPXMock, damage: str
) -> None:
    DAMAGES[damage](large)
    with suppress(errors.JournalError):  # or the task of the first submission
        assert order(client, client.make(journal=large)).id == TASK_ID
    assert len(sent(httpx_mock)) == 1


def test_state_that_does_not_exist_is_damage(client: Client, large: Path, httpx_mock: HTTPXMock) -> None:
    with closing(sqlite3.connect(large)) as db, db:
        db.execute("PRAGMA ignore_check_constraints = 1")
        db.execute("UPDATE submissions SET state = 'acceptex'")
    with pytest.raises(errors.JournalError, match=r"damaged.*acceptex"):
        order(client, client.make(journal=large))
    assert len(sent(httpx_mock)) == 1


@pytest.mark.parametrize("other", ["order-0000", "order-0099", "order-9999", "\x01rder-0151"])
def test_key_that_was_changed_on_the_disk_never_counts_as_new(tmp_path: Path, other: str) -> None:
    path = tmp_path / "journal.db"
    Journal(path).close()
    key, keys = "order-0150", [f"order-{number:04}" for number in range(1, 300)]
    with closing(sqlite3.connect(path, factory=SqliteConnection)) as db, db:
        db.row_factory = sqlite3.Row
        for one in keys:
            queries.insert(db, "https://api.kie.ai", one, "model", 0)
    content = path.read_bytes()
    first = content.index(key.encode())
    places = (first, content.index(key.encode(), first + 1))
    assert content.count(key.encode()) == len(places)  # once in the table and once in its index
    for place in places:
        path.write_bytes(content[:place] + other.encode() + content[place + len(key) :])
        with closing(sqlite3.connect(path, factory=SqliteConnection)) as db:
            db.row_factory = sqlite3.Row
            if queries.find(db, "https://api.kie.ai", "idempotency_key", key) is None:
                with pytest.raises(DamageError, match=key):
                    prove_missing(db, "https://api.kie.ai", key)


INDEXES = {"submissions_by_server_and_state", "submissions_being_sent", "attempts_being_made"}
OLD_INDEX = "submissions_by_state"

# Opens a journal and kills its process at a statement.
KILLED = """
import os, signal, sys
from kie_ideogram._runtime.journal.sqlite import database
from kie_ideogram._runtime.journal.journal import Journal

class Connection(database.SqliteConnection):
    begun = False

    def execute(self, statement, *values):
        self.begun = self.begun or "DROP INDEX" in statement
        if self.begun and sys.argv[2] in statement:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().execute(statement, *values)

database.SqliteConnection = Connection
Journal(sys.argv[1])
"""


def test_older_journal_gets_its_indexes_although_one_start_was_killed(client: Client, closed: Path) -> None:
    names = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
    with closing(sqlite3.connect(closed)) as db:
        for index in INDEXES:
            db.execute(f"DROP INDEX {index}")
        db.execute(f"CREATE INDEX {OLD_INDEX} ON submissions (state)")
    before = rows(closed, "SELECT * FROM submissions")
    for statement in ("DROP INDEX", "attempts_being_made", "COMMIT"):
        killed = subprocess.run([sys.executable, "-c", KILLED, closed, statement], timeout=60)  # our own code
        assert killed.returncode == -9
        assert OLD_INDEX in {name for (name,) in rows(closed, names)}
    for _ in range(2):
        client.do(client.make(journal=closed).close())
        found = {name for (name,) in rows(closed, names)}
        assert found >= INDEXES
        assert OLD_INDEX not in found
    assert rows(closed, "SELECT * FROM submissions") == before


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM submissions WHERE server = '' AND state IN ('accepted', 'succeeded')",
        "SELECT process FROM submissions WHERE state = 'sending'",
        "UPDATE submissions SET state = 'unknown' WHERE process IS '' AND state = 'sending'",
        "UPDATE attempts SET outcome = 'unknown' WHERE process IS '' AND outcome IS NULL",
    ],
)
def test_query_of_every_start_uses_an_index(closed: Path, query: str) -> None:
    (plan,) = {row[3] for row in rows(closed, f"EXPLAIN QUERY PLAN {query}")}
    assert any(index in plan for index in INDEXES)
