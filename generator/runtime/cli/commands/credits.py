"""The command `credits`: the balance."""

from collections.abc import Callable

from ..context import CommandContext, command
from ..package import Package


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def credits(context: CommandContext) -> None:  # noqa: A001 # the command's name
        """Print the account's balance. This costs nothing, and also checks the API key."""
        with context.client() as client:
            balance = client.credits.get()
        context.terminal.result({"credits": balance}, lambda: [f"{balance:g}"])

    return command(package, credits)
