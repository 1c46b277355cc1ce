"""What can be uploaded, and what is refused before anything is sent."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import errors
from kie_ideogram.errors import InvalidInputError
from tests.client.conftest import PNG, UPLOAD, Client

STORED = {"code": 200, "data": {"downloadUrl": "https://tempfile.redpandaai.co/kieai/0/a.png"}}


def named(name: str) -> Any:
    file = io.BytesIO(PNG)
    file.name = name
    return file


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda path: path, "me.png"),
        (lambda path: str(path), "me.png"),
        (lambda path: PNG, "file.png"),
        (lambda path: io.BytesIO(PNG), "file.png"),
        (lambda path: named("/some/where/you.png"), "you.png"),
    ],
    ids=["path", "text", "bytes", "file", "named-file"],
)
def test_a_path_bytes_or_a_binary_file_is_uploaded(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path, make: Callable[[Path], Any], name: str
) -> None:
    httpx_mock.add_response(url=f"{UPLOAD}/api/file-stream-upload", json=STORED)
    path = tmp_path / "me.png"
    path.write_bytes(PNG)
    uploaded = client.do(client.kie.files.upload(make(path)))
    (request,) = httpx_mock.get_requests()
    assert PNG in request.content
    assert f'filename="{name}"'.encode() in request.content
    assert uploaded.download_url == "https://tempfile.redpandaai.co/kieai/0/a.png"


def test_a_file_of_the_callers_stays_open(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(json=STORED)
    file = io.BytesIO(PNG)
    client.do(client.kie.files.upload(file))
    assert not file.closed


def test_a_file_that_holds_a_usual_boundary_is_uploaded_whole(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(json=STORED)
    client.do(client.kie.files.upload(b"--+++\r\n--boundary--\r\n"))
    (request,) = httpx_mock.get_requests()
    assert b"\r\n\r\n--+++\r\n--boundary--\r\n\r\n--" in request.content


@pytest.mark.parametrize("value", [None, 7, ["a.png"]])
def test_what_is_no_file_is_refused(client: Client, httpx_mock: HTTPXMock, value: Any) -> None:
    with pytest.raises(InvalidInputError, match="file: expected a path, bytes or a binary file"):
        client.do(client.kie.files.upload(value))
    assert httpx_mock.get_requests() == []


def test_a_missing_file_is_named(client: Client, httpx_mock: HTTPXMock, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"file: .*nothing\.png: No such file"):
        client.do(client.kie.files.upload(tmp_path / "nothing.png"))
    assert httpx_mock.get_requests() == []


def test_a_folder_is_no_file(client: Client, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="Is a directory"):
        client.do(client.kie.files.upload(tmp_path))


def test_a_file_opened_as_text_is_refused(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("text")
    with path.open() as file, pytest.raises(InvalidInputError, match="opened with 'rb'"):
        client.do(client.kie.files.upload(file))


class Failing(io.BytesIO):
    """A file that can be opened, and whose content cannot be read to its end."""

    def __init__(self, error: Exception) -> None:
        super().__init__(bytes(200_000))
        self._error = error
        self.failed = 0

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() >= 65536:
            self.failed += 1
            raise self._error
        return super().read(size)


@pytest.mark.parametrize(
    "error", [OSError(5, "Input/output error"), ValueError("read of closed file")], ids=type
)
def test_a_file_that_fails_ends_the_upload_and_is_named(
    client: Client, httpx_mock: HTTPXMock, error: Exception
) -> None:
    httpx_mock.add_response(json=STORED, is_optional=True)
    file = Failing(error)
    with pytest.raises(
        errors.InvalidInputError, match=r"^file: file\.?\w*: (Input/output error|read of closed)"
    ):
        client.do(client.kie.files.upload(file))
    assert file.failed == 1


def test_a_pipe_cannot_be_read_again(client: Client) -> None:
    read, write = os.pipe()
    os.close(write)
    with os.fdopen(read, "rb") as pipe, pytest.raises(InvalidInputError, match="read again"):
        client.do(client.kie.files.upload(pipe))


@pytest.mark.parametrize("upload_path", ["/images", "images/", "/", ""])
def test_an_upload_path_has_no_slash_at_its_ends(client: Client, upload_path: str) -> None:
    with pytest.raises(InvalidInputError, match="upload_path"):
        client.do(client.kie.files.upload(PNG, upload_path=upload_path))


@pytest.mark.parametrize("method", ["upload_url", "download_url"])
def test_a_url_is_a_uri(client: Client, httpx_mock: HTTPXMock, method: str) -> None:
    with pytest.raises(InvalidInputError, match="format"):
        client.do(getattr(client.kie.files, method)("a.png"))
    assert httpx_mock.get_requests() == []


@pytest.mark.parametrize("data", [{}, {"downloadUrl": None}, {"fileUrl": "https://example.com/a.png"}, None])
def test_an_upload_without_its_link_is_not_believed(client: Client, httpx_mock: HTTPXMock, data: Any) -> None:
    httpx_mock.add_response(json={"success": True, "code": 200, "data": data}, is_reusable=True)
    with pytest.raises(errors.ResponseFormatError, match="data"):
        client.do(client.kie.files.upload(PNG))


def test_a_code_of_success_beside_success_false_is_a_refusal(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(json={"success": False, "code": 200, "msg": "too large", "data": None})
    with pytest.raises(errors.ApiError, match="success is false: too large"):
        client.do(client.kie.files.upload(PNG))


@pytest.mark.parametrize("balance", ["100", None, True, {}])
def test_a_balance_is_a_number(client: Client, httpx_mock: HTTPXMock, balance: Any) -> None:
    httpx_mock.add_response(json={"code": 200, "msg": "success", "data": balance}, is_reusable=True)
    with pytest.raises(errors.ResponseFormatError, match="number"):
        client.do(client.kie.credits.get())
