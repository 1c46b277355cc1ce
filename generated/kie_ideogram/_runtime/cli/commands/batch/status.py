"""The command `batch status`: how the rows of a batch ended."""

from collections.abc import Callable
from pathlib import Path

from ...context import CommandContext, command
from ...package import Package
from . import on_cluster
from .common import BatchName, OutFolder, counts, print_status, read_results, summary, total_credits


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def status(context: CommandContext, *, save_to: OutFolder = "out", batch: BatchName = None) -> None:
        """Print how the rows of a batch ended, and why those that did not succeed did not. Sends nothing.

        With --database and no --batch, it lists all batches.
        """
        if context.has_database:
            on_cluster.status_of(context, batch, save_to)
            return
        from ....batch.output.failures import find_failures

        outcomes = read_results(save_to)
        number, credits_ = counts(outcomes), total_credits(outcomes)
        lines = [summary(number, credits_, package)]
        data = {**number, "credits": credits_}
        print_status(context, lines, data, outcomes.values(), find_failures(Path(save_to)))

    return command(package, status, servers=False, database=True)
