"""A journal that cannot be written: the message says why, and its advice fits the cause."""

import errno
import os
import resource
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from kie_ideogram._runtime.journal.sqlite.trouble import cannot_write

PLACE = "use a file in a folder that this process may write"
CAUSES: dict[str, tuple[int, str]] = {
    "full disk": (errno.ENOSPC, "free some space"),
    "full quota": (errno.EDQUOT, "free some space"),
    "denied": (errno.EACCES, PLACE),
    "read-only": (errno.EROFS, PLACE),
    "failing disk": (
        errno.EIO,
        "its disk or file system failed; check it, or use a file on another local disk",
    ),
    "descriptors": (errno.EMFILE, "this process has too many open files; close some, or raise its limit"),
}
SQLITE_CAUSES: dict[str, tuple[int, str]] = {
    "full disk": (sqlite3.SQLITE_FULL, "free some space"),
    "failing disk": (sqlite3.SQLITE_IOERR_FSYNC, CAUSES["failing disk"][1]),
    "locked": (sqlite3.SQLITE_BUSY, "another process uses it; try again"),
    "network disk": (
        sqlite3.SQLITE_PROTOCOL,
        "its file system cannot lock files; use a file on a local disk",
    ),
    "read-only": (sqlite3.SQLITE_READONLY, PLACE),
    "denied": (sqlite3.SQLITE_CANTOPEN, PLACE),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_advice_fits_the_error_of_the_system(tmp_path: Path, cause: str) -> None:
    number, cure = CAUSES[cause]
    text = cannot_write(tmp_path / "j.db", OSError(number, os.strerror(number)))
    assert f"j.db: the journal cannot be written ({os.strerror(number)}). " in text
    assert text.endswith(f"before anything is sent: {cure}")


@pytest.mark.parametrize("cause", SQLITE_CAUSES)
def test_advice_fits_the_error_of_sqlite(tmp_path: Path, cause: str) -> None:
    code, cure = SQLITE_CAUSES[cause]
    error = sqlite3.OperationalError("the text of SQLite")
    error.sqlite_errorcode = code
    assert cannot_write(tmp_path / "j.db", error).endswith(f"before anything is sent: {cure}")


REAL = """
import os, resource, sys
from kie_ideogram import Kie, errors

try:
    Kie("k", journal=sys.argv[1] + "-first").close()  # what it imports takes descriptors
    {trouble}
    Kie("k", journal=sys.argv[1])
except errors.JournalError as error:
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
    print(error)
"""
TROUBLES = {
    "failing disk": "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))",
    "descriptors": "resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir('/proc/self/fd')) - 1, 100))",
}


@pytest.mark.skipif(sys.platform != "linux", reason="the limits of other systems differ")
@pytest.mark.parametrize("cause", TROUBLES)
def test_advice_fits_a_real_trouble(tmp_path: Path, cause: str) -> None:
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] >= 100
    script = REAL.format(trouble=TROUBLES[cause])
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "j.db"], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip().endswith(CAUSES[cause][1]), done
