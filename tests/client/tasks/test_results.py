"""What was paid for is stored: results of every kind, links of every kind, folders of every kind."""

import json
import logging
import os
import socket
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image, ImageFile, PngImagePlugin
from pytest_httpx import HTTPXMock

from kie_ideogram import errors
from tests.client.conftest import (
    CREATE,
    EDIT,
    PAGE_ANSWER,
    PICTURE_URL,
    PNG,
    QUERY,
    TASK_ID,
    Client,
    record,
    refused,
)
from tests.client.tasks.test_save import RECORD, SECOND_URL, left_in, task
from tests.pictures.corpus import GOOD, ODD_RESULTS

NO_LINK = "the result link is missing"


def record_of(folder: Path, stem: str = TASK_ID) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / f"{stem}.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", ODD_RESULTS)
def test_an_odd_result_is_stored_with_a_note(
    client: Client,
    httpx_mock: HTTPXMock,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    name: str,
) -> None:
    content, extension, note = ODD_RESULTS[name]
    httpx_mock.add_response(url=PICTURE_URL, content=content)
    with caplog.at_level(logging.WARNING, "kie_ideogram"):
        (path,) = client.do(task(client, httpx_mock).save(tmp_path))
    assert path == tmp_path / f"{TASK_ID}-1{extension}"
    assert path.read_bytes() == content
    (saved,) = record_of(tmp_path)["pictures"]
    assert any(note in one for one in saved["notes"])
    assert "more pixels" in note or any(TASK_ID in line for line in caplog.messages)


@pytest.mark.parametrize("name", GOOD)
def test_a_good_result_has_no_note(client: Client, httpx_mock: HTTPXMock, tmp_path: Path, name: str) -> None:
    content, size = GOOD[name]
    httpx_mock.add_response(url=PICTURE_URL, content=content)
    (path,) = client.do(task(client, httpx_mock).save(tmp_path))
    assert path.read_bytes() == content
    (saved,) = record_of(tmp_path)["pictures"]
    assert saved["size"] == list(size)
    assert [note for note in saved.get("notes", []) if "contains 2 pictures" not in note] == []


@contextmanager
def pillow_settings() -> Iterator[None]:
    """Have another library of the process configure Pillow, warnings, the umask and sockets."""
    before = (
        ImageFile.LOAD_TRUNCATED_IMAGES,
        Image.MAX_IMAGE_PIXELS,
        PngImagePlugin.MAX_TEXT_CHUNK,
        socket.getdefaulttimeout(),
        os.umask(0o077),
    )
    try:
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        Image.MAX_IMAGE_PIXELS = 10
        PngImagePlugin.MAX_TEXT_CHUNK = 10
        socket.setdefaulttimeout(0.001)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS, PngImagePlugin.MAX_TEXT_CHUNK = before[:3]
        socket.setdefaulttimeout(before[3])
        os.umask(before[4])


@pytest.mark.parametrize("name", [*GOOD, *ODD_RESULTS])
def test_settings_of_the_process_change_no_record(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path, name: str
) -> None:
    content = (GOOD.get(name) or ODD_RESULTS[name])[0]
    httpx_mock.add_response(url=PICTURE_URL, content=content, is_reusable=True)
    done = task(client, httpx_mock)
    client.do(done.save(tmp_path / "before"))
    with pillow_settings():
        client.do(done.save(tmp_path / "after"))
    before, after = (record_of(tmp_path / name)["pictures"] for name in ("before", "after"))
    assert after == before


@pytest.mark.parametrize(
    "entry", ["", None, 7, PICTURE_URL, "1.png", "//host/1.png", "http://example.com/1.png"]
)
@pytest.mark.parametrize("good", [0, 1])
def test_a_good_link_is_saved_next_to_an_unusable_one(
    client: Client,
    httpx_mock: HTTPXMock,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    entry: Any,
    good: int,
) -> None:
    entries = [PICTURE_URL, entry] if good == 0 else [entry, PICTURE_URL]
    number = 1 if entry == PICTURE_URL else good + 1
    httpx_mock.add_response(url=QUERY, json=record("success", resultJson=json.dumps({"resultUrls": entries})))
    httpx_mock.add_response(url=PICTURE_URL, content=PNG)
    kie = client.make(journal=tmp_path / "journal.db")
    with caplog.at_level(logging.WARNING, "kie_ideogram"):
        paths = client.do(client.do(kie.tasks.get(TASK_ID)).save(tmp_path / "out"))
    assert [path.name for path in paths] == [f"{TASK_ID}-{number}.png"]
    (missing,) = record_of(tmp_path / "out")["missing"]
    assert missing["number"] == 3 - number
    assert missing["reason"].startswith("the result link ")
    assert missing.get("url", "") == (entry if isinstance(entry, str) else "")
    assert any(f"result {3 - number} of 2" in line for line in caplog.messages)


