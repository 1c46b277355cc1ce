"""Which processes are alive: each user of a journal locks a file, which the system unlocks when it exits."""

import os
import sys
from contextlib import suppress
from pathlib import Path
from uuid import uuid4
from weakref import finalize

from .database import JournalDatabase

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        # A lock of the open file, not of the process: it survives a fork, and two users in one process
        # have two locks.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class ProcessLock:
    """One live user of a journal. Its `name` is in the attempts that it makes. Raises `OSError`."""

    def __init__(self, database: JournalDatabase) -> None:
        self.database = database
        self._folder = database.locks
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self.name = uuid4().hex
        # Locked before another process can read its name, so that it is never found stale; and unlocked with
        # this object, even if `close` is not called. At exit the system unlocks it, after all threads end.
        self._unlock = finalize(self, os.close, _locked_file(self._folder / self.name))
        self._unlock.atexit = False
        try:
            with database.transaction() as db:
                db.execute("INSERT INTO processes VALUES (?)", (self.name,))
        except BaseException:
            self.close()
            raise

    def reap_stale(self) -> int:
        """Mark as unknown what processes that have exited were sending. Returns how many there were."""
        with self.database.transaction() as db:
            rows = db.execute("SELECT name FROM processes WHERE name != ?", (self.name,))
            names = [name for (name,) in rows]
        found = 0
        for name in names:
            descriptor = self._lock_if_stale(name)
            if descriptor is None:
                continue
            with self.database.transaction() as db:
                of = (name,)
                db.execute(
                    "UPDATE attempts SET outcome = 'unknown' WHERE process = ? AND outcome IS NULL", of
                )
                found += db.execute(
                    "UPDATE submissions SET state = 'unknown' WHERE process = ? AND state = 'sending'", of
                ).rowcount
                db.execute("DELETE FROM processes WHERE name = ?", of)
            os.close(descriptor)
            with suppress(OSError):
                (self._folder / name).unlink()
        return found

    def close(self) -> None:
        """Unlock the file. What is still being sent is found as unknown by the next process."""
        self._unlock()

    def _lock_if_stale(self, name: str) -> int | None:
        """Lock the file of a process that has exited; None for one that is alive."""
        with suppress(OSError):
            return _locked_file(self._folder / name)
        return None


def _locked_file(path: Path) -> int:
    """Open and lock a file, for as long as it is open. Raises `OSError` if it is locked already."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        _lock(descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
