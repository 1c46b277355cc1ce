"""The command `sandbox`: serves a local service until it is told to stop."""

import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from ....media.validate import Repaint
from ...package import Package


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def sandbox(
        port: Annotated[
            int, typer.Option(min=0, max=65535, help="Where to listen; 0 takes a free port.")
        ] = 0,
        host: Annotated[
            str, typer.Option(help="An address of this machine; no other is accepted.")
        ] = "127.0.0.1",
        key: Annotated[
            list[str] | None, typer.Option(help="An API key to accept; may be repeated.  [default: sandbox]")
        ] = None,
        balance: Annotated[float, typer.Option(min=0, help="The account's credits.")] = 1000.0,
        scale: Annotated[
            float, typer.Option(min=0, help="Factor on how long a task takes; 0 settles it at once.")
        ] = 1.0,
        repaint: Annotated[Repaint, typer.Option(help="Which colour of a mask is repainted.")] = "black",
        signing_key: Annotated[str, typer.Option(help="Sign callbacks with this key.")] = "",
        scenario: Annotated[Path | None, typer.Option(help="A file (YAML, JSON) of what goes wrong.")] = None,
    ) -> None:
        """Serve a local kie.ai until interrupted. Its URL is the first line of the output."""
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
            port=port,
        ) as running:
            if scenario:
                running.play(scenario)
            typer.echo(running.url)
            typer.echo(
                f"try it with {package.contract.key_variable}={running.keys[0]}; its tasks and pictures are "
                f"shown at {running.url}/; stop it with Ctrl-C",
                err=True,
            )
            stop.wait()

    return sandbox
