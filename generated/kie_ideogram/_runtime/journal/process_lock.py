"""Who is alive: each user of a journal holds a file of its own, which the system frees when it dies."""

import os
import sys
from contextlib import suppress
from pathlib import Path
from uuid import uuid4
from weakref import finalize

from .database import JournalFile

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        # Of the open file, not of the process: it outlives a fork, and two users in one process have two.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Owner:
    """One living user of a journal. `name` is in the attempts that it makes. Raises `OSError`."""

    def __init__(self, file: JournalFile) -> None:
        self.file = file
        self._folder = file.owners
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self.name = uuid4().hex
        # Held before anybody can read of it, so that nobody finds it dead; and let go with this object,
        # though nobody closes it. At exit it is the system that lets it go, when all threads have ended.
        self._let_go = finalize(self, os.close, _held(self._folder / self.name))
        self._let_go.atexit = False
        try:
            with file.transaction() as db:
                db.execute("INSERT INTO owners VALUES (?)", (self.name,))
        except BaseException:
            self.close()
            raise

    def bury(self) -> int:
        """Turn what dead owners were sending into unknown. Returns how many there were."""
        with self.file.transaction() as db:
            names = [name for (name,) in db.execute("SELECT name FROM owners WHERE name != ?", (self.name,))]
        found = 0
        for name in names:
            held = self._dead(name)
            if held is None:
                continue
            with self.file.transaction() as db:
                of = (name,)
                db.execute("UPDATE attempts SET outcome = 'unknown' WHERE owner = ? AND outcome IS NULL", of)
                found += db.execute(
                    "UPDATE jobs SET state = 'unknown' WHERE owner = ? AND state = 'sending'", of
                ).rowcount
                db.execute("DELETE FROM owners WHERE name = ?", of)
            os.close(held)
            with suppress(OSError):
                (self._folder / name).unlink()
        return found

    def close(self) -> None:
        """Stop living. What is still being sent becomes unknown, for the next one to find."""
        self._let_go()

    def _dead(self, name: str) -> int | None:
        """Hold the file of a dead owner; None for a living one."""
        with suppress(OSError):
            return _held(self._folder / name)
        return None


def _held(path: Path) -> int:
    """Hold a file for as long as it is open. Raises `OSError` while somebody else holds it."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        _lock(descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
