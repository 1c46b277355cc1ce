"""Builds the command line of a package and runs it."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from .commands import batch as batch_
from .commands import credits as credits_
from .commands import download, status, upload, wait
from .commands.help import models, schema, show
from .commands.journal import attach, mark_done, resend, resume, unknown
from .commands.run import add_model_commands
from .commands.tools import doctor, mcp, sandbox, verify_callback
from .options.renamed import KnowsFormerOptions, add_former_commands
from .package import Package
from .terminal.streams import escape_unwritable

COMMANDS = (
    resume,
    unknown,
    attach,
    resend,
    mark_done,
    status,
    wait,
    upload,
    download,
    credits_,
    models,
    show,
    schema,
    verify_callback,
    sandbox,
    mcp,
    doctor,
)


class PlainUsage(KnowsFormerOptions):
    """Writes required arguments in the usage line without braces, which look like part of the value."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the words after the command's name."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]


def make(package: Package) -> typer.Typer:
    """Make the command line."""
    app = typer.Typer(
        name=package.name,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        help=f"Use {package.title} from the command line. "
        f"The API key comes from the environment variable {package.contract.key_variable}.",
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
        pass

    add_model_commands(app, package)
    for module in COMMANDS:
        command = module.build(package)
        if command:  # the API has what the command needs
            app.command(cls=PlainUsage)(command)
    batch = typer.Typer(no_args_is_help=True, help=batch_.HELP, rich_markup_mode=None)
    for module in batch_.COMMANDS:
        batch.command(cls=PlainUsage)(module.build(package))
    app.add_typer(batch, name="batch")
    add_former_commands(app)
    return app


def run(package: Package, arguments: Sequence[str] | None = None) -> None:
    """Run the command line, by default with the arguments of this process."""
    escape_unwritable()
    make(package)(arguments, prog_name=package.name)
