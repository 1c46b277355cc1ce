"""What operators rely on: the log, spans, raw responses, threads and connections."""

import json
import logging
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pytest_httpx import HTTPXMock

from kie_ideogram import Kie, errors
from tests.client.conftest import (
    CREATE,
    EDIT,
    KEY,
    PAGE_ANSWER,
    QUERY,
    TASK_ID,
    Client,
    record,
    refused,
    succeeded,
)


class TestLog:
    def test_has_one_line_per_change_of_a_task(
        self, client: Client, httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, "kie_ideogram")
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
        for state in ("waiting", "waiting", "generating"):
            httpx_mock.add_response(url=QUERY, json=record(state))
        httpx_mock.add_response(url=QUERY, json=succeeded())
        client.do(client.create().wait())
        found = [one for one in caplog.records if one.name.startswith("kie_ideogram")]
        assert [(one.name, one.getMessage()) for one in found] == [
            ("kie_ideogram", f"task {TASK_ID}: created"),
            ("kie_ideogram.waits", f"task {TASK_ID}: waiting"),
            ("kie_ideogram.waits", f"task {TASK_ID}: generating"),
            ("kie_ideogram.waits", f"task {TASK_ID}: success"),
        ]

    def test_second_wait_for_a_task_adds_no_line(
        self, client: Client, httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, "kie_ideogram")
        for state in ("waiting", "waiting", "generating"):
            httpx_mock.add_response(url=QUERY, json=record(state))
        httpx_mock.add_response(url=QUERY, json=succeeded(), is_reusable=True)
        client.do(client.kie.tasks.settled([TASK_ID]))
        client.do(client.kie.tasks.wait(TASK_ID))
        logged = [one.getMessage() for one in caplog.records if one.name == "kie_ideogram.waits"]
        assert logged == [f"task {TASK_ID}: {state}" for state in ("waiting", "generating", "success")]

    def test_has_refused_and_unknown_submissions(
        self, client: Client, httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture
    ) -> None:
        httpx_mock.add_response(url=CREATE, json=refused(402))
        httpx_mock.add_exception(httpx.ReadTimeout("gone"), url=CREATE)
        for _ in range(2):
            with pytest.raises(errors.KieError):
                client.create()
        found = [
            (one.levelname, " ".join(one.getMessage().split()[:2]).rstrip(":"))
            for one in caplog.records
            if one.name == "kie_ideogram"
        ]
        assert found == [("WARNING", "submission refused"), ("ERROR", "submission unknown")]

    def test_is_silent_by_default(self) -> None:
        code = (
            "from kie_ideogram._runtime.core.reporting.telemetry import submission_failed\n"
            "from kie_ideogram._runtime.core.reporting.telemetry import submission_accepted\n"
            "submission_accepted('t', None); submission_failed('unknown', None, Exception('x'))"
        )
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


@pytest.fixture(scope="module")
def spans() -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return exporter


class TestSpans:
    def test_span_covers_a_task_from_creation_to_success(
        self, client: Client, httpx_mock: HTTPXMock, spans: InMemorySpanExporter
    ) -> None:
        spans.clear()
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
        httpx_mock.add_response(url=QUERY, json=record("generating"))
        httpx_mock.add_response(url=QUERY, json=succeeded())
        httpx_mock.add_response(url=QUERY, json=succeeded())
        task = client.create()
        client.do(task.wait())
        client.do(task.wait())
        (span,) = spans.get_finished_spans()
        assert span.name == "kie task"
        assert dict(span.attributes or {}) == {"kie.task.id": TASK_ID, "kie.task.state": "success"}
        # The span begins at the creation time in the record.
        assert span.start_time == 1775638903000 * 1_000_000
        assert span.status.is_ok

    def test_failed_task_gives_a_span_with_an_error(
        self, client: Client, httpx_mock: HTTPXMock, spans: InMemorySpanExporter
    ) -> None:
        spans.clear()
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
        httpx_mock.add_response(url=QUERY, json=record("fail", failCode="422"))
        with pytest.raises(errors.TaskFailedError):
            client.do(client.create().wait())
        (span,) = spans.get_finished_spans()
        assert (span.status.status_code.name, span.status.description) == ("ERROR", "422")

    def test_opentelemetry_is_not_imported_by_default(self) -> None:
        code = "import sys, kie_ideogram; kie_ideogram.Kie('k').tasks; print('opentelemetry' in sys.modules)"
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert run.stdout == "False\n"


