"""Serves the tools by the official SDK: over stdio, or over HTTP on this machine with a token."""

import hmac
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import mcp_types as types
import uvicorn
from mcp.server.lowlevel.server import Server
from mcp.server.stdio import stdio_server

from ..client import AsyncClient
from ..core.errors import ConfigurationError
from .answers import Answer
from .toolbox import Settings, Tool, Toolbox

HOST = "127.0.0.1"

INSTRUCTIONS = (
    "Each dry_run tool checks a request and returns its price and a token. It sends nothing and is free. "
    "Show the price to the person that you work for, then call submit with the token: that creates the task "
    "and is charged. Then call wait_for_task and save_results. If an outcome is unknown, do what the answer "
    "says, and do not submit the request in another way."
)

App = Callable[[Any, Any, Any], Awaitable[None]]


@asynccontextmanager
async def opened(client: AsyncClient[Any], settings: Settings, version: str) -> AsyncIterator["Server[Any]"]:
    """Yield a server of a client's tools. At the end, submissions on their way are completed first."""
    async with client:
        toolbox = Toolbox(client, settings)
        try:
            yield make_server(toolbox, settings.command, version)
        finally:
            await toolbox.close()


def make_server(toolbox: Toolbox, name: str, version: str) -> "Server[Any]":
    """Make a server of the tools."""

    async def list_tools(context: Any, params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_declared(tool) for tool in toolbox.tools.values()])

    async def call_tool(context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        return _result(await toolbox.call(params.name, params.arguments or {}))

    return Server(
        name,
        version=version,
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


async def serve_stdio(server: "Server[Any]") -> None:
    """Serve on stdin and stdout until stdin is closed."""
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


async def serve_http(server: "Server[Any]", token: str, port: int, started: Callable[[str], object]) -> None:
    """Serve on a port of this machine until interrupted.

    Args:
        token: What a client must send as `Authorization: Bearer`.
        port: The port; 0 chooses a free one.
        started: Called with the URL once it listens.

    Raises:
        ConfigurationError: The port is in use.
    """
    config = uvicorn.Config(
        http_app(server, token), host=HOST, port=port, log_level="warning", access_log=False, ws="none"
    )
    try:
        listener = config.bind_socket()
    except SystemExit:  # uvicorn logs the reason and exits
        raise ConfigurationError(f"port: cannot listen on {HOST} port {port}; choose another one") from None
    with listener:
        started(f"http://{HOST}:{listener.getsockname()[1]}/mcp")
        await uvicorn.Server(config).serve(sockets=[listener])


def http_app(server: "Server[Any]", token: str) -> App:
    """Return the ASGI app of a server, for requests with the token only.

    The SDK refuses requests of web pages: their Host or Origin is not this machine.
    """
    inner = server.streamable_http_app(host=HOST)
    expected = f"Bearer {token}".encode()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        given = dict(scope.get("headers", ())).get(b"authorization", b"")
        if scope["type"] != "lifespan" and not hmac.compare_digest(given, expected):
            headers = [(b"www-authenticate", b"Bearer"), (b"content-type", b"text/plain")]
            await send({"type": "http.response.start", "status": 401, "headers": headers})
            await send({"type": "http.response.body", "body": b"the token is missing or wrong\n"})
            return
        await inner(scope, receive, send)

    return app


def _declared(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        description=tool.description,
        input_schema=tool.schema,
        annotations=types.ToolAnnotations(
            read_only_hint=not tool.changes,
            # What is paid cannot be taken back. Each call can be repeated.
            destructive_hint=tool.changes,
            idempotent_hint=True,
            open_world_hint=tool.sends,
        ),
    )


def _result(answer: Answer) -> types.CallToolResult:
    text = answer.facts["message"] if answer.is_error else json.dumps(answer.facts, ensure_ascii=False)
    content: list[Any] = [types.TextContent(type="text", text=text)]
    content += [
        types.ImageContent(
            type="image", data=b64encode(picture.content).decode(), mime_type=picture.media_type
        )
        for picture in answer.pictures
    ]
    return types.CallToolResult(content=content, structured_content=answer.facts, is_error=answer.is_error)
