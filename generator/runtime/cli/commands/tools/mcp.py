"""The command `mcp`: serves the client to AI agents."""

import os
from collections.abc import Callable
from pathlib import Path
from secrets import token_urlsafe
from typing import Annotated

import typer

from ....contract.pricing import unit
from ....core.errors import ConfigurationError
from ....core.extras import missing_extra
from ...context import CommandContext, SaveTo, command
from ...options.connection import check_key_is_set
from ...package import Package


def build(package: Package) -> Callable[..., None]:
    """Make the command."""
    variable = package.variable("mcp_token")
    _, currency = unit(package.contract.credit_price)

    def mcp(
        context: CommandContext,
        *,
        folder: Annotated[
            str, typer.Option(metavar="PATH", help="Folder from which agents may use files.")
        ] = ".",
        save_to: SaveTo = ".",
        max_cost: Annotated[
            float | None,
            typer.Option(
                min=0,
                metavar="AMOUNT",
                help=f"Most that this server may spend until it ends, in {currency}.",
                show_default=False,
            ),
        ] = None,
        max_cost_per_day: Annotated[
            float | None,
            typer.Option(
                min=0,
                metavar="AMOUNT",
                help=f"Most that all servers with the same journal may spend in a day (UTC), in {currency}.",
                show_default=False,
            ),
        ] = None,
        http: Annotated[
            bool, typer.Option("--http", help="Listen on a port of this machine instead of stdin.")
        ] = False,
        port: Annotated[
            int, typer.Option(min=0, max=65535, help="Port for --http. 0 chooses a free port.")
        ] = 0,
    ) -> None:
        """Serve the models to an AI agent (MCP).

        Each model is a tool that checks a request and returns its price. What an agent then submits is
        charged, within the budget. Without --max-cost or --max-cost-per-day, nothing can be submitted.
        """
        import asyncio  # not needed for help

        try:
            from ....mcp import server, transports
            from ....mcp.paying.spending import Limits
            from ....mcp.toolbox import Settings
        except ModuleNotFoundError as error:
            raise missing_extra(error, "mcp") from None
        settings = Settings(
            command=package.name,
            help=package.help,
            folder=Path(folder),
            save_to=Path(save_to),
            limits=Limits(max_cost, max_cost_per_day),
            missing_key=_missing_key(package),
        )

        def started(url: str, token: str) -> None:
            context.terminal.say(f"listening on {url}")
            if not os.environ.get(variable):
                context.terminal.say(f"token: {token} (set {variable} to choose it)")

        async def serve() -> None:
            client = context.async_client(*(["offline"] if settings.missing_key else []))
            with transports.stop_signals() as stop:
                async with server.opened(client, settings, package.contract.version) as made:
                    if http:
                        token = os.environ.get(variable) or token_urlsafe(32)
                        await transports.serve_http(made, stop, token, port, lambda url: started(url, token))
                    else:
                        await transports.serve_stdio(made, stop)

        asyncio.run(serve())

    return command(package, mcp, journal=True, as_json=False)


def _missing_key(package: Package) -> str:
    """Return why nothing can be sent, if there is no API key. Agents can make dry runs all the same."""
    try:
        check_key_is_set(package)
    except ConfigurationError as error:
        return str(error)
    return ""
