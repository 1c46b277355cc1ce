"""Names that commands and options had before: using one prints the new name."""

from typing import Any

import typer
from typer.core import TyperCommand

from ...core.identity import FORMER_COMMANDS, FORMER_OPTIONS


def add_former_commands(app: typer.Typer) -> None:
    """Add the former commands, hidden. They take anything, and exit with a usage error."""
    for former, name in FORMER_COMMANDS.items():
        app.command(
            former,
            hidden=True,
            add_help_option=False,
            context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
        )(_former_command(former, name))


def _former_command(former: str, name: str) -> Any:
    def command() -> None:
        raise typer.BadParameter(f"`{former}` was renamed to `{name}`")

    return command


class KnowsFormerOptions(TyperCommand):
    """Exits with a usage error that names the new option if a former one is given."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words after the command's name."""
        try:
            return super().parse_args(ctx, args)
        except Exception as error:  # typer does not export the class for an unknown option
            former = getattr(error, "option_name", "")
            name = FORMER_OPTIONS.get(former)
            if any(name in parameter.opts for parameter in self.params):
                raise typer.BadParameter(f"{former} was renamed to {name}", ctx) from None
            raise
