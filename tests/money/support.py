"""Share a service that loses responses, its audit, and a contract with short intervals."""

import json
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kie_ideogram import Kie
from kie_ideogram._contract import CONTRACT
from kie_ideogram._runtime.contract.model import Contract
from kie_ideogram._runtime.core.clock import Environment
from kie_ideogram.testing import Sandbox
from tests.sandbox.support import mask, picture

KEY = "kie-test-key-0123456789"
CREATE = CONTRACT.operations[CONTRACT.workflow.creates[0]].path


def hurried(contract: Contract, factor: float = 200.0) -> Contract:
    """Return the contract with its waits and limits divided by a factor; nothing else differs."""
    wait = contract.workflow.wait
    schedule = tuple((after / factor, every / factor) for after, every in wait.schedule)
    limits = [
        limit._replace(window=limit.window / factor, margin=limit.margin / factor)
        for limit in contract.rate_limits
    ]
    return contract._replace(
        workflow=contract.workflow._replace(wait=wait._replace(schedule=schedule)),
        rate_limits=tuple(limits),
    )


# For clients that need not wait as long as the contract says.
HURRIED = Environment(contract=hurried(CONTRACT))


class Lossy:
    """Forwards requests and loses some of them, or the responses to them."""

    def __init__(self, app: ASGIApp, seed: int, share: float) -> None:
        self._app = app
        self._random = random.Random(seed)  # noqa: S311 # for repeatable faults
        self.share = share
        self.kinds = [
            "not received",
            "answer lost",
            "answered with an error",
            "refused, naming the task",
            "answered with an odd id",
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != CREATE or self._random.random() >= self.share:
            await self._app(scope, receive, send)
            return
        fault = self._random.choice(self.kinds)
        body = bytearray()
        if fault != "not received":
            # Accepted and charged, but the caller does not get this answer.
            await self._app(scope, receive, partial(_collect, body))
        if fault == "refused, naming the task":
            await _answer(send, json.loads(body) | {"code": 429, "msg": "too many requests"})
        elif fault == "answered with an odd id":
            odd = self._random.choice(["\ud800", "", " ", "x" * 2000, 17, None])
            await _answer(send, json.loads(body) | {"data": {"taskId": odd}})
        elif fault == "answered with an error":
            await _page(send, 502)
        else:
            # The body is shorter than its declared length, so the connection is broken.
            headers = [(b"content-length", b"1000")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})


async def _collect(body: bytearray, message: Message) -> None:
    """Store the body of an answer that is not sent."""
    body += message.get("body", b"")


async def _answer(send: Send, content: dict[str, Any]) -> None:
    body = json.dumps(content).encode()  # lone surrogates are escaped
    headers = [(b"content-length", str(len(body)).encode()), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _page(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


class Hurried(Sandbox):
    """A sandbox whose tasks end immediately and that loses a share of the submissions.

    It has no rate limits, because these tests are about charges.
    """

    contract = CONTRACT._replace(rate_limits=())

    def __init__(self, *, seed: int = 0, share: float = 0.0, signing_key: str = "") -> None:
        super().__init__(keys=[KEY], balance=1e6, scale=0, signing_key=signing_key)
        self.faults = Lossy(self.app, seed, share)
        self.app = self.faults  # type: ignore[assignment] # an ASGI app in front of another


@contextmanager
def client(url: str, journal: Path | None = None, environment: Environment | None = None) -> Iterator[Kie]:
    # Loading certificates would take longer than all that these tests do with a connection.
    with (
        httpx.Client(verify=False) as http,  # noqa: S501 # loopback without TLS
        Kie(
            KEY,
            base_url=url,
            upload_base_url=url,
            journal=journal,
            http_client=http,
            _environment=environment or HURRIED,
        ) as kie,
    ):
        yield kie


def upload(url: str) -> dict[str, Any]:
    """Upload the images of an edit, once for all edits."""
    with client(url) as kie:
        image, hidden = (kie.files.upload(content).download_url for content in (picture(), mask()))
    return {"image_url": image, "mask_url": hidden, "reference_image_urls": [image]}


def edit(kie: Kie, pictures: dict[str, Any], order: str, **more: Any) -> Any:
    """Submit an edit whose prompt contains its idempotency key."""
    given = {"rendering_speed": "TURBO", "idempotency_key": order, **pictures, **more}
    return kie.character_edit.create(prompt=f"order {order}", **given)


def charged(sandbox: Sandbox) -> Counter[str]:
    """Count the charges of each order in the ledger of the service."""
    return Counter(order for _, order in _charged_tasks(sandbox))


def task_of(sandbox: Sandbox) -> dict[str, str]:
    """Return the task of each charged order."""
    return {order: task_id for task_id, order in _charged_tasks(sandbox)}


def _charged_tasks(sandbox: Sandbox) -> list[tuple[str, str]]:
    with client(sandbox.url) as kie:
        tasks = [kie.tasks.get(entry.task_id) for entry in sandbox.charges]
    prompts = [json.loads(json.loads(task.raw["param"])["input"])["prompt"] for task in tasks]
    return [(task.id, prompt.removeprefix("order ")) for task, prompt in zip(tasks, prompts, strict=True)]
