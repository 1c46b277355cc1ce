"""The command `schema`: the JSON Schema of another command's `--json` document."""

from collections.abc import Callable
from typing import Annotated

import typer

from ....contract.suggest import did_you_mean
from ...context import CommandContext, command
from ...package import Package
from ...terminal.documents import document_schemas
from ...terminal.output import document


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def schema(
        context: CommandContext,
        command: Annotated[
            str,
            typer.Argument(
                metavar="COMMAND",
                help="Name of a command that has the option --json.",
                show_default=False,
                autocompletion=lambda incomplete: [
                    name for name in document_schemas(package) if name.startswith(incomplete)
                ],
            ),
        ],
    ) -> None:
        """Print the JSON Schema of a command's `--json` output."""
        schemas = document_schemas(package)
        if command not in schemas:
            known = ", ".join(schemas)
            raise typer.BadParameter(
                f"COMMAND: {command!r} is not one of {known}{did_you_mean(command, list(schemas))}"
            )
        context.terminal.result(schemas[command], lambda: [document(schemas[command])])

    return command(package, schema, servers=False)
