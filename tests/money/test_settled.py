"""A caller may leave a wait for many tasks at any time. Failures elsewhere do not disturb it."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from benchmarks.simulation import record
from kie_ideogram import AsyncKie, Kie

NAMES = ["done", "one", "two"]


class Slow:
    """Replies for one task immediately, and for the others after `go` is set."""

    def __init__(self) -> None:
        self.go, self.asked = threading.Event(), threading.Event()
        self.open = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        task_id = request.url.params["taskId"]
        if task_id != "done":
            self.open += 1
            self.asked.set()
            self.go.wait(10)
            self.open -= 1
        return httpx.Response(200, content=record(task_id, ended=True))


@pytest.fixture
def slow() -> Iterator[Slow]:
    service = Slow()
    yield service
    service.go.set()


def test_leaving_settled_early_does_not_wait_for_replies(slow: Slow) -> None:
    with Kie("k", http_client=httpx.Client(transport=httpx.MockTransport(slow))) as kie:
        tasks: Any = kie.tasks.settled(NAMES)
        assert next(tasks).id == "done"
        assert slow.asked.wait(10)
        tasks.close()
        assert slow.open


def client_of(answer: Any) -> AsyncKie:
    return AsyncKie("k", http_client=httpx.AsyncClient(transport=httpx.MockTransport(answer)))


def test_leaving_settled_early_leaves_no_asyncio_task() -> None:
    asked = asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        task_id = request.url.params["taskId"]
        if task_id != "done":
            asked.set()
            await asyncio.Event().wait()
        return httpx.Response(200, content=record(task_id, ended=True))

    async def scenario() -> tuple[list[Any], int]:
        reported: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
        kie = client_of(answer)
        async with kie, aclosing(kie.tasks.settled(NAMES)) as tasks:
            async for task in tasks:
                assert task.id == "done"
                await asked.wait()
                break
        return reported, len(asyncio.all_tasks())

    assert asyncio.run(scenario()) == ([], 1)


def test_unexpected_exception_does_not_cancel_the_caller() -> None:
    failed = asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        task_id = request.url.params["taskId"]
        if task_id != "done" and not failed.is_set():
            failed.set()
            raise ValueError("one failure of the caller's own transport")
        return httpx.Response(200, content=record(task_id, ended=True))

    async def scenario() -> list[str]:
        found = []
        async with client_of(answer) as kie:
            async for task in kie.tasks.settled(NAMES):
                found.append(task.id)
                await failed.wait()
                for _ in range(10):
                    await asyncio.sleep(0)
        return found

    assert sorted(asyncio.run(scenario())) == sorted(NAMES)
