"""Runs the commands, and turns what goes wrong into one line."""

from collections.abc import Callable, Sequence

import typer

from ..errors import KieError


def run(name: str, commands: Sequence[Callable[..., None]]) -> None:
    """Run the command line. What the package raises on purpose is one line on stderr and exit code 1."""
    app = typer.Typer(
        name=name,
        help="Edit pictures with kie.ai's Ideogram models.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )

    @app.callback()
    def program() -> None:
        """Edit pictures with kie.ai's Ideogram models."""

    for command in commands:
        app.command()(command)
    try:
        app(prog_name=name)
    except KieError as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(1) from None
