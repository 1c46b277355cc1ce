"""The command `batch report`: a page that shows the results of a batch."""

from collections.abc import Callable

from ...context import CommandContext, command
from ...package import Package
from . import on_cluster
from .common import BatchName, OutFolder, read_results


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def report(context: CommandContext, *, save_to: OutFolder = "out", batch: BatchName = None) -> None:
        """Write the page report.html, which shows all results, costs and reasons. Prints its path.

        With --database, it also writes the file of the rows that failed.
        """
        if context.has_database:
            path = on_cluster.report_of(context, batch, save_to)
        else:
            from ....batch.output.report import write_report

            outcomes = read_results(save_to)
            price = package.contract.credit_price
            path = str(write_report(save_to, package.title, outcomes.values(), price))
        context.terminal.result({"path": path}, lambda: [path])

    return command(package, report, servers=False, database=True)