def test_a_task_with_an_unusable_link_is_done_once_saved(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path
) -> None:
    entries = json.dumps({"resultUrls": [PICTURE_URL, ""]})
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
    httpx_mock.add_response(url=QUERY, json=record("success", resultJson=entries), is_reusable=True)
    httpx_mock.add_response(url=PICTURE_URL, content=PNG)
    kie = client.make(journal=tmp_path / "journal.db")
    client.do(kie.character_edit.create(**EDIT))
    (unfinished,) = client.do(kie.resume())
    client.do(client.do(unfinished.wait()).save(tmp_path / "out"))
    assert client.do(kie.resume()) == []


@pytest.mark.parametrize("entries", [[""], [None, ""], ["", "1.png"]])
def test_a_result_without_usable_links_is_an_error(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path, entries: list[Any]
) -> None:
    httpx_mock.add_response(url=QUERY, json=record("success", resultJson=json.dumps({"resultUrls": entries})))
    done = client.do(client.kie.tasks.get(TASK_ID))
    with pytest.raises(errors.DownloadError, match=NO_LINK) as caught:
        client.do(done.save(tmp_path / "out"))
    assert caught.value.task_id == TASK_ID


LINKS = {
    "objects": {"resultUrls": [{"url": PICTURE_URL}, {"width": 3, "imageUrl": SECOND_URL}]},
    "an object of links": {"resultUrls": {"first": PICTURE_URL, "second": SECOND_URL}},
    "lists of one": {"resultUrls": [[PICTURE_URL], [SECOND_URL]]},
    "spaces": {"resultUrls": [f" {PICTURE_URL}\n", SECOND_URL]},
    "a list as text": {"resultUrls": json.dumps([PICTURE_URL, SECOND_URL])},
    "encoded twice": json.dumps({"resultUrls": [PICTURE_URL, SECOND_URL]}),
    "a list of links only": [PICTURE_URL, SECOND_URL],
}


@pytest.mark.parametrize("form", LINKS)
def test_links_are_found_in_any_form(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path, form: str
) -> None:
    httpx_mock.add_response(url=QUERY, json=record("success", resultJson=json.dumps(LINKS[form])))
    httpx_mock.add_response(url=PICTURE_URL, content=PNG)
    httpx_mock.add_response(url=SECOND_URL, content=PNG)
    done = client.do(client.kie.tasks.get(TASK_ID))
    assert done.urls == [PICTURE_URL, SECOND_URL]
    assert len(client.do(done.save(tmp_path))) == 2
    assert record_of(tmp_path)["missing"] == []


def test_a_result_that_cannot_be_read_is_in_the_record(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path
) -> None:
    result = json.dumps({"video": {"file": "1.png"}})
    httpx_mock.add_response(url=QUERY, json=record("success", resultJson=result), is_reusable=True)
    done = client.do(client.kie.tasks.get(TASK_ID))
    with pytest.raises(errors.DownloadError, match="its result has no links"):
        client.do(done.save(tmp_path))
    assert record_of(tmp_path)["result"] == result


