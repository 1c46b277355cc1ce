"""Who is alive: each user of a journal holds a file of its own, which the system frees when it dies."""

import sqlite3
from contextlib import suppress
from uuid import uuid4

from .file import JournalFile, locked


class Owner:
    """One living user of a journal. `name` is in the attempts that it makes."""

    def __init__(self, file: JournalFile) -> None:
        self._file = file
        self._folder = file.path.with_name(file.path.name + "-owners")
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self.name = uuid4().hex
        # Held before anybody can read of it, so that nobody finds it dead.
        self._held = locked(self._folder / self.name)
        with file.transaction() as db:
            db.execute("INSERT INTO owners VALUES (?)", (self.name,))

    def bury(self) -> int:
        """Turn what dead owners were sending into unknown. Returns how many there were."""
        with self._file.transaction() as db:
            names = [name for (name,) in db.execute("SELECT name FROM owners WHERE name != ?", (self.name,))]
        found = 0
        for name in names:
            held = self._dead(name)
            if held is None:
                continue
            with self._file.transaction() as db:
                of = (name,)
                db.execute("UPDATE attempts SET outcome = 'unknown' WHERE owner = ? AND outcome IS NULL", of)
                found += db.execute(
                    "UPDATE jobs SET state = 'unknown' WHERE owner = ? AND state = 'sending'", of
                ).rowcount
                db.execute("DELETE FROM owners WHERE name = ?", of)
            held.close()
            (self._folder / name).unlink(missing_ok=True)
        return found

    def close(self) -> None:
        """Stop living. What is still being sent becomes unknown, for the next one to find."""
        if self._held:
            self._held.close()

    def _dead(self, name: str) -> sqlite3.Connection | None:
        """Hold the file of a dead owner; None for a living one."""
        with suppress(sqlite3.Error):
            return locked(self._folder / name)
        return None
