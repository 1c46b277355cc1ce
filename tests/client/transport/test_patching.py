"""Mocks and monitors that patch httpx after a client was made see its requests, and so do those before it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpcore
import httpx
import pytest
import respx
import sentry_sdk
import vcr  # type: ignore[import-untyped] # it has no types
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pytest_httpx import HTTPXMock
from sentry_sdk.integrations import _processed_integrations
from sentry_sdk.integrations.httpx import HttpxIntegration

from kie_ideogram._runtime.http.transport import routes
from tests.client.conftest import KEY, QUERY, TASK_ID, Client, record
from tests.client.transport.local_server import Server, server

__all__ = ["server"]

CREDITS = {"code": 200, "msg": "success", "data": 7}


@pytest.fixture
def early(client: Client) -> Any:
    """Make a client before any tool is set up."""
    return client.make()


@pytest.fixture
def local(client: Client, server: Server) -> Any:
    """Make a client of the local server before any tool is set up."""
    return client.make(base_url=server.url, upload_base_url=server.url)


def test_pytest_httpx_intercepts_an_earlier_client(
    early: Any, client: Client, request: pytest.FixtureRequest
) -> None:
    mock: HTTPXMock = request.getfixturevalue("httpx_mock")
    mock.add_response(url=QUERY, json=record("waiting"))
    assert client.do(early.tasks.get(TASK_ID)).state == "waiting"


@pytest.mark.parametrize("using", ["httpcore", "httpx"])
def test_respx_intercepts_an_earlier_client(early: Any, client: Client, using: str) -> None:
    with respx.mock(using=using) as router:
        route = router.get(url__startswith="https://api.kie.ai/").respond(json=CREDITS)
        assert client.do(early.credits.get()) == 7
    assert route.call_count == 1


def test_vcrpy_replays_for_an_earlier_client(
    client: Client, local: Any, server: Server, tmp_path: Path
) -> None:
    cassette = str(tmp_path / "task.yaml")
    recorder = vcr.VCR(filter_headers=["authorization"])
    for _ in range(2):
        with recorder.use_cassette(cassette):
            assert client.do(local.tasks.get("t")).id == "t"
    assert server.requests == 1


def test_opentelemetry_sees_an_earlier_client(client: Client, local: Any) -> None:
    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    instrumentor = HTTPXClientInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    try:
        client.do(local.tasks.get("t"))
    finally:
        instrumentor.uninstrument()
    client.do(local.tasks.get("t"))
    (span,) = spans.get_finished_spans()
    assert span.attributes is not None
    assert span.attributes["http.status_code"] == 200


@pytest.fixture
def sentry() -> Iterator[list[Any]]:
    """Set up Sentry's integration for httpx. Its events are collected, not sent."""
    events: list[Any] = []
    # Sentry patches once in a process and never removes its patch. The test needs it twice, and no longer.
    _processed_integrations.discard("httpx")
    with (
        patch.object(httpx.Client, "send", httpx.Client.send),
        patch.object(httpx.AsyncClient, "send", httpx.AsyncClient.send),
        sentry_sdk.isolation_scope(),
    ):
        sentry_sdk.init(
            "http://key@localhost/1",
            default_integrations=False,
            integrations=[HttpxIntegration()],
            traces_sample_rate=1,
            before_send_transaction=lambda event, hint: events.append(event),
        )
        yield events
        sentry_sdk.init(default_integrations=False)


def test_sentry_sees_an_earlier_client(client: Client, local: Any, sentry: list[Any]) -> None:
    async def call() -> None:
        # In a coroutine: Sentry's current transaction belongs to a context, and the event loop has another.
        with sentry_sdk.start_transaction(name="test", sampled=True):
            outcome = local.tasks.get("t")
            if client.is_async:
                await outcome

    client.do(call())
    (event,) = sentry
    (span,) = event["spans"]
    assert (span["op"], span["data"]["http.response.status_code"]) == ("http.client", 200)
    assert KEY not in repr(event)


@pytest.mark.parametrize("name", routes._METHODS)
def test_patched_client_method_is_called(client: Client, local: Any, name: str) -> None:
    kind = httpx.AsyncClient if client.is_async else httpx.Client
    original = getattr(kind, name)
    with patch.object(kind, name, autospec=True, side_effect=original) as patched:
        assert client.do(local.tasks.get("t")).id == "t"
    assert patched.called
    patched.reset_mock()
    assert client.do(local.tasks.get("t")).id == "t"
    assert not patched.called


def test_patched_pool_of_httpcore_is_used(client: Client, local: Any) -> None:
    kind, name = (
        (httpcore.AsyncConnectionPool, "handle_async_request")
        if client.is_async
        else (httpcore.ConnectionPool, "handle_request")
    )
    with patch.object(kind, name, autospec=True, side_effect=getattr(kind, name)) as patched:
        assert client.do(local.tasks.get("t")).id == "t"
    assert patched.call_count == 1


def test_replaced_client_class_is_used(client: Client, local: Any) -> None:
    sent: list[str] = []
    name = "AsyncClient" if client.is_async else "Client"

    class Monitored(getattr(httpx, name)):  # type: ignore[misc] # one of two classes
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            sent.append("made")

    with patch.object(httpx, name, Monitored):
        for _ in range(2):
            assert client.do(local.tasks.get("t")).id == "t"
    assert sent == ["made"]


def test_mock_in_place_of_the_client_class_is_ignored(client: Client, local: Any) -> None:
    with patch("httpx.AsyncClient" if client.is_async else "httpx.Client"):
        assert client.do(local.tasks.get("t")).id == "t"


def test_patch_sees_concurrent_requests(client: Client, local: Any, server: Server) -> None:
    if not client.is_async:
        pytest.skip("one test of concurrency is enough")

    async def both() -> list[str]:
        return [task.id for task in await asyncio.gather(*(local.tasks.get(name) for name in "ab"))]

    with patch.object(httpx.AsyncClient, "send", autospec=True, side_effect=httpx.AsyncClient.send) as send:
        assert client.do(both()) == ["a", "b"]
    assert send.call_count == 2
