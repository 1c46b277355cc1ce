"""Saving results: checked, atomic, without the key."""

import json
import os
import stat
from collections.abc import AsyncIterator, Callable
from errno import EACCES, ENOSPC
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock, IteratorStream

from kie_ideogram import errors
from kie_ideogram._contract import CONTRACT
from tests.client.conftest import (
    KEY,
    PICTURE_URL,
    PNG,
    QUERY,
    TASK_ID,
    Client,
    drawn,
    record,
    refused,
    succeeded,
)

DOWNLOAD_URL = "https://api.kie.ai/api/v1/common/download-url"
RECORD = f"{TASK_ID}.json"
SECOND_URL = "https://tempfile.aiquickdraw.com/v/2.png"


def task(client: Client, httpx_mock: HTTPXMock, *urls: str, task_id: str = TASK_ID) -> Any:
    """Have a succeeded task with these pictures."""
    httpx_mock.add_response(
        url=httpx.URL("https://api.kie.ai/api/v1/jobs/recordInfo", params={"taskId": task_id}),
        json=succeeded(*urls, task_id=task_id),
    )
    return client.do(client.kie.tasks.get(task_id))


def media_requests(httpx_mock: HTTPXMock) -> list[httpx.Request]:
    return [request for request in httpx_mock.get_requests() if request.url.host != "api.kie.ai"]


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def fails(
    client: Client, saved: Any, folder: Path, match: str, added: tuple[str, ...] = (RECORD,)
) -> errors.DownloadError:
    """Save, see it refused with the task's id, and only the record added, which lists what is missing."""
    before = left_in(folder) if folder.is_dir() else []
    with pytest.raises(errors.DownloadError, match=match) as caught:
        client.do(saved.save(folder))
    assert caught.value.task_id == TASK_ID
    assert (left_in(folder) if folder.is_dir() else []) == sorted({*before, *added})
    for name in added:
        assert json.loads((folder / name).read_bytes())["missing"]
    return caught.value


@pytest.mark.parametrize(
    ("content", "suffix"), [(PNG, ".png"), (drawn("JPEG"), ".jpg"), (drawn("WEBP"), ".webp")]
)
def test_a_picture_is_stored_under_its_own_type(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path, content: bytes, suffix: str
) -> None:
    httpx_mock.add_response(url=PICTURE_URL, content=content)
    paths = client.do(task(client, httpx_mock).save(tmp_path))
    assert paths == [tmp_path / f"{TASK_ID}-1{suffix}"]
    assert paths[0].read_bytes() == content
    assert left_in(tmp_path) == [paths[0].name, RECORD]


def test_all_pictures_are_stored_in_the_results_order(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path
) -> None:
    httpx_mock.add_response(url=PICTURE_URL, content=PNG + b"1")
    httpx_mock.add_response(url=SECOND_URL, content=PNG + b"2")
    paths = client.do(task(client, httpx_mock, SECOND_URL, PICTURE_URL).save(tmp_path / "new" / "folder"))
    assert [path.name for path in paths] == [f"{TASK_ID}-1.png", f"{TASK_ID}-2.png"]
    assert [path.read_bytes()[-1:] for path in paths] == [b"2", b"1"]


def test_the_folder_may_be_text(client: Client, httpx_mock: HTTPXMock, tmp_path: Path) -> None:
    httpx_mock.add_response(url=PICTURE_URL, content=PNG)
    (path,) = client.do(task(client, httpx_mock).save(str(tmp_path)))
    assert path.parent == tmp_path


