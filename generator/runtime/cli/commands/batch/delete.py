"""The command `batch delete`: removes a batch that has ended from a database."""

from collections.abc import Callable
from typing import Annotated

import typer

from ...context import CommandContext, command
from ...package import Package


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def delete(
        context: CommandContext,
        *,
        batch: Annotated[str, typer.Argument(metavar="NAME", help="Name of the batch.")],
    ) -> None:
        """Delete a batch that has ended from a database: its rows, and pictures that no other batch uses.

        The saved results stay, and so does the record of what was paid. It refuses while a row is unknown,
        runs, or is paid for and not saved.
        """
        with context.cluster(offline=True) as cluster:
            rows, files = cluster.delete(batch)
        lines = [f"deleted: {rows} rows, {files} pictures"]
        context.terminal.result({"rows": rows, "files": files}, lambda: lines)

    return command(package, delete, servers=False, database=True)
