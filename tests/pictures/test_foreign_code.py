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

from kie_ideogram import AsyncKie, Kie, Progress
from kie_ideogram.testing import Sandbox
from tests.pictures.support import Files
from tests.pictures.test_run import both, run

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
        async with sandbox.async_client() as kie:

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
        async with sandbox.async_client() as kie:
            return await kie.files.upload(bytes(200_000), progress=progress)

    if awaited:
        url = asyncio.run(upload()).download_url
    else:
        with sandbox.client() as kie:
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


@both
@pytest.mark.parametrize("kind", ["request", "response"])
@pytest.mark.parametrize("path", ["recordInfo", "results"])
def test_a_hook_that_raises_once_does_not_end_a_paid_task(
    sandbox: Sandbox, files: Files, tmp_path: Path, awaited: bool, kind: str, path: str
) -> None:
    failures: list[str] = []
    servers: dict[str, Any] = {"base_url": sandbox.url, "upload_base_url": sandbox.url}

    def fail_once(message: Any) -> None:
        url = str(message.url if kind == "request" else message.request.url)
        if path in url and not failures:
            failures.append(url)
            raise RuntimeError("a monitor's bug")

    async def fail_once_later(message: Any) -> None:
        fail_once(message)

    async def later() -> Any:
        hooks = {kind: [fail_once_later]}
        async with httpx.AsyncClient(event_hooks=hooks) as http:
            kie = AsyncKie(
                sandbox.keys[0], base_url=sandbox.url, upload_base_url=sandbox.url, http_client=http
            )
            return await kie.character_edit.run(**files.given(), save_to=tmp_path / "out")

    if awaited:
        result = asyncio.run(later())
    else:
        with httpx.Client(event_hooks={kind: [fail_once]}) as http:
            kie = Kie(sandbox.keys[0], **servers, http_client=http)
            result = kie.character_edit.run(**files.given(), save_to=tmp_path / "out")
    assert failures
    assert result.paths[0].is_file()
