"""Both transports with the SDK's own client, and what ends a server."""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from kie_ideogram._runtime.core.errors import ConfigurationError
from kie_ideogram._runtime.mcp.transports import http_app, serve_http, serve_stdio, stop_signals
from kie_ideogram._runtime.testing.fixtures import SandboxFixture
from kie_ideogram.testing import Sandbox
from tests.mcp.conftest import DRY_RUN, Agent, Serving, given
from tests.pictures.support import Files

pytestmark = pytest.mark.anyio

URL = "http://127.0.0.1:8765/mcp"
TOKEN = "a-token"


@asynccontextmanager
async def over_http(server: Any, **headers: str) -> AsyncIterator[httpx2.AsyncClient]:
    """Yield an HTTP client of the server's app. It listens on no port."""
    transport = httpx2.ASGITransport(http_app(server, TOKEN))
    async with httpx2.AsyncClient(transport=transport, headers=headers) as http:
        yield http


async def waited(client: Client, task_id: str) -> tuple[bool, list[str | None]]:
    """Wait for a task. Return whether it ended, and the texts of the progress notifications."""
    reports: list[str | None] = []

    async def take(progress: float, total: float | None, message: str | None) -> None:
        reports.append(message)

    arguments = {"task_id": task_id, "seconds": 600}
    result = await client.call_tool("wait_for_task", arguments, progress_callback=take)
    return result.structured_content["ended"], reports


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer another-token"}, {"Authorization": TOKEN}, {"X-Token": TOKEN}]
)
async def test_http_without_the_token_is_refused(serving: Serving, headers: dict[str, str]) -> None:
    async with serving() as server, over_http(server, **headers) as http:
        response = await http.post(URL, json={})
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("name", ["Host", "Origin"])
async def test_http_of_a_web_page_is_refused(serving: Serving, name: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", name: "http://example.com"}
    async with serving() as server, over_http(server, **headers) as http, server.session_manager.run():
        response = await http.post(URL, json={})
    assert response.status_code in (403, 421)


async def test_http_serves_an_agent_until_it_is_stopped(
    serving: Serving, kie_sandbox: SandboxFixture
) -> None:
    started: asyncio.Queue[str] = asyncio.Queue()
    stop = asyncio.Event()
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with serving() as server:
        running = asyncio.create_task(serve_http(server, stop, TOKEN, 0, started.put_nowait))
        url = await started.get()
        async with (
            httpx2.AsyncClient(headers=headers) as http,
            Client(streamable_http_client(url, http_client=http)) as client,
        ):
            agent = Agent(client)
            tokens = [await agent.token()] * 2
            found = await asyncio.gather(*(agent.call("submit", token=token) for token in tokens))
            ended, reports = await waited(client, found[0]["task"]["id"])
        stop.set()
        await running
    assert len({facts["task"]["id"] for facts in found}) == 1
    assert ended
    assert reports
    assert len(kie_sandbox.charges) == 1


async def test_a_port_in_use_is_named(serving: Serving) -> None:
    async with serving() as server:
        busy = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
        async with busy:
            port = busy.sockets[0].getsockname()[1]
            with pytest.raises(ConfigurationError, match=f"port: cannot listen on 127.0.0.1 port {port}"):
                await serve_http(server, asyncio.Event(), TOKEN, port, print)


async def test_stdio_ends_with_a_signal_while_it_waits_for_input(serving: Serving) -> None:
    read, write = os.pipe()
    try:
        async with serving() as server:
            with stop_signals() as stop:
                running = asyncio.create_task(serve_stdio(server, stop, read))
                await asyncio.sleep(0)
                os.kill(os.getpid(), signal.SIGTERM)
                async with asyncio.timeout(5):
                    await running
    finally:
        os.close(write)
        os.close(read)


async def test_stdio_completes_a_submission_when_the_agent_leaves(tmp_path: Path) -> None:
    files = Files(tmp_path / "in")
    command = str(Path(sys.executable).with_name("kie-ideogram"))
    with Sandbox(scale=0) as sandbox:
        sandbox.play([{"call": "createTask", "slow": 0.2}])
        environment = {
            **os.environ,
            "KIE_API_KEY": sandbox.keys[0],
            "KIE_BASE_URL": sandbox.url,
            "KIE_UPLOAD_BASE_URL": sandbox.url,
            "KIE_JOURNAL": str(tmp_path / "journal.db"),
        }
        arguments = ["mcp", "--folder", str(files.folder), "--max-cost", "0.06"]
        server = StdioServerParameters(command=command, args=arguments, env=environment)
        async with Client(server) as client:
            facts = (await client.call_tool(DRY_RUN, given())).structured_content
            call = asyncio.create_task(client.call_tool("submit", {"token": facts["token"]}))
            while not sandbox.charges:
                await asyncio.sleep(0.01)
            call.cancel()
        (charge,) = sandbox.charges
    with closing(sqlite3.connect(tmp_path / "journal.db")) as journal:
        recorded = journal.execute("SELECT state, task_id FROM submissions").fetchall()
    assert recorded == [("accepted", charge.task_id)]
