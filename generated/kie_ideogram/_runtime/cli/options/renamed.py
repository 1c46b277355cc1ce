"""Names that commands and options had before: using one prints the new name."""

from typing import Any

import typer

_COMMANDS = {"adopt": "attach", "alarms": "unknown", "finish": "mark-done"}


def add_former_commands(app: typer.Typer) -> None:
    """Add the former commands, hidden. They take anything, and exit with a usage error."""
    for former, name in _COMMANDS.items():
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


def former_option(former: str, name: str) -> Any:
    """Return a hidden option that exits with a usage error if it is given."""

    def refuse(value: str | None) -> None:
        if value is not None:
            raise typer.BadParameter(f"{former} was renamed to {name}")

    return typer.Option(former, hidden=True, callback=refuse)
