"""Submissions cancelled repeatedly, as anyio does: no key stays blocked, no task is lost."""

import asyncio
import os
import random
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from kie_ideogram import AsyncKie, errors
from tests.client.conftest import EDIT, KEY

# 60 in the suite, more with `make kill`.
TIMES = int(os.environ.get("KILLS", "60"))


class Service:
    """Accepts every submission after a moment."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request.content.decode())
        await asyncio.sleep(0.002)
        task_id = f"task-{len(self.sent)}"
        return httpx.Response(200, json={"code": 200, "msg": "success", "data": {"taskId": task_id}})


class LockedFile:
    """Another program that repeatedly locks the file of the journal for a moment."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def _work(self) -> None:
        with closing(sqlite3.connect(self._path, isolation_level=None, timeout=10)) as db:
            while not self._end.is_set():
                db.execute("BEGIN IMMEDIATE")
                self._end.wait(0.004)
                db.execute("COMMIT")
                self._end.wait(0.002)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *exc_info: object) -> None:
        self._end.set()
        self._thread.join()


async def cancelled_twice(call: Callable[[], Any], after: float) -> None:
    task = asyncio.ensure_future(call())
    await asyncio.sleep(after)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def cancelled_until_it_ends(call: Callable[[], Any], after: float) -> None:
    task = asyncio.ensure_future(call())
    await asyncio.sleep(after)
    while not task.done():
        task.cancel()
        await asyncio.sleep(0)
    with suppress(asyncio.CancelledError):
        await task


async def cancelled_by_anyio(call: Callable[[], Any], after: float) -> None:
    with anyio.move_on_after(after):
        await call()


@pytest.mark.parametrize("locked", [False, True], ids=["free", "locked file"])
@pytest.mark.parametrize("cancelled", [cancelled_twice, cancelled_until_it_ends, cancelled_by_anyio])
def test_cancelled_submissions_are_pending_accepted_or_unknown(
    tmp_path: Path, cancelled: Callable[[Callable[[], Any], float], Any], locked: bool
) -> None:
    path = tmp_path / "journal.db"
    service, keys = Service(), [f"order-{number}" for number in range(TIMES)]

    async def main() -> None:
        seeded = random.Random(1)  # noqa: S311 # for repeatable moments
        client = httpx.AsyncClient(transport=httpx.MockTransport(service))
        async with AsyncKie(KEY, journal=path, http_client=client) as kie:
            # The limits would make the test two minutes longer.
            kie._session.rate_limiter._limiters.clear()
            busy = LockedFile(path) if locked else nullcontext()
            with busy:
                for key in keys:
                    order: Any = {**EDIT, "prompt": key, "idempotency_key": key}
                    create = partial(kie.character_edit.create, **order)
                    await cancelled(create, seeded.uniform(0, 0.01))
            with closing(sqlite3.connect(path)) as db:
                states = dict(db.execute("SELECT idempotency_key, state FROM submissions").fetchall())
            assert "sending" not in states.values()
            posted = {key for key in keys if any(f'"{key}"' in body for body in service.sent)}
            unsent = {key for key in keys if states.get(key, "pending") in ("pending", "refused")}
            assert unsent == set(keys) - posted
            assert {one.idempotency_key for one in await kie.unknown()} <= posted
            for key in keys:
                order = {**EDIT, "prompt": key, "idempotency_key": key}
                with suppress(errors.SubmissionUnknownError):
                    await kie.character_edit.create(**order)
            assert len(service.sent) == TIMES  # each was sent once
        await client.aclose()

    asyncio.run(main())
