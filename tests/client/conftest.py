"""Share both clients on a fake clock, replies, and the example of the page.

A test that takes `client` runs twice, with `Kie` and with `AsyncKie`; `client.do` awaits where needed.
"""

import asyncio
import inspect
import json
import socket
from collections.abc import AsyncIterator, Iterator
from enum import Enum
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from pytest_httpx import HTTPXMock

from kie_ideogram import AsyncKie, Kie, models
from kie_ideogram._runtime.core.text.secret import Secret
from kie_ideogram._runtime.journal.journal import Journal
from tests.clock import FakeClock
from tests.contract.facts import DATA, body, endpoint, least, with_current_names

GETADDRINFO = socket.getaddrinfo

KEY = "kie-test-key-0123456789"
API: str = DATA["servers"]["api"]
UPLOAD: str = DATA["servers"]["upload"]
CREATE = endpoint("createTask")
TASK_ID = "task_ideogram_1765179908063"
QUERY = f"{endpoint('getTask')}?taskId={TASK_ID}"

# The request of the documentation page, with the current names of its fields, and the reply.
PAGE = Path(__file__).parents[2] / "spec" / "recordings" / "createTask" / "page-example.har"
PAGE_BODY: dict[str, Any] = with_current_names(
    json.loads(json.loads(PAGE.read_bytes())["log"]["entries"][0]["request"]["postData"]["text"])
)
PAGE_TEXT = json.dumps(PAGE_BODY, ensure_ascii=False)
PAGE_ANSWER = {"code": 200, "msg": "success", "data": {"taskId": TASK_ID}}

# The smallest valid request.
EDIT: dict[str, Any] = least("create")
EDIT_BODY: dict[str, Any] = body(EDIT)

PICTURE_URL = "https://tempfile.aiquickdraw.com/v/1.png"


def drawn(kind: str) -> bytes:
    """Draw a small picture."""
    target = BytesIO()
    Image.new("RGB", (3, 2), "navy").save(target, kind)
    return target.getvalue()


PNG = drawn("PNG")


def record(state: str, **members: Any) -> dict[str, Any]:
    """Make the reply to a query, with the ten members of every recorded one."""
    data = {
        "taskId": TASK_ID,
        "model": "ideogram/character-edit",
        "state": state,
        "param": "{}",
        "resultJson": "",
        "failCode": None,
        "failMsg": None,
        "costTime": None,
        "completeTime": None,
        "createTime": 1775638903000,
    }
    return {"code": 200, "msg": "success", "data": data | members}


def succeeded(*urls: str, task_id: str = TASK_ID) -> dict[str, Any]:
    """Make the reply to a query of a task that made these pictures."""
    result = json.dumps({"resultUrls": urls or [PICTURE_URL]})
    return record("success", taskId=task_id, resultJson=result)


def refused(code: int, msg: str = "no") -> dict[str, Any]:
    """Make the envelope of a refusal."""
    return {"code": code, "msg": msg, "data": None}


def options_class(argument: str) -> type[Enum] | None:
    """Return the enum of an argument's options, by the name that the package gives to such a class."""
    name = "CharacterEditInput" + "".join(word.capitalize() for word in argument.split("_"))
    return getattr(models, name) if name in models.__all__ else None


class Client:
    """`Kie` or `AsyncKie`, used the same way."""

    def __init__(self, kind: type[Kie] | type[AsyncKie], clock: FakeClock, runner: asyncio.Runner) -> None:
        self.kind = kind
        self.clock = clock
        self._runner = runner
        self._open: list[Any] = []

    @property
    def is_async(self) -> bool:
        return self.kind is AsyncKie

    def make(self, **options: Any) -> Any:
        """Make a client; it is closed when the test ends."""
        kie = self.do(self._make({"api_key": KEY, "_environment": self.clock.environment, **options}))
        self._open.append(kie)
        return kie

    def journal(self, path: Path, kind: type[Journal] = Journal) -> Journal:
        """Open a journal of another class for a client."""
        return kind(path, self.clock, Secret(KEY))

    async def _make(self, options: dict[str, Any]) -> Any:
        return self.kind(**options)

    @property
    def kie(self) -> Any:
        if not self._open:
            self.make()
        return self._open[0]

    def do(self, value: Any) -> Any:
        """Return the result of a call, or everything that an iterator yields."""
        if inspect.isawaitable(value):
            return self._runner.run(self._await(value))
        if isinstance(value, AsyncIterator):
            return self._runner.run(self._all(value))
        return list(value) if isinstance(value, Iterator) else value

    @staticmethod
    async def _await(value: Any) -> Any:
        return await value

    @staticmethod
    async def _all(values: AsyncIterator[Any]) -> list[Any]:
        return [value async for value in values]

    def http_client(self, **options: Any) -> Any:
        """Make an httpx client of the matching kind."""
        return httpx.AsyncClient(**options) if self.is_async else httpx.Client(**options)

    def create(self) -> Any:
        """Create a task with the smallest valid request."""
        return self.do(self.kie.character_edit.create(**EDIT))

    def close(self) -> None:
        for kie in self._open:
            self.do(kie.close())


@pytest.fixture
def clock(no_certificates: None, addresses: dict[str, list[str]]) -> FakeClock:
    """Return the clock of the clients: waiting takes no time, random numbers are their mean."""
    return FakeClock()


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Return the addresses of hosts. A test may add some; of the others, only this machine is found.

    Looking up another name may take seconds without a network.
    """
    found: dict[str, list[str]] = {}

    def look_up(host: str | bytes, port: Any, *given: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name in found:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found[name]]
        if name not in ("127.0.0.1", "::1", "localhost"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return GETADDRINFO(host, port, *given, **options)

    monkeypatch.setattr("socket.getaddrinfo", look_up)
    return found


@pytest.fixture(params=[Kie, AsyncKie], ids=["sync", "async"])
def client(request: pytest.FixtureRequest, clock: FakeClock) -> Iterator[Client]:
    with asyncio.Runner() as runner:
        made = Client(request.param, clock, runner)
        yield made
        made.close()


@pytest.fixture
def created(httpx_mock: HTTPXMock, client: Client) -> Any:
    """Return a task that this client has just created."""
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER)
    return client.create()
