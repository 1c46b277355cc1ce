"""A damaged, missing or replaced journal: nothing is sent until the operator decides."""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, redirect_stderr
from errno import EACCES
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import errors
from tests.client.conftest import CREATE, PAGE_ANSWER, TASK_ID, Client
from tests.client.journal.conftest import order, sent

PAGE = 4096


def overwrite(start: int, end: int | None, filler: bytes) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        content = bytearray(path.read_bytes())
        part = slice(start, end)
        content[part] = filler * len(content[part])
        path.write_bytes(content)

    return damage


def cut(size: int) -> Callable[[Path], None]:
    return lambda path: os.truncate(path, size if size >= 0 else path.stat().st_size + size)


def replace_text(old: bytes, new: bytes) -> Callable[[Path], None]:
    """Change the first occurrence of a text: the key in the table or in its index."""

    def damage(path: Path) -> None:
        content = path.read_bytes()
        assert old in content
        path.write_bytes(content.replace(old, new, 1))

    return damage


def one_page(path: Path) -> None:
    """Leave a journal without tables, as during its creation."""
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")


DAMAGES: dict[str, Callable[[Path], None]] = {
    "empty": cut(0),
    "one byte": cut(1),
    "half a header": cut(50),
    "half a page": cut(PAGE // 2),
    "one page": cut(PAGE),
    "half": cut(-3 * PAGE),
    "without its last byte": cut(-1),
    "zeroed": overwrite(0, None, b"\0"),
    "zeroed header": overwrite(0, 100, b"\0"),
    "zeroed first page": overwrite(0, PAGE, b"\0"),
    "zeroed tables": overwrite(PAGE, None, b"\0"),
    "garbled": overwrite(0, None, b"\xaa"),
    "garbled header": overwrite(0, 16, b"\xaa"),
    "garbled tables": overwrite(PAGE, None, b"\xaa"),
    "garbled key": replace_text(b"order-17", b"order-18"),
    "garbled state": replace_text(b"accepted", b"acceptex"),
    "without tables": one_page,
    "missing": Path.unlink,
}


@pytest.fixture
def closed(client: Client, path: Path, httpx_mock: HTTPXMock) -> Path:
    """Return a journal with one paid task that no process uses."""
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
    kie = client.make(journal=path)
    order(client, kie)
    client.do(kie.close())
    assert sorted(file.name for file in path.parent.iterdir()) == ["journal.db", "journal.db-locks"]
    return path


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_journal_refuses_every_start(client: Client, closed: Path, damage: str) -> None:
    DAMAGES[damage](closed)
    content = closed.read_bytes() if closed.exists() else None
    for _ in range(3):
        with pytest.raises(errors.JournalError) as caught:
            client.make(journal=closed)
        assert str(closed) in str(caught.value)
        assert "compare the account's task log" in str(caught.value)
        assert f"{closed}-locks" in str(caught.value)
    assert (closed.read_bytes() if closed.exists() else None) == content


def test_new_journal_is_created_after_the_old_one_is_deleted(
    client: Client, closed: Path, httpx_mock: HTTPXMock
) -> None:
    closed.write_bytes(b"")
    closed.unlink()
    shutil.rmtree(f"{closed}-locks")
    httpx_mock.add_response(url=CREATE, json={"code": 200, "data": {"taskId": "second"}})
    assert order(client, client.make(journal=closed)).id == "second"


def test_journal_whose_creation_was_killed_is_created_again(client: Client, tmp_path: Path) -> None:
    killed, path = tmp_path / "killed.db", tmp_path / "journal.db"
    with closing(sqlite3.connect(killed, isolation_level=None)) as db:
        db.execute("PRAGMA cache_size = 1")  # so that pages are written before the transaction ends
        db.execute("BEGIN")
        db.execute("CREATE TABLE submissions (body)")
        db.execute("INSERT INTO submissions VALUES (zeroblob(200000))")
        for suffix in ("", "-journal"):
            shutil.copy(f"{killed}{suffix}", f"{path}{suffix}")
        db.execute("ROLLBACK")
    assert path.stat().st_size
    client.do(client.make(journal=path).close())


def test_journal_without_its_lock_folder_is_used(client: Client, closed: Path) -> None:
    shutil.rmtree(f"{closed}-locks")
    assert order(client, client.make(journal=closed)).id == TASK_ID


def delete(path: Path) -> None:
    for file in path.parent.glob("journal.db*"):
        if file.is_file():
            file.unlink()


def move(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


def replace(path: Path) -> None:
    copy = path.with_name("copy")
    shutil.copy(path, copy)
    copy.replace(path)


CHANGES: dict[str, Callable[[Path], None]] = {
    "deleted": Path.unlink,
    "deleted with its log": delete,
    "log deleted": lambda path: path.with_name("journal.db-wal").unlink(),
    "moved": move,
    "replaced": replace,
    "emptied": lambda path: os.truncate(path, 0),
}


@pytest.mark.parametrize("change", CHANGES)
def test_journal_that_is_changed_while_open_stops_the_client(
    client: Client, kie: Any, path: Path, httpx_mock: HTTPXMock, change: str
) -> None:
    CHANGES[change](path)
    for _ in range(2):
        with pytest.raises(errors.JournalError, match=r"deleted, moved, emptied or replaced.*Nothing was se"):
            order(client, kie)
    assert sent(httpx_mock) == []


def test_journal_that_was_moved_back_is_used(
    client: Client, kie: Any, path: Path, httpx_mock: HTTPXMock
) -> None:
    path.rename(path.with_name("elsewhere"))
    with pytest.raises(errors.JournalError):
        order(client, kie)
    path.with_name("elsewhere").rename(path)
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
    assert order(client, kie).id == TASK_ID


def test_journal_deleted_before_the_response_saves_the_id(
    client: Client, kie: Any, path: Path, httpx_mock: HTTPXMock, capsys: pytest.CaptureFixture[str]
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        path.unlink()
        return httpx.Response(200, json=PAGE_ANSWER)

    httpx_mock.add_callback(answer, url=CREATE)
    assert order(client, kie).id == TASK_ID
    (stored,) = path.parent.glob("journal.db-fallback-*")
    assert json.loads(stored.read_text())["task_id"] == TASK_ID
    assert TASK_ID in capsys.readouterr().err


ENTRY = {"server": "https://api.kie.ai", "idempotency_key": "order-17", "task_id": TASK_ID}
ODD_CONTENTS = {
    "torn": json.dumps(ENTRY)[:20],
    "a list": "[1, 2, 3]",
    "a number": "17",
    "another member": json.dumps({**ENTRY, "more": 1}),
    "a number as its task": json.dumps({**ENTRY, "task_id": 17}),
    "no task": json.dumps({**ENTRY, "task_id": ""}),
    "a lone surrogate": json.dumps({**ENTRY, "task_id": "\ud800"}),
    "deeply nested": "[" * 50_000,
    "not text": "\udcff",
    "huge": json.dumps(ENTRY) + " " * 200_000,
}


@pytest.mark.parametrize("content", ODD_CONTENTS)
def test_fallback_file_with_invalid_content_is_skipped(
    client: Client, closed: Path, caplog: pytest.LogCaptureFixture, content: str
) -> None:
    file = closed.with_name("journal.db-fallback-1")
    file.write_bytes(ODD_CONTENTS[content].encode(errors="surrogateescape"))
    assert order(client, client.make(journal=closed)).id == TASK_ID
    assert f"{file}: cannot be read as the record of a task" in caplog.text
    assert file.exists()


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_fallback_name_of_a_folder_or_pipe_is_skipped(
    client: Client, closed: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    file = closed.with_name("journal.db-fallback-1")
    file.mkdir() if kind == "folder" else os.mkfifo(file)
    assert order(client, client.make(journal=closed)).id == TASK_ID
    assert f"{file}: cannot be read as the record of a task" in caplog.text


def test_fallback_file_that_cannot_be_deleted_is_read_again(
    client: Client, closed: Path, caplog: pytest.LogCaptureFixture, break_call: Callable[..., None]
) -> None:
    file = closed.with_name("journal.db-fallback-1")
    file.write_text(json.dumps(ENTRY))
    break_call(EACCES, "pathlib.Path.unlink")
    for _ in range(2):
        assert [task.id for task in client.do(client.make(journal=closed).resume())] == [TASK_ID]
    assert f"{file}: its task is in the journal now, but it cannot be removed" in caplog.text


def test_fallback_file_of_another_journal_is_not_changed(
    client: Client, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = path.with_name("journal.db-fallback-1")
    file.write_text(json.dumps(ENTRY))
    client.do(client.make(journal=path).close())
    assert file.exists()
    assert f"task {TASK_ID} is of no submission in this journal" in caplog.text


def test_fallback_file_is_written_without_stderr(
    client: Client, kie: Any, path: Path, httpx_mock: HTTPXMock
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        path.unlink()
        return httpx.Response(200, json=PAGE_ANSWER)

    httpx_mock.add_callback(answer, url=CREATE)
    with redirect_stderr(None):
        assert order(client, kie).id == TASK_ID
    (stored,) = path.parent.glob("journal.db-fallback-*")
    assert stored.stat().st_mode & 0o777 == 0o600