def test_fewer_results_than_asked_for_are_noted(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    request = {"model": "ideogram/character-edit", "input": {**EDIT, "num_images": "3"}}
    entries = json.dumps({"resultUrls": [PICTURE_URL, SECOND_URL]})
    reply = record("success", resultJson=entries, param=json.dumps(request))
    httpx_mock.add_response(url=QUERY, json=reply)
    httpx_mock.add_response(url=PICTURE_URL, content=PNG)
    httpx_mock.add_response(url=SECOND_URL, content=PNG)
    with caplog.at_level(logging.WARNING, "kie_ideogram"):
        assert len(client.do(client.do(client.kie.tasks.get(TASK_ID)).save(tmp_path))) == 2
    (note,) = record_of(tmp_path)["notes"]
    assert note == "the request asked for 3 results, the task has 2"
    assert any(note in line for line in caplog.messages)


def test_a_record_with_missing_results_is_completed(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path
) -> None:
    httpx_mock.add_response(url=PICTURE_URL, content=PNG, is_reusable=True)
    httpx_mock.add_response(url=SECOND_URL, content=PNG[:-9])
    for _ in range(4):
        httpx_mock.add_response(url=SECOND_URL, content=PNG[:-9])
    done = task(client, httpx_mock, PICTURE_URL, SECOND_URL)
    with pytest.raises(errors.DownloadError, match="result 2 of 2: gave up") as caught:
        client.do(done.save(tmp_path))
    assert [path.name for path in caught.value.paths] == [f"{TASK_ID}-1.png"]
    incomplete = record_of(tmp_path)
    assert [one["number"] for one in incomplete["missing"]] == [2]
    (tmp_path / RECORD).write_text(json.dumps(incomplete | {"inputs": [{"argument": "image"}]}))
    httpx_mock.add_response(url=SECOND_URL, content=PNG)
    assert len(client.do(done.save(tmp_path))) == 2
    complete = record_of(tmp_path)
    assert (complete["missing"], len(complete["pictures"])) == ([], 2)
    assert complete["inputs"] == [{"argument": "image"}]


@pytest.mark.parametrize("polls", [1, 3])
def test_an_empty_result_is_polled_again(client: Client, httpx_mock: HTTPXMock, polls: int) -> None:
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
    for _ in range(polls):
        httpx_mock.add_response(url=QUERY, json=record("success"))
    complete = record("success", resultJson=json.dumps({"resultUrls": [PICTURE_URL]}))
    httpx_mock.add_response(url=QUERY, json=complete)
    updates = client.do(client.create().updates())
    assert [(update.state, update.urls) for update in updates] == [("success", [PICTURE_URL])]


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("kind", ["pipe", "folder", "socket"])
@pytest.mark.parametrize("name", [f"{TASK_ID}-1.png", RECORD])
def test_a_name_that_is_not_a_file_is_an_error_at_once(
    client: Client,
    httpx_mock: HTTPXMock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    name: str,
    overwrite: bool,
) -> None:
    httpx_mock.add_response(url=PICTURE_URL, content=PNG)
    target = tmp_path / name
    if kind == "pipe":
        os.mkfifo(target)
    elif kind == "folder":
        target.mkdir()
    else:
        with socket.socket(socket.AF_UNIX) as listener:
            monkeypatch.chdir(tmp_path)  # the whole path of a socket has at most 108 characters
            listener.bind(name)
    with pytest.raises(errors.DownloadError, match="exists and is not a regular file") as caught:
        client.do(task(client, httpx_mock).save(tmp_path, overwrite=overwrite))
    assert caught.value.task_id == TASK_ID
    assert not target.is_file()


def test_the_same_picture_behind_a_link_is_accepted(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path
) -> None:
    httpx_mock.add_response(url=PICTURE_URL, content=PNG)
    (tmp_path / "elsewhere.png").write_bytes(PNG)
    (tmp_path / f"{TASK_ID}-1.png").symlink_to(tmp_path / "elsewhere.png")
    assert client.do(task(client, httpx_mock).save(tmp_path)) == [tmp_path / f"{TASK_ID}-1.png"]


@pytest.mark.parametrize("task_id", ["CON", "nul", "Aux", "PRN", "com1", "LPT9", "COM0"])
def test_a_task_id_that_is_a_device_of_windows_gets_another_name(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path, task_id: str
) -> None:
    httpx_mock.add_response(url=PICTURE_URL, content=PNG)
    client.do(task(client, httpx_mock, task_id=task_id).save(tmp_path))
    for name in left_in(tmp_path):
        assert name.partition(".")[0].lower() != task_id.lower()


def test_different_task_ids_get_different_names(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path
) -> None:
    ids = ["a/b", "a_b", "a\\b", "a b", "x" * 150, "x" * 151, "x" * 100, "\ud800"]
    httpx_mock.add_response(url=PICTURE_URL, content=PNG, is_reusable=True)
    done = task(client, httpx_mock)
    names = set()
    for done.id in ids:
        (path,) = client.do(done.save(tmp_path))
        names.add(path.name)
    assert len(names) == len(ids)
    assert "a_b-1.png" in names


ESCAPES = "stop\x1b[2J\x1b]0;title\x07\x9b31m\u202e\ntask x: success"


def test_escape_sequences_of_the_service_are_escaped(
    client: Client, httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture
) -> None:
    failure = record("fail", failCode=ESCAPES, failMsg=ESCAPES)
    httpx_mock.add_response(url=QUERY, json=failure)
    with caplog.at_level(logging.DEBUG, "kie_ideogram"), pytest.raises(errors.TaskFailedError) as caught:
        client.do(client.kie.tasks.wait(TASK_ID))
    for text in (str(caught.value), *caplog.messages):
        assert text.isprintable()
    assert r"stop\x1b[2J" in str(caught.value)
    assert caught.value.fail_msg == ESCAPES  # the attribute has the service's own text
    httpx_mock.add_response(json=refused(501, ESCAPES), status_code=501, is_reusable=True)
    with caplog.at_level(logging.DEBUG, "kie_ideogram"), pytest.raises(errors.ApiError) as refusal:
        client.do(client.kie.credits.get())
    for text in (str(refusal.value), *caplog.messages):
        assert text.isprintable()


def test_a_result_link_is_judged_by_its_address(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path, addresses: dict[str, list[str]]
) -> None:
    outside = "93.184.215.14"
    addresses["outside.example"] = [outside]
    addresses["inside.example"] = [outside, "10.1.2.3"]
    addresses["mixed.example"] = [outside, "fe80::1%eth0"]
    for host in ("inside.example", "mixed.example"):
        with pytest.raises(errors.DownloadError, match=f"private network: {host} is "):
            client.do(task(client, httpx_mock, f"https://{host}/1.png").save(tmp_path))
    httpx_mock.add_response(url="https://outside.example/1.png", content=PNG)
    client.do(task(client, httpx_mock, "https://outside.example/1.png").save(tmp_path))


@pytest.mark.parametrize(
    "host",
    [
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.0.0.1.",
        "[::ffff:127.0.0.1]",
        "[::ffff:10.0.0.1]",
        "localhost.",
        "LOCALHOST",
        "a.LocalHost",
        "0",
        socket.gethostname(),
    ],
)
def test_no_notation_of_this_machine_is_connected_to(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path, host: str, addresses: dict[str, list[str]]
) -> None:
    addresses[socket.gethostname()] = ["127.0.1.1"]
    with pytest.raises(errors.DownloadError, match=r"private network|not a URL"):
        client.do(task(client, httpx_mock, f"https://{host}/1.png").save(tmp_path))
    assert {request.url.host for request in httpx_mock.get_requests()} == {"api.kie.ai"}


@pytest.mark.parametrize(
    "host", ["xn--0.example", "xn--a.com", "xn--zzzz.com", "a" * 70 + ".example", "a..b"]
)
def test_an_invalid_host_is_an_error_of_the_client(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path, host: str
) -> None:
    with pytest.raises(errors.DownloadError, match="the result link is not a URL"):
        client.do(task(client, httpx_mock, f"https://{host}/1.png").save(tmp_path))
    with pytest.raises(errors.ConfigurationError, match="URL"):
        client.make(base_url=f"https://{host}", upload_base_url=f"https://{host}")


@pytest.mark.parametrize("status", [200, 301, 404, 429, 503])
@pytest.mark.parametrize("header", ["Location", "Content-Type", "Retry-After", "Content-Encoding", "X-Any"])
def test_headers_that_are_not_utf_8_raise_our_errors_only(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path, status: int, header: str
) -> None:
    headers = httpx.Headers([(header.encode(), b"\xff\xfe\x80")])
    done = task(client, httpx_mock)
    httpx_mock.add_response(status_code=status, headers=headers, content=PNG, is_reusable=True)
    calls: list[Callable[[], Any]] = [lambda: done.save(tmp_path), lambda: client.kie.credits.get()]
    for call in calls:
        try:
            client.do(call())
        except errors.KieError:
            continue
