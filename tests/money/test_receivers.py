"""The documented receivers run as written, in their frameworks, with callbacks of the sandbox."""

import asyncio
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient

from kie_ideogram import errors
from tests.documents import text, use_sandbox
from tests.money.support import KEY, Hurried, client, edit, task_of, upload
from tests.sandbox.receiver import Received, Receiver

PAGE = text("docs/receivers.md")
SIGNING_KEY = "kie-test-hmac-key"
Post = Callable[[Received], int]


def code(framework: str) -> str:
    found = re.search(rf"## {framework}\n\n```python\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


@pytest.fixture
def sandbox() -> Iterator[Hurried]:
    with Hurried(signing_key=SIGNING_KEY) as sandbox:
        yield sandbox


@pytest.fixture
def running(
    request: pytest.FixtureRequest, sandbox: Hurried, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Post]:
    """Run a documented receiver in its framework. Yield a function that posts a callback to it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KIE_API_KEY", KEY)
    monkeypatch.setenv("KIE_WEBHOOK_SECRET", SIGNING_KEY)
    use_sandbox(sandbox, monkeypatch)
    names: dict[str, Any] = {"__name__": "receiver"}
    exec(compile(code(request.param), request.param, "exec"), names)  # noqa: S102 # our own page
    yield from SERVERS[request.param](names)


def asgi(names: dict[str, Any]) -> Iterator[Post]:
    transport = httpx.ASGITransport(names["app"])

    async def post(callback: Received) -> int:
        async with httpx.AsyncClient(transport=transport, base_url="https://example.com") as http:
            reply = await http.post(callback.path, content=callback.body, headers=callback.headers)
            return reply.status_code

    with asyncio.Runner() as runner:
        yield lambda callback: runner.run(post(callback))
        runner.run(names["kie"].close())


def flask(names: dict[str, Any]) -> Iterator[Post]:
    http: FlaskClient = names["app"].test_client()

    def post(callback: Received) -> int:
        return http.post(callback.path, data=callback.body, headers=callback.headers).status_code

    yield post
    names["kie"].close()


def django(names: dict[str, Any]) -> Iterator[Post]:
    from django.conf import settings  # type: ignore[import-untyped] # it has no types
    from django.test import RequestFactory, override_settings  # type: ignore[import-untyped] # as above

    if not settings.configured:  # another test may have done it
        settings.configure()
    factory = RequestFactory()

    def post(callback: Received) -> int:
        made = factory.post(
            callback.path, callback.body, content_type="application/json", headers=callback.headers
        )
        status: int = names["receive"](made).status_code
        return status

    with override_settings(ALLOWED_HOSTS=["*"]):
        yield post
    names["kie"].close()


SERVERS = {"Starlette": asgi, "FastAPI": asgi, "Flask": flask, "Django": django}
every = pytest.mark.parametrize("running", SERVERS, indirect=True)


def lost(sandbox: Hurried, journal: Path, order: str, url: str) -> None:
    """Submit an edit whose response is lost after the charge."""
    sandbox.faults.share, sandbox.faults.kinds = 1, ["answer lost"]
    with client(sandbox.url, journal) as kie, pytest.raises(errors.SubmissionUnknownError):
        edit(kie, upload(sandbox.url), order, call_back_url=url)
    sandbox.faults.share = 0


@every
def test_callback_of_a_lost_submission_saves_its_picture(
    running: Post, sandbox: Hurried, tmp_path: Path
) -> None:
    with Receiver() as receiver:
        lost(sandbox, tmp_path / "journal.db", "order-1", receiver.url.replace("/callback", "/kie"))
        callback = receiver.take()
    with client(sandbox.url, tmp_path / "journal.db") as kie:
        assert [one.idempotency_key for one in kie.unknown()] == ["order-1"]
        # A callback may be delivered twice.
        assert [running(callback), running(callback)] == [200, 200]
        assert kie.unknown() == []
        assert kie.resume() == []
    task_id = task_of(sandbox)["order-1"]
    saved = sorted(path.name for path in (tmp_path / "pictures").iterdir())
    assert saved == [f"{task_id}-1.png", f"{task_id}.json"]


@every
def test_callback_of_a_failed_task_is_answered_with_200(
    running: Post, sandbox: Hurried, tmp_path: Path
) -> None:
    sandbox.fail_next()
    with Receiver() as receiver:
        lost(sandbox, tmp_path / "journal.db", "order-1", receiver.url.replace("/callback", "/kie"))
        callback = receiver.take()
    assert running(callback) == 200
    assert not (tmp_path / "pictures").exists()


@every
def test_forged_callback_is_answered_with_401(running: Post, sandbox: Hurried, tmp_path: Path) -> None:
    with Receiver() as receiver:
        lost(sandbox, tmp_path / "journal.db", "order-1", receiver.url.replace("/callback", "/kie"))
        callback = receiver.take()
    forged = callback._replace(body=callback.body.replace(b'"taskId": "', b'"taskId": "0'))
    other_job = callback._replace(path=callback.path[:-1] + ("0" if callback.path[-1] != "0" else "1"))
    assert [running(forged), running(other_job)] == [401, 401]
    assert not (tmp_path / "pictures").exists()
    with client(sandbox.url, tmp_path / "journal.db") as kie:
        assert [one.idempotency_key for one in kie.unknown()] == ["order-1"]


@pytest.mark.parametrize("framework", SERVERS)
def test_receiver_has_at_most_14_lines(framework: str) -> None:
    lines = [line for line in code(framework).splitlines() if line.strip()]
    # Imports are not counted.
    assert len([line for line in lines if not line.startswith(("import", "from"))]) <= 14
