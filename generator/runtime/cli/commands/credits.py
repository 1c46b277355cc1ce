"""The command `credits`: the balance."""

from collections.abc import Callable
from operator import attrgetter

from ...contract.facts import balance_of, returning
from ..context import CommandContext, command
from ..package import Package


def build(package: Package) -> Callable[..., None] | None:
    """Make the command; None without an operation that reads the balance."""
    operation = returning(package.contract, "account.credits")
    if operation is None:
        return None
    read = attrgetter(operation.call)

    def credits(context: CommandContext) -> None:  # noqa: A001 # the command's name
        """Print the account's balance. This costs nothing, and also checks the API key."""
        with context.client() as client:
            balance = balance_of(operation, read(client)())
        context.terminal.result({"credits": balance}, lambda: [f"{balance:g}"])

    return command(package, credits)
