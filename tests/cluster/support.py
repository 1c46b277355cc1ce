"""What the tests of clusters share: a cluster at a sandbox, rows, and services that answer late or refuse."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kie_ideogram.__main__ import package
from kie_ideogram._runtime.cli.app import run
from kie_ideogram._runtime.core.clock import Environment
from kie_ideogram.cluster import Cluster
from tests.money.support import CREATE, HURRIED, KEY

BATCH = "b"


@contextmanager
def cluster(
    dsn: str,
    url: str,
    folder: Path,
    accounts: Any = KEY,
    *,
    lease: float = 30.0,
    environment: Environment = HURRIED,
) -> Iterator[Cluster]:
    """Return a cluster that uses a sandbox."""
    with Cluster(
        dsn,
        accounts,
        base_url=url,
        upload_base_url=url,
        folder=folder / "fallback",
        lease=lease,
        _environment=environment,
    ) as made:
        yield made


def run_command(words: Sequence[object]) -> object:
    """Run a command in this process, with clusters that wait for shorter. Returns its exit code."""
    hurried = package()._replace(cluster=lambda: partial(Cluster, _environment=HURRIED))
    with pytest.raises(SystemExit) as ended:
        run(hurried, [*map(str, words)])
    return ended.value.code


def rows(pictures: dict[str, Any], keys: list[str]) -> list[dict[str, Any]]:
    """Return rows whose prompts contain their keys, with pictures that were uploaded before."""
    links = {
        "image": pictures["image_url"],
        "mask": pictures["mask_url"],
        "reference": pictures["image_url"],
    }
    return [{"key": key, "prompt": f"order {key}", "rendering_speed": "TURBO", **links} for key in keys]


class HeldAnswer:
    """Holds the answer to a submission, and for long enough that a worker looks at its batch meanwhile."""

    def __init__(self, app: ASGIApp, arrived: threading.Event, released: threading.Event) -> None:
        self._app = app
        self._arrived = arrived
        self._released = released

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def held(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._arrived.set()
                await asyncio.to_thread(self._released.wait, 60)
                await asyncio.sleep(1.5)
            await send(message)

        await self._app(scope, receive, held if scope.get("path") == CREATE else send)


class Unaffordable:
    """Refuses the submissions of one API key, as if its account had no credits."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self._app = app
        self._key = key.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = dict(scope.get("headers", ())).get(b"authorization", b"")
        if scope.get("path") == CREATE and self._key in key:
            body = b'{"code": 402, "msg": "insufficient credits", "data": null}'
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})
            return
        await self._app(scope, receive, send)
