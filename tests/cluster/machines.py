"""A store that several processes use: a SQLite file, or a PostgreSQL database; and what they do with it."""

from pathlib import Path
from typing import Any, Protocol

from kie_ideogram._runtime.cluster.storage.database import Database
from kie_ideogram._runtime.cluster.storage.store import LeasedProcess, PostgresStore
from kie_ideogram._runtime.core.text.secret import Secret
from kie_ideogram._runtime.journal.journal import Journal
from kie_ideogram._runtime.journal.sqlite.process_lock import ProcessLock
from kie_ideogram._runtime.journal.submission import Claim, Submission

SERVER = "https://api.test"


class Machines(Protocol):
    """A store that several processes use."""

    def journal(self, key: str = "key") -> Journal:
        """Return the journal of another process."""
        ...

    def kill(self, journal: Journal) -> None:
        """End the process of a journal without a word."""
        ...


class OneFile:
    """A SQLite file. Each journal is another process."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "journal.db"
        self._made: list[Journal] = []

    def journal(self, key: str = "key") -> Journal:
        self._made.append(Journal(self._path, api_key=Secret(key)))
        return self._made[-1]

    def kill(self, journal: Journal) -> None:
        assert isinstance(journal.process, ProcessLock)
        journal.process.close()

    def close(self) -> None:
        for journal in self._made:
            journal.close()


class OneDatabase:
    """A PostgreSQL database. Each journal is on another machine."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self._dsn = dsn
        self._folder = folder
        self._made: list[tuple[Journal, Database]] = []

    def journal(self, key: str = "key") -> Journal:
        database = Database(self._dsn)
        journal = Journal(PostgresStore(database, Secret(key), self._folder), api_key=Secret(key))
        self._made.append((journal, database))
        return journal

    def kill(self, journal: Journal) -> None:
        process = journal.process
        assert isinstance(process, LeasedProcess)
        process._end.set()
        with journal.database.transaction() as db:  # as if the lease had passed
            db.execute("UPDATE processes SET seen = 0 WHERE name = ?", (process.name,))

    def close(self) -> None:
        for journal, database in self._made:
            journal.close()
            database.close()


def claim(journal: Journal, key: str = "k", **changes: Any) -> Claim:
    given: dict[str, Any] = {
        "fingerprint": f"request of {key}",
        "content": lambda token: b"{}",
        "model": "model",
        "cost": 5.0,
        "min_intervals": {},
        "begin": lambda attempt: None,
    }
    return journal.claim(SERVER, key, **(given | changes))


def sending(journal: Journal, key: str = "k", **changes: Any) -> Submission:
    """Begin an attempt."""
    found = claim(journal, key, **changes)
    assert found.decision == "send"
    return found.submission


def state(journal: Journal, key: str = "k") -> tuple[str, str | None]:
    submission = journal.find(SERVER, idempotency_key=key)
    assert submission
    return submission.state, submission.task_id
