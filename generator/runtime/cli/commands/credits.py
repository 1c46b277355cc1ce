"""The command `credits`: the balance."""

from collections.abc import Callable

from ..context import CommandContext, command
from ..package import Package


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def credits(context: CommandContext) -> None:  # noqa: A001 # the command's name
        """Show the account's balance. Costs nothing, so it also checks the key."""
        with context.client() as kie:
            balance = kie.credits.get()
        context.terminal.result({"credits": balance}, lambda: [f"{balance:g}"])

    return command(package, credits)
