"""The command `credits`: the balance."""

from collections.abc import Callable

from ..context import Link, linked
from ..package import Package


def command(package: Package) -> Callable[..., None]:
    """Make the command."""

    def credits(link: Link) -> None:  # noqa: A001 # the command's name
        """Show the account's balance. Costs nothing, so it also checks the key."""
        with link.client() as kie:
            balance = kie.credits.get()
        link.terminal.result({"credits": balance}, lambda: [f"{balance:g}"])

    return linked(package, credits)
