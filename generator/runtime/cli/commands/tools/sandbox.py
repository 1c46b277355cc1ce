"""The command `sandbox`: runs a local server of the API until it is interrupted."""

import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from ....contract.facts import returning
from ....contract.model import Contract, Repaint
from ...context import CommandContext, command
from ...package import Package


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def sandbox(
        context: CommandContext,
        *,
        port: Annotated[
            int, typer.Option(min=0, max=65535, help="Port to listen on. 0 chooses a free port.")
        ] = 0,
        host: Annotated[
            str,
            typer.Option(
                help="Address to listen on. If other machines can reach it, --allowed-host is required."
            ),
        ] = "127.0.0.1",
        allowed_host: Annotated[
            list[str] | None,
            typer.Option(help="Host name under which other machines reach the server. May be repeated."),
        ] = None,
        key: Annotated[
            list[str] | None,
            typer.Option(help="API key to accept. May be repeated. The default is `sandbox`."),
        ] = None,
        balance: Annotated[float, typer.Option(min=0, help="Credits of the account.")] = 1000.0,
        scale: Annotated[
            float, typer.Option(min=0, help="Factor on the time that a task takes. With 0, it ends at once.")
        ] = 1.0,
        repaint: Annotated[
            Repaint, typer.Option(help="Mask colour that is repainted.", case_sensitive=False)
        ] = "black",
        signing_key: Annotated[str, typer.Option(help="Key to sign callbacks with.")] = "",
        scenario: Annotated[
            Path | None, typer.Option(help="File (YAML or JSON) that lists failures to play.")
        ] = None,
    ) -> None:
        """Run a local server of the API until interrupted.

        The first line of the output is its URL.
        """
        make = package.sandbox()
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        with make(
            keys=key or ("sandbox",),
            balance=balance,
            scale=scale,
            repaint=repaint,
            signing_key=signing_key,
            host=host,
            allowed_hosts=allowed_host or (),
            port=port,
        ) as running:
            if scenario:
                running.play(scenario)
            context.terminal.result({"url": running.url}, lambda: [running.url])
            variables = {package.contract.key_variable: running.keys[0]}
            variables |= {server.variable: running.url for server in package.contract.servers}
            context.terminal.say("to use it in another terminal, from this command line or from Python:")
            for name, value in variables.items():
                context.terminal.say(f"  export {name}={value}")
            context.terminal.say(f"its tasks and files are shown at {running.url}/. Press Ctrl-C to stop.")
            stop.wait()

    return command(package, sandbox, servers=False, as_json=False, without=_useless(package.contract))


def _useless(contract: Contract) -> set[str]:
    """Return the options for what the API does not have."""
    models = contract.models.values()
    has = {
        "repaint": any(image.is_mask for model in models for image in model.images),
        "signing_key": contract.signature is not None,
        "balance": any(model.price for model in models) or returning(contract, "account.credits") is not None,
    }
    return {option for option, useful in has.items() if not useful}
