"""Makes a server of the tools with the official SDK."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import mcp_types as types
from mcp.server.lowlevel.server import Server

from ..client import AsyncClient
from .answers import Answer
from .toolbox import Settings, Tool, Toolbox

INSTRUCTIONS = (
    "Each dry_run tool checks a request and returns its price and a token. It sends nothing and is free. "
    "Show the price to the person that you work for, then call submit with the token: that creates the task "
    "and is charged. Then call wait_for_task and save_results. If an outcome is unknown, do what the answer "
    "says, and do not submit the request in another way."
)


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
        # Without a progress token in the call, the SDK sends no report.
        return _result(
            await toolbox.call(params.name, params.arguments or {}, context.session.report_progress)
        )

    return Server(
        name,
        version=version,
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


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
