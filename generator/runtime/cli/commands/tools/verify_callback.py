"""The command `verify-callback`: proves a received callback genuine."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from ....core.errors import Fault, InvalidInputError
from ...context import AsJson
from ...format import task_facts, task_lines
from ...output import Terminal
from ...package import Package


def build(package: Package) -> Callable[..., None]:
    """Make the command."""
    declared = package.contract.signature

    def verify_callback(
        body: Annotated[
            str,
            typer.Argument(metavar="PATH", help="The body as received; - reads stdin.", show_default=False),
        ],
        *,
        signature: Annotated[
            str, typer.Option(help=f"What the header {declared.signature_header} said.", show_default=False)
        ],
        timestamp: Annotated[
            str, typer.Option(help=f"What the header {declared.timestamp_header} said.", show_default=False)
        ],
        secret_file: Annotated[
            Path, typer.Option(help="A file that holds the account's signing key.", show_default=False)
        ],
        tolerance: Annotated[
            float, typer.Option(min=0, help="Allowed age in seconds, either way.")
        ] = declared.tolerance,
        as_json: AsJson = False,
    ) -> None:
        """Check a callback's signature, and show the task that it reports. Only id and time are signed."""
        headers = {declared.signature_header: signature, declared.timestamp_header: timestamp}
        secret = _read(str(secret_file), "secret_file").decode("utf-8", "replace").strip()
        task = package.verify(_read(body, "body"), headers, secret=secret, tolerance=tolerance)
        Terminal(as_json).result(task_facts(task), lambda: task_lines(task))

    return verify_callback


def _read(path: str, argument: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise InvalidInputError([Fault(argument, "readable", f"{path}: {error.strerror}")]) from None
