"""The command line: `python -m generator COMMAND`. One short function a command, in the order of the flow."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from generator.diagnostics import ExitCode, InputError

ROOT = Path(__file__).resolve().parent.parent

app = typer.Typer(
    help="Turns the contract in spec/ into the package in generated/.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Spec = Annotated[Path, typer.Option(help="The contract's OpenAPI document.")]
Out = Annotated[Path, typer.Option(help="Where the package is written.")]


def say(text: str) -> None:
    """Print a line of a command's own answer."""
    typer.echo(text)


def run(command: Callable[[], object]) -> None:
    """Run the command line; a refusal of input prints its complaints and exits 2."""
    try:
        command()
    except InputError as error:
        typer.echo(str(error), err=True)
        sys.exit(ExitCode.REJECTED)


if __name__ == "__main__":
    run(lambda: app(prog_name="python -m generator"))
