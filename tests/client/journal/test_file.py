"""The file of the journal: when it is written, unwritable files, and files that are not journals."""

import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import errors
from kie_ideogram._runtime.journal.journal import Journal
from tests.client.conftest import CREATE, KEY, PAGE_ANSWER, TASK_ID, Client
from tests.client.journal.conftest import order, rows, sent


class TestJournalFile:
    def test_journal_is_written_before_anything_is_sent(
        self, client: Client, kie: Any, path: Path, httpx_mock: HTTPXMock
    ) -> None:
        seen: list[Any] = []

        def answer(request: httpx.Request) -> httpx.Response:
            seen.extend(rows(path, "SELECT state, attempt FROM submissions"))
            seen.extend(rows(path, "SELECT number, outcome FROM attempts"))
            return httpx.Response(200, json=PAGE_ANSWER)

        httpx_mock.add_callback(answer, url=CREATE)
        order(client, kie)
        assert seen == [("sending", 1), (1, None)]

    def test_journal_is_synchronous_and_in_wal_mode(self, client: Client, kie: Any) -> None:
        connection = kie._session.journal.database._connection
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"

    def test_journal_is_readable_by_its_owner_only(self, client: Client, kie: Any, path: Path) -> None:
        assert path.stat().st_mode & 0o077 == 0

    def test_journal_contains_no_api_key(
        self, client: Client, kie: Any, path: Path, httpx_mock: HTTPXMock
    ) -> None:
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
        order(client, kie)
        client.do(kie.close())
        files = [file for file in path.parent.rglob("*") if file.is_file()]
        assert path in files
        assert not any(KEY.encode() in file.read_bytes() for file in files)

    def test_journal_that_cannot_be_created_raises_at_start(self, client: Client, tmp_path: Path) -> None:
        for place, what in (
            (tmp_path, "is a folder; the journal is a file"),
            (tmp_path / "none" / "journal.db", f"the folder {tmp_path}/none does not exist; create it"),
            (Path("/proc/journal.db"), "use a file in a folder that this process may write"),
        ):
            with pytest.raises(errors.JournalError, match=rf"^{place}: .*{what}"):
                client.make(journal=place)

    @pytest.mark.parametrize(
        ("pragma", "reason"), [("query_only = 1", "readonly"), ("max_page_count = 1", "full")]
    )
    def test_unwritable_journal_sends_nothing(
        self, client: Client, kie: Any, httpx_mock: HTTPXMock, pragma: str, reason: str
    ) -> None:
        connection = kie._session.journal.database._connection
        connection.execute(f"PRAGMA {pragma}")
        with pytest.raises(errors.JournalError, match=rf"{reason}.*must be writable before anything is sent"):
            order(client, kie, prompt="x" * 5000)
        assert sent(httpx_mock) == []

    def test_journal_of_a_newer_version_is_not_changed(self, client: Client, path: Path) -> None:
        client.do(client.make(journal=path).close())
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA user_version = 7")
        before = path.read_bytes()
        with pytest.raises(
            errors.JournalError, match=r"newer version.*version 7, this version reads 3.*upgrade"
        ):
            client.make(journal=path)
        assert path.read_bytes() == before

    def test_database_of_another_program_is_not_changed(self, client: Client, path: Path) -> None:
        with closing(sqlite3.connect(path)) as db:
            db.execute("CREATE TABLE orders (id)")
        before = path.read_bytes()
        with pytest.raises(errors.JournalError, match="another program's database"):
            client.make(journal=path)
        assert path.read_bytes() == before

    def test_open_journals_survive_the_exit_of_another_process(self, path: Path) -> None:
        first, second = Journal(path), Journal(path)
        home = "kie_ideogram._runtime.journal.journal"
        opened = f"import sys; from {home} import Journal; Journal(sys.argv[1]).close()"
        subprocess.run([sys.executable, "-c", opened, path], check=True, timeout=60)  # our own code
        first.acquire({"query": 600.0})
        subprocess.run([sys.executable, "-c", opened, path], check=True, timeout=60)  # our own code
        later = Journal(path)
        assert later.acquire({"query": 600.0}) > 0  # what was written in between is there
        for journal in (first, second, later):
            journal.close()

    @pytest.mark.parametrize("content", [b"a shopping list, given by mistake\n" * 100, b"x"])
    def test_file_that_is_not_a_journal_is_not_changed(
        self, client: Client, path: Path, content: bytes
    ) -> None:
        path.write_bytes(content)
        with pytest.raises(errors.JournalError, match=r"is not a journal.*not changed; use another file"):
            client.make(journal=path)
        assert path.read_bytes() == content
        assert list(path.parent.iterdir()) == [path]

    def test_paid_task_of_a_failing_journal_is_in_a_fallback_file(
        self,
        client: Client,
        kie: Any,
        path: Path,
        httpx_mock: HTTPXMock,
        capsys: pytest.CaptureFixture[str],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        connection = kie._session.journal.database._connection

        def answer(request: httpx.Request) -> httpx.Response:
            connection.execute("PRAGMA query_only = 1")  # from here on the disk is broken
            return httpx.Response(200, json=PAGE_ANSWER)

        httpx_mock.add_callback(answer, url=CREATE)
        task = order(client, kie)
        assert task.id == TASK_ID
        assert TASK_ID in capsys.readouterr().err
        assert TASK_ID in caplog.text
        (stored,) = path.parent.glob("journal.db-fallback-*")
        assert TASK_ID in stored.read_text()
        client.do(kie.close())
        later = client.make(journal=path)
        assert [one.id for one in client.do(later.resume())] == [TASK_ID]
        assert not list(path.parent.glob("*-fallback*"))

    def test_deferred_outcome_is_written_by_one_thread_only(self, client: Client, path: Path) -> None:
        concluded, both = list[Any](), threading.Barrier(2)

        class Slow(Journal):
            def _conclude(self, *given: Any, **named: Any) -> Any:
                time.sleep(0.05)  # time for the other thread
                concluded.append(given)

        def flush() -> None:
            both.wait(10)
            journal._flush_deferred()

        journal: Any = client.journal(path, Slow)
        client.make(journal=journal)
        journal._deferred.append(("attempt", "refused", None))
        with ThreadPoolExecutor(2) as pool:
            for future in [pool.submit(flush) for _ in range(2)]:
                future.result()
        assert concluded == [("attempt", "refused", None)]

    def test_deferred_outcome_is_written_when_the_disk_works(
        self, client: Client, kie: Any, httpx_mock: HTTPXMock
    ) -> None:
        connection = kie._session.journal.database._connection

        def answer(request: httpx.Request) -> httpx.Response:
            connection.execute("PRAGMA query_only = 1")
            return httpx.Response(200, json=PAGE_ANSWER)

        httpx_mock.add_callback(answer, url=CREATE)
        order(client, kie)
        connection.execute("PRAGMA query_only = 0")
        assert order(client, kie).id == TASK_ID
        assert len(sent(httpx_mock)) == 1
