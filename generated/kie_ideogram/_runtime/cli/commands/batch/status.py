"""The command `batch status`: how the rows of a batch ended."""

from collections.abc import Callable

from ...context import CommandContext, command
from ...package import Package
from . import on_cluster
from .common import BatchName, OutFolder, counts, facts, read_results, summary, total_credits


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def status(context: CommandContext, *, save_to: OutFolder = "out", batch: BatchName = None) -> None:
        """Print how the rows of a batch ended, and why those that did not succeed did not. Sends nothing.

        With --database and no --batch, it lists all batches.
        """
        if context.has_database:
            on_cluster.status_of(context, batch, save_to)
            return
        outcomes = read_results(save_to)
        number, credits_ = counts(outcomes), total_credits(outcomes)
        lines = [summary(number, credits_, package)]
        lines += [
            f"{outcome.status:<11}{outcome.key}: {outcome.reason}"
            for outcome in outcomes.values()
            if outcome.status != "succeeded"
        ]
        data = {**number, "credits": credits_, "rows": [facts(outcome) for outcome in outcomes.values()]}
        context.terminal.result(data, lambda: lines)

    return command(package, status, servers=False, database=True)
