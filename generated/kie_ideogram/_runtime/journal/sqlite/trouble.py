"""Explains why a journal cannot be opened or written, and what to do about it."""

import errno
import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from shutil import disk_usage

from .integrity import DamageError

# Bytes. A journal that is written needs more, for its write-ahead log.
_LITTLE_SPACE = 1 << 20


def cannot_write(path: Path, error: OSError | sqlite3.Error) -> str:
    """Return what is the case with a journal that cannot be written, and what to do."""
    folder = path.parent
    with suppress(OSError):  # a folder that this process may not read
        if path.is_dir():
            return f"{path}: is a folder; the journal is a file, such as {path / 'journal.db'}"
        if not folder.exists():
            return f"{path}: the folder {folder} does not exist; create it, or use a file in another folder"
        if not folder.is_dir():
            return f"{path}: {folder} is not a folder; use a file in a folder that this process may write"
        if path.exists() and not path.is_file():
            return f"{path}: is not a regular file; the journal is one, such as {folder / 'journal.db'}"
    what = error.strerror if isinstance(error, OSError) else str(error)
    return (
        f"{path}: the journal cannot be written ({what}). The journal must be writable before anything is "
        f"sent: {_cure(error, folder)}"
    )


def is_busy(error: Exception) -> bool:
    """Whether another process or connection held the journal for too long."""
    return _code(error) == sqlite3.SQLITE_BUSY


def is_damage(error: Exception) -> bool:
    """Whether the content of the journal is damaged."""
    return isinstance(error, DamageError) or _code(error) in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def _cure(error: OSError | sqlite3.Error, folder: Path) -> str:
    number = error.errno if isinstance(error, OSError) else _hidden_cause(_code(error), folder)
    if is_busy(error):
        return "another process uses it; try again"
    if number in (errno.ENOSPC, errno.EDQUOT):
        return "free some space"
    if number in (errno.EMFILE, errno.ENFILE):
        return "this process has too many open files; close some, or raise its limit"
    if number == errno.EIO:
        return "its disk or file system failed; check it, or use a file on another local disk"
    if number == errno.ENOLCK:
        return "its file system cannot lock files; use a file on a local disk"
    return "use a file in a folder that this process may write"


def _hidden_cause(code: int, folder: Path) -> int | None:
    """Return the number of the system's error behind one of SQLite's, which does not say it."""
    if code == sqlite3.SQLITE_FULL:
        return errno.ENOSPC
    if code == sqlite3.SQLITE_PROTOCOL:
        return errno.ENOLCK
    try:
        if code == sqlite3.SQLITE_IOERR:
            # Also what a full disk looks like while the log is written.
            return errno.ENOSPC if disk_usage(folder).free < _LITTLE_SPACE else errno.EIO
        if code == sqlite3.SQLITE_CANTOPEN:
            os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error.errno
    return None


def _code(error: Exception) -> int:
    # Errors that the sqlite3 module itself raises have no code. The upper bits say where it happened.
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF
