"""An MCP server: the tools with which an AI agent uses the client. Needs the extra `mcp`."""
