"""Code of the caller cannot interrupt a task that is paid for: callbacks, logging, tracing, HTTP hooks."""

import asyncio
import gc
import logging
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from kie_ideogram import AsyncKie, Kie, Progress, errors
from kie_ideogram.testing import Sandbox
from tests.money.support import KEY
from tests.pictures.support import Files, quick
from tests.pictures.test_run import both, run

LINK = "https://example.com/1.png"
STAGES = ["check", "upload", "create", "task", "download"]


@pytest.fixture
def reported(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], list[str]]]:
    """Return what was logged as a warning."""
    with caplog.at_level(logging.WARNING, "kie_ideogram"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield lambda: [line for line in caplog.messages if "raised" in line]


@both
@pytest.mark.parametrize("stage", [*STAGES, "all"])
def test_a_callback_that_raises_is_reported_once(
    sandbox: Sandbox,
    files: Files,
    tmp_path: Path,
    awaited: bool,
    stage: str,
    reported: Callable[[], list[str]],
) -> None:
    stages: list[str] = []

    def watch(step: Progress) -> None:
        stages.append(step.stage)
        if stage in (step.stage, "all"):
            raise ZeroDivisionError("a bug of the caller")

    result = run(sandbox, awaited, **files.given(), save_to=tmp_path / "out", progress=watch)
    assert result.paths[0].is_file()
    assert list(dict.fromkeys(stages)) == STAGES
    (line,) = reported()
    assert line.startswith("progress= raised ZeroDivisionError: a bug of the caller; the client continues")


class MuteError(Exception):
    """An exception whose message cannot be made."""

    def __str__(self) -> str:
        raise LookupError("no message")


@both
def test_a_message_that_cannot_be_made_is_reported(
    sandbox: Sandbox, files: Files, tmp_path: Path, awaited: bool, reported: Callable[[], list[str]]
) -> None:
    def watch(step: Progress) -> None:
        raise MuteError

    result = run(sandbox, awaited, **files.given(), save_to=tmp_path / "out", progress=watch)
    assert result.paths[0].is_file()
    (line,) = reported()
    assert "MuteError: its message cannot be read (LookupError)" in line


@both
def test_a_submission_that_ends_without_a_message_is_unknown(awaited: bool) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise MuteError

    transport = httpx.MockTransport(fail)
    given: dict[str, Any] = {
        "prompt": "p",
        "image_url": LINK,
        "mask_url": LINK,
        "reference_image_urls": [LINK],
    }

    async def later() -> None:
        async with httpx.AsyncClient(transport=transport) as http, AsyncKie(KEY, http_client=http) as kie:
            await kie.character_edit.create(**given)

    def now() -> None:
        with httpx.Client(transport=transport) as http, Kie(KEY, http_client=http) as kie:
            kie.character_edit.create(**given)

    with pytest.raises(errors.SubmissionUnknownError, match="MuteError"):
        asyncio.run(later()) if awaited else now()


def test_a_coroutine_function_sees_all_steps_in_order(sandbox: Sandbox, files: Files, tmp_path: Path) -> None:
    steps: list[Progress] = []
    entered = 0

    async def watch(step: Progress) -> None:
        nonlocal entered
        entered += 1
        assert entered == 1, "one at a time"
        await asyncio.sleep(0)
        steps.append(step)
        entered -= 1

    result = run(sandbox, True, **files.given(), save_to=tmp_path / "out", progress=watch)
    assert list(dict.fromkeys(step.stage for step in steps)) == [
        "check",
        "upload",
        "create",
        "task",
        "download",
    ]
    assert steps[-1].done == result.paths[0].stat().st_size
    assert [step.state for step in steps if step.stage == "task"] == ["waiting", "success"]


def test_a_coroutine_sees_the_task_before_the_client_waits(sandbox: Sandbox, files: Files) -> None:
    seen: list[str] = []

    async def scenario() -> None:
        async with sandbox.async_client(_environment=quick()) as kie:

            async def watch(step: Progress) -> None:
                await asyncio.sleep(0.01)
                seen.append(step.stage)
                if step.stage == "task":
                    raise asyncio.CancelledError

            await kie.character_edit.run(**files.given(), progress=watch)

    with pytest.raises(asyncio.CancelledError) as caught:
        asyncio.run(scenario())
    assert seen[-2:] == ["create", "task"]
    assert sandbox.charges[-1].task_id in caught.value.__notes__[0]


def test_a_coroutine_that_raises_is_reported_once(
    sandbox: Sandbox, files: Files, tmp_path: Path, reported: Callable[[], list[str]]
) -> None:
    async def watch(step: Progress) -> None:
        raise ValueError("no")

    result = run(sandbox, True, **files.given(), save_to=tmp_path / "out", progress=watch)
    assert result.paths[0].is_file()
    assert len(reported()) == 1


def test_a_blocking_client_reports_a_coroutine_function(
    sandbox: Sandbox, files: Files, tmp_path: Path, reported: Callable[[], list[str]]
) -> None:
    async def watch(step: Progress) -> None:
        raise AssertionError("a blocking client cannot await it")

    with warnings.catch_warnings():
        warnings.filterwarnings("error", "coroutine .* was never awaited")
        result = run(sandbox, False, **files.given(), save_to=tmp_path / "out", progress=watch)
        gc.collect()
    assert result.paths[0].is_file()
    (line,) = reported()
    assert "a blocking client cannot await" in line


@both
@pytest.mark.parametrize("asynchronous", [False, True])
def test_an_upload_survives_its_callback(
    sandbox: Sandbox, awaited: bool, asynchronous: bool, reported: Callable[[], list[str]]
) -> None:
    seen: list[int] = []

    def count(done: int, total: int) -> None:
        seen.append(done)
        raise KeyError("no")

    async def count_later(done: int, total: int) -> None:
        count(done, total)

    progress = count_later if asynchronous else count

    async def upload() -> Any:
        async with sandbox.async_client(_environment=quick()) as kie:
            return await kie.files.upload(bytes(200_000), progress=progress)

    if awaited:
        url = asyncio.run(upload()).download_url
    else:
        with sandbox.client(_environment=quick()) as kie:
            url = kie.files.upload(bytes(200_000), progress=progress).download_url
    assert len(httpx.get(url).content) == 200_000
    assert len(reported()) == 1
    if awaited or not asynchronous:
        assert seen[-1] == 200_000


class Raising(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        raise TypeError("a filter that cannot read the record")


class Failing(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        raise OSError("the log's disk is full")


@both
@pytest.mark.parametrize("how", ["filter", "handler"])
@pytest.mark.parametrize("name", ["kie_ideogram", "kie_ideogram.waits"])
@pytest.mark.parametrize("as_errors", [False, True])
def test_logging_that_raises_interrupts_nothing(
    sandbox: Sandbox, files: Files, tmp_path: Path, awaited: bool, how: str, name: str, as_errors: bool
) -> None:
    logger = logging.getLogger(name)
    foreign = Raising() if how == "filter" else None
    handler = Failing()
    level = logger.level
    logger.setLevel(logging.DEBUG)
    if foreign:
        logger.addFilter(foreign)
    else:
        logger.addHandler(handler)
    try:
        with warnings.catch_warnings(record=not as_errors) as found:
            warnings.simplefilter("error" if as_errors else "always", RuntimeWarning)
            result = run(sandbox, awaited, **files.given(), save_to=tmp_path / "out")
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)
        if foreign:
            logger.removeFilter(foreign)
    assert result.paths[0].is_file()
    if found is not None:
        assert any("logging failed with" in str(one.message) for one in found)


@both
def test_a_tracer_that_raises_interrupts_nothing(
    sandbox: Sandbox, files: Files, awaited: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = types.ModuleType("opentelemetry.trace")
    trace.get_tracer = lambda name: 1 / 0  # type: ignore[attr-defined] # what telemetry calls
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", trace)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        assert run(sandbox, awaited, **files.given()).task.succeeded


class Hooks:
    """An HTTP client of the caller, with a hook that raises for some requests."""

    def __init__(self, sandbox: Sandbox, kind: str, path: str, times: int = 1) -> None:
        self.failures: list[str] = []
        self._options: dict[str, Any] = {
            "base_url": sandbox.url,
            "upload_base_url": sandbox.url,
            "_environment": quick(),
        }
        self._key = sandbox.keys[0]
        self._kind, self._path, self._times = kind, path, times

    def do(self, call: Callable[[Any], Any], *, awaited: bool) -> Any:
        """Call a function with a client; await what it returns if `awaited`."""
        return asyncio.run(self._later(call)) if awaited else self._now(call)

    def _now(self, call: Callable[[Any], Any]) -> Any:
        with httpx.Client(event_hooks={self._kind: [self._fail]}) as http:
            return call(Kie(self._key, **self._options, http_client=http))

    async def _later(self, call: Callable[[Any], Any]) -> Any:
        async def fail(message: Any) -> None:
            self._fail(message)

        async with httpx.AsyncClient(event_hooks={self._kind: [fail]}) as http:
            return await call(AsyncKie(self._key, **self._options, http_client=http))

    def _fail(self, message: Any) -> None:
        url = str(message.url if self._kind == "request" else message.request.url)
        if self._path in url and len(self.failures) < self._times:
            self.failures.append(url)
            raise RuntimeError("a monitor's bug")


@both
@pytest.mark.filterwarnings("ignore:a response hook:RuntimeWarning")
@pytest.mark.parametrize("kind", ["request", "response"])
@pytest.mark.parametrize("path", ["createTask", "recordInfo", "results"])
def test_a_hook_that_raises_once_does_not_end_a_paid_task(
    sandbox: Sandbox, files: Files, tmp_path: Path, awaited: bool, kind: str, path: str
) -> None:
    hooks, before = Hooks(sandbox, kind, path), len(sandbox.charges)
    result = hooks.do(
        lambda kie: kie.character_edit.run(**files.given(), save_to=tmp_path / "out"), awaited=awaited
    )
    assert hooks.failures
    assert result.paths[0].is_file()
    assert len(sandbox.charges) == before + 1


@both
@pytest.mark.filterwarnings("ignore:a response hook:RuntimeWarning")
@pytest.mark.parametrize("kind", ["request", "response"])
@pytest.mark.parametrize("call", ["credits", "task", "refresh"])
def test_a_hook_that_raises_once_ends_no_other_call(
    sandbox: Sandbox, kie: Kie, files: Files, awaited: bool, kind: str, call: str
) -> None:
    task_id = kie.character_edit.submit(**files.given()).id
    calls: dict[str, Callable[[Any], Any]] = {
        "credits": lambda kie: kie.credits.get(),
        "task": lambda kie: kie.tasks.get(task_id),
        "refresh": lambda kie: kie._context.make_task(task_id, {}, None).refresh(),
    }
    hooks = Hooks(sandbox, kind, "credit" if call == "credits" else "recordInfo")
    found = hooks.do(calls[call], awaited=awaited)
    assert hooks.failures
    assert found == sandbox.balance if call == "credits" else found.succeeded


@both
def test_a_hook_that_always_raises_names_the_task(
    sandbox: Sandbox, kie: Kie, files: Files, awaited: bool
) -> None:
    task_id = kie.character_edit.submit(**files.given()).id
    hooks = Hooks(sandbox, "request", "recordInfo", times=100)
    with pytest.raises(
        errors.ServiceUnreachableError, match=r"request hook .* raised RuntimeError"
    ) as caught:
        hooks.do(lambda kie: kie.tasks.get(task_id), awaited=awaited)
    assert caught.value.task_id == task_id


class StatusHooks(Hooks):
    """Raise for each response that is not a success, as the documentation of httpx shows."""

    def _fail(self, message: Any) -> None:
        message.raise_for_status()


@both
@pytest.mark.filterwarnings("ignore:a response hook:RuntimeWarning")
def test_a_hook_that_raises_for_the_status_changes_no_error(sandbox: Sandbox, awaited: bool) -> None:
    sandbox.play([{"call": "getCredits", "code": 401, "status": 401}])
    with pytest.raises(errors.AuthenticationError):
        StatusHooks(sandbox, "response", "").do(lambda kie: kie.credits.get(), awaited=awaited)


class FailingOnce(httpx.HTTPTransport):
    """A transport of the caller that hides one response."""

    def __init__(self) -> None:
        super().__init__()
        self.failed = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if not self.failed:
            self.failed = True
            response.close()
            raise KeyError("a bug of the caller")
        return response


def test_a_transport_that_raises_once_ends_no_call(sandbox: Sandbox) -> None:
    transport = FailingOnce()
    with httpx.Client(transport=transport) as http:
        kie = Kie(
            sandbox.keys[0],
            base_url=sandbox.url,
            upload_base_url=sandbox.url,
            http_client=http,
            _environment=quick(),
        )
        assert kie.credits.get() == sandbox.balance
    assert transport.failed


def test_an_iterator_that_raises_leaves_no_task_to_poll(sandbox: Sandbox, kie: Kie, files: Files) -> None:
    task = kie.character_edit.submit(**files.given())

    def tasks() -> Iterator[Any]:
        yield task
        raise LookupError("a bug of the caller")

    with pytest.raises(LookupError):
        list(kie.tasks.settled(tasks()))
    before = len(sandbox.calls)
    kie.tasks.wait(kie.character_edit.submit(**files.given()).id)
    polled = [call for call in sandbox.calls[before:] if call.operation == "getTask"]
    assert len(polled) == 1
    assert task.wait().succeeded
