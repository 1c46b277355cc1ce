"""Which processes are alive: each user of a journal locks a file, which the system unlocks when it exits.

Only a held lock means alive. Whatever else is missing, a submission that a process without a held lock was
sending is unknown.
"""

import os
import sqlite3
import sys
from contextlib import suppress
from errno import EWOULDBLOCK
from io import FileIO
from uuid import uuid4
from weakref import finalize

from ...core.errors import JournalError
from .database import JournalDatabase

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:  # the same error for every reason
            return False
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        # A lock of the open file, not of the process: it survives a fork, and two users in one process
        # have two locks.
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _create_private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT, 0o600)


class ProcessLock:
    """One live user of a journal. Its `name` is in the attempts that it makes. Raises `OSError`."""

    def __init__(self, database: JournalDatabase) -> None:
        self.database = database
        self._folder = database.locks
        self.name = uuid4().hex
        # Locked before another process can read its name, so that it is never found stale; and unlocked with
        # this object, even if `close` is not called. At exit the system unlocks it, after all threads end.
        with self._create() as file:
            self._descriptor = os.dup(file.fileno())
        self._unlock = finalize(self, os.close, self._descriptor)
        self._unlock.atexit = False
        try:
            with database.transaction() as db:
                self._insert(db)
        except BaseException:
            self.close()
            raise

    def restore(self, db: sqlite3.Connection) -> None:
        """Put the lock file and the row back if they were deleted. Call it in the transaction of an attempt.

        Cleaners of temporary files delete files that are old but in use, and then another process takes
        this one for dead. Raises `JournalError`.
        """
        try:
            if not self._is_in_place():
                with self._create() as file:
                    os.dup2(file.fileno(), self._descriptor, inheritable=False)
        except OSError as error:
            raise JournalError(
                f"{self._folder / self.name}: the lock file of this process cannot be put back "
                f"({error.strerror}); nothing was sent"
            ) from error
        self._insert(db)

    def reap_stale(self) -> int:
        """Mark as unknown what processes that have exited were sending. Returns how many there were.

        Raises `JournalError` if it cannot be found out whether a process is alive.
        """
        # In one transaction, so that no live process puts its own lock file back meanwhile.
        with self.database.transaction() as db:
            rows = db.execute(
                "SELECT name FROM processes UNION SELECT process FROM submissions WHERE state = 'sending'"
            )
            return sum(self._reap(db, name) for (name,) in rows.fetchall() if name != self.name)

    def close(self) -> None:
        """Unlock the file. What is still being sent is found as unknown by the next process."""
        self._unlock()

    def _create(self) -> FileIO:
        """Create and lock the file of this process."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        file = FileIO(self._folder / self.name, "r+", opener=_create_private)
        if not _lock(file.fileno()):
            file.close()
            raise BlockingIOError(EWOULDBLOCK, "locked by another process")
        return file

    def _insert(self, db: sqlite3.Connection) -> None:
        db.execute("INSERT OR IGNORE INTO processes VALUES (?)", (self.name,))

    def _is_in_place(self) -> bool:
        with suppress(FileNotFoundError):
            return os.path.samestat((self._folder / self.name).stat(), os.fstat(self._descriptor))
        return False

    def _reap(self, db: sqlite3.Connection, name: str | None) -> int:
        """Mark as unknown what a process was sending, if it is not alive."""
        path = self._folder / (name or "")
        if name:
            try:
                with path.open("r+b") as file:
                    if not _lock(file.fileno()):
                        return 0
            except FileNotFoundError:
                pass  # deleted; a live process puts it back before it sends
            except OSError as error:
                raise JournalError(
                    f"{path}: the lock file of a process cannot be opened ({error.strerror}), so it is not "
                    "known whether that process is alive. Nothing was sent. Give this user access to the "
                    "file, with chown or chmod; if no process uses the journal, the file may be deleted"
                ) from error
        db.execute("UPDATE attempts SET outcome = 'unknown' WHERE process IS ? AND outcome IS NULL", (name,))
        found = db.execute(
            "UPDATE submissions SET state = 'unknown' WHERE process IS ? AND state = 'sending'", (name,)
        ).rowcount
        db.execute("DELETE FROM processes WHERE name IS ?", (name,))
        if name:
            with suppress(OSError):
                path.unlink()
        return found
