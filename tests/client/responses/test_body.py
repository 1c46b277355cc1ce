"""Bodies of responses: their encoding, and a size limit that counts decoded bytes."""

import asyncio
import gzip
import json
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Iterator
from functools import cache
from io import BytesIO
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import errors
from kie_ideogram._runtime.contract.model import Timeouts
from kie_ideogram._runtime.core.clock import SYSTEM_CLOCK
from kie_ideogram._runtime.core.effects import Flow, Reply, SendRequest
from kie_ideogram._runtime.http.transport.asyncio_ import AsyncTransport
from kie_ideogram._runtime.http.transport.blocking import SyncTransport
from tests.client.conftest import EDIT, PNG, QUERY, TASK_ID, Client, record, succeeded

TIMES = Timeouts(30, 30, 30, 30, 60)
MEGABYTE = 1_000_000


class Stream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body in chunks, for both kinds of client. httpx does not read it in advance."""

    def __init__(self, content: bytes, chunk: int = 1000) -> None:
        self._chunks = [content[start : start + chunk] for start in range(0, len(content), chunk)]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._chunks)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk


def replying(client: Client, body: bytes, chunk: int = 1000, **head: str) -> Any:
    """Make a client whose server always replies with this body."""
    headers = {name.replace("_", "-"): value for name, value in head.items()}

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=headers, stream=Stream(body, chunk))

    return client.make(http_client=client.http_client(transport=httpx.MockTransport(answer)))


def raw_deflate(content: bytes) -> bytes:
    squeezed = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return squeezed.compress(content) + squeezed.flush()


CONTENT = json.dumps(record("waiting", param="x" * 200_000)).encode()


def test_requests_ask_for_no_encoding(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=QUERY, json=record("waiting"))
    client.do(client.kie.tasks.get(TASK_ID))
    (request,) = httpx_mock.get_requests()
    assert request.headers["accept-encoding"] == "identity"


def test_downloads_ask_for_no_encoding(client: Client, httpx_mock: HTTPXMock, tmp_path: Any) -> None:
    httpx_mock.add_response(url=QUERY, json=succeeded())
    httpx_mock.add_response(content=PNG)
    client.do(client.do(client.kie.tasks.wait(TASK_ID)).save(tmp_path))
    assert httpx_mock.get_requests()[-1].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("chunk", [1, 7, 1000, MEGABYTE])
@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(CONTENT)),
        ("X-GZIP", gzip.compress(CONTENT)),
        ("gzip", gzip.compress(CONTENT) + b"what follows is ignored"),
        ("deflate", zlib.compress(CONTENT)),
        ("identity", CONTENT),
        ("", CONTENT),
    ],
    ids=["gzip", "x-gzip", "gzip-and-more", "deflate", "identity", "empty"],
)
def test_encoded_body_is_decoded(client: Client, encoding: str, body: bytes, chunk: int) -> None:
    kie = replying(client, body, chunk, content_encoding=encoding)
    assert client.do(kie.tasks.get(TASK_ID)).raw["param"] == "x" * 200_000


def test_deflate_without_zlib_header_is_decoded(client: Client) -> None:
    kie = replying(client, raw_deflate(CONTENT), content_encoding="deflate")
    assert client.do(kie.tasks.get(TASK_ID)).raw["param"] == "x" * 200_000


@pytest.mark.parametrize("rest", range(65530, 65545))
def test_body_that_fills_the_last_piece_is_complete(client: Client, rest: int) -> None:
    content = b'{"code":200,"data":0}'.ljust(rest)
    kie = replying(client, gzip.compress(content), MEGABYTE, content_encoding="gzip")
    assert client.do(kie.credits.get()) == 0


def test_response_that_a_mock_has_read_is_not_decoded_again(client: Client, httpx_mock: HTTPXMock) -> None:
    squeezed = gzip.compress(json.dumps(record("waiting")).encode())
    httpx_mock.add_response(url=QUERY, content=squeezed, headers={"Content-Encoding": "gzip"})
    assert client.do(client.kie.tasks.get(TASK_ID)).state == "waiting"


@pytest.mark.parametrize("encoding", ["gzip, gzip", "gzip,gzip,gzip", "br", "zstd", "compress", "x" * 9000])
def test_other_encoding_is_rejected_and_not_shown(client: Client, encoding: str) -> None:
    kie = replying(client, CONTENT, content_encoding=encoding)
    with pytest.raises(errors.ResponseFormatError, match="has a Content-Encoding that") as caught:
        client.do(kie.credits.get())
    assert encoding not in str(caught.value)


def test_other_encoding_of_a_submission_is_unknown(client: Client) -> None:
    kie = replying(client, CONTENT, content_encoding="br")
    with pytest.raises(errors.SubmissionUnknownError):
        client.do(kie.character_edit.create(**EDIT))


@pytest.mark.parametrize("body", [gzip.compress(CONTENT)[:-9], b"no gzip"], ids=["truncated", "invalid"])
def test_undecodable_body_is_a_lost_reply(client: Client, body: bytes) -> None:
    kie = replying(client, body, content_encoding="gzip")
    with pytest.raises(errors.ReplyLostError, match="DecodingError"):
        client.do(kie.credits.get())


@cache
def bomb(size: int) -> bytes:
    """Return a small gzip body that expands to `size` zero bytes."""
    squeezed = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS)
    parts = [squeezed.compress(bytes(MEGABYTE)) for _ in range(size // MEGABYTE)]
    return b"".join(parts) + squeezed.flush()


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("sink", [None, BytesIO], ids=["memory", "sink"])
def test_bomb_is_rejected_before_it_expands(kind: str, sink: Any) -> None:
    body = bomb(300 * MEGABYTE)
    assert len(body) < MEGABYTE

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Stream(body, MEGABYTE))

    def fetch() -> Flow[Reply]:
        request = httpx.Request("GET", "http://localhost")
        reply: Reply = yield SendRequest(lambda: request, MEGABYTE, sink=sink and sink())
        return reply

    def blocking() -> None:
        SyncTransport(TIMES, httpx.Client(transport=mock), SYSTEM_CLOCK).run(fetch())

    async def awaited() -> None:
        await AsyncTransport(TIMES, httpx.AsyncClient(transport=mock), SYSTEM_CLOCK).run(fetch())

    mock = httpx.MockTransport(answer)
    tracemalloc.start()
    try:
        with pytest.raises(errors.KieError, match="is larger than 1,000,000 bytes"):
            blocking() if kind == "sync" else asyncio.run(awaited())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 * MEGABYTE
