"""Runs the commands, and turns what goes wrong into a line on stderr and an exit code."""

import sys
from typing import Annotated, NoReturn

import typer

from ..core.errors import InvalidInputError, KieError
from .commands import credits as credits_
from .commands import download, edit, status, upload, wait
from .commands.journal import attach, resend, resume, unknown
from .commands.tools import doctor, sandbox, verify_callback
from .exit_codes import code_of
from .package import Package

COMMANDS = (
    edit,
    resume,
    unknown,
    attach,
    resend,
    status,
    wait,
    upload,
    download,
    credits_,
    verify_callback,
    sandbox,
    doctor,
)


def make(package: Package) -> typer.Typer:
    """Make the command line."""
    app = typer.Typer(
        name=package.name,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )

    def show_version(wanted: bool) -> None:
        if wanted:
            typer.echo(f"{package.name} {package.contract.version}")
            raise typer.Exit

    @app.callback()
    def program(
        version: Annotated[
            bool, typer.Option("--version", callback=show_version, is_eager=True, help="Print the version.")
        ] = False,
    ) -> None:
        """Edit pictures with kie.ai's Ideogram models. The key comes from the environment."""

    for module in COMMANDS:
        app.command()(module.build(package))
    return app


def run(package: Package) -> None:
    """Run the command line."""
    try:
        make(package)(prog_name=package.name)
    except (KieError, OSError, ImportError) as error:
        _fail(error)


def _fail(error: Exception) -> NoReturn:
    """Say what is wrong, one line for each thing, and end with the code of its kind."""
    if isinstance(error, InvalidInputError):
        said = [f"{fault.path}: {fault.message}" for fault in error.faults]
    elif isinstance(error, OSError) and not isinstance(error, KieError):
        said = [f"{error.filename or 'the output'}: {error.strerror or error}"]
    else:
        said = [str(error)]
    for text in said:
        typer.echo(f"error: {' '.join(text.split())}", err=True)
    sys.exit(code_of(error))
