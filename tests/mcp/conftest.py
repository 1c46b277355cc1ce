"""An agent that uses the tools through the SDK's own client, against a sandbox in virtual time."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp_types import CallToolResult, ImageContent, TextContent

from kie_ideogram._contract import CONTRACT
from kie_ideogram._help import HELP
from kie_ideogram._runtime.mcp.paying.spending import Limits
from kie_ideogram._runtime.mcp.server import opened
from kie_ideogram._runtime.mcp.toolbox import Settings
from kie_ideogram._runtime.testing.fixtures import SandboxFixture
from tests.pictures.support import Files

MODEL = next(iter(CONTRACT.models.values()))
DRY_RUN = f"dry_run_{MODEL.resource}"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "in")


class Agent:
    """The SDK's client, with short names for what the tests do."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def result(self, tool: str, **arguments: Any) -> CallToolResult:
        return await self.client.call_tool(tool, arguments)

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Return the facts of an answer that is not an error."""
        result = await self.result(tool, **arguments)
        assert not result.is_error, result.content
        facts: dict[str, Any] = result.structured_content
        return facts

    async def refused(self, tool: str, **arguments: Any) -> str:
        """Return the text of an answer that is an error."""
        result = await self.result(tool, **arguments)
        assert result.is_error
        assert isinstance(result.content[0], TextContent)
        return result.content[0].text

    async def dry_run(self, **changes: Any) -> dict[str, Any]:
        return await self.call(DRY_RUN, **given(**changes))

    async def token(self, **changes: Any) -> str:
        token: str = (await self.dry_run(**changes))["token"]
        return token

    async def submit(self, **changes: Any) -> dict[str, Any]:
        """Make a dry run, and submit its token."""
        return await self.call("submit", token=await self.token(**changes))

    async def task_id(self, **changes: Any) -> str:
        task_id: str = (await self.submit(**changes))["task"]["id"]
        return task_id


def given(**changes: Any) -> dict[str, Any]:
    """The arguments of a dry run that costs 12 credits. A change to None leaves one out."""
    arguments: dict[str, Any] = {
        "prompt": "a smile",
        "image": "image.png",
        "mask": "mask.png",
        "reference": ["reference.png"],
        "rendering_speed": "TURBO",
        **changes,
    }
    return {name: value for name, value in arguments.items() if value is not None}


def left(facts: dict[str, Any]) -> dict[str, float]:
    """The credits that an answer says are left, by the name of each budget."""
    return {name: amount["credits"] for name, amount in facts["budget_left"].items()}


def pictures(result: CallToolResult) -> list[ImageContent]:
    return [one for one in result.content if isinstance(one, ImageContent)]


Serving = Callable[..., AbstractAsyncContextManager[Any]]


@pytest.fixture
def serving(kie_sandbox: SandboxFixture, files: Files, tmp_path: Path) -> Serving:
    """Open a server of the tools. All servers of a test share one journal. Budgets are in USD."""

    @asynccontextmanager
    async def serve(
        session: float | None = 5.00, day: float | None = None, **more: Any
    ) -> AsyncIterator[Any]:
        settings = Settings(
            command="kie-ideogram",
            help=HELP,
            folder=files.folder,
            save_to=tmp_path / "out",
            limits=Limits(session, day),
            **more,
        )
        client = kie_sandbox.async_client(journal=tmp_path / "journal.db")
        async with opened(client, settings, CONTRACT.version) as server:
            yield server

    return serve


Connect = Callable[..., AbstractAsyncContextManager[Agent]]


@pytest.fixture
def connect(serving: Serving) -> Connect:
    """Connect an agent to a new server, by messages in memory."""

    @asynccontextmanager
    async def connected(**options: Any) -> AsyncIterator[Agent]:
        async with serving(**options) as server, Client(server, mode="legacy") as client:
            yield Agent(client)

    return connected