class TestRawResponse:
    def test_has_the_result_and_the_response(self, client: Client, httpx_mock: HTTPXMock) -> None:
        httpx_mock.add_response(url=QUERY, json=record("waiting"), headers={"cf-ray": "abc"})
        found = client.do(client.kie.tasks.with_raw_response.get(TASK_ID))
        assert found.parsed.id == TASK_ID
        assert (found.response.status_code, found.response.headers["cf-ray"]) == (200, "abc")
        assert found.response.json() == record("waiting")

    def test_is_the_last_response_of_a_retried_call(self, client: Client, httpx_mock: HTTPXMock) -> None:
        httpx_mock.add_response(url=QUERY, status_code=502)
        httpx_mock.add_response(url=QUERY, json=record("waiting"))
        assert client.do(client.kie.tasks.with_raw_response.get(TASK_ID)).response.status_code == 200

    def test_submission_has_one(self, client: Client, httpx_mock: HTTPXMock) -> None:
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
        found = client.do(client.kie.character_edit.with_raw_response.create(**EDIT))
        assert (found.parsed.id, found.response.json()) == (TASK_ID, PAGE_ANSWER)

    def test_submission_known_to_the_journal_has_none(
        self, client: Client, httpx_mock: HTTPXMock, tmp_path: Path
    ) -> None:
        httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
        kie = client.make(journal=tmp_path / "journal.db")
        create = kie.character_edit.with_raw_response.create
        assert client.do(create(**EDIT, idempotency_key="one")).response
        assert client.do(create(**EDIT, idempotency_key="one")).response is None


def test_plain_http_callback_url_gives_a_warning(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER, is_reusable=True)
    with pytest.warns(
        UserWarning, match=r"plain http: others can read and forge callbacks to example\.com.*https"
    ):
        client.do(client.kie.character_edit.create(**EDIT, call_back_url="http://example.com/kie"))
    # No warning, which would be an error here.
    for url in ("https://example.com/kie", "http://127.0.0.1:8000/kie"):
        client.do(client.kie.character_edit.create(**EDIT, call_back_url=url))


@pytest.mark.parametrize("journal", [False, True])
def test_invalid_callback_url_is_refused_before_sending(
    client: Client, httpx_mock: HTTPXMock, tmp_path: Path, journal: bool
) -> None:
    kie = client.make(journal=tmp_path / "journal.db" if journal else None)
    with pytest.raises(errors.InvalidInputError, match=r"^call_back_url: must be a URL"):
        client.do(kie.character_edit.create(**EDIT, call_back_url="https://["))
    assert httpx_mock.get_requests() == []


def test_threads_can_share_a_client(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=QUERY, json=record("waiting"), is_reusable=True)
    with Kie(KEY) as kie, ThreadPoolExecutor(8) as pool:
        states = list(pool.map(lambda _: kie.tasks.get(TASK_ID).state, range(16)))
    assert states == ["waiting"] * 16


class ClosingServer:
    """A server that closes every connection after its first reply, without announcing it."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.requests = 0
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        body = json.dumps(PAGE_ANSWER).encode()
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                received = b""
                while b"\r\n\r\n" not in received:
                    received += connection.recv(65536)
                head, _, rest = received.partition(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length:")[2].split()[0])
                while len(rest) < length:
                    rest += connection.recv(65536)
                self.requests += 1
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    def stop(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


def test_submission_does_not_reuse_a_closed_connection() -> None:
    server = ClosingServer()
    try:
        with Kie(KEY, base_url=server.url, upload_base_url=server.url) as kie:
            ids = [kie.character_edit.create(**EDIT).id for _ in range(3)]
    finally:
        server.stop()
    assert ids == [TASK_ID] * 3
    assert server.requests == 3
