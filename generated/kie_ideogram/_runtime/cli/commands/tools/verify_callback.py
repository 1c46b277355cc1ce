"""The command `verify-callback`: checks the signature of a received callback."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from ....core.errors import Fault, InvalidInputError
from ....tasks.results.facts import task_facts
from ...context import CommandContext, command
from ...format import task_lines
from ...package import Package


def build(package: Package) -> Callable[..., None] | None:
    """Make the command; None if callbacks are not signed."""
    declared = package.contract.signature
    if declared is None or package.verify is None:
        return None
    verify = package.verify

    def verify_callback(
        context: CommandContext,
        body: Annotated[
            str,
            typer.Argument(
                metavar="PATH",
                help="File with the request body exactly as received. Use - for stdin.",
                show_default=False,
            ),
        ],
        *,
        signature: Annotated[
            str, typer.Option(help=f"Value of the header {declared.signature_header}.", show_default=False)
        ],
        timestamp: Annotated[
            str, typer.Option(help=f"Value of the header {declared.timestamp_header}.", show_default=False)
        ],
        secret: Annotated[
            str,
            typer.Option(
                envvar=package.variable("callback_secret"),
                help="The account's signing key. Prefer the environment variable: other users of the "
                "machine can see the options of a running command.",
                show_default=False,
            ),
        ] = "",
        secret_file: Annotated[
            Path | None,
            typer.Option(help="File that contains the account's signing key.", show_default=False),
        ] = None,
        tolerance: Annotated[
            float, typer.Option(min=0, help="Allowed age of the callback in seconds, in the past or future.")
        ] = declared.tolerance,
    ) -> None:
        """Check a callback's signature and print its task.

        Only the task's id and the time are signed. Pass the signing key in the environment, with
        `--secret-file` or with `--secret`.
        """
        if secret_file:
            secret = _read(str(secret_file), "secret_file").decode("utf-8", "replace").strip()
        if not secret:
            variable = package.variable("callback_secret")
            raise typer.BadParameter(f"no signing key: set {variable}, or use --secret-file PATH")
        headers = {declared.signature_header: signature, declared.timestamp_header: timestamp}
        task = verify(_read(body, "body"), headers, secret=secret, tolerance=tolerance)
        context.terminal.result(task_facts(task), lambda: task_lines(task))

    return command(package, verify_callback, servers=False)


def _read(path: str, argument: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise InvalidInputError([Fault(argument, "readable", f"{path}: {error.strerror}")]) from None
