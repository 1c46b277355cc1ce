"""Clients that a test makes itself: in virtual time, with a journal, and with signed callbacks."""

import pytest

from tests.testing.support import PICTURES, PLAIN, run

pytest_plugins = ["pytester"]


@pytest.fixture(autouse=True)
def no_other_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def passes(pytester: pytest.Pytester, code: str) -> None:
    pytester.makepyfile(PICTURES + code)
    # A process, because `kie_ideogram` caches the classes that an earlier run in this process has loaded.
    result = pytester.runpytest_subprocess(*PLAIN, "-W", "error")
    result.assert_outcomes(passed=code.count("def test_"))


def test_own_client_with_a_journal_waits_in_virtual_time(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
import time

from kie_ideogram import AsyncKie, Kie


def test_passed_through(kie_sandbox, tmp_path):
    before = time.monotonic()
    with kie_sandbox.client(journal=tmp_path / "journal") as kie:
        kie.character_edit.run(**GIVEN, idempotency_key="a")
        kie.character_edit.run(**GIVEN, idempotency_key="a")
    assert len(kie_sandbox.charges) == 1
    assert time.monotonic() - before < 6


def test_own_kie(kie_sandbox, tmp_path):
    before = time.monotonic()
    with Kie(**kie_sandbox.client_options(), journal=tmp_path / "journal") as kie:
        kie.character_edit.run(**GIVEN, idempotency_key="a")
    assert time.monotonic() - before < 6


def test_own_async_kie(kie_sandbox, tmp_path):
    async def main():
        async with AsyncKie(**kie_sandbox.async_client_options(), journal=tmp_path / "journal") as kie:
            await asyncio.gather(*(kie.character_edit.run(**GIVEN, idempotency_key=str(i)) for i in range(9)))

    before = time.monotonic()
    asyncio.run(main())
    assert len(kie_sandbox.charges) == 9
    assert time.monotonic() - before < 9


def test_two_clients_in_threads(kie_sandbox):
    kies = [kie_sandbox.client() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda kie: kie.character_edit.run(**GIVEN), kies))
    assert len(kie_sandbox.charges) == 4
""",
    )


def test_plain_sandbox_passes_options_to_its_clients(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
import time

from kie_ideogram.testing import Sandbox, VirtualClock


def test_journal_and_virtual_time(tmp_path):
    before = time.monotonic()
    clock = VirtualClock()
    with Sandbox(clock=clock) as sandbox, sandbox.client(journal=tmp_path / "journal") as kie:
        start = clock.now()
        kie.character_edit.run(**GIVEN, idempotency_key="a")
        assert clock.now() - start >= 18
    assert time.monotonic() - before < 6
""",
    )


def test_blocking_client_works_inside_an_event_loop(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
def test_in_a_coroutine(kie):
    async def main():
        return kie.character_edit.run(**GIVEN).task.succeeded

    assert asyncio.run(main())


def test_in_threads_of_a_loop(kie):
    async def main():
        run = lambda: kie.character_edit.run(**GIVEN).task.succeeded
        return await asyncio.gather(*(asyncio.to_thread(run) for _ in range(5)))

    assert asyncio.run(main()) == [True] * 5
""",
    )


def test_callback_is_accepted_by_code_that_reads_the_real_time(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from kie_ideogram import callbacks
from kie_ideogram.errors import SignatureError
from kie_ideogram.testing import signed_callback

SECRET = "kie-test-hmac-key"


@pytest.mark.kie_sandbox(signing_key=SECRET)
def test_delivered(kie, kie_sandbox):
    seen = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            callback = callbacks.verify(body, dict(self.headers), secret=SECRET)
            # The receiver uses the client while another thread waits.
            seen.append(callback.confirm(kie).state)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args): pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        kie.character_edit.run(**GIVEN, call_back_url=url)
        server.shutdown()
    assert seen == ["success"]
    assert [delivery.delivered for delivery in kie_sandbox.deliveries] == [True]


@pytest.mark.kie_sandbox(signing_key=SECRET)
def test_signed_by_the_sandbox(kie, kie_sandbox):
    task = kie.character_edit.run(**GIVEN).task
    body, headers = kie_sandbox.signed_callback(task.id)
    assert callbacks.verify(body, headers, secret=SECRET).id == task.id
    body, headers = kie_sandbox.signed_callback(task.id, secret="another", now=1000)
    assert callbacks.verify(body, headers, secret="another", now=1000).id == task.id
    with pytest.raises(SignatureError, match="does not match"):
        callbacks.verify(body, headers, secret=SECRET, now=1000)


def test_signed_by_hand():
    payload = {"data": {"taskId": "a", "state": "success"}, "code": 200, "msg": ""}
    body, headers = signed_callback(payload, secret=SECRET)
    assert callbacks.verify(body, headers, secret=SECRET).id == "a"
    assert signed_callback(body, secret=SECRET, now=7).headers["X-Webhook-Timestamp"] == "7"
""",
    )


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("kie_sandbox.signed_callback('a')", "secret: is missing"),
        ("kie_sandbox.signed_callback('a', secret='b')", "'a' is not a task of this sandbox that has ended"),
        ("signed_callback(b'{}', secret='a')", "body: has no task id; it must be at "),
        ("signed_callback(b'{', secret='a')", "body: is not JSON"),
    ],
)
def test_callback_that_cannot_be_signed_says_why(pytester: pytest.Pytester, code: str, message: str) -> None:
    text = f"from kie_ideogram.testing import signed_callback\ndef test(kie_sandbox): {code}"
    assert message in run(pytester, text).stdout.str()


def test_clock_that_is_not_virtual_is_refused(pytester: pytest.Pytester) -> None:
    code = """
import pytest
from kie_ideogram.testing import RealClock
@pytest.mark.kie_sandbox(clock=RealClock())
def test(kie_sandbox): pass
"""
    assert "clock: must be a VirtualClock, got RealClock" in run(pytester, code).stdout.str()
