"""Uploads: streamed, counted, unchanged."""

import asyncio
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kie_ideogram import Kie
from kie_ideogram.testing import Sandbox
from tests.pictures.support import Files, noise, quick

PIECE = 1 << 16


class Watched(BytesIO):
    """Remembers how much was asked for at a time."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.asked: list[int | None] = []

    def read(self, size: int | None = -1) -> bytes:
        self.asked.append(size)
        return super().read(size)


def test_a_file_is_never_read_into_memory_as_a_whole(kie: Kie) -> None:
    file = Watched(bytes(5_000_000))
    kie.files.upload(file)
    assert all(size is not None and 0 <= size <= PIECE for size in file.asked)
    assert len(file.asked) > 5_000_000 / PIECE


def test_a_run_does_not_read_a_picture_as_a_whole_either(kie: Kie, files: Files) -> None:
    # Pillow alone may: it decodes the whole of it anyway.
    content = noise((600, 400))
    file = Watched(content)
    before: list[int] = []
    kie.character_edit.run(
        **files.given(image=file, mask=_mask_of(files, (600, 400))),
        progress=lambda step: before.append(len(file.asked)) if step.stage == "check" else None,
    )
    uploaded = file.asked[before[-1] :]
    assert uploaded
    assert all(size is not None and 0 <= size <= PIECE for size in uploaded)


def _mask_of(files: Files, size: tuple[int, int]) -> Path:
    from tests.sandbox.support import mask

    return files.add("large mask.png", mask(size=size))


@pytest.mark.parametrize("awaited", [False, True])
def test_progress_counts_the_bytes_up_to_the_last(sandbox: Sandbox, kie: Kie, awaited: bool) -> None:
    seen: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        seen.append((done, total))

    async def upload() -> None:
        async with sandbox.async_client(_environment=quick()) as kie:
            await kie.files.upload(bytes(200_000), progress=progress)

    if awaited:
        asyncio.run(upload())
    else:
        kie.files.upload(bytes(200_000), progress=progress)
    assert seen == [(PIECE, 200_000), (2 * PIECE, 200_000), (3 * PIECE, 200_000), (200_000, 200_000)]


BOUNDARIES = [b"+++", b"boundary", b"0" * 32, b"----WebKitFormBoundary7MA4YWxkTrZu0gW"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=st.lists(
        st.sampled_from([b"\r\n", b"--", b"\r\n--", b"Content-Disposition: form-data", *BOUNDARIES])
        | st.binary()
    )
)
def test_any_content_arrives_unchanged(kie: Kie, pieces: list[bytes]) -> None:
    content = b"".join(pieces)
    assert httpx.get(kie.files.upload(content).download_url).content == content


def test_content_with_an_earlier_boundary_arrives_unchanged(
    sandbox: Sandbox,
) -> None:
    boundaries: list[bytes] = []

    def record(request: httpx.Request) -> None:
        boundaries.append(request.headers["content-type"].partition("boundary=")[2].encode())

    with httpx.Client(event_hooks={"request": [record]}) as http:
        kie = Kie(
            sandbox.keys[0],
            base_url=sandbox.url,
            upload_base_url=sandbox.url,
            http_client=http,
            _environment=quick(),
        )
        kie.files.upload(b"first")
        content = b"\r\n--" + boundaries[0] + b"--\r\n"
        url = kie.files.upload(content).download_url
    assert len(boundaries[0]) >= 32
    assert boundaries[1] != boundaries[0]
    assert httpx.get(url).content == content


def test_all_three_kinds_of_upload_return_the_same_content(kie: Kie, files: Files) -> None:
    import base64

    content = files.image.read_bytes()
    stream = kie.files.upload(files.image).download_url
    text = kie.files.upload_base64(base64.b64encode(content).decode()).download_url
    copy = kie.files.upload_url(stream).download_url
    assert len({stream, text, copy}) == 3
    assert all(httpx.get(url).content == content for url in (stream, text, copy))
