"""Only processes that hold their lock count as running. A sender restores deleted locks."""

import gc
import shutil
import sqlite3
import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import errors
from kie_ideogram._runtime.core.clock import SYSTEM_CLOCK
from kie_ideogram._runtime.journal.journal import Journal
from kie_ideogram._runtime.journal.sqlite.process_lock import ProcessLock
from kie_ideogram._runtime.journal.sqlite.store import SqliteStore
from tests.client.conftest import CREATE, PAGE_ANSWER, TASK_ID, Client, refused
from tests.client.journal.conftest import order, rows, sent


class TestProcessLock:
    def test_exited_process_leaves_an_unknown_submission(
        self, client: Client, kie: Any, path: Path, httpx_mock: HTTPXMock
    ) -> None:
        # A process killed after its claim leaves an attempt and a file that is not locked.
        httpx_mock.add_exception(httpx.ConnectError("no way"), url=CREATE, is_reusable=True)
        with pytest.raises(errors.ServiceUnreachableError):
            order(client, kie)
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("UPDATE submissions SET state = 'sending', process = 'dead'")
            db.execute("INSERT INTO processes VALUES ('dead')")
        assert [one.idempotency_key for one in client.do(kie.unknown())] == ["order-17"]
        assert rows(path, "SELECT count(*) FROM processes") == [(1,)]

    def test_process_that_opened_a_symlink_is_running(self, client: Client, kie: Any, path: Path) -> None:
        link = path.with_name("link.db")
        link.symlink_to(path)
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("UPDATE processes SET name = name")
        other = client.make(journal=link)
        client.do(other.unknown())
        assert rows(path, "SELECT count(*) FROM processes") == [(2,)]

    def test_process_of_a_collected_journal_is_stale(self, path: Path) -> None:
        journal = Journal(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # Python 3.13 reports what is not closed
            del journal
            gc.collect()
        later = Journal(path)
        assert rows(path, "SELECT count(*) FROM processes") == [(1,)]
        later.close()

    def test_process_lock_is_made_while_forks_wait(self, path: Path) -> None:
        held: list[bool] = []

        class ObservedStore(SqliteStore):
            def process(self) -> ProcessLock:
                held.append(self.lock._is_owned())  # type: ignore[attr-defined]  # what a fork waits for
                return super().process()

        Journal(ObservedStore(path, SYSTEM_CLOCK)).close()
        assert held == [True]

    def test_closed_process_is_reaped_and_a_running_one_is_not(
        self, client: Client, kie: Any, path: Path
    ) -> None:
        other = client.make(journal=path)
        client.do(kie.unknown())
        assert rows(path, "SELECT count(*) FROM processes") == [(2,)]
        client.do(other.close())
        client.do(kie.unknown())
        assert rows(path, "SELECT count(*) FROM processes") == [(1,)]


def keys(client: Client, kie: Any) -> list[str]:
    return [one.idempotency_key for one in client.do(kie.unknown())]


def left_behind(path: Path, process: str | None) -> None:
    """Write what a process leaves if it is killed while it sends `order-17`."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE submissions SET state = 'sending', process = ?", (process,))


def sweep_files(path: Path) -> None:
    for file in path.with_name("journal.db-locks").iterdir():
        file.unlink()


def sweep_folder(path: Path) -> None:
    shutil.rmtree(f"{path}-locks")


def sweep_rows(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM processes")


def then_start(sweep: Callable[[Path], None]) -> Callable[[Path], None]:
    def both(path: Path) -> None:
        sweep(path)
        Journal(path).close()  # treats the process without a lock as stale

    return both


SWEEPS: dict[str, Callable[[Path], None]] = {
    "files": sweep_files,
    "folder": sweep_folder,
    "rows": sweep_rows,
    "files, and another start": then_start(sweep_files),
    "folder, and another start": then_start(sweep_folder),
}


class TestDeletedLocks:
    @pytest.mark.parametrize("sweep", SWEEPS)
    def test_sender_restores_its_row_and_lock_file(
        self, client: Client, kie: Any, path: Path, httpx_mock: HTTPXMock, sweep: str
    ) -> None:
        SWEEPS[sweep](path)
        name = kie._session.journal.process.name
        seen: list[Any] = []

        def answer(request: httpx.Request) -> httpx.Response:
            other = Journal(path)
            seen.extend(other.unknown(kie._session.server))
            seen.extend(row for row in rows(path, "SELECT name FROM processes") if row == (name,))
            other.close()
            return httpx.Response(200, json=PAGE_ANSWER)

        httpx_mock.add_callback(answer, url=CREATE)
        assert order(client, kie).id == TASK_ID
        assert seen == [(name,)]
        assert (path.with_name("journal.db-locks") / name).is_file()

    def test_restored_lock_ends_with_its_process(
        self, client: Client, kie: Any, path: Path, httpx_mock: HTTPXMock
    ) -> None:
        sweep_folder(path)
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
        order(client, kie)
        left_behind(path, kie._session.journal.process.name)
        client.do(kie.close())
        assert keys(client, client.make(journal=path)) == ["order-17"]

    @pytest.mark.parametrize("missing", ["row", "row and file", "name"])
    def test_submission_without_a_running_sender_is_unknown(
        self, client: Client, kie: Any, path: Path, httpx_mock: HTTPXMock, missing: str
    ) -> None:
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
        order(client, kie)
        left_behind(path, None if missing == "name" else "dead")
        if missing == "row":
            (path.with_name("journal.db-locks") / "dead").touch()
        assert keys(client, kie) == ["order-17"]
        with pytest.raises(errors.SubmissionUnknownError):
            order(client, kie)
        assert len(sent(httpx_mock)) == 1

    def test_sender_without_its_lock_records_the_response(
        self, client: Client, kie: Any, path: Path, httpx_mock: HTTPXMock
    ) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            sweep_folder(path)
            other = Journal(path)
            assert [one.idempotency_key for one in other.unknown(kie._session.server)] == ["order-17"]
            other.close()
            return httpx.Response(200, json=reply)

        reply = refused(402)
        httpx_mock.add_callback(answer, url=CREATE, is_reusable=True)
        with pytest.raises(errors.InsufficientCreditsError):
            order(client, kie)
        assert keys(client, kie) == []  # the refusal is certain, so nothing is unknown any more
        reply = PAGE_ANSWER
        assert order(client, kie).id == TASK_ID
        assert keys(client, kie) == []


class TestUnreadableLock:
    @pytest.fixture(params=["folder", "permission"])
    def blocked(
        self,
        request: pytest.FixtureRequest,
        client: Client,
        kie: Any,
        path: Path,
        httpx_mock: HTTPXMock,
        monkeypatch: pytest.MonkeyPatch,
    ) -> Path:
        """Return a lock file that this process may not open. Its process sends a submission."""
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
        order(client, kie)
        left_behind(path, "other")
        file = path.with_name("journal.db-locks") / "other"
        if request.param == "folder":
            file.mkdir()
        else:
            file.touch()
            opened = Path.open

            def refuse(path: Path, mode: str = "r", *given: Any, **options: Any) -> Any:
                if path == file and mode == "r+b" and file.exists():
                    raise PermissionError(
                        13, "Permission denied"
                    )  # raised here because root may open any file
                return opened(path, mode, *given, **options)

            monkeypatch.setattr(Path, "open", refuse)
        return file

    @pytest.mark.parametrize("action", ["start", "unknown", "resume", "same key"])
    def test_unreadable_lock_raises_an_error_with_its_path(
        self, client: Client, kie: Any, path: Path, blocked: Path, action: str
    ) -> None:
        actions: dict[str, Callable[[], Any]] = {
            "start": lambda: client.make(journal=path),
            "unknown": lambda: client.do(kie.unknown()),
            "resume": lambda: client.do(kie.resume()),
            "same key": lambda: order(client, kie),
        }
        with pytest.raises(errors.JournalError, match=r"cannot be opened .*with chown or chmod") as caught:
            actions[action]()
        assert str(blocked) in str(caught.value)

    def test_unreadable_lock_does_not_change_the_submission(
        self, client: Client, kie: Any, path: Path, blocked: Path
    ) -> None:
        with pytest.raises(errors.JournalError):
            client.do(kie.unknown())
        assert rows(path, "SELECT state FROM submissions") == [("sending",)]
        blocked.rmdir() if blocked.is_dir() else blocked.unlink()
        assert keys(client, kie) == ["order-17"]

    def test_sender_that_cannot_restore_its_lock_sends_nothing(
        self, client: Client, kie: Any, path: Path, httpx_mock: HTTPXMock
    ) -> None:
        sweep_folder(path)
        path.with_name("journal.db-locks").touch()
        with pytest.raises(errors.JournalError, match=r"lock file of this process cannot be put back"):
            order(client, kie)
        assert sent(httpx_mock) == []