def test_others_may_read_the_file(client: Client, httpx_mock: HTTPXMock, tmp_path: Path) -> None:
    httpx_mock.add_response(url=PICTURE_URL, content=PNG)
    (path,) = client.do(task(client, httpx_mock).save(tmp_path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_the_key_is_not_sent_to_where_pictures_are(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path
) -> None:
    httpx_mock.add_response(url=PICTURE_URL, content=PNG)
    client.make(http_client=client.http_client(headers={"Authorization": "Basic own"}, auth=("user", "pw")))
    client.do(task(client, httpx_mock).save(tmp_path))
    (request,) = media_requests(httpx_mock)
    assert "authorization" not in request.headers
    assert KEY not in str(request.headers.raw)
    assert request.headers["user-agent"].startswith("kie-ideogram/")
    assert set(request.extensions["timeout"]) == {"connect", "read", "write", "pool"}
    assert None not in request.extensions["timeout"].values()


@pytest.mark.parametrize(
    "content",
    [b"<!doctype html><title>Not found</title>", b'{"code":404}', b"", b"GIF89a", PNG[:4], PNG[:-9]],
    ids=["html", "json", "empty", "six bytes", "four bytes", "truncated"],
)
def test_an_incomplete_result_is_fetched_again(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path, content: bytes
) -> None:
    httpx_mock.add_response(url=PICTURE_URL, content=content, headers={"Content-Type": "image/png"})
    httpx_mock.add_response(url=PICTURE_URL, content=PNG)
    (path,) = client.do(task(client, httpx_mock).save(tmp_path))
    assert path.read_bytes() == PNG
    assert left_in(tmp_path) == [path.name, RECORD]


def test_the_start_of_a_picture_that_is_too_large_is_stored_as_partial(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kie = client.make()
    kie._session.contract = CONTRACT._replace(media=CONTRACT.media._replace(max_bytes=1000))
    httpx_mock.add_response(url=PICTURE_URL, stream=IteratorStream([PNG, b"\0" * 900, b"\0" * 900]))
    with pytest.raises(errors.DownloadError, match=r"larger than 1,000 bytes; .* stored as"):
        client.do(task(client, httpx_mock).save(tmp_path))
    assert left_in(tmp_path) == [f"{TASK_ID}-1.png.partial", RECORD]
    record = json.loads((tmp_path / RECORD).read_text())
    assert record["missing"][0]["url"] == PICTURE_URL


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_refused_link_is_renewed_once(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path, status: int
) -> None:
    saved = task(client, httpx_mock)
    httpx_mock.add_response(url=PICTURE_URL, status_code=status, html="<h1>gone</h1>")
    httpx_mock.add_response(url=DOWNLOAD_URL, json={"code": 200, "msg": "success", "data": SECOND_URL})
    httpx_mock.add_response(url=SECOND_URL, content=PNG)
    (path,) = client.do(saved.save(tmp_path))
    assert path.read_bytes() == PNG
    assert all(KEY not in str(request.headers.raw) for request in media_requests(httpx_mock))


def test_a_renewed_link_is_not_renewed_again(client: Client, httpx_mock: HTTPXMock, tmp_path: Path) -> None:
    httpx_mock.add_response(url=PICTURE_URL, status_code=404)
    httpx_mock.add_response(url=DOWNLOAD_URL, json={"code": 200, "msg": "success", "data": SECOND_URL})
    httpx_mock.add_response(url=SECOND_URL, status_code=404)
    fails(client, task(client, httpx_mock), tmp_path, "HTTP 404")
    assert len(media_requests(httpx_mock)) == 2


def test_a_link_that_cannot_be_renewed_has_expired(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path
) -> None:
    httpx_mock.add_response(url=PICTURE_URL, status_code=410)
    httpx_mock.add_response(url=DOWNLOAD_URL, json=refused(422, "url is wrong"))
    fails(client, task(client, httpx_mock), tmp_path, "HTTP 410; the link has expired.*url is wrong")
    assert len(media_requests(httpx_mock)) == 1


def test_a_redirect_is_not_followed(client: Client, httpx_mock: HTTPXMock, tmp_path: Path) -> None:
    httpx_mock.add_response(url=PICTURE_URL, status_code=302, headers={"Location": "http://169.254.169.254/"})
    httpx_mock.add_response(url=DOWNLOAD_URL, json=refused(422, "url is wrong"))
    fails(client, task(client, httpx_mock), tmp_path, "HTTP 302")
    assert len(media_requests(httpx_mock)) == 1


def test_passing_faults_are_tried_again(client: Client, httpx_mock: HTTPXMock, tmp_path: Path) -> None:
    httpx_mock.add_response(url=PICTURE_URL, status_code=503)
    httpx_mock.add_exception(httpx.ReadTimeout("slow"), url=PICTURE_URL)
    httpx_mock.add_response(url=PICTURE_URL, content=PNG)
    (path,) = client.do(task(client, httpx_mock).save(tmp_path))
    assert path.read_bytes() == PNG
    assert left_in(tmp_path) == [path.name, RECORD]


@pytest.mark.parametrize("fault", [503, httpx.ConnectError("no way")], ids=str)
def test_lasting_faults_are_reported(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path, fault: int | Exception
) -> None:
    if isinstance(fault, int):
        httpx_mock.add_response(url=PICTURE_URL, status_code=fault, is_reusable=True)
    else:
        httpx_mock.add_exception(fault, url=PICTURE_URL, is_reusable=True)
    fails(client, task(client, httpx_mock), tmp_path, "gave up after 5 attempts")


def test_a_lost_connection_leaves_a_partial_file(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path
) -> None:
    httpx_mock.add_response(url=PICTURE_URL, stream=Breaking(), is_reusable=True)
    with pytest.raises(errors.DownloadError, match=rf"gave up.*{TASK_ID}-1\.png\.partial") as caught:
        client.do(task(client, httpx_mock).save(tmp_path))
    assert caught.value.task_id == TASK_ID
    assert left_in(tmp_path) == [f"{TASK_ID}-1.png.partial", RECORD]
    assert (tmp_path / f"{TASK_ID}-1.png.partial").read_bytes() == PNG


class Breaking(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A picture whose end never comes."""

    def __iter__(self) -> Any:
        yield PNG
        raise httpx.ReadError("cut")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield PNG
        raise httpx.ReadError("cut")


def test_an_existing_file_is_kept(client: Client, httpx_mock: HTTPXMock, tmp_path: Path) -> None:
    httpx_mock.add_response(url=PICTURE_URL, content=PNG)
    mine = tmp_path / f"{TASK_ID}-1.png"
    mine.write_bytes(b"mine")
    fails(client, task(client, httpx_mock), tmp_path, "exists already.*overwrite=True")
    assert mine.read_bytes() == b"mine"


def test_an_existing_file_is_replaced_when_asked(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path
) -> None:
    httpx_mock.add_response(url=PICTURE_URL, content=PNG)
    (tmp_path / f"{TASK_ID}-1.png").write_bytes(b"old")
    (path,) = client.do(task(client, httpx_mock).save(tmp_path, overwrite=True))
    assert path.read_bytes() == PNG


@pytest.mark.parametrize(
    "task_id", ["../../etc/passwd", "/etc/passwd", "a/b", "..", "c:\\x", "a\nb", "任务", "x" * 500]
)
def test_a_hostile_task_id_stays_in_the_folder(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path, task_id: str
) -> None:
    httpx_mock.add_response(url=PICTURE_URL, content=PNG)
    folder = tmp_path / "out"
    (path,) = client.do(task(client, httpx_mock, task_id=task_id).save(folder))
    assert path.resolve().parent == folder.resolve()
    assert left_in(folder) == [path.name, path.name.replace("-1.png", ".json")]
    assert left_in(tmp_path) == ["out"]


@pytest.mark.parametrize(
    "url",
    [
        "http://tempfile.aiquickdraw.com/v/1.png",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1.evil.example/1.png",
        "http://127.0.0.1@evil.example/1.png",
        "file:///etc/passwd",
        "ftp://example.com/1.png",
        "data:image/png;base64,iVBORw0KGgo=",
        "//example.com/1.png",
        "1.png",
        "",
        "https:///1.png",
        "https://exa mple.com/\x00",
    ],
)
def test_a_link_that_is_not_https_is_not_fetched(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path, url: str
) -> None:
    fails(client, task(client, httpx_mock, url), tmp_path, "the result link")
    assert media_requests(httpx_mock) == []


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:8080", "[::1]:8080"])
def test_a_local_service_may_serve_plain_http(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path, host: str
) -> None:
    httpx_mock.add_response(url=f"http://{host}/1.png", content=PNG)
    link = succeeded(f"http://{host}/1.png")
    httpx_mock.add_response(url=f"http://{host}/api/v1/jobs/recordInfo?taskId={TASK_ID}", json=link)
    done = client.do(
        client.make(base_url=f"http://{host}", upload_base_url=f"http://{host}").tasks.get(TASK_ID)
    )
    assert len(client.do(done.save(tmp_path))) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/1.png",
        "https://localhost/1.png",
        "https://x.localhost/1.png",
        "https://10.0.0.1/1.png",
        "https://169.254.169.254/1.png",
        "https://[::1]/1.png",
        "https://[fd00::1]/1.png",
    ],
)
def test_the_service_cannot_point_into_the_callers_network(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path, url: str
) -> None:
    fails(client, task(client, httpx_mock, url), tmp_path, "the result link")
    assert media_requests(httpx_mock) == []


def test_a_link_with_a_password_is_refused_without_showing_it(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path
) -> None:
    url = "https://user:secret@example.com/1.png"
    error = fails(client, task(client, httpx_mock, url), tmp_path, "contains a user or password")
    assert "secret" not in str(error)


def test_a_folder_that_is_a_file_is_named(client: Client, httpx_mock: HTTPXMock, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    error = fails(client, task(client, httpx_mock), tmp_path / "out", "out", added=())
    assert "is a file, not a folder" in str(error)


def test_a_folder_that_cannot_be_written_is_named(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path, break_call: Callable[..., None]
) -> None:
    # Not by the folder's mode: root may write everywhere.
    break_call(EACCES, "kie_ideogram._runtime.core.atomic_write.TemporaryDirectory")
    error = fails(client, task(client, httpx_mock), tmp_path, "Permission denied", added=())
    assert str(tmp_path) in str(error)


def test_a_full_disk_is_reported_and_leaves_nothing(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path, break_call: Callable[..., None]
) -> None:
    break_call(ENOSPC, "os.fsync")
    httpx_mock.add_response(url=PICTURE_URL, content=PNG)
    fails(client, task(client, httpx_mock), tmp_path, "No space left on device", added=())


def test_an_unsettled_task_has_nothing_to_save(client: Client, httpx_mock: HTTPXMock, tmp_path: Path) -> None:
    httpx_mock.add_response(json=record("generating"))
    running = client.do(client.kie.tasks.get(TASK_ID))
    fails(client, running, tmp_path, "no results to save", added=())


def test_a_link_that_is_no_text_is_refused(client: Client, httpx_mock: HTTPXMock, tmp_path: Path) -> None:
    fails(client, task(client, httpx_mock, "https://example.com/\ud800.png"), tmp_path, "the result link")


def test_odd_times_and_texts_are_recorded(client: Client, httpx_mock: HTTPXMock, tmp_path: Path) -> None:
    odd = succeeded()
    odd["data"] |= {"completeTime": 253402300799000, "param": '{"input": {"prompt": "\\ud800"}}'}
    httpx_mock.add_response(url=QUERY, json=odd)
    httpx_mock.add_response(url=PICTURE_URL, content=PNG)
    done = client.do(client.kie.tasks.get(TASK_ID))
    assert done.expires_at is None
    (path,) = client.do(done.save(tmp_path))
    written = json.loads((tmp_path / f"{TASK_ID}.json").read_text(encoding="utf-8"))
    assert written["request"] == {"input": {"prompt": "\ud800"}}
    assert written["pictures"][0]["path"] == path.name


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_the_umask_decides_who_may_read_a_picture(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path, umask: int
) -> None:
    httpx_mock.add_response(url=PICTURE_URL, content=PNG)
    done = task(client, httpx_mock)
    before = os.umask(umask)
    try:
        (path,) = client.do(done.save(tmp_path))
    finally:
        os.umask(before)
    for written in (path, tmp_path / f"{TASK_ID}.json"):
        assert written.stat().st_mode & 0o777 == 0o666 & ~umask
